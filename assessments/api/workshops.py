"""Workshops: start one, read it, move it on."""

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from assessments import services
from assessments.models import WORKSHOP_STATES, Form, Participant, Reveal, Workshop
from assessments.permissions import is_facilitator, see_workshop, visible_workshops
from connected.api.access import actor_of
from connected.api.lists import ChangedSinceFilter, IdFilter
from connected.api.resources import IdField, Listed, example
from connected.permissions import Actor

MOST_PARTICIPANTS = 500


class ParticipantBody(serializers.ModelSerializer[Participant]):
    name = serializers.CharField(max_length=120)
    group = serializers.CharField(max_length=60, allow_blank=True, default="")

    class Meta:
        model = Participant
        fields = ("id", "name", "group")


class WorkshopBody(serializers.ModelSerializer[Workshop]):
    firm = IdField(source="firm_id", help_text="The firm it assesses.")
    instrument = serializers.CharField(
        source="instrument.code", read_only=True, help_text="Code of the questionnaire."
    )
    instrument_version = serializers.IntegerField(
        source="instrument.version",
        required=False,
        min_value=1,
        max_value=9999,
        help_text="One of `instruments/`; without it, the newest that is not asked by choice only.",
    )
    form = serializers.ChoiceField(choices=Form.choices, default=Form.FULL)
    reveal = serializers.ChoiceField(
        choices=Reveal.choices, default=Reveal.OPEN, help_text="Who sees single sheets while it collects."
    )
    participants = ParticipantBody(
        many=True, default=(), help_text="All for those who lead workshops; for others only themselves."
    )

    class Meta:
        model = Workshop
        fields = (
            "id",
            "firm",
            "instrument",
            "instrument_version",
            "name",
            "state",
            "form",
            "reveal",
            "round",
            "participants",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("state", "round")

    def validate_participants(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_PARTICIPANTS:
            raise serializers.ValidationError(f"At most {MOST_PARTICIPANTS} at a time.")
        return value


class WorkshopMove(serializers.Serializer[Workshop]):
    instrument_version = serializers.IntegerField(
        min_value=1,
        max_value=9999,
        help_text="Ask this version from now on, while it prepares or collects: answers to questions that "
        "both versions ask stay, the others are kept with their version.",
    )
    state = serializers.ChoiceField(choices=list(WORKSHOP_STATES.table), help_text="The state that follows.")


class WorkshopFilters(django_filters.FilterSet):  # type: ignore[misc]
    firm = IdFilter(field_name="firm_id", help_text="Workshops of this firm.")
    state = django_filters.ChoiceFilter(
        choices=[(each, each) for each in WORKSHOP_STATES.table], help_text="How far it is."
    )
    changed_since = ChangedSinceFilter()


@extend_schema_view(
    list=extend_schema(tags=["Workshops"], summary="List workshops"),
    retrieve=extend_schema(tags=["Workshops"], summary="Read a workshop"),
    create=extend_schema(
        tags=["Workshops"],
        summary="Start a workshop",
        description="It collects answers from now on.",
        examples=example(firm=1, name="Spring review", participants=[{"name": "Ana", "group": "Sales"}]),
    ),
    partial_update=extend_schema(
        tags=["Workshops"],
        summary="Move a workshop on",
        description="To another version of its questionnaire, to another state, or first the one and then "
        "the other. 409 names the states that may follow, or that its questions stay as they are.",
        examples=example(state="discussing"),
        request=WorkshopMove,
        responses=WorkshopBody,
    ),
)
class WorkshopViews(ListModelMixin, RetrieveModelMixin, Listed):
    model = Workshop
    serializer_class = WorkshopBody
    filterset_class = WorkshopFilters

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        people = Participant.objects.all()
        if not is_facilitator(actor):
            people = people.filter(user_id=actor.user_id or 0)
        rows = visible_workshops(actor).select_related("instrument")
        return rows.prefetch_related(Prefetch("participants", people))

    def create(self, request: Request) -> Response:
        values = self.read(WorkshopBody(data=request.data))
        people = [(each["name"], each["group"]) for each in values.pop("participants")]
        version = values.pop("instrument", {}).get("version")
        with self.parent_named("firm"):
            workshop = services.start_workshop(
                by=actor_of(request), participants=people, instrument_version=version, **values
            )
        return Response(
            self._body(workshop.pk),
            status=status.HTTP_201_CREATED,
            headers={"Location": request.build_absolute_uri(f"{request.path}{workshop.pk}/")},
        )

    def partial_update(self, request: Request, pk: int) -> Response:
        actor = actor_of(request)
        see_workshop(actor, pk)
        values = self.read(WorkshopMove(data=request.data, partial=True))
        with transaction.atomic():
            if "instrument_version" in values:
                services.move_version(by=actor, workshop_id=pk, version=values["instrument_version"])
            if "state" in values:
                services.move_workshop(by=actor, workshop_id=pk, state=values["state"])
        return Response(self._body(pk))

    def _body(self, pk: int) -> Any:
        return WorkshopBody(self.get_queryset().get(pk=pk)).data
