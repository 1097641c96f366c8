"""Placements: pages of JSON, and streams of everything that matches."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from connected.api.access import actor_of
from connected.api.lists import PAGING, CursorPages
from connected.api.resources import Listed
from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix.api import rows
from matrix.api.filters import PlacementFilters
from matrix.api.receipts import receipt_of
from matrix.api.shapes import PlacementBody, ReceiptBody
from matrix.models import StandingPlacement
from matrix.permissions import see_placement, visible_placements

# Seconds for one statement of a stream; the first one sorts, and the reader sets the pace between.
STREAM_SECONDS: Final = 60

Writer = Callable[[Iterable[rows.Row]], Iterator[bytes]]
STREAMS: Final[dict[str, tuple[Writer, str]]] = {
    "csv": (rows.as_csv, "text/csv; charset=utf-8"),
    "ndjson": (rows.ndjson, "application/x-ndjson"),
}


class PlacementPages(CursorPages):
    """By segment: one that is scored anew while you page keeps its place, so you see it exactly once."""

    ordering = "segment_id"


class ByParameter(DefaultContentNegotiation):
    """``?format=`` says what is wanted, whatever the Accept header says."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        if "format" in request.query_params:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


FORMAT: Final = OpenApiParameter(
    "format",
    str,
    enum=["json", *STREAMS],
    description="csv and ndjson stream everything that matches. The last line of NDJSON is "
    '`{"complete": true, "rows": n}`; a CSV cut short ends the connection with an error.',
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
        responses=PlacementBody,
    ),
)
class PlacementViews(Listed):
    model = StandingPlacement
    serializer_class = PlacementBody
    filterset_class = PlacementFilters
    pagination_class = PlacementPages
    content_negotiation_class = ByParameter

    def known_parameters(self) -> tuple[str, ...]:
        known = super().known_parameters()
        return (*known, "format") if self.action == "list" else known

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_placements(actor)

    def list(self, request: Request) -> HttpResponseBase:
        kind = request.query_params.get("format", "json")
        if kind != "json" and kind not in STREAMS:
            raise exceptions.ValidationError({"format": f"Give json, {' or '.join(STREAMS)}."})
        found = self.filter_queryset(self.get_queryset())
        if kind in STREAMS:
            return _streamed(actor_of(request), found, kind, request)
        page = self.paginate_queryset(found.values(*rows.COLUMNS))
        return self.get_paginated_response([rows.body(row) for row in page or ()])

    def retrieve(self, request: Request, pk: int) -> Response:
        placement = see_placement(actor_of(request), pk)
        row = type(placement).objects.filter(pk=pk).values(*rows.COLUMNS).get()
        return Response(rows.body(row))

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
    write, media_type = STREAMS[kind]
    response = StreamingHttpResponse(write(_all(actor, found)), content_type=media_type)
    response["X-Accel-Buffering"] = "no"
    if kind == "csv":
        response["Content-Disposition"] = 'attachment; filename="placements.csv"'
    return response


def _all(actor: Actor, found: "QuerySet[Any]") -> Iterator[rows.Row]:
    """Every row by a cursor of the server, in a transaction of its own: the view's has ended by now."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{STREAM_SECONDS}s"])
        yield from found.order_by("segment_id").values(*rows.COLUMNS).iterator(chunk_size=rows.BLOCK)
