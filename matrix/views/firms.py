"""The firms of the workspace, as a list that says what is missing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from connected.permissions import visible_firms
from matrix.queries import pages


def firms(request: HttpRequest, workspace: str) -> HttpResponse:
    lines = pages.firm_lines(visible_firms(request.actor))
    context = {
        "firms": lines,
        "placed": sum(line.placed for line in lines),
        "segments": sum(line.segments for line in lines),
    }
    return render(request, "matrix/firms.html", context)
