"""Firms: add, change, delete. Looking at them is the matrix pages' part."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from connected import permissions, queries, services
from connected.forms import FirmDeleteForm, FirmForm
from connected.permissions import Asked


def new(request: Asked, workspace: str) -> HttpResponse:
    actor = permissions.must_edit(request.actor)
    form = FirmForm(request.POST or None)
    if request.method == "POST" and (firm := form.call(services.add_firm, by=actor)):
        messages.success(request, f"{firm.name} is here. Next: its first segment.")
        return redirect("firm", workspace, firm.pk)
    return render(request, "connected/firm_form.html", {"form": form}, status=_status(form))


def edit(request: Asked, workspace: str, firm: int) -> HttpResponse:
    row = permissions.edit_firm(request.actor, firm)
    form = FirmForm(request.POST or None, instance=row)
    if request.method == "POST" and (
        changed := form.call(services.change_firm, by=request.actor, firm_id=firm)
    ):
        messages.success(request, f"{changed.name} is saved.")
        return redirect("firm", workspace, firm)
    return render(request, "connected/firm_form.html", {"form": form, "firm": row}, status=_status(form))


def delete(request: Asked, workspace: str, firm: int) -> HttpResponse:
    """Says exactly what goes with the firm; with segments its name must be typed."""
    row = permissions.edit_firm(request.actor, firm)
    toll = queries.goes_with(row)
    form = FirmDeleteForm(request.POST or None, firm=row) if toll else None
    if request.method == "POST" and (form is None or form.is_valid()):
        services.drop_firm(by=request.actor, firm_id=firm)
        messages.success(request, f"{row.name} is deleted.")
        return redirect("firms", workspace)
    context = {"firm": row, "toll": toll, "form": form}
    return render(request, "connected/firm_delete.html", context, status=_status(form))


def _status(form: FirmForm | FirmDeleteForm | None) -> int:
    return 422 if form is not None and form.is_bound and form.errors else 200
