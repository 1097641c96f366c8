"""The sheets of one workshop: what each participant answered for each segment."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import (
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import exceptions, serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments import services
from assessments.instrument import Instrument
from assessments.models import Participant, Sheet, Workshop
from assessments.permissions import readable_participants, see_workshop, segment_in
from assessments.queries import answers_of, instrument_of, wants_in
from assessments.services import NOT_GIVEN, Conflict, SavedAll, Seen
from assessments.services.answers import EVIDENCE_LENGTH
from connected.api.access import MAY_READ, ScopePermission, actor_of
from connected.api.batches import LIST_LIMIT, MOST, taken
from connected.api.lists import MOST_ID, ChangedSinceFilter, IdFilter
from connected.api.problems import Problem
from connected.api.resources import IdField, Listed, example
from connected.permissions import Actor

MOST_ITEMS = 200


class AnswersPermission(ScopePermission):
    """Whoever takes part may answer for themselves; the verb decides for whom else."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return super().has_permission(request, view)
        self.message = MAY_READ
        return request.auth is not None and actor_of(request).may_write


@extend_schema_field(
    {
        "oneOf": [{"type": "integer", "minimum": 0, "maximum": 5}, {"type": "string", "maxLength": 20}],
        "nullable": True,
    }
)
class Answer(serializers.Field[Any, Any, Any, Any]):
    """0-4, the code or order of a choice, or null for "do not know"; the item says which."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, str) and len(data) <= 20 and "\0" not in data:
            return data
        if isinstance(data, int) and not isinstance(data, bool):
            return data
        raise serializers.ValidationError("An answer is a number, the code of a choice, or null.")

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "format": "int64", "minimum": 1, "maximum": MOST_ID},
            {"type": "string", "minLength": 1, "maxLength": 120},
        ]
    }
)
class Who(serializers.Field[Any, Any, Any, Any]):
    """The id of a participant, or a name: one that is new takes part from now on."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, int) and not isinstance(data, bool):
            if not 1 <= data <= MOST_ID:
                raise serializers.ValidationError("There is no such participant.")
            return data
        name: str = serializers.CharField(max_length=120).run_validation(data)
        return name

    def to_representation(self, value: Any) -> Any:
        return value


class Given(serializers.DictField):
    """By item code, and not without end."""

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        if isinstance(data, dict) and len(data) > MOST_ITEMS:
            raise serializers.ValidationError(f"At most {MOST_ITEMS} items.")
        found: dict[Any, Any] = super().to_internal_value(data)
        return found


class SheetLine(serializers.Serializer[Sheet]):
    participant = Who(help_text="Id of a participant, or a name; a new name takes part from now on.")
    segment = IdField(help_text="The segment these answers speak of.")
    answers = Given(child=Answer(allow_null=True), help_text="By item: 0-4, a choice’s code, null unknown.")
    evidence = Given(
        child=serializers.CharField(allow_blank=True, max_length=EVIDENCE_LENGTH),
        required=False,
        help_text="By item: what the answer rests on; empty takes it away.",
    )


class SheetWrite(SheetLine):
    expected = Given(
        child=Answer(allow_null=True),
        required=False,
        help_text=f"By item: what you last saw, “{NOT_GIVEN}” for nothing. 409 when it is no longer so.",
    )


class AnswerLine(serializers.Serializer[Sheet]):
    participant = Who(help_text="Id of a participant, or a name; a new name takes part from now on.")
    segment = IdField(help_text="The segment this answer speaks of.")
    item = serializers.CharField(max_length=20, help_text="Code of the item, such as R4.")
    value = Answer(allow_null=True, help_text="0-4, a choice’s code, null unknown.")
    evidence = serializers.CharField(
        allow_blank=True,
        max_length=EVIDENCE_LENGTH,
        required=False,
        help_text="What the answer rests on; empty takes it away.",
    )


class SavedBody(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="Items of the list.")
    participants_created = serializers.IntegerField()
    sheets = serializers.IntegerField(help_text="Sheets that were written.")
    answers = serializers.IntegerField(help_text="Answers that were written.")
    changed = serializers.IntegerField(help_text="Of these, how many replaced another.")
    unchanged = serializers.IntegerField(help_text="Answers that stood there already.")


class SheetBody(serializers.Serializer[Sheet]):
    id = serializers.IntegerField()
    workshop = serializers.IntegerField()
    participant = serializers.IntegerField()
    participant_name = serializers.CharField()
    segment = serializers.IntegerField()
    round = serializers.IntegerField()
    answers = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        help_text="By item, in its order. Null: do not know. Absent: not answered.",
    )
    evidence = serializers.DictField(child=serializers.CharField())
    version = serializers.IntegerField(help_text="Grows with each change.")
    updated_at = serializers.DateTimeField()


_BODIES = PolymorphicProxySerializer(
    component_name="Answers",
    serializers=[SheetWrite, SheetLine(many=True), AnswerLine(many=True)],
    resource_type_field_name=None,
    many=False,
)
_ANSWERS = PolymorphicProxySerializer(
    component_name="AnswersSaved",
    serializers=[SheetBody, SavedBody],
    resource_type_field_name=None,
    many=False,
)


def _said(instrument: Instrument, code: str, seen: Seen) -> int | str | None:
    """An answer as a sheet tells it: a choice by its code."""
    choices = instrument.answerable[code].choices
    return choices[seen - 1].code if choices and isinstance(seen, int) else seen


