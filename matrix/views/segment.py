"""One segment: its placement with its reasons, kept fresh while the page is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.permissions import readable_participants
from connected.models import Segment
from connected.permissions import Actor, Asked, see_segment, visible_segments
from connected.queries import letters
from matrix import frames
from matrix.charts import (
    Dumbbell,
    JourneyMark,
    Point,
    agree_word,
    capability_bars,
    dumbbell,
    journey_mark,
    percent,
    quadrant_plot,
    step_of,
    vote_bars,
)
from matrix.findings import confidence as sureness
from matrix.findings import evidence as evidence_words
from matrix.findings import segment as findings
from matrix.findings import situations
from matrix.findings.facts import NEEDED, Gate, Standing
from matrix.findings.steps import Deed, segment_step
from matrix.findings.words import decimals
from matrix.models import Placement, StandingPlacement
from matrix.proofs import proof_of
from matrix.queries import models, pages, placements
from matrix.queries.comparable import broken
from matrix.scoring import RELATIONSHIPS, Model, Outcome, Receipt
from matrix.views.addresses import Desk
from matrix.views.evidence import comparison
from matrix.views.receipts import ItemLine, disputed_of, group, items_of, more_groups
from matrix.views.robust import ellipses

AGENDA = 5


def segment(request: Asked, workspace: str, segment: int) -> HttpResponse:
    row = see_segment(request.actor, segment)
    return render(request, "matrix/segment.html", _context(request.actor, row))


def live(request: Asked, workspace: str, segment: int) -> HttpResponse:
    """The main region again when it has changed since `?since=` and `?stale=`, else 204 and one query."""
    actor = request.actor
    pulse = pages.pulse(visible_segments(actor), segment)
    if pulse is None:
        raise Http404("No such segment.")
    if _seen(pulse.placement, pulse.tried) == request.GET.get("since", ""):
        return HttpResponse(status=204)
    return render(request, "matrix/parts/segment_main.html", _context(actor, see_segment(actor, segment)))


def _seen(placement: int | None, tried: int | None) -> str:
    """What the page shows, in a word: which placement, and whether a newer one is due or was tried."""
    return f"{placement or 0}" + ("" if tried is None else "x" if tried else "s")


def _context(actor: Actor, row: Segment) -> dict[str, Any]:
    """All of the page; the number of queries does not depend on what there is to see."""
    around, place = pages.neighbours(row)
    marks = letters(pk for pk, _ in around)
    placement = pages.in_force(row)
    mark = placements.mark_of(row.pk)
    sheets = pages.sheets_by_segment([row.pk]).get(row.pk, 0)
    touchpoints = pages.touchpoints_by_segment([row.pk]).get(row.pk, 0)
    standing = pages.standing_of(
        row, marks[row.pk], placement, sheets, touchpoints, bool(mark and not mark.reason)
    )
    workshop = pages.open_workshop(row.firm_id)
    desk = Desk(actor, row.firm_id, workshop.pk if workshop else None, row.pk)
    proved: dict[str, Any] = {"disputed": []}
    beside = comparison(row, placement)
    gates: dict[str, Gate] = {}
    if placement:
        gates = pages.gates_of(models.parsed(placement.model))
        proved = _proved(actor, row, standing, placement)
    step = segment_step(standing, proved["disputed"], gates, workshop is not None)
    journey = (reverse("journey", args=[actor.workspace_slug, row.pk]), "Journey")
    return {
        "actor": actor,
        "segment": row,
        "firm": row.firm,
        "standing": standing,
        "placement": placement,
        "since": _seen(placement.pk if placement else None, int(bool(mark.reason)) if mark else None),
        "mark": mark,
        "before": around[place - 1] if place else None,
        "after": around[place + 1] if place + 1 < len(around) else None,
        "needed": NEEDED,
        "consent_note": findings.consent_note(row.consent),
        "beside": beside.headline if beside else "",
        "next": desk.panel(step, journey if step.deed not in (Deed.JOURNEY, Deed.SEE_JOURNEY) else None),
        **proved,
    }


def _proved(actor: Actor, row: Segment, standing: Standing, placement: StandingPlacement) -> dict[str, Any]:
    """Everything that a placement has reasons for."""
    proved = proof_of(placement)
    core, hist, proof = proved.model, proved.hist, proved.receipt
    found = pages.outcome_of(placement)
    evidence = pages.given_evidence(row, readable_participants(actor))
    items = {line.code: line for line in items_of(proof, hist, core, evidence)}
    disputed = disputed_of(items)
    earlier = _history(pages.earlier(row))
    return {
        "outcome": found,
        "model": placement.model,
        "verdict": findings.verdict(found),
        "certainty": findings.certainty(found),
        "confidence": sureness.sure(found),
        "confidence_meaning": sureness.MEANING,
        "untried": "" if core.confidence else sureness.UNTRIED,
        "agree": agree_word(found.agreement),
        "coverage": percent(found.coverage),
        "disputed": disputed,
        "taken": evidence_words.taken(proof.derived),
        "unanswered": sum(1 for item in items.values() if not item.n and item.unknown),
        "agenda": [items[each.code] for each in disputed[:AGENDA]],
        "history": earlier if len(earlier) > 1 else [],
        "groups": [
            group(account, proof, items) for account in proof.accounts if account.kind == "relationship"
        ],
        "more_groups": more_groups(proof, items),
        **_pictures(placement, row, standing, found, core, proof),
        **_headlines(found, items),
        **_by_situation(placement, found, core),
    }


def _by_situation(placement: StandingPlacement, found: Outcome, core: Model) -> dict[str, Any]:
    """What is wanted in each situation that was answered for, against today."""
    told = frames.told_of(found, frames.situations_of([placement]).get(placement.segment_id, ()))
    return {
        "fit": situations.sentence(told, core.present_cut),
        "fit_headline": situations.headline(told, core.present_cut),
        "fit_heads": situations.heads(told),
        "fit_rows": situations.table(told, core.present_cut),
    }


def _headlines(found: Outcome, items: Mapping[str, ItemLine]) -> dict[str, Any]:
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
    placement: StandingPlacement,
    row: Segment,
    standing: Standing,
    found: Outcome,
    core: Model,
    proof: Receipt,
) -> dict[str, Any]:
    tasks = {"I": found.identify, "D": found.differentiate, "N": found.interact, "C": found.customize}
    points, errors = [], ellipses([placement]).get(row.pk)
    if found.customize is not None and found.interact is not None:
        points.append(
            Point(
                found.customize, found.interact, standing.letter, row.name, "", standing.provisional, errors
            )
        )
    return {
        "wants": [_want(code, standing, found, core) for code in RELATIONSHIPS],
        "votes": vote_bars(found.architectures, core.majority),
        "tasks": capability_bars(
            tasks, findings.capability_glosses(found, proof.cap.limit), core.quadrant_cut
        ),
        "cap": proof.cap,
        "ellipse_note": sureness.ellipse_note(1 if errors else 0),
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


def _history(rows: Sequence[Placement]) -> list[dict[str, Any]]:
    """Newest first, each with the one shown below it."""
    return [_earlier(each, before) for each, before in zip_longest(rows, rows[1:])]


def _earlier(placement: Placement, before: Placement | None) -> dict[str, Any]:
    found = pages.outcome_of(placement)
    return {
        "placement": placement,
        "before": before,
        "break": broken(before.model, placement.model) if before else None,
        "cell": findings.cell_name(found),
        "agreement": "" if found.agreement is None else decimals(found.agreement),
        "confidence": "" if found.confidence_cell is None else sureness.in_ten(found.confidence_cell),
        "outcome": found,
    }
