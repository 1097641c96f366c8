"""Settings: what this workspace is and who may do what in it."""

from django.http import HttpResponse
from django.shortcuts import render

from connected import permissions, queries
from connected.permissions import Asked


def settings(request: Asked, workspace: str) -> HttpResponse:
    actor = request.actor
    context = {
        "roles": queries.members_by_role() if actor.may_own else {},
        "tokens": permissions.tokens_seen(actor).filter(revoked_at__isnull=True).count(),
        "user": request.user,
    }
    return render(request, "connected/settings.html", context)