def sheet_body(instrument: Instrument, sheet: Sheet) -> dict[str, Any]:
    given = {**answers_of(instrument, sheet), **wants_in(instrument, sheet)}
    return {
        "id": sheet.pk,
        "workshop": sheet.workshop_id,
        "participant": sheet.participant_id,
        "participant_name": sheet.participant.name,
        "segment": sheet.segment_id,
        "round": sheet.round,
        "answers": {code: _said(instrument, code, value) for code, value in given.items()},
        "evidence": sheet.evidence,
        "version": sheet.version,
        "updated_at": sheet.updated_at,
    }


class SheetFilters(django_filters.FilterSet):  # type: ignore[misc]
    participant = IdFilter(field_name="participant_id", help_text="Sheets of this participant.")
    segment = IdFilter(field_name="segment_id", help_text="Sheets for this segment.")
    round = IdFilter(field_name="round", help_text="Sheets of this round.")
    changed_since = ChangedSinceFilter()


@extend_schema_view(
    list=extend_schema(
        tags=["Workshops"],
        summary="List the answers of a workshop",
        description="One sheet a participant, segment and round, as far as the reveal policy opens them.",
        responses=SheetBody(many=True),
    ),
    create=extend_schema(
        tags=["Workshops"],
        summary="Save answers of one sheet, or a list of answers",
        description="Saves the items named and leaves the others; sending the same again changes nothing "
        "else. What the segment wants in an urgent situation, or when much is at stake, is answered as "
        "`P1.urgent` or `P1.high_stakes`, and may be left out. 201 when the sheet is new. The segment is "
        "scored again within about a second. "
        f"A list of 1 to {MOST} sheets, or of as many single answers, is saved as a whole or, with one bad "
        "item, not at all: 422 names each. It takes no `expected`.",
        examples=example(
            participant="Ana",
            segment=1,
            answers={"R4": 3, "A1": "MM", "R5": None},
            evidence={"R4": "The first page differs for each customer."},
        ),
        request={"application/json": _BODIES},
        responses={200: _ANSWERS, 201: SheetBody},
    ),
)
class AnswerViews(ListModelMixin, Listed):
    model = Sheet
    serializer_class = SheetBody
    filterset_class = SheetFilters
    permission_classes = (AnswersPermission,)
    body_limit = LIST_LIMIT

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        workshop = see_workshop(actor, self.kwargs["workshop"])
        people = readable_participants(actor).filter(workshop=workshop)
        return Sheet.objects.filter(participant__in=people).select_related("participant")

    def list(self, request: Request, workshop: int) -> Response:
        instrument = instrument_of(see_workshop(actor_of(request), workshop))
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([sheet_body(instrument, sheet) for sheet in page or ()])

    def create(self, request: Request, workshop: int) -> Response:
        there = see_workshop(actor_of(request), workshop)
        if isinstance(request.data, list):
            return self._create_all(request.data, workshop)
        values = self.read(SheetWrite(data=request.data))
        _must_be_segment(there, values["segment"])
        try:
            sheet = services.save_answers(
                by=actor_of(request),
                workshop_id=workshop,
                participant_id=_participant_id(actor_of(request), there, values["participant"]),
                segment_id=values["segment"],
                answers=values["answers"],
                evidence=values.get("evidence"),
                expected=values.get("expected"),
            )
        except Conflict as error:
            asked = instrument_of(there)
            current = [
                {"item": each.item, "value": _said(asked, each.item, each.seen)} for each in error.current
            ]
            raise Problem(str(error), status_code=409, current=current) from error
        made = status.HTTP_201_CREATED if sheet.version == 1 else status.HTTP_200_OK
        return Response(sheet_body(instrument_of(there), sheet), status=made)

    def _create_all(self, items: Sequence[Any], workshop: int) -> Response:
        save = partial(_save_all, actor_of(self.request), workshop)
        is_line = bool(items) and isinstance(items[0], dict) and "item" in items[0]
        kind = AnswerLine if is_line else SheetLine
        saved = taken(items, kind(data=items, many=True), save)
        return Response({"count": len(items), **asdict(saved)})


def _save_all(by: Actor, workshop_id: int, *, items: list[dict[str, Any]]) -> SavedAll:
    return services.save_all(by=by, workshop_id=workshop_id, items=[_as_sheet(item) for item in items])


def _as_sheet(item: dict[str, Any]) -> dict[str, Any]:
    """A single answer as a sheet of one item."""
    if "item" not in item:
        return item
    code, note = item["item"], item.get("evidence")
    return {
        "participant": item["participant"],
        "segment": item["segment"],
        "answers": {code: item["value"]},
        "evidence": {} if note is None else {code: note},
    }


def _must_be_segment(workshop: Workshop, segment_id: int) -> None:
    try:
        segment_in(workshop, segment_id)
    except Http404:
        raise exceptions.ValidationError(
            {"segment": "There is no such segment in the workshop's firm."}
        ) from None


def _participant_id(actor: Actor, workshop: Workshop, who: int | str) -> int:
    if isinstance(who, int):
        return who
    known = Participant.objects.filter(workshop=workshop, name=who).values_list("pk", flat=True)
    if (found := known.first()) is not None:
        return int(found)
    try:
        return services.add_participant(by=actor, workshop_id=workshop.pk, name=who).pk
    except ValidationError:
        # A call in the same moment had the name first: it waited for that one, and is the same person.
        if (found := known.all().first()) is None:
            raise
        return int(found)
