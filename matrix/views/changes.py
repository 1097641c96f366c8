"""Why did it change? The difference between two placements of a segment, score by score."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render

from assessments.instrument import Instrument
from connected.permissions import Actor, Asked, see_segment
from matrix.findings import change as findings
from matrix.models import Placement
from matrix.permissions import see_placement
from matrix.proofs import change_of, earlier_than
from matrix.queries import models, pages
from matrix.queries.comparable import broken
from matrix.scoring import Change, Moved, Step

_KINDS: Final = (
    ("Relationships", "points of 100", ("relationship",)),
    ("What the segment wants", "points of 100", ("wanted",)),
    ("Architecture", "per cent", ("architecture",)),
    ("Capabilities", "points of 4", ("capability", "held")),
    ("Coverage and agreement", "per cent", ("coverage", "agreement")),
)


@dataclass(frozen=True)
class Part:
    """What one step adds to a score."""

    step: str
    detail: str
    adds: str


@dataclass(frozen=True)
class Group:
    """A score that changed. The parts shown add up to the difference shown; none where an end is unknown."""

    name: str
    before: str
    after: str
    difference: str
    parts: tuple[Part, ...]
    note: str = ""


def changes(request: Asked, workspace: str, segment: int) -> HttpResponse:
    actor = request.actor
    row = see_segment(actor, segment)
    after = _named(actor, request.GET.get("after", ""), row.pk) or _newest(actor, pages.in_force(row))
    before = _named(actor, request.GET.get("before", ""), row.pk) or (earlier_than(after) if after else None)
    context = {"actor": actor, "segment": row, "firm": row.firm, "before": before, "after": after}
    if before and after:
        context |= _context(before, after)
    return render(request, "matrix/changes.html", context)


def _named(actor: Actor, given: str, segment: int) -> Placement | None:
    if not given:
        return None
    whole = given.isascii() and given.isdigit() and len(given) < 19
    found = see_placement(actor, int(given)) if whole else None
    if found is None or found.segment_id != segment:
        raise Http404("No such placement of this segment.")
    return found


def _newest(actor: Actor, placement: Any) -> Placement | None:
    return see_placement(actor, placement.pk) if placement else None


def _context(before: Placement, after: Placement) -> dict[str, Any]:
    gap = broken(before.model, after.model)
    if gap is not None and gap.questionnaire:
        return {"refused": gap.words}
    found = change_of(before, after)
    questionnaire = models.questionnaire(after.model)
    sections = [
        (title, unit, [_group(score, found, questionnaire) for score in found.scores if _tells(score, kinds)])
        for title, unit, kinds in _KINDS
    ]
    return {
        "headline": findings.headline(found),
        "summary": findings.summary(found),
        "sentences": findings.sentences(found),
        "sections": [section for section in sections if section[2]],
    }


def _tells(score: Moved, kinds: tuple[str, ...]) -> bool:
    return score.kind in kinds and (score.before != score.after or any(score.parts))


def _group(score: Moved, found: Change, questionnaire: Instrument) -> Group:
    places, scale = (2, 1) if score.kind in ("capability", "held") else (1, 100)
    one, other, shares = score.shown(places, scale)
    parts = tuple(
        _part(step, share, places, questionnaire)
        for step, share, exact in zip(found.steps, shares, score.parts, strict=bool(score.parts))
        if share or exact
    )
    difference = "" if one is None or other is None else _signed(other - one, places)
    return Group(
        findings.score_name(score),
        _written(one, places),
        _written(other, places),
        difference,
        parts,
        findings.unsplit(score),
    )


def _part(step: Step, share: Decimal, places: int, questionnaire: Instrument) -> Part:
    title = questionnaire.item(step.item).title if step.item else ""
    return Part(findings.step_words(step, title), findings.step_detail(step), _signed(share, places))


def _written(value: Decimal | None, places: int) -> str:
    return "not known" if value is None else f"{value:.{places}f}"


def _signed(value: Decimal, places: int) -> str:
    """+3.2, −3.2, 0.0: with a true minus."""
    return f"{value:+.{places}f}".replace("-", "−") if value else f"{value:.{places}f}"
