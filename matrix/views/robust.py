"""How robust a placement is: what shaking does to it, and the ellipses of points near a line."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render

from connected.permissions import Asked, see_segment
from matrix import frames
from matrix.findings import confidence as findings
from matrix.findings.segment import cell_name
from matrix.models import StandingPlacement
from matrix.queries import models, pages
from matrix.scoring import robust as robust_of
from matrix.scoring import score


def robust(request: Asked, workspace: str, segment: int) -> HttpResponse:
    """What other weights and other raters would do; alone for htmx, else as a page."""
    row = see_segment(request.actor, segment)
    placement = pages.in_force(row)
    context = {"actor": request.actor, "segment": row, "firm": row.firm, "placement": placement}
    if placement:
        found = pages.outcome_of(placement)
        core = models.parsed(placement.model)
        tried = robust_of(
            frames.histogram(placement),
            core,
            placement.fingerprint,
            frames.asked_of(placement),
            frames.derived_of(placement),
        )
        context |= {
            "cell": cell_name(found),
            "sure": findings.sure(found),
            "meaning": findings.MEANING,
            "headline": findings.headline(tried),
            "weights": findings.weights_said(tried),
            "raters": findings.raters_said(tried),
        }
    part = "matrix/parts/robust.html" if request.headers.get("HX-Request") else "matrix/robust.html"
    return render(request, part, context)


def ellipses(standing: Iterable[StandingPlacement | None]) -> dict[int, tuple[float, float]]:
    """Standard errors of (customize, interact) by segment: those near a line, where their model has any."""
    by_model: dict[int, list[StandingPlacement]] = {}
    for placement in standing:
        if placement is not None and placement.borderline:
            by_model.setdefault(placement.model_id, []).append(placement)
    return {segment: both for rows in by_model.values() for segment, both in _errors(rows)}


def _errors(rows: Sequence[StandingPlacement]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Those of placements under one model, scored together; none where the model has none."""
    derived = [frames.derived_of(row) for row in rows]
    width = models.parsed(rows[0].model).width
    instead = [np.full(width, np.nan) if each is None else each for each in derived]
    scores = score(
        np.stack([frames.histogram(row) for row in rows]),
        models.parsed(rows[0].model),
        np.array([row.raters for row in rows]),
        np.stack([frames.asked_of(row) for row in rows]),
        None if all(each is None for each in derived) else np.stack(instead),
    )
    both = zip(scores.customize_error.tolist(), scores.interact_error.tolist(), strict=True)
    for row, (across, up) in zip(rows, both, strict=True):
        if across == across and up == up:
            yield row.segment_id, (across, up)
