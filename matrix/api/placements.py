"""Placements: pages of JSON, and streams of everything that matches."""

from typing import Any, Final

import orjson
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
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
from connected.permissions import Actor
from matrix.api import etags, rows
from matrix.api.filters import Found, PlacementFilters, find
from matrix.api.paging import PlacementPages
from matrix.api.reasons import ChangeBody, WaysBody, change_body, ways_body
from matrix.api.shapes import PlacementAlone, PlacementBody, ReceiptBody
from matrix.api.streams import STREAMS, CsvStream, NdjsonStream, streamed
from matrix.api.times import TOKEN_HEADER
from matrix.models import Placement, StandingPlacement
from matrix.permissions import see_placement, visible_placements
from matrix.proofs import change_of, earlier_than, proof_of, ways_of, written
from matrix.queries.comparable import broken
from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS, Target, wished

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

FOLLOW_UP: Final = OpenApiParameter(
    TOKEN_HEADER,
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="Give it back as `changed_since` for what is new since this answer.",
)
BEFORE: Final = OpenApiParameter(
    "before",
    int,
    description="Another placement of the same segment; without it, the one before.",
)
TO: Final = OpenApiParameter(
    "to",
    str,
    enum=[*(f"{row}-{column}" for row in RELATIONSHIPS for column in ARCHITECTURES), *QUADRANTS],
    description="A cell such as CO-MM or a quadrant such as Q4. Without it, the relationship that the "
    "segment wants most, from whoever supplies most today.",
)


@extend_schema_view(
    list=extend_schema(
        tags=["Placements"],
        summary="List placements in force",
        description="One a segment that has answers, ordered by segment.",
        parameters=[FORMAT, END, FOLLOW_UP],
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
        more = {"list": ("format", "end"), "change": ("before",), "moves": ("to",)}
        return (*super().known_parameters(), *more.get(self.action, ()))

    def get_renderers(self) -> list[BaseRenderer]:
        streams = [CsvStream(), NdjsonStream()] if self.action == "list" else []
        return [*super().get_renderers(), *streams]

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_placements(actor)

    def list(self, request: Request) -> HttpResponseBase:
        must_be_written(request, ("json", *STREAMS))
        kind = request.accepted_renderer.format
        end = _asks_for_end(request, kind)
        if known := etags.unchanged(request):
            return known
        found = find(request)
        if kind in STREAMS:
            _must_have_no_pages(request)
            response: HttpResponseBase = streamed(actor_of(request), found, kind, end=end)
        else:
            pages = PlacementPages()
            gone = found.gone_ids() if "cursor" not in request.query_params else None
            more = {} if gone is None else {"gone": gone}
            response = pages.page_of(request, rows.with_json(found.rows), found.segments, _ends(found), more)
        # The pages of a walk that is no delta begin at the first one.
        if found.reached is not None and (found.is_delta or "cursor" not in request.query_params):
            response[TOKEN_HEADER] = found.reached.token()
        for name, value in etags.mark(request, found).items():
            response[name] = value
        return response

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
        return Response(written(see_placement(actor_of(request), pk)))

    @extend_schema(
        tags=["Placements"],
        summary="Read why a placement changed",
        description="The difference to an earlier placement of the same segment, split into changed answers, "
        "people who joined or left, the questions asked, and the model's weights and gates. The parts of a "
        "score sum to its difference exactly. Across two questionnaires nothing is subtracted: `comparable` "
        "is false, `incomparable_because` says why, and the lists are empty.",
        parameters=[BEFORE],
        responses=ChangeBody,
    )
    def change(self, request: Request, pk: int) -> Response:
        actor = actor_of(request)
        after = see_placement(actor, pk)
        before = earlier_than(after)
        if given := request.query_params.get("before"):
            before = _named_before(actor, given, after)
        gap = broken(before.model, after.model) if before else None
        found = None if before is None or (gap and gap.questionnaire) else change_of(before, after)
        return Response(change_body(before, after, found, gap))

    @extend_schema(
        tags=["Placements"],
        summary="Read what would move a placement",
        description="The smallest set of changed answers that reaches a cell or a quadrant, and the changes "
        "of touchpoints that would earn them. Exactly minimal up to three changes a side of the target.",
        parameters=[TO],
        responses=WaysBody,
    )
    def moves(self, request: Request, pk: int) -> Response:
        placement = see_placement(actor_of(request), pk)
        proof = proof_of(placement)
        target = wished(proof.receipt.outcome)
        if given := request.query_params.get("to"):
            try:
                target = Target.named(given)
            except ValueError as error:
                raise exceptions.ValidationError({"to": str(error)}) from None
        ways, building = ways_of(proof, target, placement.segment.consent)
        return Response(ways_body(placement, proof, ways, building))


def _named_before(actor: Actor, given: str, after: Placement) -> Placement:
    try:
        before = see_placement(actor, int(given)) if given.isascii() and given.isdigit() else None
    except (Http404, OverflowError):
        before = None
    if before is None or before.segment_id != after.segment_id:
        raise exceptions.ValidationError({"before": "There is no such placement of this segment."})
    return before


def _ends(found: Found) -> dict[str, str]:
    """What a link to the next page adds: all pages of a delta end at one moment."""
    return {"until": found.reached.token()} if found.reached is not None and found.is_delta else {}


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
