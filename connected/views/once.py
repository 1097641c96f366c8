"""A secret on its way from the POST that made it to the page after it, where it is shown once.

It travels in a cookie of that page alone and for a minute: the server keeps no secret, not even in a
session, and loading the page again makes no second one.
"""

from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from connected.permissions import Asked

COOKIE: Final = "connected_once"
SECONDS: Final = 60


def shown_at(address: str, request: Asked, secret: str) -> HttpResponse:
    """A redirect to the page that shows the secret, with :func:`taken` and :func:`without`."""
    response = redirect(address)
    response.set_signed_cookie(
        COOKIE,
        secret,
        salt=_salt(request, address),
        max_age=SECONDS,
        path=address,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    add_never_cache_headers(response)
    return response


def taken(request: Asked) -> str:
    """The secret for this page and this person; empty where there is none."""
    salt = _salt(request, request.path)
    return request.get_signed_cookie(COOKIE, default="", salt=salt, max_age=SECONDS) or ""


def without(request: Asked, response: HttpResponse) -> HttpResponse:
    """The page, which nobody keeps, without the secret when it is loaded again."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, path=request.path, samesite="Strict")
    add_never_cache_headers(response)
    return response


def _salt(request: Asked, address: str) -> str:
    return f"{COOKIE} {request.actor.user_id} {address}"
