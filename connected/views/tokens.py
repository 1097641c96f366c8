"""API tokens: one's own for everyone, all of them for an owner. A token is shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from connected import permissions, services
from connected.forms import TokenForm
from connected.permissions import Asked
from connected.views import once


def tokens(request: Asked, workspace: str) -> HttpResponse:
    """The list, with the form under it. The page after the form is the only time a token is seen."""
    actor = request.actor
    form = TokenForm(request.POST or None, may_write=actor.may_edit)
    if request.method == "POST" and (made := form.call(services.make_token, by=actor)):
        return once.shown_at(request.path, request, made[1])
    context = {
        "form": form,
        "text": once.taken(request),
        "tokens": permissions.tokens_seen(actor).order_by("revoked_at", "-created_at"),
        "now": timezone.now(),
    }
    part = "connected/tokens_list.html" if request.htmx else "connected/tokens.html"
    return once.without(request, render(request, part, context, status=422 if form.errors else 200))


@require_POST
def revoke(request: Asked, workspace: str, token: int) -> HttpResponse:
    row = permissions.see_token(request.actor, token)
    services.revoke_token(by=request.actor, token_id=token)
    messages.success(request, f"“{row.name}” is revoked. Scripts that use it are refused from now on.")
    return redirect("tokens", workspace)
