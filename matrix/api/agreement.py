"""A workshop's agreement: alpha with its interval, and what groups see differently."""

from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    FloatField,
    IntegerField,
    ListField,
    Serializer,
)

from assessments.models import Workshop
from assessments.permissions import is_revealed, see_workshop, segment_in, visible_workshops
from connected.api.access import actor_of
from connected.api.resources import Listed
from connected.permissions import Actor
from matrix.findings import agreement as findings
from matrix.queries import agreement, models
from matrix.queries.agreement import RULES, Comparison, Room, View
from matrix.scoring import RELATIONSHIPS, Model, Reliability, Silent, reliability

MOST_GAPS: Final = 200
SEGMENT: Final = OpenApiParameter(
    "segment", int, description=f"Gaps of this segment only; without it the {MOST_GAPS} widest of all."
)


class AlphaBody(Serializer[Any]):
    value = FloatField(help_text="1 is full agreement, 0 what chance would give.")
    low = FloatField(help_text="The interval over questions drawn anew, at 95 per cent.")
    high = FloatField()
    band = ChoiceField(choices=[name for name, _ in RULES.bands])
    sure = BooleanField(help_text="The whole interval lies in one band.")
    questions = IntegerField(help_text="Items of segments that two people or more answered.")


class PartBody(Serializer[Any]):
    name = CharField()
    groups = ListField(child=CharField())
    rest = BooleanField(help_text="Smaller groups, and people without one, are counted here.")
    people = IntegerField()


class ViewBody(Serializer[Any]):
    n = IntegerField(help_text="People who know.")
    unknown = IntegerField(help_text="People who were asked and do not know.")
    mean = FloatField(allow_null=True)
    median = FloatField(allow_null=True)


class GapBody(Serializer[Any]):
    segment = IntegerField()
    item = CharField()
    gap = FloatField(help_text="Highest mean less the lowest, of 4.")
    views = ViewBody(many=True, help_text="In the order of `groups`.")


class LevelBody(Serializer[Any]):
    segment = IntegerField()
    relationship = ChoiceField(choices=list(RELATIONSHIPS))
    gap = FloatField(allow_null=True)
    levels = ListField(child=FloatField(allow_null=True), help_text="0-1, in the order of `groups`.")


class AgreementBody(Serializer[Any]):
    workshop = IntegerField()
    people = IntegerField(help_text="Who answered any item on a scale; 0 while nothing is told.")
    alpha = AlphaBody(allow_null=True)
    said = ListField(child=CharField(), help_text="The same in sentences, or why nothing is told.")
    groups = PartBody(many=True)
    gaps = GapBody(many=True, help_text="Widest first.")
    gaps_in_all = IntegerField()
    relationships = LevelBody(many=True, help_text="Of the segments whose gaps are listed.")


@extend_schema_view(
    retrieve=extend_schema(
        tags=["Workshops"],
        summary="Read a workshop's agreement",
        description="Krippendorff's alpha of all items on a scale, and how groups of three people or more "
        "see items and relationships. Smaller groups are counted together; an item is left out where a "
        "figure, or a difference of figures, would speak for fewer. Groups are compared once discussed.",
        parameters=[SEGMENT],
        responses=AgreementBody,
    ),
)
class AgreementViews(Listed):
    model = Workshop
    serializer_class = AgreementBody
    parameters = ("segment",)

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_workshops(actor)

    def retrieve(self, request: Request, pk: int) -> Response:
        workshop = see_workshop(actor_of(request), pk)
        segment = _named(workshop, request.query_params.get("segment"))
        row = models.of_questionnaire(workshop.instrument_id)
        if row is None or not is_revealed(workshop):
            return Response(_silent(workshop, findings.CLOSED))
        return Response(_body(workshop, models.parsed(row), segment))


def _named(workshop: Workshop, given: str | None) -> int | None:
    if given is None:
        return None
    try:
        return segment_in(workshop, int(given)).pk if given.isascii() and given.isdigit() else _none()
    except (Http404, OverflowError):
        return _none()


def _none() -> int:
    raise exceptions.ValidationError({"segment": "There is no such segment in the workshop's firm."})


def _silent(workshop: Workshop, why: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"groups": [], "gaps": [], "gaps_in_all": 0, "relationships": []}
    return {"workshop": workshop.pk, "people": 0, "alpha": None, "said": [why], **empty}


def _body(workshop: Workshop, core: Model, segment: int | None) -> dict[str, Any]:
    found = agreement.room(workshop, core)
    value = reliability(agreement.units(found, core), found.people, RULES)
    compared = agreement.comparison(workshop, found, core)
    said = [findings.alpha_says(value, RULES)]
    if isinstance(value, Reliability):
        said.append(findings.alpha_sure(value, RULES))
    if compared is None:
        said.append(agreement.silence(workshop, found))
    return {
        **_silent(workshop, ""),
        "people": found.people,
        "alpha": _alpha(value),
        "said": said,
        **(_groups(found, core, compared, segment) if compared else {}),
    }


def _alpha(value: Reliability | Silent) -> dict[str, Any] | None:
    if not isinstance(value, Reliability):
        return None
    return {
        "value": value.alpha,
        "low": value.low,
        "high": value.high,
        "band": value.band,
        "sure": value.sure,
        "questions": value.units,
    }


def _groups(found: Room, core: Model, compared: Comparison, segment: int | None) -> dict[str, Any]:
    places = compared.widest(compared.sights.gap.size)
    if segment is not None:
        places = [(at, position) for at, position in places if compared.ids[at] == segment]
    listed = places if segment is not None else places[:MOST_GAPS]
    return {
        "groups": [
            {
                "name": findings.part_name(part),
                "groups": list(part.groups),
                "rest": part.rest,
                "people": len(part.members),
            }
            for part in found.parts
        ],
        "gaps": [
            {
                "segment": compared.ids[at],
                "item": core.items[position],
                "gap": float(compared.sights.gap[at, position]),
                "views": [_view(view) for view in compared.views(at, position)],
            }
            for at, position in listed
        ],
        "gaps_in_all": len(places),
        "relationships": [
            {
                "segment": compared.ids[at],
                "relationship": code,
                "gap": compared.level_gap(at, row),
                "levels": compared.level(at, row),
            }
            for at in sorted({at for at, _ in listed})
            for row, code in enumerate(RELATIONSHIPS)
        ],
    }


def _view(view: View) -> dict[str, Any]:
    return {"n": view.n, "unknown": view.unknown, "mean": view.mean, "median": view.median}
