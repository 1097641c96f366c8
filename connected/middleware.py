"""Which workspace a request is in, and who asks: settled before any view runs.

Browser pages live under ``/w/<slug>/`` and belong to the signed-in person's membership; REST lives
under ``/api/`` and belongs to the token's workspace. Everything else has no workspace, and there a
scoped query raises.
"""

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from connected import queries
from connected.bulk import allow_seconds
from connected.models import ApiToken, Membership
from connected.permissions import actor_of
from connected.tenancy import database_context, in_workspace

_PAGE = re.compile(r"^/w/(?P<slug>[-a-zA-Z0-9_]+)/")
_TOKEN = re.compile(r"^Token cs_(?P<key>[0-9a-f]{16})_(?P<secret>[0-9A-Za-z_-]{20,100})$")


class Compress(GZipMiddleware):
    """Pages and files a fifth of their size; streams of REST too, at the level that costs least time.

    Secrets in pages (the CSRF token) are masked anew each time, and Django adds random bytes, so that
    the size of a page tells nothing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not (isinstance(response, StreamingHttpResponse) and request.path_info.startswith("/api/")):
            return super().process_response(request, response)
        if _TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")):
            response.streaming_content = _packed(response.streaming_content)
            response.headers["Content-Encoding"] = "gzip"
        return response


# A body so long, in bytes, may take so many seconds to arrive: a page's transaction may not be idle as long.
LARGE_BODY, ARRIVES = 2 * 1024 * 1024, 900
_TAKES_GZIP = re.compile(r"\bgzip\b")


def _packed(blocks: Any) -> Iterator[bytes]:
    """One gzip file; it ends with a checksum only when ``blocks`` came to their end."""
    packer = zlib.compressobj(level=1, wbits=31)
    for block in blocks:
        if part := packer.compress(block):
            yield part
    yield packer.flush()


class Revalidate:
    """What was read before and has not changed since is a 304: ``ETag``, asked for by ``If-None-Match``.

    For REST only. The mark is a hash of the body, so it holds whatever the body depends on; a 304 spares
    its way to the client, not its making. A view that knows without making the body puts a mark of its own,
    weak, and answers 304 itself: the hash is added to it, ``W/"own.hash"``. The body of a stream is not known
    before it is sent, so it has no more than a mark of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith("/api/") or request.method not in ("GET", "HEAD"):
            return response
        patch_vary_headers(response, ("Accept", "Accept-Encoding", "Authorization"))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if not isinstance(response, HttpResponse) or response.status_code != 200:
            return response
        digest, own = hashlib.sha256(response.content).hexdigest()[:32], response.headers.get("ETag", "")
        response.headers["ETag"] = f'{own[:-1]}.{digest}"' if own else f'"{digest}"'
        seen = map(_digest, parse_etags(request.headers.get("If-None-Match", "")))
        return _unchanged(response) if {"*", digest} & set(seen) else response


def _digest(mark: str) -> str:
    """The hash of the body in a mark, weak or not."""
    return mark.removeprefix("W/").strip('"').rpartition(".")[2]


def _unchanged(response: HttpResponse) -> HttpResponse:
    """The 304 for an answer, with the headers that say how long it may be kept."""
    short = HttpResponseNotModified()
    for name in ("ETag", "Vary", "Cache-Control"):
        short.headers[name] = response.headers[name]
    return short


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
            if _length(request) > LARGE_BODY:
                allow_seconds(ARRIVES)  # The body is read inside this transaction.
            request.actor = actor_of(membership, token)  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isdecimal() else 0


def _mark_used(token: ApiToken) -> None:
    """Last use to the minute: a client that pulls every second must not write every second.

    The row stays locked until the call has been answered: other calls of the token pass it by.
    """
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        free = ApiToken.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=token.pk)
        ApiToken.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)
