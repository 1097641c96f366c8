"""Scoring-model versions, read only: those everyone has and the workspace's own. They never change."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from connected.api.resources import Listed
from connected.permissions import Actor
from matrix.models import ScoringModel


class ModelLine(serializers.ModelSerializer[ScoringModel]):
    name = serializers.SerializerMethodField(help_text="As placements and runs name it, such as cs-1.v1.")
    shared = serializers.SerializerMethodField(
        help_text="Everyone has it; if not, this workspace published it."
    )
    instrument = serializers.IntegerField(source="instrument_id", help_text="The questionnaire it scores.")

    class Meta:
        model = ScoringModel
        fields: tuple[str, ...] = (
            "id", "name", "code", "version", "title", "shared", "instrument", "fingerprint", "loaded_at",
        )  # fmt: skip

    def get_name(self, row: ScoringModel) -> str:
        return row.name

    def get_shared(self, row: ScoringModel) -> bool:
        return row.owner_id is None


class ModelBody(ModelLine):
    definition = serializers.JSONField(help_text="Loads, gates and cuts.")

    class Meta(ModelLine.Meta):
        fields = (*ModelLine.Meta.fields, "definition")


@extend_schema_view(
    list=extend_schema(tags=["Versions"], summary="List scoring-model versions"),
    retrieve=extend_schema(tags=["Versions"], summary="Read a scoring-model version", responses=ModelBody),
)
class ModelViews(ListModelMixin, RetrieveModelMixin, Listed):
    model = ScoringModel
    serializer_class = ModelLine
    filter_backends = ()

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return ScoringModel.objects.all()

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return ModelBody if self.action == "retrieve" else ModelLine
