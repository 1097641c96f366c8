"""The find box: firms and segments by name, as far as one may see."""

from django.http import HttpResponse
from django.shortcuts import render

from connected import permissions, queries
from connected.permissions import Asked


def find(request: Asked, workspace: str) -> HttpResponse:
    """A page of its own; the list alone when the find box asks."""
    words = request.GET.get("q", "").strip()[:120]
    firms = queries.named(permissions.visible_firms(request.actor), words, "name", "industry")
    segments = permissions.visible_segments(request.actor).select_related("firm")
    found = queries.named(segments, words, "name", "offering", "firm__name")
    context = {"words": words, "found_firms": firms, "found_segments": found}
    part = request.headers.get("HX-Target") == "found"
    return render(request, "connected/found.html" if part else "connected/find.html", context)
