"""One segment: its placement with its reasons, kept fresh while the page is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.permissions import readable_participants
from connected.models import Segment
from connected.permissions import Actor, see_segment, visible_segments
from connected.queries import letters
from matrix import frames
from matrix.charts import (
    Dumbbell,
    Histogram,
    JourneyMark,
    Point,
    agree_word,
    capability_bars,
    dumbbell,
    histogram,
    journey_mark,
    percent,
    quadrant_plot,
    step_of,
    vote_bars,
)
from matrix.findings import segment as findings
from matrix.findings.facts import NEEDED, Gate, Standing
from matrix.findings.steps import Disputed, segment_step
from matrix.findings.words import decimals
from matrix.models import StandingPlacement
from matrix.queries import models, pages, placements
from matrix.scoring import (
    RELATIONSHIPS,
    Account,
    Line,
    Model,
    Outcome,
    Receipt,
    median,
    receipt,
    spread,
)
from matrix.views.addresses import Desk

AGENDA = 5


def segment(request: HttpRequest, workspace: str, segment: int) -> HttpResponse:
    row = see_segment(request.actor, segment)
    return render(request, "matrix/segment.html", _context(request.actor, row))


def live(request: HttpRequest, workspace: str, segment: int) -> HttpResponse:
    """The main region again when it has changed since `?since=` and `?stale=`, else 204 and one query."""
    actor = request.actor
    pulse = pages.pulse(visible_segments(actor), segment)
    if pulse is None:
        raise Http404("No such segment.")
    if _mark(pulse.placement, pulse.stale) == request.GET.get("since", ""):
        return HttpResponse(status=204)
    return render(request, "matrix/parts/segment_main.html", _context(actor, see_segment(actor, segment)))


def _mark(placement: int | None, stale: bool) -> str:
    """What the page shows, in one word: which placement, and whether a newer one is being made."""
    return f"{placement or 0}{'s' if stale else ''}"


def _context(actor: Actor, row: Segment) -> dict[str, Any]:
    """All of the page; the number of queries does not depend on what there is to see."""
    around, place = pages.neighbours(row)
    marks = letters(pk for pk, _ in around)
    placement = pages.in_force(row)
    stale = bool(placements.waiting([row.pk]))
    sheets = pages.sheets_by_segment([row.pk]).get(row.pk, 0)
    touchpoints = pages.touchpoints_by_segment([row.pk]).get(row.pk, 0)
    standing = pages.standing_of(row, marks[row.pk], placement, sheets, touchpoints, stale)
    workshop = pages.open_workshop(row.firm_id)
    desk = Desk(actor, row.firm_id, workshop.pk if workshop else None, row.pk)
    proved = _proved(actor, row, standing, placement) if placement else {"disputed": []}
    step = segment_step(standing, proved["disputed"], workshop is not None)
    journey = (reverse("journey", args=[actor.workspace_slug, row.pk]), "Journey")
    return {
        "actor": actor,
        "segment": row,
        "firm": row.firm,
        "standing": standing,
        "placement": placement,
        "since": _mark(placement.pk if placement else None, stale),
        "before": around[place - 1] if place else None,
        "after": around[place + 1] if place + 1 < len(around) else None,
        "needed": NEEDED,
        "consent_note": findings.consent_note(row.consent),
        "next": desk.panel(step, journey if step.deed.value != "Describe the journey" else None),
        **proved,
    }


def _proved(actor: Actor, row: Segment, standing: Standing, placement: StandingPlacement) -> dict[str, Any]:
    """Everything that a placement has reasons for."""
    core, questionnaire = models.parsed(placement.model), models.questionnaire(placement.model)
    short = np.array([placement.form == "short"])
    asked = frames.asked_items(
        short, core.width, [questionnaire.positions[c] for c in questionnaire.short_form]
    )
    hist = frames.histogram(placement)
    proof = receipt(hist, core, placement.raters, asked[0], questionnaire)
    found = pages.outcome_of(placement)
    evidence = pages.given_evidence(row, readable_participants(actor))
    items = {line.code: line for line in _items(proof, hist, core, evidence)}
    disputed = _disputed(items)
    earlier = [_earlier(each) for each in pages.earlier(row)]
    return {
        "outcome": found,
        "model": placement.model,
        "verdict": findings.verdict(found),
        "certainty": findings.certainty(found),
        "agree": agree_word(found.agreement),
        "coverage": percent(found.coverage),
        "disputed": disputed,
        "agenda": [items[each.code] for each in disputed[:AGENDA]],
        "history": earlier if len(earlier) > 1 else [],
        "groups": [
            _group(account, proof, items) for account in proof.accounts if account.kind == "relationship"
        ],
        "more_groups": _more_groups(proof, items),
        **_pictures(actor, row, standing, found, core, proof),
        **_headlines(found, items),
    }


def _headlines(found: Outcome, items: Mapping[str, "ItemLine"]) -> dict[str, Any]:
    words = {code: item.word for code, item in items.items() if item.word}
    return {
        "quadrant_words": findings.quadrant_words(found),
        "wants_headline": findings.wants_headline(found),
        "intrusion_note": findings.intrusion_note(found),
        "architecture_headline": findings.architecture_headline(found),
        "architecture_note": findings.architecture_note(found),
        "capability_headline": findings.capability_headline(found),
        "quadrant_headline": findings.quadrant_headline(found),
        "agenda_headline": findings.agenda_headline(words),
    }


def _pictures(
    actor: Actor, row: Segment, standing: Standing, found: Outcome, core: Model, proof: Receipt
) -> dict[str, Any]:
    tasks = {"I": found.identify, "D": found.differentiate, "N": found.interact, "C": found.customize}
    points = []
    if found.customize is not None and found.interact is not None:
        points.append(
            Point(found.customize, found.interact, standing.letter, row.name, "", standing.provisional)
        )
    return {
        "wants": [_want(code, standing, found, core) for code in RELATIONSHIPS],
        "votes": vote_bars(found.architectures, core.majority),
        "tasks": capability_bars(
            tasks, findings.capability_glosses(found, proof.cap.limit), core.quadrant_cut
        ),
        "cap": proof.cap,
        "plot": quadrant_plot(points, core.quadrant_cut, core.quadrant_band, side=320),
        "present_cut": percent(core.present_cut),
    }


@dataclass(frozen=True)
class Want:
    """One relationship, today and wanted. `step` is None where it must not look like a level."""

    name: str
    mark: JourneyMark
    remark: str
    percent: int | None
    step: int | None
    intrusive: bool
    picture: Dumbbell


def _want(code: str, standing: Standing, found: Outcome, core: Model) -> Want:
    level = found.relationships[code]
    gate = next((Gate(g.item, g.minimum) for g in core.gates if g and g.relationship == code), None)
    met = code in standing.gates
    return Want(
        RELATIONSHIPS[code].name,
        journey_mark(code),
        findings.want_remark(found, code, gate, met, core.present_cut),
        None if level is None else percent(level),
        step_of(level) if level is not None and met else None,
        code in found.intrusive,
        dumbbell(level, found.wanted[code], core.present_cut),
    )


# --- Receipt ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemLine:
    """One item: who answered what, and how far they agree. `unknown`: sheets that did not know."""

    code: str
    title: str
    picture: Histogram
    median: float | None
    n: int
    unknown: int | None
    value: float | None
    word: str
    agree: str
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReceiptLine:
    """An item's part in one score, in points of that score; None when it has no say, and why."""

    item: ItemLine
    weight: float
    points: Decimal | None
    why_not: str | None


