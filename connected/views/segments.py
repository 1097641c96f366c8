"""Segments: add, change, delete. Looking at one is the matrix pages' part."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from connected import permissions, queries, services
from connected.findings import listed
from connected.forms import SegmentForm
from connected.models import Segment
from connected.permissions import Asked


def new(request: Asked, workspace: str, firm: int) -> HttpResponse:
    row = permissions.edit_firm(request.actor, firm)
    usual = queries.newest_segment(row.pk) if "another" in request.GET else {}
    form = SegmentForm(request.POST or None, initial=usual)
    if request.method == "POST" and (
        segment := form.call(services.add_segment, by=request.actor, firm_id=firm)
    ):
        if "another" in request.POST:
            messages.success(request, f"{segment.name} is here. {_kept(segment)}".strip())
            return redirect(f"{reverse('segment-new', args=[workspace, firm])}?another=1")
        messages.success(request, f"{segment.name} is here. Next: its journey, or a workshop.")
        return redirect("firm", workspace, firm)
    context = {"form": form, "firm": row}
    return render(request, "connected/segment_form.html", context, status=_status(form))


def edit(request: Asked, workspace: str, segment: int) -> HttpResponse:
    row = permissions.edit_segment(request.actor, segment)
    form = SegmentForm(request.POST or None, instance=row)
    if request.method == "POST" and (
        changed := form.call(services.change_segment, by=request.actor, segment_id=segment)
    ):
        messages.success(request, f"{changed.name} is saved.")
        return redirect("segment", workspace, segment)
    context = {"form": form, "firm": row.firm, "segment": row}
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


def _kept(segment: Segment) -> str:
    """What the next form begins with: mostly the next segment has the same."""
    kept = [name for name in ("offering", "currency") if getattr(segment, name)]
    return f"Its {listed(kept)} {'is' if len(kept) == 1 else 'are'} kept for the next." if kept else ""


def _status(form: SegmentForm) -> int:
    return 422 if form.is_bound and form.errors else 200
