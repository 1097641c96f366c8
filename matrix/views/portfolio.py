"""Every segment of every firm in one heatmap and one quadrant: filter, weight, drill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

import numpy as np
from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from numpy.typing import NDArray

from connected.permissions import Actor, Asked, visible_firms
from connected.queries import letters
from matrix.charts import (
    Grid,
    Point,
    QuadrantPlot,
    agree_word,
    grid,
    mixed_line,
    percent,
    quadrant_plot,
    step_of,
)
from matrix.findings import portfolio as findings
from matrix.findings.facts import ENOUGH_COVERAGE
from matrix.findings.words import capital
from matrix.queries import heat, models, pages
from matrix.queries.heat import FirmRow
from matrix.scoring import (
    ARCHITECTURES,
    BASELINE,
    NONE_PRESENT,
    QUADRANTS,
    RELATIONSHIPS,
    Heat,
    Model,
    Places,
    Weight,
)
from matrix.scoring import heat as heat_of
from matrix.views.sentence import (
    LACKS,
    MOST_OPTIONS,
    Selection,
    chosen_firms,
    chosen_weight,
    firm_choices,
    lower,
    weight_choices,
)
from matrix.views.why import added_ids, opened_cell, picked_cell

FIRMS_A_PAGE: Final = 50
OUTSIDE: Final = 8
NAMED_POINTS: Final = 200
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class HeatCell:
    """A cell of the firms table; `state` as in the matrix."""

    percent: int | None
    step: int | None
    state: str


def portfolio(request: Asked, workspace: str) -> HttpResponse:
    actor = request.actor
    lines = pages.firm_lines(visible_firms(actor))
    picture = _Picture(actor, request.GET, lines)
    return render(request, "matrix/portfolio.html", picture.context())


class _Picture:
    """One reading of the placements, and all the page says about it."""

    def __init__(self, actor: Actor, asked: QueryDict, lines: Sequence[pages.FirmLine]) -> None:
        self.actor, self.lines = actor, lines
        chosen, named, firms = chosen_firms(asked.get("firms", ""), asked.get("named", ""), lines)
        self.field = heat.read(firms if firms is not None else actor.firms)
        weight, warning = chosen_weight(asked.get("weight", ""), self.field)
        self.selection = Selection(firms, chosen, named, weight, warning)
        self.by = "" if weight is Weight.NOTHING else weight.value
        self.shown = [line for line in lines if firms is None or line.pk in firms]
        self.core: Model = models.parsed(models.in_force())
        self.places: Places = self.field.places(weight)
        self.heat: Heat = heat_of(self.places)
        # Known to be below all rows, or without a column of their own: no cell counts them.
        self.outside = np.flatnonzero((self.field.row == NONE_PRESENT) | (self.field.column == NONE_PRESENT))
        self.picked = picked_cell(asked.get("cell", ""))
        self.open = _whole(asked.get("open", ""))
        self.page: Page[pages.FirmLine] = Paginator(self.shown, FIRMS_A_PAGE).get_page(asked.get("page"))

    def context(self) -> dict[str, Any]:
        weight = self.selection.weight
        names = pages.names_of(self.needed())
        letters_of = {pk: ("", f"{firm}, {name}") for pk, (name, firm) in names.items()}
        matrix = self.matrix()
        cells = self.cells(matrix, self.heat, self.field.heaviest(weight))
        counts = heat.quadrant_counts(self.field)
        borderline = int((self.field.borderline & (self.field.quadrant > 0)).sum())
        slug, lacks = self.actor.workspace_slug, LACKS.get(weight, "")
        together = heat.mixed(self.field, weight)
        look = findings.look_first(cells, self.by)
        return {
            "choices": firm_choices(self.lines, self.selection.chosen),
            "weights": weight_choices(weight),
            "selection": self.selection,
            "find": len(self.lines) > MOST_OPTIONS,
            "filtered": bool(self.selection.chosen or self.selection.named) or self.picked is not None,
            "title": findings.title(self.tally()),
            "standfirst": findings.standfirst(self.tally(), self.named(names)),
            "next": self.next(look, names),
            "grid": matrix,
            "matrix_headline": findings.matrix_headline(self.alike(), self.field.placed, cells),
            "below": findings.below_note(int((self.field.row == NONE_PRESENT).sum()), self.heat.mixed),
            "heavy": findings.heavy_note(cells) if self.by else "",
            "unweighted": self.heat.unweighted,
            "lacks": LACKS.get(weight, ""),
            "mixed": mixed_line(together, (), self.core.present_cut) if together else (),
            "mixed_count": self.heat.mixed,
            "outside": [self._outside(at, names) for at in self.outside[:OUTSIDE]],
            "outside_more": max(0, len(self.outside) - OUTSIDE),
            "why": opened_cell(self.field, self.places, self.picked, letters_of, slug, matrix, lacks),
            "plot": self.plot(names),
            "quadrant_headline": findings.quadrant_headline(counts),
            "quadrant_note": findings.quadrant_note(
                counts, borderline, int((self.field.quadrant == 0).sum())
            ),
            "quadrants": [(QUADRANTS[code], counts[code]) for code in QUADRANTS],
            "table": self.table(),
            "page": self.page,
            "placed": self.field.placed,
            "scored": len(self.field),
            "firms": self.lines,
        }

    def tally(self) -> findings.Tally:
        present = dict(zip(RELATIONSHIPS, self.field.present.sum(axis=0).tolist(), strict=True))
        return findings.Tally(
            firms=len(self.shown),
            segments=sum(line.segments for line in self.shown),
            placed=self.field.placed,
            present=present,
            baseline=int((self.field.row == NONE_PRESENT).sum()),
            mixed=self.heat.mixed,
            weight=self.by,
        )

    def rare(self) -> dict[str, list[int]]:
        """Segments having a relationship that very few have."""
        found = {
            code: self.field.ids[self.field.present[:, at]].tolist() for at, code in enumerate(RELATIONSHIPS)
        }
        return {code: ids for code, ids in found.items() if 0 < len(ids) <= findings.NAMED}

    def needed(self) -> set[int]:
        """Ids of the segments this page names."""
        ids = {pk for ids in self.rare().values() for pk in ids}
        ids |= {int(self.field.ids[at]) for at in self.outside[:OUTSIDE]}
        ids |= set(added_ids(self.field, self.places, self.picked))
        if len(self.field) <= NAMED_POINTS:
            ids |= set(self.field.ids.tolist())
        return ids

    def _outside(self, at: int, names: Mapping[int, tuple[str, str]]) -> dict[str, str]:
        pk = int(self.field.ids[at])
        url = reverse("segment", args=[self.actor.workspace_slug, pk])
        why = "mixed supply" if self.field.column[at] == NONE_PRESENT else BASELINE
        return {"name": f"{names[pk][1]}, {names[pk][0]}", "url": url, "why": why}

    def named(self, names: Mapping[int, tuple[str, str]]) -> dict[str, list[str]]:
        return {
            code: [f"{names[pk][1]}’s {lower(names[pk][0])}" for pk in ids]
            for code, ids in self.rare().items()
        }

    def next(self, look: findings.Look | None, names: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
        """Look here first: the cell most worth it, or the first thing to do."""
        slug = self.actor.workspace_slug
        if look:
            here = f"?{self._query(cell=f'{look.relationship}-{look.architecture}')}#matrix"
            return {
                "title": "Look here first",
                "lead": look.lead,
                "text": look.text,
                "more": (here, "See why"),
            }
        firms = reverse("firms", args=[slug]), "See the firms"
        if not self.actor.may_edit:
            return {
                "title": "Look here first",
                "lead": "No firm granted to you has placements yet.",
                "more": firms,
            }
        if not self.lines:
            act = reverse("firm-new", args=[slug]), "New firm"
            more = reverse("imports", args=[slug]), "Import"
            return {
                "lead": "Begin with a firm.",
                "text": "Type one in, or import a list.",
                "act": act,
                "more": more,
            }
        return {
            "lead": "Ask people about a segment.",
            "text": "A firm’s page says what comes next.",
            "act": firms,
        }

    def _query(self, **changed: str) -> str:
        query = QueryDict(mutable=True)
        if self.selection.chosen:
            query["firms"] = self.selection.chosen
        if self.selection.named:
            query["named"] = self.selection.named
        query["weight"] = self.selection.weight.value
        query.update(changed)
        return query.urlencode()

    def matrix(self) -> Grid:
        return grid(
            self.heat,
            cut=self.core.present_cut,
            levels=heat.levels_by_cell(self.field),
            picked=self.picked,
            lacking=self.field.lacking(self.selection.weight),
            heaviest=self.field.heaviest(self.selection.weight) if self.by else None,
        )

    def alike(self) -> list[findings.CellFact]:
        """The cells with each segment counting alike, whatever is shown: what a headline may count."""
        places = self.field.places(Weight.NOTHING)
        found = heat_of(places)
        return self.cells(grid(found, cut=self.core.present_cut), found, self.field.heaviest(Weight.NOTHING))

    def cells(self, matrix: Grid, found_heat: Heat, heaviest: NDArray[np.float64]) -> list[findings.CellFact]:
        """The cells whose figures are shown, as the rules read them."""
        found = []
        for row, line in enumerate(matrix.rows):
            for at, cell in enumerate(line.cells):
                if cell.percent is None:
                    continue
                agreement = float(found_heat.agreement[row, at])
                found.append(
                    findings.CellFact(
                        cell.relationship,
                        cell.architecture,
                        float(found_heat.level[row, at]),
                        None if isnan(agreement) else agreement,
                        int(found_heat.present[row, at]),
                        cell.counted,
                        cell.raters,
                        float(heaviest[row, at]),
                    )
                )
        return found

    def plot(self, names: Mapping[int, tuple[str, str]]) -> QuadrantPlot:
        named = len(self.field) <= NAMED_POINTS
        points = []
        for pk, x, y in zip(
            self.field.ids.tolist(), self.field.customize.tolist(), self.field.interact.tolist(), strict=True
        ):
            if not isnan(x) and not isnan(y):
                name = f"{names[pk][1]}, {names[pk][0]}" if named else ""
                url = reverse("segment", args=[self.actor.workspace_slug, pk]) if named else ""
                points.append(Point(x, y, "", name, url))
        return quadrant_plot(points, self.core.quadrant_cut, self.core.quadrant_band)

    def table(self) -> list[dict[str, Any]]:
        rows = heat.by_firm(self.field, self.selection.weight, [line.pk for line in self.page])
        children = self.children() if self.open else []
        return [
            {
                "line": line,
                "row": rows.get(line.pk),
                "cells": _firm_cells(rows.get(line.pk), self.core.present_cut),
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
        marks, at_of = letters(ids), {pk: at for at, pk in enumerate(self.field.ids.tolist())}
        return [self._child(pk, name, marks[pk], at_of.get(pk)) for pk, name in ids.items()]

    def _child(self, pk: int, name: str, letter: str, at: int | None) -> dict[str, Any]:
        url = reverse("segment", args=[self.actor.workspace_slug, pk])
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
        field, few = self.field, bool(self.field.raters[at] < self.core.minimum_raters)
        level = zip(field.levels[at].tolist(), field.present[at].tolist(), strict=True)
        return row | {
            "raters": int(field.raters[at]),
            "few": few,
            "provisional": few or bool(field.coverage[at] < ENOUGH_COVERAGE),
            "cells": [_heat_cell(value, int(has), few, self.core.present_cut) for value, has in level],
            "words": _column_words(int(field.column[at])),
            "interact": _or_none(float(field.interact[at])),
            "customize": _or_none(float(field.customize[at])),
            "agreement": _or_none(float(field.overall[at])),
            "agree": agree_word(float(field.overall[at])),
        }


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


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
