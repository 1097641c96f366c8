"""One firm: where its segments stand, what is missing, and the next step."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from connected.models import Firm
from connected.permissions import Actor, Asked, see_firm
from matrix import frames
from matrix.charts import (
    Cell,
    Grid,
    MixedCell,
    Point,
    Seat,
    agree_word,
    grid,
    mixed_line,
    percent,
    quadrant_plot,
    tenths,
)
from matrix.findings import confidence as sureness
from matrix.findings import firm as findings
from matrix.findings import gap, situations, steps
from matrix.findings import segment as words
from matrix.findings.facts import NEEDED, Standing
from matrix.queries import heat, models, pages
from matrix.scoring import Model, Weight
from matrix.scoring import heat as heat_of
from matrix.views.addresses import Desk
from matrix.views.robust import ellipses
from matrix.views.why import opened_cell, picked_cell

MOST_MISSING = 8


def firm(request: Asked, workspace: str, firm: int) -> HttpResponse:
    actor = request.actor
    row = see_firm(actor, firm)
    seated = pages.seated(row)
    standings = [each.standing for each in seated]
    model = models.in_force()
    core = models.parsed(model)
    field = frames.field_of([(each.placement, each.segment) for each in seated if each.placement])
    picked = picked_cell(request.GET.get("cell", ""))
    places = field.places(Weight.SHEETS)
    seats = [_seat(actor, s) for s in standings]
    fits = gap.fits(standings, core.present_cut)
    matrix = grid(heat_of(places), cut=core.present_cut, seats=seats, picked=picked, fits=fits)
    together = heat.mixed(field, Weight.SHEETS)
    mixed = mixed_line(together, seats, core.present_cut) if together else ()
    errors = ellipses(each.placement for each in seated)
    names = {s.id: (s.letter, s.name) for s in standings}
    context = {
        "firm": row,
        "model": model,
        "standings": standings,
        "segments": [_line(actor, each) for each in seated],
        "grid": matrix,
        "why": opened_cell(field, places, picked, names, actor.workspace_slug, matrix),
        "weight": Weight.SHEETS,
        "fit": gap.fit_sentence(standings, core.present_cut),
        "by_situation": _by_situation(seated),
        "mixed": mixed,
        "mixed_letters": [each for each in seats if each.mixed],
        **_words(standings, matrix, mixed),
        **_deeds(actor, row, standings, core),
        "plot": quadrant_plot(_points(actor, standings, errors), core.quadrant_cut, core.quadrant_band),
        "ellipse_note": sureness.ellipse_note(len(errors)),
        "undrawn": [s for s in standings if s.outcome is None or s.outcome.quadrant is None],
        "facts": _facts(standings),
        "computed": max((each.placement.computed_at for each in seated if each.placement), default=None),
    }
    return render(request, "matrix/firm.html", context)


def _by_situation(seated: Sequence[pages.Seated]) -> list[dict[str, Any]]:
    """The segments somebody answered for in other situations, each with its sentence and its table."""
    said, found = frames.situations_of(each.placement for each in seated), []
    for each in seated:
        placement, routine = each.placement, each.standing.outcome
        if placement is None or routine is None or placement.segment_id not in said:
            continue
        cut = models.parsed(placement.model).present_cut
        told = frames.told_of(routine, said[placement.segment_id])
        found.append(
            {
                "standing": each.standing,
                "headline": situations.headline(told, cut),
                "sentence": situations.sentence(told, cut),
                "heads": situations.heads(told),
                "rows": situations.table(told, cut),
            }
        )
    return found


def _words(standings: Sequence[Standing], matrix: Grid, mixed: Sequence[MixedCell]) -> dict[str, Any]:
    levels = [[_level(cell) for cell in row.cells] for row in matrix.rows]
    placed = [each.outcome for each in standings if each.outcome and each.placed]
    all_mixed = bool(placed) and all(found.mixed for found in placed)
    return {
        "standfirst": findings.standfirst(standings),
        "matrix_headline": findings.matrix_headline(
            levels, len(placed), [_level(cell) for cell in mixed] if all_mixed else ()
        ),
        "quadrant_headline": findings.quadrant_headline(standings),
        "segments_headline": findings.segments_headline(standings),
        "unseated": findings.unseated(standings),
    }


def _level(cell: Cell | MixedCell) -> float | None:
    """The level 0-1 of a cell that may look like one."""
    return cell.percent / 100 if cell.state == "measured" and cell.percent is not None else None


def _deeds(actor: Actor, firm: Firm, standings: Sequence[Standing], core: Model) -> dict[str, Any]:
    """The panel and the list of what is missing."""
    workshop = pages.open_workshop(firm.pk)
    desk = Desk(actor, firm.pk, workshop.pk if workshop else None)
    gates = pages.gates_of(core)
    step = steps.next_step(standings, gates, workshop is not None)
    more = None
    if actor.may_edit and step.deed is not steps.Deed.ADD_SEGMENT:
        more = (reverse("segment-new", args=[actor.workspace_slug, firm.pk]), steps.Deed.ADD_SEGMENT.value)
    missing = steps.missing(standings, gates, workshop is not None)
    return {
        "next": desk.panel(step, more),
        "missing": [(each, desk.address(each)) for each in missing[:MOST_MISSING]],
        "missing_more": max(0, len(missing) - MOST_MISSING),
        "workshop": workshop,
    }


def _seat(actor: Actor, standing: Standing) -> Seat:
    found = standing.outcome
    return Seat(
        standing.id,
        standing.letter,
        standing.name,
        reverse("segment", args=[actor.workspace_slug, standing.id]),
        found.primary_architecture if found else None,
        found.primary_relationship if found else None,
        found.present if found else (),
        standing.provisional,
        bool(found and found.mixed),
    )


def _points(
    actor: Actor, standings: Sequence[Standing], errors: Mapping[int, tuple[float, float]]
) -> list[Point]:
    return [
        Point(
            s.outcome.customize,
            s.outcome.interact,
            s.letter,
            s.name,
            reverse("segment", args=[actor.workspace_slug, s.id]),
            s.provisional,
            errors.get(s.id),
        )
        for s in standings
        if s.outcome and s.outcome.customize is not None and s.outcome.interact is not None
    ]


def _line(actor: Actor, seated: pages.Seated) -> dict[str, Any]:
    """One segment of the list: its sentence, its figures, and how far its raters agree."""
    found = seated.standing.outcome
    head, text = words.summary(found) if found else ("", _waiting(seated.standing))
    figures = (found.identify, found.differentiate, found.interact, found.customize) if found else ()
    return {
        "segment": seated.segment,
        "standing": seated.standing,
        "head": head,
        "text": text,
        "quadrant": words.quadrant_words(found) if found else "",
        "outcome": found,
        "figures": ["–" if each is None else tenths(each) for each in figures],
        "coverage": percent(found.coverage) if found else None,
        "agree": agree_word(found.agreement if found else None),
        "confidence": sureness.short(found) if found else "",
        "url": reverse("segment", args=[actor.workspace_slug, seated.segment.pk]),
    }


def _waiting(standing: Standing) -> str:
    if standing.stale:
        return "Answers are being scored."
    if not standing.sheets:
        return "Not placed yet. Nobody has answered for it."
    verb = "has" if standing.sheets == 1 else "have"
    return f"Not placed yet. {standing.sheets} of {NEEDED} people needed {verb} answered."


def _facts(standings: Sequence[Standing]) -> dict[str, Any]:
    scored = [s.outcome for s in standings if s.outcome]
    weight = sum(found.raters for found in scored)
    return {
        "segments": len(standings),
        "placed": sum(1 for s in standings if s.placed),
        "scored": len(scored),
        "sheets": sum(s.sheets for s in standings),
        "coverage": round(100 * sum(f.coverage * f.raters for f in scored) / weight) if weight else None,
    }
