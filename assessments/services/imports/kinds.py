"""The files besides answers: which column holds which attribute, and what tells one row from another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models

from connected.models import Firm, Segment, Tenant, Touchpoint


@dataclass(frozen=True)
class Kind:
    """One kind of file. ``fields``: column to attribute; ``place``: columns that say whose row it is.

    Two rows are the same when place and ``key`` are. With ``repeats`` the same key may come again
    under one place: the first in the file is then the first there is, and so on.
    """

    code: str
    model: type[Tenant]
    place: tuple[str, ...]
    parent: str
    fields: Mapping[str, str]
    key: tuple[str, ...]
    required: tuple[str, ...]
    repeats: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.place, *self.fields)

    @property
    def optional(self) -> tuple[str, ...]:
        return tuple(column for column in self.columns if column not in self.required)

    def field(self, column: str) -> "models.Field[object, object]":
        found: models.Field[object, object] = self.model._meta.get_field(self.fields[column])  # type: ignore[assignment]
        return found


FIRMS: Final = Kind(
    code="firms",
    model=Firm,
    place=(),
    parent="",
    fields={"firm": "name", "industry": "industry", "need": "need", "refuses": "refuses"},
    key=("firm",),
    required=("firm",),
)
SEGMENTS: Final = Kind(
    code="segments",
    model=Segment,
    place=("firm",),
    parent="firm_id",
    fields={
        "segment": "name",
        "offering": "offering",
        "situation": "situation",
        "customers": "customers",
        "revenue": "revenue",
        "currency": "currency",
        "consent": "consent",
        "source": "source",
    },
    key=("segment", "offering", "situation"),
    required=("firm", "segment"),
)
_TOUCHPOINT_FIELDS: Final = (
    "position phase description initiator trigger decides direction identified carries_context content "
    "supplier data_captured consent_basis latency medium part signature importance pain cost owner metric "
    "metric_value date"
)
TOUCHPOINTS: Final = Kind(
    code="touchpoints",
    model=Touchpoint,
    place=("firm", "segment", "offering", "situation"),
    parent="segment_id",
    fields={
        "touchpoint": "name",
        "step": "step",
        **{name.replace("_", " "): name for name in _TOUCHPOINT_FIELDS.split()},
    },
    key=("touchpoint", "step"),
    required=("firm", "segment", "touchpoint", "step"),
    repeats=True,
)
KINDS: Final = {kind.code: kind for kind in (FIRMS, SEGMENTS, TOUCHPOINTS)}
