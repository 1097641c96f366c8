"""How robust a placement is: what shaking does to it, and the ellipses of points near a line."""

from collections.abc import Iterable

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
    found = {}
    for placement in standing:
        if placement is None or not placement.borderline:
            continue
        derived = frames.derived_of(placement)
        scores = score(
            frames.histogram(placement)[None],
            models.parsed(placement.model),
            np.array([placement.raters]),
            frames.asked_of(placement),
            None if derived is None else derived[None],
        )
        across, up = float(scores.customize_error[0]), float(scores.interact_error[0])
        if across == across and up == up:
            found[placement.segment_id] = (across, up)
    return found
