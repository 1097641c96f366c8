"""The portfolio's firms below its pictures, a row each; the opened one with its segments."""

from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from django.core.paginator import Page
from django.urls import reverse

from connected.queries import letters
from matrix.charts import agree_word, percent, step_of
from matrix.findings.facts import ENOUGH_COVERAGE
from matrix.findings.words import capital
from matrix.queries import heat, pages
from matrix.queries.heat import Field, FirmRow
from matrix.scoring import ARCHITECTURES, Model, Weight

_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class HeatCell:
    """A cell of the firms table; `state` as in the matrix."""

    percent: int | None
    step: int | None
    state: str


@dataclass(frozen=True)
class FirmTable:
    """What the table is made of: `own` the placements of the firms on this page, `open` one of them."""

    slug: str
    model: Model
    weight: Weight
    own: Field
    page: "Page[pages.FirmHead]"
    open: int | None

    def rows(self) -> list[dict[str, Any]]:
        rows = heat.by_firm(self.own, self.weight, [line.pk for line in self.page])
        children = self.children() if self.open else []
        return [
            {
                "line": line,
                "row": rows.get(line.pk),
                "cells": _firm_cells(rows.get(line.pk), self.model.present_cut),
                "agree": agree_word(rows[line.pk].agreement) if line.pk in rows else "",
                "words": _columns_words(rows.get(line.pk)),
                "open": line.pk == self.open,
                "children": children if line.pk == self.open else [],
            }
            for line in self.page
        ]

    def children(self) -> list[dict[str, Any]]:
        """The segments of the opened firm, placed or not."""
        firm = next((line for line in self.page if line.pk == self.open), None)
        if firm is None:
            return []
        ids = pages.segment_names(firm.pk)
        marks, at_of = letters(ids), {pk: at for at, pk in enumerate(self.own.ids.tolist())}
        return [self._child(pk, name, marks[pk], at_of.get(pk)) for pk, name in ids.items()]

    def _child(self, pk: int, name: str, letter: str, at: int | None) -> dict[str, Any]:
        url = reverse("segment", args=[self.slug, pk])
        row: dict[str, Any] = {
            "name": name,
            "letter": letter,
            "url": url,
            "raters": 0,
            "few": True,
            "provisional": True,
        }
        if at is None:
            return row | {"cells": [HeatCell(None, None, "few")] * 4, "words": "not placed yet"}
        field, few = self.own, bool(self.own.raters[at] < self.model.minimum_raters)
        level = zip(field.levels[at].tolist(), field.present[at].tolist(), strict=True)
        return row | {
            "raters": int(field.raters[at]),
            "few": few,
            "provisional": few or bool(field.coverage[at] < ENOUGH_COVERAGE),
            "cells": [_heat_cell(value, int(has), few, self.model.present_cut) for value, has in level],
            "words": _column_words(int(field.column[at])),
            "interact": _or_none(float(field.interact[at])),
            "customize": _or_none(float(field.customize[at])),
            "agreement": _or_none(float(field.overall[at])),
            "agree": agree_word(float(field.overall[at])),
        }


def _firm_cells(row: FirmRow | None, cut: float) -> list[HeatCell]:
    if row is None:
        return [HeatCell(None, None, "few")] * 4
    return [_heat_cell(*each, cut) for each in zip(row.level, row.present, row.few, strict=True)]


def _heat_cell(level: float, present: int, few: bool, cut: float) -> HeatCell:
    if few or isnan(level):
        return HeatCell(None, None, "few")
    if level >= cut - _TOLERANCE and not present:
        return HeatCell(percent(level), None, "gated")
    return HeatCell(percent(level), step_of(level), "measured")


def _column_words(at: int) -> str:
    if at >= 0:
        return list(ARCHITECTURES.values())[at].short
    return "mixed" if at == -1 else "not known"


def _columns_words(row: FirmRow | None) -> str:
    """Producer, market maker; mixed supply named last."""
    if row is None:
        return ""
    names = [ARCHITECTURES[code].short.lower() for code in row.architectures] + ["mixed"] * bool(row.mixed)
    return capital(", ".join(names)) or "Not known"


def _or_none(value: float) -> float | None:
    return None if isnan(value) else value
