"""The firms of the workspace, as a list that says what is missing."""

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from connected.permissions import Asked, visible_firms
from matrix.findings.portfolio import overview
from matrix.queries import pages
from matrix.views.sentence import MOST_OPTIONS, chosen_firms, industries

FIRMS_A_PAGE: Final = 100
FIND_FROM: Final = 12


def firms(request: Asked, workspace: str) -> HttpResponse:
    lines = pages.firm_lines(visible_firms(request.actor))
    industry = request.GET.get("industry", "")
    chosen, named, kept = chosen_firms(f"industry:{industry}", request.GET.get("named", ""), lines)
    shown = [line for line in lines if kept is None or line.pk in kept]
    segments, placed = sum(line.segments for line in shown), sum(line.placed for line in shown)
    context = {
        "firms": lines,
        "page": Paginator(shown, FIRMS_A_PAGE).get_page(request.GET.get("page")),
        "find": len(lines) >= FIND_FROM,
        "named": named,
        "industry": industry if chosen else "",
        "industries": list(industries(lines))[:MOST_OPTIONS],
        "standfirst": overview(len(shown), segments, placed),
        "complete": bool(segments) and placed == segments and not any(line.bare for line in shown),
    }
    return render(request, "matrix/firms.html", context)
