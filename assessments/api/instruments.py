"""Questionnaire versions, read only: they are shared by all workspaces and never change."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.serializers import BaseSerializer, JSONField, ModelSerializer

from assessments.models import Instrument
from connected.api.resources import Listed
from connected.permissions import Actor


class InstrumentLine(ModelSerializer[Instrument]):
    class Meta:
        model = Instrument
        fields: tuple[str, ...] = ("id", "code", "version", "title", "fingerprint", "loaded_at")


class InstrumentBody(InstrumentLine):
    definition = JSONField(help_text="The items in the order of answers, and the short form.")

    class Meta(InstrumentLine.Meta):
        fields = (*InstrumentLine.Meta.fields, "definition")


@extend_schema_view(
    list=extend_schema(tags=["Versions"], summary="List questionnaire versions"),
    retrieve=extend_schema(
        tags=["Versions"], summary="Read a questionnaire version", responses=InstrumentBody
    ),
)
class InstrumentViews(ListModelMixin, RetrieveModelMixin, Listed):
    model = Instrument
    serializer_class = InstrumentLine
    filter_backends = ()

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return Instrument.objects.all()

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return InstrumentBody if self.action == "retrieve" else InstrumentLine
