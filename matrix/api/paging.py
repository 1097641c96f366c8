"""Pages of placements, by segment, as quick in a million segments as in a hundred."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.db.models import QuerySet
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from connected.api.lists import CursorPages
from connected.models import Segment
from matrix.queries.inorder import stretches


class PlacementPages(CursorPages):
    """By segment: one that is scored anew while you page keeps its place, so you see it exactly once.

    The page is made by :meth:`page_of`; a line of it is JSON that the database wrote.
    """

    ordering = "segment_id"

    def page_of(
        self,
        request: Request,
        found: "QuerySet[Any]",
        segments: "QuerySet[Segment]",
        more_in_links: Mapping[str, str],
        more: Mapping[str, Any],
    ) -> Response:
        """``found`` has ``line``; ``segments`` are those its rows may belong to; ``more`` is on the page."""
        size = self.get_page_size(request) or 1
        cursor = self.decode_cursor(request) or Cursor(0, False, None)
        at = None if cursor.position is None else int(cursor.position)
        rows = _rows(found, segments, at, size + 1, back=cursor.reverse)
        is_more, rows = len(rows) > size, rows[:size]
        if cursor.reverse:
            rows.reverse()
        self.base_url = request.build_absolute_uri()
        for name, value in more_in_links.items():
            self.base_url = replace_query_param(self.base_url, name, value)
        forth, back = (at is not None, is_more) if cursor.reverse else (is_more, at is not None)
        return Response(
            {
                "next": self._link(rows[-1][0], False) if rows and forth else None,
                "previous": self._link(rows[0][0], True) if rows and back else None,
                "results": [orjson.Fragment(line) for _, line in rows],
                **more,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = super().get_paginated_response_schema(schema)
        found["properties"]["gone"] = {
            "type": "array",
            "items": {"type": "integer"},
            "description": "On the first page of changes: segments that are deleted or not placed any more.",
        }
        return found

    def _link(self, segment_id: int, reverse: bool) -> str:
        link: str = self.encode_cursor(Cursor(0, reverse, segment_id))
        return link


def _rows(
    found: "QuerySet[Any]", segments: "QuerySet[Segment]", at: int | None, number: int, *, back: bool
) -> list[tuple[int, str]]:
    """The next (segment, line) after ``at``, or before it, going ``back``."""
    rows: list[tuple[int, str]] = []
    for stretch in stretches(found, segments, at, back=back):
        rows += stretch.values_list("segment_id", "line")[: number - len(rows)]
        if len(rows) >= number:
            break
    return rows
