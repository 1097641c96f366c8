"""``Idempotency-Key``: the same POST sent again is answered again, and not done again."""

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from connected import services
from connected.api.access import actor_of
from connected.api.bodies import as_json
from connected.api.problems import Problem
from connected.models import KeptAnswer
from connected.services import OtherRequest, StillRunning

if TYPE_CHECKING:
    from rest_framework.views import APIView

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replay"
PATTERN: Final = "[\\x21-\\x7e]{1,255}"


def once(view: "APIView", work: Callable[..., Any], request: Request, *args: Any, **kwargs: Any) -> Any:
    """The answer kept for this key, else that of ``work``, kept unless it failed with a 5xx.

    What ``work`` refuses is taken back and the refusal kept, so that the same key has one answer.
    Raises 400 for an odd key, 409 while the first call runs, 422 for a key of another call.
    """
    actor, key, said = actor_of(request), _key(request), _fingerprint(request)
    try:
        if kept := services.hold_key(by=actor, key=key, request=said):
            return _again(kept)
    except StillRunning:
        busy = Problem(f"The first call with this {HEADER} is still running.", status_code=409)
        busy.wait = 1  # type: ignore[attr-defined]
        raise busy from None
    except OtherRequest:
        words = f"This {HEADER} was given to another call: take a new one for each thing to be done."
        raise Problem(words, status_code=422) from None
    with transaction.atomic():
        try:
            response = work(request, *args, **kwargs)
        except Exception as error:
            response = view.handle_exception(error)
    if response.status_code < 500:
        kind, body = _written(response, getattr(view, "shown_once", ()))
        services.keep_answer(
            by=actor,
            key=key,
            request=said,
            status=response.status_code,
            kind=kind,
            body=body,
            location=response.get("Location", ""),
        )
    return response


def _key(request: Request) -> str:
    key = request.headers[HEADER]
    if not re.fullmatch(PATTERN, key):
        raise exceptions.ValidationError({HEADER: "Give 1 to 255 visible ASCII characters, such as a UUID."})
    return key


def _fingerprint(request: Request) -> str:
    """Of method, address and body, byte for byte."""
    named = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(named + request._request.body).hexdigest()


def _written(response: Any, shown_once: tuple[str, ...]) -> tuple[str, bytes]:
    """Content type and body to keep, without what is shown once and never kept."""
    if not isinstance(response, Response):
        return response["Content-Type"], response.content
    data = response.data
    if shown_once and response.status_code < 400:
        data = {**data, **dict.fromkeys(shown_once)}
    return "application/json", b"" if data is None else as_json(data)


def _again(kept: KeptAnswer) -> HttpResponse:
    answer = HttpResponse(bytes(kept.body), status=kept.status, content_type=kept.kind)
    answer[REPLAYED] = "true"
    if kept.location:
        answer["Location"] = kept.location
    return answer