@dataclass(frozen=True)
class Group:
    """One score with its lines: the points shown add up to the total shown."""

    kind: str
    code: str
    name: str
    lines: tuple[ReceiptLine, ...]
    total: Decimal | None
    coverage: int
    note: str


def _items(
    proof: Receipt, hist: Any, core: Model, evidence: Mapping[str, Sequence[tuple[str, str]]]
) -> list[ItemLine]:
    """Every item that has a say in some score, once, in the order of the questionnaire."""
    lines = {line.item: line for account in proof.accounts for line in account.lines}
    return [
        _item(lines[code], proof, hist[core.positions[code]], core, evidence)
        for code in core.items
        if code in lines
    ]


def _item(
    line: Line, proof: Receipt, row: Any, core: Model, evidence: Mapping[str, Sequence[tuple[str, str]]]
) -> ItemLine:
    choice = core.positions[line.item] in core.choices
    agreement = spread(row)
    middle = float(median(row[None, :])[0])
    compared = line.n and not choice and line.why_not is None
    return ItemLine(
        code=line.item,
        title=line.title,
        picture=histogram(line.counts, 1 if choice else 0),
        median=None if choice or middle != middle else middle,
        n=line.n,
        unknown=None if line.why_not == "not asked" else max(0, proof.raters - line.n),
        value=agreement.value if compared else None,
        word=agreement.spread.value if compared else "",
        agree=agree_word(agreement.value) if compared else "",
        evidence=tuple(evidence.get(line.item, ())),
    )


