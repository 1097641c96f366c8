"""Every segment of every firm in one heatmap and one quadrant: filter, weight, drill."""

from collections.abc import Mapping
from math import isnan
from typing import Any, Final

import numpy as np
from django.core.paginator import Page
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from numpy.typing import NDArray

from connected.permissions import Actor, Asked, visible_firms
from matrix import frames
from matrix.charts import (
    SHOWN,
    Grid,
    Point,
    QuadrantPlot,
    grid,
    mixed_line,
    quadrant_plot,
    state_of,
)
from matrix.findings import gap
from matrix.findings import portfolio as findings
from matrix.queries import heat, models, pages
from matrix.queries.firmlist import FirmList, firm_list
from matrix.queries.heat import Field
from matrix.scoring import (
    ARCHITECTURES,
    BASELINE,
    NONE_PRESENT,
    QUADRANTS,
    RELATIONSHIPS,
    Heat,
    Model,
    Weight,
)
from matrix.views.cell import NOWHERE
from matrix.views.drawn import drawn
from matrix.views.firmtable import FirmTable
from matrix.views.seen import Seen, look
from matrix.views.sentence import (
    LACKS,
    MOST_OPTIONS,
    Selection,
    chosen_weight,
    firm_choices,
    lower,
    weight_choices,
)
from matrix.views.why import OpenedCell, added_ids, opened_cell, opened_from_sums, picked_cell

CAPTION: Final = "Portfolio matrix"
FIRMS_A_PAGE: Final = 50
# Where the figures above come from sums, reading and drawing the firms would be most of the page.
FIRMS_OF_MANY: Final = 10
OUTSIDE: Final = 8
NAMED_POINTS: Final = 200
# So many dots hide each other; from here on the quadrant shows how densely it is filled.
DENSE_FROM: Final = 400


def portfolio(request: Asked, workspace: str) -> HttpResponse:
    actor, asked = request.actor, request.GET
    firms = firm_list(visible_firms(actor), asked.get("firms", ""), asked.get("named", ""))
    picture = _Picture(actor, asked, firms, look(actor, firms))
    context = picture.context()
    if context["scored"]:
        matrix, lacks = context["grid"], context["lacks"]
        context |= {
            "matrix": drawn("matrix/parts/matrix.html", request, grid=matrix, lacks=lacks, caption=CAPTION),
            "matrix_table": drawn("matrix/parts/matrix_table.html", request, grid=matrix, lacks=lacks),
            "quadrant": drawn("matrix/parts/quadrant.html", request, plot=context["plot"]),
        }
    return render(request, "matrix/portfolio.html", context)


