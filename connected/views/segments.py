"""Segments: add, change, delete. Looking at one is the matrix pages' part."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from connected import permissions, queries, services
from connected.forms import SegmentForm
from connected.permissions import Asked


def new(request: Asked, workspace: str, firm: int) -> HttpResponse:
    row = permissions.edit_firm(request.actor, firm)
    form = SegmentForm(request.POST or None, initial=_usual(row.pk))
    if request.method == "POST" and (
        segment := form.call(services.add_segment, by=request.actor, firm_id=firm)
    ):
        messages.success(request, f"{segment.name} is here. Next: its journey, or a workshop.")
        if "another" in request.POST:
            return redirect("segment-new", workspace, firm)
        return redirect("firm", workspace, firm)
    context = {"form": form, "firm": row}
    return render(request, "connected/segment_form.html", context, status=_status(form))


def edit(request: Asked, workspace: str, segment: int) -> HttpResponse:
    row = permissions.edit_segment(request.actor, segment)
    name = row.name
    form = SegmentForm(request.POST or None, instance=row)
    if request.method == "POST" and (
        changed := form.call(services.change_segment, by=request.actor, segment_id=segment)
    ):
        messages.success(request, f"{changed.name} is saved.")
        return redirect("segment", workspace, segment)
    context = {"form": form, "firm": row.firm, "segment": row, "name": name}
    return render(request, "connected/segment_form.html", context, status=_status(form))


def delete(request: Asked, workspace: str, segment: int) -> HttpResponse:
    """Says exactly what goes with the segment."""
    row = permissions.edit_segment(request.actor, segment)
    if request.method == "POST":
        services.drop_segment(by=request.actor, segment_id=segment)
        messages.success(request, f"{row.name} is deleted.")
        return redirect("firm", workspace, row.firm_id)
    context = {"segment": row, "firm": row.firm, "toll": queries.goes_with(row)}
    return render(request, "connected/segment_delete.html", context)


def _usual(firm_id: int) -> dict[str, str]:
    """The offering and currency of the firm's newest segment: mostly the next one has the same."""
    return queries.newest_segment(firm_id)


def _status(form: SegmentForm) -> int:
    return 422 if form.is_bound and form.errors else 200
