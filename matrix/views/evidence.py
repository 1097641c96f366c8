"""One segment: what was asked beside what the journey says, and what each value rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from connected.models import Segment, Touchpoint
from connected.permissions import Actor, Asked, see_segment
from matrix import frames
from matrix.charts import Beside, beside, percent
from matrix.findings import evidence as findings
from matrix.models import PlacementBase
from matrix.queries import evidence, models, pages
from matrix.scoring import (
    STATED,
    Ballot,
    Best,
    Compared,
    Derive,
    Evidence,
    Model,
    Rule,
    Touchpoints,
    compare,
    counts_for,
)
from matrix.scoring import evidence as read


@dataclass(frozen=True)
class Comparison:
    """Asked beside derived for one segment, by the rules of `model`."""

    model: Model
    derive: Derive
    rows: list[Touchpoint]
    touchpoints: Touchpoints
    found: Evidence
    compared: tuple[Compared, ...]

    @property
    def headline(self) -> str:
        return findings.headline(self.compared, int(self.found.number[0]), bool(self.found.enough[0]))

    @property
    def missing(self) -> str:
        return findings.missing(self.found.by_step[0].tolist(), self.derive)


def comparison(segment: Segment, placement: PlacementBase | None) -> Comparison | None:
    """What the placement was asked beside what the journey says; None where no model has rules."""
    row = evidence.deriving(placement.model if placement else models.in_force())
    derive = models.parsed(row).derive if row else None
    if row is None or derive is None:
        return None
    rows = evidence.journeys([segment.pk])[segment.pk]
    touchpoints = evidence.touchpoints_of([rows])
    found = read(touchpoints, derive)
    hist = frames.histogram(placement) if placement else None
    levels = pages.outcome_of(placement).relationships if placement else {}
    core = models.parsed(row)
    return Comparison(core, derive, rows, touchpoints, found, compare(found, 0, core, hist, levels))


@require_GET
def segment_evidence(request: Asked, workspace: str, segment: int) -> HttpResponse:
    actor = request.actor
    row = see_segment(actor, segment)
    placement = pages.in_force(row)
    side = comparison(row, placement)
    context = {"segment": row, "firm": row.firm, "placement": placement, "side": side}
    if side:
        context |= _context(actor, row, placement, side)
    return render(request, "matrix/evidence.html", context)


def _context(actor: Actor, row: Segment, placement: PlacementBase | None, side: Comparison) -> dict[str, Any]:
    titles = titles_of(placement)
    numbers = list(range(1, len(side.rows) + 1))
    lines = [_line(each, side, titles, numbers) for each in side.compared]
    return {
        "lines": sorted(lines, key=lambda line: not line.compared.asks),
        "gap": f"{side.derive.gap:g}",
        "next": _next(actor, row, side),
        "coverage": percent(side.derive.minimum_coverage),
    }


def titles_of(placement: PlacementBase | None) -> dict[str, str]:
    """The questions' titles by item code."""
    row = placement.model if placement else models.in_force()
    return {item.code: item.title for item in models.questionnaire(row).items}


@dataclass(frozen=True)
class Basis:
    """One touchpoint under a value: its number in the journey, and what it counts as.

    `says`: the value it earns or whom it names, else empty; `double`: it counts twice here.
    """

    number: int
    touchpoint: Touchpoint
    says: str
    double: bool


@dataclass(frozen=True)
class Line:
    """One rule of the page."""

    compared: Compared
    title: str
    rule: str
    word: str
    picture: Beside | None
    shares: tuple[tuple[str, str, str], ...]
    met: tuple[Basis, ...]
    unmet: tuple[Basis, ...]
    silent: tuple[Basis, ...]


def _line(each: Compared, side: Comparison, titles: dict[str, str], numbers: Sequence[int]) -> Line:
    rule = each.rule
    among, counted, earned = counts_for(side.touchpoints, rule)
    basis = [
        (_basis(rule, side, at, number, float(earned[at])), bool(counted[at]), bool(earned[at] > 0))
        for at, number in enumerate(numbers)
        if among[at]
    ]
    votes = isinstance(rule.how, Ballot)
    return Line(
        each,
        findings.title_of(rule, titles),
        findings.rule_words(rule),
        findings.difference(each, side.derive.gap),
        None if votes else beside(each.asked, each.derived),
        _shares(each) if votes else (),
        tuple(one for one, known, met in basis if known and met),
        tuple(one for one, known, met in basis if known and not met),
        tuple(one for one, known, _ in basis if not known),
    )


def _basis(rule: Rule, side: Comparison, at: int, number: int, earned: float) -> Basis:
    row = side.rows[at]
    double = row.signature and not isinstance(rule.how, Best)
    return Basis(number, row, _says(rule, side, at, earned), double)


def _says(rule: Rule, side: Comparison, at: int, earned: float) -> str:
    """What a touchpoint adds beyond meeting its conditions: a value of its own, or whom it names."""
    if np.isnan(earned):
        return ""
    if isinstance(rule.how, Ballot):
        word = int(side.touchpoints.codes[rule.how.of][at])
        return STATED[rule.how.of][word]
    return f"earns {earned:g}" if isinstance(rule.how, Best) and earned else ""


def _shares(each: Compared) -> tuple[tuple[str, str, str], ...]:
    """(group, asked, derived) in per cent; a dash where nothing is known."""
    how = each.rule.how
    if not isinstance(how, Ballot):
        return ()
    blank = ("–",) * len(how.to)
    said = tuple(f"{percent(share)}" for share in each.asked_shares) or blank
    told = tuple(f"{percent(share)}" for share in each.derived_shares) or blank
    names = (findings.group_name(how, at) for at in range(len(how.to)))
    return tuple(zip(names, said, told, strict=True))


def _next(actor: Actor, row: Segment, side: Comparison) -> dict[str, Any]:
    """The one thing to do now: describe the journey, or ask about the largest gap."""
    journey = (reverse("journey", args=[actor.workspace_slug, row.pk]), "Open the journey")
    if side.missing:
        return {"lead": side.missing, "text": "Nothing is concluded from silence.", "act": journey}
    apart = [each for each in side.compared if each.asks and each.difference is not None]
    if apart:
        worst = max(apart, key=lambda each: abs(each.difference or 0))
        text = "Either the answer or the journey is mistaken. What can be shown decides it."
        act = (f"#basis-{worst.code.lower()}", f"See what {worst.code} rests on")
        return {"lead": f"Ask for evidence on {worst.code}.", "text": text, "act": act, "more": journey}
    back = (reverse("segment", args=[actor.workspace_slug, row.pk]), "Back to the segment")
    return {"lead": "Nothing here needs evidence.", "text": "", "act": back, "more": journey}
