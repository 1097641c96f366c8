"""Placements: pages of JSON, and streams of everything that matches."""

from typing import Any, Final

import orjson
from django.db.models import QuerySet
from django.http import HttpResponseBase
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
from matrix.api import rows
from matrix.api.filters import PlacementFilters
from matrix.api.paging import PlacementPages
from matrix.api.receipts import receipt_of
from matrix.api.shapes import PlacementAlone, PlacementBody, ReceiptBody
from matrix.api.streams import STREAMS, CsvStream, NdjsonStream, streamed
from matrix.models import Placement, StandingPlacement
from matrix.permissions import see_placement, visible_placements

FORMAT: Final = OpenApiParameter(
    "format",
    str,
    enum=["json", *STREAMS],
    description="csv and ndjson stream everything that matches, in no order; the Accept header may ask for "
    "them too. A stream cut short ends the connection with an error.",
)
END: Final = OpenApiParameter(
    "end",
    str,
    enum=["true", "false"],
    description="true: the last line of a stream says that it is complete, how many rows it has and of when.",
)


@extend_schema_view(
    list=extend_schema(
        tags=["Placements"],
        summary="List placements in force",
        description="One a segment that has answers, ordered by segment.",
        parameters=[FORMAT, END],
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
        return (*known, "format", "end") if self.action == "list" else known

    def get_renderers(self) -> list[BaseRenderer]:
        streams = [CsvStream(), NdjsonStream()] if self.action == "list" else []
        return [*super().get_renderers(), *streams]

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_placements(actor)

    def list(self, request: Request) -> HttpResponseBase:
        must_be_written(request, ("json", *STREAMS))
        kind = request.accepted_renderer.format
        found = self.filter_queryset(self.get_queryset())
        end = _asks_for_end(request, kind)
        if kind in STREAMS:
            _must_have_no_pages(request)
            return streamed(actor_of(request), found, kind, end=end)
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


def _asks_for_end(request: Request, kind: str) -> bool:
    if (word := request.query_params.get("end")) is None:
        return False
    if word not in ("true", "false"):
        raise exceptions.ValidationError({"end": "Give true or false."})
    if kind not in STREAMS:
        raise exceptions.ValidationError({"end": "Only streams have a last line: ask for csv or ndjson."})
    return word == "true"


def _must_have_no_pages(request: Request) -> None:
    for name in PAGING:
        if name in request.query_params:
            raise exceptions.ValidationError({name: "A stream has no pages: leave it out."})
