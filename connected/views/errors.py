"""When something is not there, not allowed or broken: say what, and what to do."""

import sys

from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from connected.databases import CLASH, clashed


def _answer(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    return render(request, "error.html", {"title": title, "detail": detail, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, "That request made no sense", "Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(
        request, 403, "Not yours to change", str(exception) or "You may look, but not change this."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "Nothing here", "The address is wrong, or what was here is gone.")


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away, or a commit that somebody else's crossed, is a 503; anything else our fault.

    What a row names is looked at when its transaction ends: only then is a deleted one missed.
    """
    error = sys.exc_info()[1]
    crossed = clashed(error) or isinstance(error, IntegrityError)
    if crossed or isinstance(error, OperationalError | InterfaceError):
        away = "The database does not answer. Nothing is lost; try again in seconds."
        response = _answer(request, 503, "One moment", CLASH if crossed else away)
        response["Retry-After"] = "5"
        return response
    return _answer(request, 500, "That went wrong", "Our mistake, and it is logged. Nothing was half saved.")
