"""Which workspace a request is in, and who asks: settled before any view runs.

Browser pages live under ``/w/<slug>/`` and belong to the signed-in person's membership; REST lives
under ``/api/`` and belongs to the token's workspace. Everything else has no workspace, and there a
scoped query raises.
"""

import hmac
import re
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

from connected import queries
from connected.models import ApiToken, Membership
from connected.permissions import actor_of
from connected.tenancy import database_context, in_workspace

_PAGE = re.compile(r"^/w/(?P<slug>[-a-zA-Z0-9_]+)/")
_TOKEN = re.compile(r"^Token cs_(?P<key>[0-9a-f]{16})_(?P<secret>[0-9A-Za-z_-]{20,100})$")


class Compress(GZipMiddleware):
    """Pages and files a fifth of their size. REST streams go as they are: there, time counts more.

    Secrets in pages (the CSRF token) are masked anew each time, and Django adds random bytes, so that
    the size of a page tells nothing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming and request.path_info.startswith("/api/"):
            return response
        return super().process_response(request, response)


class WorkspaceMiddleware:
    """Sets ``request.actor`` (an :class:`Actor` or None) and raises both inner walls around the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        if page := _PAGE.match(request.path_info):
            return self._page(request, page["slug"])
        if request.path_info.startswith("/api/"):
            return self._api(request)
        return self.get_response(request)

    def _page(self, request: HttpRequest, slug: str) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)  # LoginRequiredMiddleware sends them to sign in.
        with database_context(user=request.user.pk):
            membership = queries.memberships_of(request.user).filter(workspace__slug=slug).first()
            if membership is None:
                raise Http404("No such page.")
            return self._inside(request, membership, None)

    def _api(self, request: HttpRequest) -> HttpResponse:
        match = _TOKEN.match(request.headers.get("Authorization", ""))
        if match is None:
            return self.get_response(request)
        with database_context(token=match["key"]):
            token = queries.live_token(match["key"])
        if token is None or not hmac.compare_digest(token.digest, queries.digest(match["secret"])):
            return self.get_response(request)
        if not token.membership.user.is_active:
            return self.get_response(request)
        return self._inside(request, token.membership, token)

    def _inside(self, request: HttpRequest, membership: Membership, token: ApiToken | None) -> HttpResponse:
        with in_workspace(membership.workspace_id, user_id=membership.user_id):
            if token is not None:
                _mark_used(token)
            request.actor = actor_of(membership, token)  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def _mark_used(token: ApiToken) -> None:
    """Last use to the minute: a client that pulls every second must not write every second."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
