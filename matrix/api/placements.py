"""Placements: pages of JSON, and streams of everything that matches."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from connected.api.access import actor_of
from connected.api.bodies import ByFormat, must_be_written
from connected.api.lists import PAGING
from connected.api.resources import Listed
from connected.models import Segment
from connected.permissions import Actor, visible_segments
from connected.tenancy import in_workspace
from matrix.api import rows
from matrix.api.filters import PlacementFilters
from matrix.api.paging import PlacementPages
from matrix.api.receipts import receipt_of
from matrix.api.shapes import PlacementAlone, PlacementBody, ReceiptBody
from matrix.models import Placement, StandingPlacement
from matrix.permissions import see_placement, visible_placements

# Seconds for one statement of a stream; the reader sets the pace between them.
STREAM_SECONDS: Final = 60


@dataclass(frozen=True)
class Stream:
    """How one format is written: a line by the database, blocks of lines here."""

    media_type: str
    line: Callable[["QuerySet[Any]"], "QuerySet[Any]"]
    write: Callable[[Iterable[str]], Iterator[bytes]]


STREAMS: Final = {
    "csv": Stream("text/csv; charset=utf-8", rows.with_csv, rows.as_csv),
    "ndjson": Stream("application/x-ndjson", rows.with_json, rows.ndjson),
}


class CsvStream(BaseRenderer):
    """Names what a stream is called in ``Accept``; :func:`_streamed` writes it."""

    format, media_type = "csv", "text/csv"


class NdjsonStream(BaseRenderer):
    """As above."""

    format, media_type = "ndjson", "application/x-ndjson"


FORMAT: Final = OpenApiParameter(
    "format",
    str,
    enum=["json", *STREAMS],
    description="csv and ndjson stream everything that matches, in no order; the Accept header may ask for "
    "them too. A stream cut short ends the connection with an error.",
)


@extend_schema_view(
    list=extend_schema(
        tags=["Placements"],
        summary="List placements in force",
        description="One a segment that has answers, ordered by segment.",
        parameters=[FORMAT],
        responses={
            (200, "application/json"): PlacementBody(many=True),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "Lists are parted by spaces."),
            (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.STR, "One placement a line."),
        },
    ),
    retrieve=extend_schema(
        tags=["Placements"],
        summary="Read a placement, in force or of old",
        description="`in_force` tells which; those of the list all are.",
        responses=PlacementAlone,
    ),
)
class PlacementViews(Listed):
    model = StandingPlacement
    serializer_class = PlacementBody
    filterset_class = PlacementFilters
    pagination_class = PlacementPages
    content_negotiation_class = ByFormat

    def known_parameters(self) -> tuple[str, ...]:
        known = super().known_parameters()
        return (*known, "format") if self.action == "list" else known

    def get_renderers(self) -> list[BaseRenderer]:
        streams = [CsvStream(), NdjsonStream()] if self.action == "list" else []
        return [*super().get_renderers(), *streams]

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_placements(actor)

    def list(self, request: Request) -> HttpResponseBase:
        must_be_written(request, ("json", *STREAMS))
        kind = request.accepted_renderer.format
        found = self.filter_queryset(self.get_queryset())
        if kind in STREAMS:
            return _streamed(actor_of(request), found, kind, request)
        return PlacementPages().page_of(request, rows.with_json(found), self._segments(request))

    def _segments(self, request: Request) -> "QuerySet[Segment]":
        """The segments a page may speak of; filters that name them spare the rest."""
        segments = visible_segments(actor_of(request))
        if firm := request.query_params.get("firm"):
            segments = segments.filter(firm_id=firm)
        if segment := request.query_params.get("segment"):
            segments = segments.filter(pk=segment)
        return segments

    def retrieve(self, request: Request, pk: int) -> Response:
        placement = see_placement(actor_of(request), pk)
        found = rows.with_json(Placement.objects.filter(pk=placement.pk))
        line = found.values_list("line", flat=True).get()
        in_force = (
            visible_placements(actor_of(request)).filter(segment_id=placement.segment_id, pk=pk).exists()
        )
        return Response(orjson.Fragment(f'{line[:-1]},"in_force":{str(in_force).lower()}}}'))

    @extend_schema(
        tags=["Placements"],
        summary="Read the receipt of a placement",
        description="Every answer behind every score. The points of an account's lines add up to its score "
        "exactly, in any order and any language.",
        responses=ReceiptBody,
    )
    def receipt(self, request: Request, pk: int) -> Response:
        return Response(receipt_of(see_placement(actor_of(request), pk)))


def _streamed(actor: Actor, found: "QuerySet[Any]", kind: str, request: Request) -> StreamingHttpResponse:
    for name in PAGING:
        if name in request.query_params:
            raise exceptions.ValidationError({name: "A stream has no pages: leave it out."})
    stream = STREAMS[kind]
    lines = _all(actor, stream.line(found))
    response = StreamingHttpResponse(stream.write(lines), content_type=stream.media_type)
    response["X-Accel-Buffering"] = "no"
    if kind == "csv":
        response["Content-Disposition"] = 'attachment; filename="placements.csv"'
    return response


def _all(actor: Actor, found: "QuerySet[Any]") -> Iterator[str]:
    """Every line by a cursor of the server, in a transaction of its own: the view's has ended by now."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{STREAM_SECONDS}s"])
        # In no order: sorting would write every line to disk before the first one leaves.
        lines = found.order_by().values_list("line", flat=True)
        yield from lines.iterator(chunk_size=rows.BLOCK)
