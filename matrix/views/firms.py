"""The firms of the workspace, as a list that says what is missing."""

from django.http import HttpResponse
from django.shortcuts import render

from connected.permissions import Asked, visible_firms
from matrix.findings.portfolio import overview
from matrix.queries import pages


def firms(request: Asked, workspace: str) -> HttpResponse:
    lines = pages.firm_lines(visible_firms(request.actor))
    segments, placed = sum(line.segments for line in lines), sum(line.placed for line in lines)
    context = {
        "firms": lines,
        "standfirst": overview(len(lines), segments, placed),
        "complete": bool(segments) and placed == segments and not any(line.bare for line in lines),
    }
    return render(request, "matrix/firms.html", context)
