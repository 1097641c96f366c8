"""Which placements: the same words for the list, the streams and the matrix."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django_filters.utils import translate_validation
from rest_framework import exceptions
from rest_framework.request import Request

from connected.api.access import actor_of
from connected.api.lists import IdFilter
from connected.models import Segment
from connected.permissions import visible_segments
from matrix.api.times import (
    TOKEN_HEADER,
    AsOfFilter,
    Reached,
    SinceFilter,
    TokenFilter,
    changed,
    moment_of,
    reached,
    read_token,
)
from matrix.models import GoneSegment, ScoringModel, StandingPlacement
from matrix.permissions import visible_gone, visible_past, visible_placements
from matrix.queries.placements import in_cell
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
    changed_since = SinceFilter(
        help_text="Put in force after this time, ISO 8601; without an offset UTC. Or the token of an earlier "
        f"answer, its header {TOKEN_HEADER}: everything new since that answer, once."
    )
    until = TokenFilter(help_text="Where the changes since a token end; comes with `next`.")
    as_of = AsOfFilter(
        help_text="As things stood at this time, ISO 8601; without an offset UTC. Or `run:12`: when that run "
        "came in force."
    )


@dataclass(frozen=True)
class Found:
    """``rows`` match, ``segments`` are those they may belong to; ``reached`` is None where it is of old.

    ``gone``, of a delta: segments that have no placement any more, whatever cell or quadrant is asked for;
    ``deleted`` those that are no more themselves.
    """

    rows: "QuerySet[Any]"
    segments: "QuerySet[Segment]"
    reached: Reached | None
    gone: "QuerySet[Segment] | None" = None
    deleted: "QuerySet[GoneSegment] | None" = None

    @property
    def is_delta(self) -> bool:
        return self.gone is not None

    def gone_ids(self) -> list[int] | None:
        """In order. None where no delta was asked for."""
        if self.gone is None or self.deleted is None:
            return None
        emptied = self.gone.order_by().values_list("pk", flat=True)
        return sorted({*emptied, *self.deleted.values_list("segment", flat=True)})


def find(request: Request) -> Found:
    """What a call asks for. Raises ValidationError for what cannot be read."""
    filters = PlacementFilters(request.query_params, StandingPlacement.objects.none(), request=request)
    if not filters.is_valid():
        raise translate_validation(filters.errors)
    asked, actor = filters.form.cleaned_data, actor_of(request)
    segments = _narrowed(visible_segments(actor), asked, "pk")
    for name in ("changed_since", "until"):
        if asked["as_of"] is not None and asked[name]:
            raise exceptions.ValidationError({name: "Not together with as_of."})
    if asked["as_of"] is not None:
        with _named("as_of"):
            moment = moment_of(actor, asked["as_of"])
        return Found(filters.filter_queryset(visible_past(actor, moment)), segments, None)
    if asked["until"] and asked["changed_since"] is None:
        raise exceptions.ValidationError({"until": "Only together with changed_since."})
    rows, now = filters.filter_queryset(visible_placements(actor)), reached(actor)
    with _named("until"):
        until = read_token(asked["until"], now) if asked["until"] else now
    if (since := asked["changed_since"]) is None:
        return Found(rows, segments, now)
    with _named("changed_since"):
        new = changed(since, until)
    return Found(
        rows.filter(new.placements()),
        segments.filter(new.segments()),
        until,
        segments.filter(new.gone()),
        _narrowed(visible_gone(actor, new.deleted), asked, "segment"),
    )


def _narrowed(rows: "QuerySet[Any]", asked: Mapping[str, Any], key: str) -> "QuerySet[Any]":
    """To the firm and the segment asked for; ``key`` is what rows call a segment's id."""
    wanted = {"firm": asked["firm"], key: asked["segment"]}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


@contextmanager
def _named(field: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise exceptions.ValidationError({field: error.messages}) from None
