"""Every failure as ``application/problem+json`` [RFC 9457]: status, title, detail, errors."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelError
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    transaction,
)
from django.db.models import ProtectedError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from connected.databases import CLASH, clashed
from connected.states import WrongStep

logger = logging.getLogger(__name__)
PROBLEM = "application/problem+json"


class Problem(exceptions.APIException):
    """An error with more to say than one sentence: ``errors`` holds one entry a place."""

    def __init__(self, detail: str, *, status_code: int = 422, title: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.status_code, self.title, self.extra = status_code, title, extra


def problem(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler. A refused call changes nothing: its transaction rolls back.

    The body is JSON whatever was asked for: an error inside a CSV would be read as data.
    """
    found = _as_api_exception(error)
    if found is None:
        return None
    if getattr(context["request"], "actor", None) is not None:
        transaction.set_rollback(True)  # The one the middleware opened around this call.
    response = HttpResponse(orjson.dumps(_body(found)), status=found.status_code, content_type=PROBLEM)
    if (wait := getattr(found, "wait", None)) is not None:
        response["Retry-After"] = str(int(wait))
    if found.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "5"
    if found.status_code == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Token"
    return response


def _body(found: exceptions.APIException) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": getattr(found, "title", "") or HTTPStatus(found.status_code).phrase,
        "status": found.status_code,
    }
    if isinstance(found, exceptions.ValidationError):
        body |= {"detail": "Some values were not accepted.", "errors": places(found.detail)}
    else:
        body["detail"] = str(found.detail)
    return body | getattr(found, "extra", {})


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*error.args)
    if isinstance(error, ModelError):
        return exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else error.messages
        )
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError()
    if isinstance(error, WrongStep | ProtectedError | IntegrityError):
        return Problem(_reason(error), status_code=409)
    return _from_database(error)


def _from_database(error: Exception) -> exceptions.APIException | None:
    if clashed(error):
        return Problem(CLASH, status_code=503)
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database away: %s", error)
        return Problem("The database does not answer. Try again shortly.", status_code=503)
    if isinstance(error, DatabaseError) and error.__cause__ is None:
        return exceptions.NotFound()  # Django's own: the row that was to be saved has gone meanwhile.
    if isinstance(error, DatabaseError):
        logger.warning("value the database refuses: %s", error)
        return Problem("A value is outside what can be stored.", status_code=400)
    return None


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, WrongStep) else "This would contradict what is already stored."


def places(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Nested messages as a flat list of ``{"field", "detail"}``; ``field`` is empty for the whole body."""
    if isinstance(detail, dict):
        return [
            place
            for key, value in detail.items()
            for place in places(value, _joined(path, "" if key in _WHOLE else str(key)))
        ]
    if isinstance(detail, list):
        return [
            place
            for index, value in enumerate(detail)
            for place in places(value, path if isinstance(value, str) else f"{path}[{index}]")
        ]
    return [{"field": path, "detail": str(detail)}]


_WHOLE = (NON_FIELD_ERRORS, "non_field_errors")


def _joined(path: str, key: str) -> str:
    return ".".join(part for part in (path, key) if part)
