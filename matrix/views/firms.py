"""The firms of the workspace, as a list that says what is missing."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render

from connected.permissions import Asked, visible_firms
from matrix.findings.portfolio import overview
from matrix.frames import cube
from matrix.queries.firmlist import firm_list
from matrix.views.sentence import MOST_OPTIONS

FIRMS_A_PAGE: Final = 100
FIND_FROM: Final = 12


def firms(request: Asked, workspace: str) -> HttpResponse:
    actor, industry = request.actor, request.GET.get("industry", "")
    value = f"industry:{industry}" if industry else ""
    found = firm_list(visible_firms(actor), value, request.GET.get("named", ""))
    page = found.page(request.GET.get("page"), FIRMS_A_PAGE)
    whole = cube.read() if not found.narrowed and actor.firms is None else None
    segments = whole.segments if whole else found.segments()
    placed = whole.cube.placed if whole else found.placed()
    # Whether nothing is missing anywhere is worth a sentence only where one page shows it all.
    complete = len(page.object_list) == found.count and all(
        line.segments and not line.unplaced and not line.bare for line in page
    )
    context = {
        "firms": found.all_count,
        "page": page,
        "find": found.all_count >= FIND_FROM,
        "named": found.named,
        "industry": industry if found.chosen else "",
        "industries": list(found.industries(actor.workspace_id))[:MOST_OPTIONS],
        "standfirst": overview(found.count, segments, placed),
        "complete": bool(segments) and complete,
    }
    return render(request, "matrix/firms.html", context)