class _Picture:
    """One reading of the placements, and all the page says about it."""

    def __init__(self, actor: Actor, asked: QueryDict, firms: FirmList, seen: Seen) -> None:
        self.actor, self.firms, self.seen = actor, firms, seen
        self.cube, self.field = seen.cube, seen.field
        weight, warning = chosen_weight(asked.get("weight", ""), self.cube)
        self.selection = Selection(firms.chosen, firms.named, weight, warning)
        self.by = "" if weight is Weight.NOTHING else weight.value
        self.core: Model = models.parsed(models.in_force())
        self.heat: Heat = self.cube.heat(weight)
        self.heaviest = self.field.heaviest(weight) if self.field else self.cube.heaviest(weight)
        self.fits = self.cube.fits()
        self.outside = self._in_no_cell()
        self.picked = picked_cell(asked.get("cell", ""))
        self.open = _whole(asked.get("open", ""))
        size = FIRMS_A_PAGE if self.field else FIRMS_OF_MANY
        self.page: Page[pages.FirmHead] = firms.heads(asked.get("page"), size)
        self.own = self._of_page()

    def _in_no_cell(self) -> NDArray[np.int64]:
        """Places in the field of those below all rows or of mixed supply: no cell counts them."""
        if self.field is None:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero((self.field.row == NONE_PRESENT) | (self.field.column == NONE_PRESENT))

    def _of_page(self) -> Field:
        """The placements of the firms on this page of the table."""
        if self.field is not None:
            return self.field
        return frames.read_field(frozenset(line.pk for line in self.page))

    def context(self) -> dict[str, Any]:
        weight = self.selection.weight
        names = pages.names_of(self.needed())
        matrix = self.matrix()
        cells = self.cells(self.heat, self.heaviest)
        counts, borderline = self.cube.quadrants(), self.cube.borderline
        together = self.cube.heat_of_mixed(weight)
        look_at = findings.look_first(cells, self.by)
        nowhere = self.cube.outside
        return {
            "choices": firm_choices(self.firms, self.firms.industries(self.actor.workspace_id)),
            "weights": weight_choices(weight),
            "selection": self.selection,
            "find": self.firms.all_count > MOST_OPTIONS,
            "filtered": self.firms.narrowed or self.picked is not None,
            "title": findings.title(self.tally()),
            "standfirst": findings.standfirst(self.tally(), self.named(names)),
            "next": self.next(look_at, names),
            "grid": matrix,
            "matrix_headline": findings.matrix_headline(self.alike(), self.cube.placed, cells),
            "fit": gap.fit_note(self.fits),
            "likely": gap.likely_note(self.fits),
            "why_fit": self.fit_of_picked(matrix),
            "below": findings.below_note(self.cube.baseline, self.heat.mixed),
            "heavy": findings.heavy_note(cells) if self.by else "",
            "unweighted": self.heat.unweighted,
            "lacks": LACKS.get(weight, ""),
            "mixed": mixed_line(together, (), self.core.present_cut) if together else (),
            "mixed_count": self.heat.mixed,
            "outside": [self._outside(int(at), names) for at in self.outside[:OUTSIDE]],
            "outside_more": nowhere - min(nowhere, OUTSIDE) if self.field else 0,
            "nowhere": 0 if self.field else nowhere,
            "why": self.opened(names, matrix),
            "cell_url": self._list_of("-".join(self.picked)) if self.picked else "",
            "nowhere_url": self._list_of(NOWHERE),
            "plot": self.plot(names),
            "quadrant_headline": findings.quadrant_headline(counts),
            "quadrant_note": findings.quadrant_note(
                counts, borderline, len(self.cube) - sum(counts.values())
            ),
            "quadrants": [(QUADRANTS[code], counts[code]) for code in QUADRANTS],
            "table": FirmTable(
                self.actor.workspace_slug, self.core, self.selection.weight, self.own, self.page, self.open
            ).rows(),
            "page": self.page,
            "placed": self.cube.placed,
            "scored": len(self.cube),
            "firms": self.firms.all_count,
        }

    def opened(self, names: Mapping[int, tuple[str, str]], matrix: Grid) -> OpenedCell | None:
        """The picked cell with what its segments add; the largest of them where they are very many."""
        slug, weight = self.actor.workspace_slug, self.selection.weight
        if self.picked is None:
            return None
        lacks = LACKS.get(weight, "")
        if self.field is not None:
            letters_of = {pk: ("", f"{firm}, {name}") for pk, (name, firm) in names.items()}
            places = self.field.places(weight)
            return opened_cell(self.field, places, self.picked, letters_of, slug, matrix, lacks)
        return opened_from_sums(self.cube, weight, self.picked, slug, matrix, lacks)

    def fit_of_picked(self, matrix: Grid) -> str:
        """Whom the picked cell fits, and how many likely belong there, where its figure is shown."""
        found = [cell for cell in matrix.cells if cell.picked and cell.percent is not None]
        return " ".join(
            f"{gap.cell_fit(cell.under, cell.intrusive, cell.asked)} "
            f"{gap.likely(cell.segments, cell.sure, cell.likely)}"
            for cell in found
        )

    def _list_of(self, code: str) -> str:
        """Where all segments of a cell are listed: those of every firm, so not where some are chosen."""
        return "" if self.firms.narrowed else reverse("cell", args=[self.actor.workspace_slug, code])

    def tally(self) -> findings.Tally:
        return findings.Tally(
            firms=self.firms.count,
            segments=self.seen.segments,
            placed=self.cube.placed,
            present=self.cube.present(),
            baseline=self.cube.baseline,
            mixed=self.heat.mixed,
            weight=self.by,
        )

    def rare(self) -> dict[str, list[int]]:
        """Segments having a relationship that very few have."""
        if self.field is None:
            return {}
        found = {
            code: self.field.ids[self.field.present[:, at]].tolist() for at, code in enumerate(RELATIONSHIPS)
        }
        return {code: ids for code, ids in found.items() if 0 < len(ids) <= findings.NAMED}

    def needed(self) -> set[int]:
        """Ids of the segments this page names."""
        if self.field is None:
            return set()
        ids = {pk for ids in self.rare().values() for pk in ids}
        ids |= {int(self.field.ids[at]) for at in self.outside[:OUTSIDE]}
        ids |= set(added_ids(self.field, self.field.places(self.selection.weight), self.picked))
        if len(self.field) <= NAMED_POINTS:
            ids |= set(self.field.ids.tolist())
        return ids

    def _outside(self, at: int, names: Mapping[int, tuple[str, str]]) -> dict[str, str]:
        assert self.field is not None
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
        if not self.firms.all_count:
            act = reverse("firm-new", args=[slug]), "New firm"
            more = reverse("imports", args=[slug]), "Import"
            return {
                "lead": "Begin with a firm.",
                "text": "Type one in, or import a list.",
                "act": act,
                "more": more,
            }
        if pages.answered(self.firms.shown):
            return {
                "lead": "The answers are in and wait for a re-score.",
                "text": "A run places every segment at once. Start one, or see how far it has come.",
                "act": (reverse("runs", args=[slug]), "See the runs"),
                "more": firms,
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
            levels=heat.levels_by_cell(self.field) if self.field else None,
            spread=None if self.field else self.cube.ticks,
            picked=self.picked,
            lacking=self.cube.lacking(self.selection.weight),
            heaviest=self.heaviest if self.by else None,
            counts=self.fits,
        )

    def alike(self) -> list[findings.CellFact]:
        """The cells with each segment counting alike, whatever is shown: what a headline may count."""
        found = self.cube.heat(Weight.NOTHING)
        alone = self.field.heaviest(Weight.NOTHING) if self.field else np.zeros(found.level.shape)
        return self.cells(found, alone)

    def cells(self, found: Heat, heaviest: NDArray[np.float64]) -> list[findings.CellFact]:
        """The cells whose figures are shown, as the rules read them."""
        facts = []
        for row, relationship in enumerate(RELATIONSHIPS):
            for at, architecture in enumerate(ARCHITECTURES):
                if state_of(found, row, at, self.core.present_cut) not in SHOWN:
                    continue
                agreement = float(found.agreement[row, at])
                facts.append(
                    findings.CellFact(
                        relationship,
                        architecture,
                        float(found.level[row, at]),
                        None if isnan(agreement) else agreement,
                        int(found.present[row, at]),
                        int(found.counted[row, at]),
                        int(found.raters[row, at]),
                        float(heaviest[row, at]),
                    )
                )
        return facts

    def plot(self, names: Mapping[int, tuple[str, str]]) -> QuadrantPlot:
        cut, band = self.core.quadrant_cut, self.core.quadrant_band
        if self.field is None or len(self.field) > DENSE_FROM:
            return quadrant_plot([], cut, band, density=self.cube.density)
        named = len(self.field) <= NAMED_POINTS
        points = []
        for pk, x, y in zip(
            self.field.ids.tolist(), self.field.customize.tolist(), self.field.interact.tolist(), strict=True
        ):
            if not isnan(x) and not isnan(y):
                name = f"{names[pk][1]}, {names[pk][0]}" if named else ""
                url = reverse("segment", args=[self.actor.workspace_slug, pk]) if named else ""
                points.append(Point(x, y, "", name, url))
        return quadrant_plot(points, cut, band)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