def _group(account: Account, proof: Receipt, items: Mapping[str, ItemLine]) -> Group:
    points, total = (
        account.shown(1, 100 if account.top == 1 else 1) if account.top == 1 else account.shown(2, 1)
    )
    lines = tuple(
        ReceiptLine(items[line.item], line.weight, point, line.why_not)
        for line, point in zip(account.lines, points, strict=True)
    )
    return Group(
        account.kind,
        account.code,
        account.name,
        lines,
        total,
        round(account.coverage * 100),
        _note(account, proof),
    )


def _note(account: Account, proof: Receipt) -> str:
    """The gate of a relationship, or the cap of interact, as it was found."""
    if (
        account.kind == "capability"
        and account.code == "N"
        and proof.cap.applied
        and proof.cap.limit is not None
    ):
        return f"held to {proof.cap.limit:.2f}: identify plus its margin"
    gate = next((g for g in proof.gates if g.relationship == account.code), None)
    if account.kind != "relationship" or gate is None:
        return ""
    stands = "unanswered" if gate.mean is None else f"{gate.mean:.1f}"
    return f"gate {gate.item} {stands}, {'met' if gate.met else 'not met'}: needs {gate.minimum:g}"


def _more_groups(proof: Receipt, items: Mapping[str, ItemLine]) -> list[tuple[str, str, list[Group]]]:
    """The receipts behind the other figures: (title, unit, groups)."""
    kinds = (
        ("wanted", "What the segment wants", "points of 100"),
        ("architecture", "Architecture", "per cent"),
    )
    found = [
        (title, unit, [_group(a, proof, items) for a in proof.accounts if a.kind == kind])
        for kind, title, unit in kinds
    ]
    tasks = [_group(a, proof, items) for a in proof.accounts if a.kind == "capability"]
    return [*found, ("Capabilities", "points of 4", tasks)]


def _disputed(items: Mapping[str, ItemLine]) -> list[Disputed]:
    """Items with a measured agreement, lowest first: the agenda of a discussion."""
    known = [item for item in items.values() if item.value is not None and item.value < 1]
    return [
        Disputed(item.code, item.title, item.word, item.value or 0.0)
        for item in sorted(known, key=lambda each: each.value or 0.0)
    ]


def _earlier(placement: Any) -> dict[str, Any]:
    found = pages.outcome_of(placement)
    return {
        "placement": placement,
        "cell": findings.cell_name(found),
        "agreement": "" if found.agreement is None else decimals(found.agreement),
        "outcome": found,
    }
