"""A workshop's agreement: would others have answered alike, and which groups see it differently."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.models import Workshop
from assessments.permissions import is_revealed, see_workshop, segment_in
from assessments.queries import instrument_of
from connected.models import Segment
from connected.permissions import Asked
from connected.queries import letters
from matrix.charts import Apart, alpha_range, apart, percent
from matrix.findings import agreement as findings
from matrix.queries import agreement, models
from matrix.queries.agreement import APART, GROUP_MINIMUM, RULES, TOLERANCE, Comparison, Room, View
from matrix.queries.pages import segment_names
from matrix.scoring import RELATIONSHIPS, Model, Reliability, reliability

WIDEST: Final = 8
SEGMENTS: Final = 12


@dataclass(frozen=True)
class Told:
    """One item, or one relationship, as the groups see it; `views`: name, figure, what stands below."""

    code: str
    title: str
    segment: int
    letter: str
    views: tuple[tuple[str, str, str], ...]
    gap: str
    picture: Apart


@dataclass(frozen=True)
class Line:
    """A segment in the list: the relationship that groups see most differently."""

    segment: int
    letter: str
    name: str
    says: str
    gap: str


@require_GET
def workshop_agreement(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    """``?segment=`` opens one segment: all relationships and items that may be shown."""
    workshop = see_workshop(request.actor, workshop_id)
    context: dict[str, Any] = {
        "workshop": workshop,
        "firm": workshop.firm,
        "hidden": "" if is_revealed(workshop) else findings.CLOSED,
    }
    row = models.of_questionnaire(workshop.instrument_id)
    if row is not None and not context["hidden"]:
        core = models.parsed(row)
        found = agreement.room(workshop, core)
        context |= _alpha(found, core) | _groups(request, workshop, found, core)
    return render(request, "matrix/agreement.html", context)


def _alpha(found: Room, core: Model) -> dict[str, Any]:
    value = reliability(agreement.units(found, core), found.people, RULES)
    said = {"alpha_says": findings.alpha_says(value, RULES), "people": found.people}
    if not isinstance(value, Reliability):
        return said
    low, high = findings.figure(value.low), findings.figure(value.high)
    label = f"alpha {findings.figure(value.alpha)}, from {low} to {high}"
    cuts = [least for _, least in RULES.bands]
    return {
        **said,
        "alpha": findings.figure(value.alpha),
        "alpha_sure": findings.alpha_sure(value, RULES),
        "range": alpha_range(value.alpha, value.low, value.high, cuts, label),
    }


def _groups(request: Asked, workshop: Workshop, found: Room, core: Model) -> dict[str, Any]:
    compared = agreement.comparison(workshop, found, core)
    if compared is None:
        return {"groups_silent": agreement.silence(workshop, found)}
    names = [findings.part_name(part) for part in found.parts]
    sizes = [len(part.members) for part in found.parts]
    context: dict[str, Any] = {
        "parts": list(zip(range(1, len(names) + 1), names, sizes, strict=True)),
        "minimum": GROUP_MINIMUM,
    }
    page = _Page(workshop, core, compared, tuple(names))
    if request.GET.get("segment", "").isdecimal():
        return context | page.one(segment_in(workshop, int(request.GET["segment"])))
    return context | page.all(request.GET.get("page"))


class _Page:
    """What a comparison looks like: over all segments, or of one."""

    def __init__(self, workshop: Workshop, core: Model, compared: Comparison, names: tuple[str, ...]) -> None:
        self.core, self.compared, self.names = core, compared, names
        self.titles = {item.code: item.title for item in instrument_of(workshop).items}
        self.called = segment_names(workshop.firm_id)
        self.letters = letters(self.called)

    def all(self, page: str | None) -> dict[str, Any]:
        """The widest gaps of all segments, and a line a segment."""
        gap = self.compared.sights.gap
        apart = int((gap >= APART - TOLERANCE).sum())
        widest = self.compared.widest(WIDEST)
        lines = Paginator(self.compared.ids, SEGMENTS).get_page(page)
        return {
            "groups_headline": findings.groups_headline(apart, int((~np.isnan(gap)).sum())),
            "widest": [self._item(at, position) for at, position in widest],
            "widest_says": self._says(*widest[0]) if widest else "",
            "lines": [self._line(self.compared.ids.index(pk)) for pk in lines.object_list],
            "page": lines,
        }

    def one(self, segment: Segment) -> dict[str, Any]:
        """All that may be shown of one segment."""
        if segment.pk not in self.compared.ids:
            raise Http404("Nobody has answered about this segment here.")
        at = self.compared.ids.index(segment.pk)
        shown = self.compared.sights.shown[at]
        order = sorted(np.flatnonzero(shown).tolist(), key=lambda i: (-self.compared.sights.gap[at, i], i))
        return {
            "segment": segment,
            "letter": self.letters[segment.pk],
            "called": self.called[segment.pk],
            "groups_headline": self._line(at).says,
            "relationships": [self._relationship(at, row) for row in range(len(RELATIONSHIPS))],
            "items": [self._item(at, position) for position in order],
            "left_out": findings.hidden_says(len(self.core.scales) - len(order), GROUP_MINIMUM),
        }

    def _item(self, at: int, position: int) -> Told:
        views = self.compared.views(at, position)
        means = [view.mean for view in views]
        code = self.core.items[position]
        shown = ["nobody knows" if mean is None else f"{mean:.1f}" for mean in means]
        return Told(
            code,
            self.titles[code],
            self.compared.ids[at],
            self.letters[self.compared.ids[at]],
            tuple(zip(self.names, shown, (_below(view) for view in views), strict=True)),
            f"{self.compared.sights.gap[at, position]:.1f}",
            apart(means, self.names, 4, shown),
        )

    def _says(self, at: int, position: int) -> str:
        means = [view.mean for view in self.compared.views(at, position)]
        return findings.gap_says(self.titles[self.core.items[position]], self.names, means)

    def _relationship(self, at: int, row: int) -> Told:
        values = self.compared.level(at, row)
        code = list(RELATIONSHIPS)[row]
        shown = ["–" if value is None else str(percent(value)) for value in values]
        gap = self.compared.level_gap(at, row)
        return Told(
            code,
            RELATIONSHIPS[code].name,
            self.compared.ids[at],
            self.letters[self.compared.ids[at]],
            tuple(zip(self.names, shown, ["" for _ in shown], strict=True)),
            "–" if gap is None else str(percent(gap)),
            apart(values, self.names, 1, shown),
        )

    def _line(self, at: int) -> Line:
        """The relationship that groups see most differently."""
        wide = [(gap, -row) for row in range(len(RELATIONSHIPS)) if (gap := self.compared.level_gap(at, row))]
        row = -max(wide)[1] if wide else 0
        pk, gap = self.compared.ids[at], self.compared.level_gap(at, row)
        name = list(RELATIONSHIPS.values())[row].name
        says = findings.level_says(name, self.names, self.compared.level(at, row))
        return Line(pk, self.letters[pk], self.called[pk], says, "–" if gap is None else str(percent(gap)))


def _below(view: View) -> str:
    """What stands below a mean: median, n, and who does not know."""
    if view.mean is None:
        return ""
    unknown = f", {view.unknown:,} do not know" if view.unknown else ""
    return f"median {view.median:g}, n {view.n}{unknown}"
