"""Which placements: the same words for the list, the streams and the matrix."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from connected.api.lists import IdFilter, MomentField
from matrix.models import ScoringModel
from matrix.queries.placements import changed_since, in_cell
from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS


class CellField(forms.CharField):
    """``CO-MM``: a relationship and an architecture."""

    def clean(self, value: Any) -> Q | None:
        if not (text := super().clean(value)):
            return None
        try:
            return in_cell(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class ModelField(forms.CharField):
    """``cs-1.v1``, or ``cs-1`` for all its versions."""

    def clean(self, value: Any) -> Q | None:
        if not (text := super().clean(value)):
            return None
        known = ScoringModel.objects.all()
        found = [each.pk for each in known if text.lower() in (each.code, f"{each.code}.v{each.version}")]
        if not found:
            there = ", ".join(f"{each.code}.v{each.version}" for each in known)
            raise ValidationError(f"There is no such model. Known: {there}.")
        return Q(model__in=found)


class ChangedField(forms.Field):
    """A moment, as the condition that a placement came in force after it."""

    def clean(self, value: Any) -> Q | None:
        moment = MomentField(required=False).clean(value)
        return None if moment is None else changed_since(moment)


class Condition(django_filters.Filter):  # type: ignore[misc]
    """A filter whose field answers with the condition itself."""

    def filter(self, rows: "QuerySet[Any]", value: Q | None) -> "QuerySet[Any]":
        return rows if value is None else rows.filter(value)


class CellFilter(Condition):
    field_class = CellField
    schema = {"type": "string", "pattern": f"^({'|'.join(RELATIONSHIPS)})-({'|'.join(ARCHITECTURES)})$"}


class ModelFilter(Condition):
    field_class = ModelField
    schema = {"type": "string", "minLength": 1}


class MomentFilter(Condition):
    field_class = ChangedField
    schema = {"type": "string", "format": "date-time"}


class QuadrantField(forms.TypedChoiceField):
    """``Q1`` or ``q1``."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).upper()


class QuadrantFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    field_class = QuadrantField
    schema = {"type": "string", "enum": list(QUADRANTS)}


class PlacementFilters(django_filters.FilterSet):  # type: ignore[misc]
    firm = IdFilter(field_name="segment__firm_id", help_text="Placements of this firm.")
    segment = IdFilter(field_name="segment_id", help_text="The placement of this segment.")
    cell = CellFilter(help_text="Standing in this cell, such as CO-MM.")
    quadrant = QuadrantFilter(
        choices=[(code, code) for code in QUADRANTS],
        coerce=lambda code: int(code[1:]),
        help_text="Standing in this quadrant, capitals aside.",
    )
    model = ModelFilter(help_text="Scored by this model: cs-1.v1, or cs-1 for all its versions.")
    changed_since = MomentFilter(
        help_text="Put in force after this time, ISO 8601; without an offset UTC. Let calls overlap a minute."
    )
