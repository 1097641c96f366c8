"""What every REST resource shares: the token, the scope, pages, throttles, problems."""

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import ProtectedError
from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from connected.permissions import Actor
from connected.states import WrongStep

if TYPE_CHECKING:  # rest_framework.views reads this module while it is being imported itself.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)
PROBLEM = "application/problem+json"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Token cs_…``. The middleware has checked it; ``request.auth`` is the actor."""

    def authenticate(self, request: Request) -> tuple[Actor, Actor] | None:
        if (actor := getattr(request._request, "actor", None)) is not None:
            return actor, actor
        if request.headers.get("Authorization"):
            raise exceptions.AuthenticationFailed("This token is not known, has expired or was revoked.")
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "connected.api.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token cs_…`, made by an owner in Settings or with `manage.py create_token`.",
        }


class ScopePermission(BasePermission):
    """A token is needed for everything; a write token, and a role that edits, for changes."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        actor = request.auth
        if actor is None:
            return False
        return request.method in SAFE_METHODS or cast(Actor, actor).may_edit


def actor_of(request: Request) -> Actor:
    """Who asks; only for views that :class:`ScopePermission` guards."""
    return cast(Actor, request.auth)


class StrictJSONParser(JSONParser):
    """JSON without NaN and Infinity, and without nesting that would exhaust the parser."""

    strict = True

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError("JSON is nested too deeply.") from None


class CursorPages(CursorPagination):
    """``?page_size=`` up to 1000, newest last; the cursor survives rows being added."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    ordering = "id"

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
        except (ValueError, TypeError, UnicodeError) as error:
            raise exceptions.NotFound(self.invalid_cursor_message) from error
        if cursor is not None and cursor.position is not None and not _whole_number(cursor.position):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


def _whole_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


class TokenThrottle(SimpleRateThrottle):
    """So many calls a minute for each token, or for each address without one."""

    scope = "token"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        actor = cast(Actor | None, request.auth)
        ident = f"token-{actor.token_id}" if actor else self.get_ident(request)
        return str(self.cache_format % {"scope": self.scope, "ident": ident})


class Problem(exceptions.APIException):
    """An error with more to say than one sentence: ``errors`` holds one entry a place."""

    def __init__(self, detail: str, *, status_code: int = 422, title: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.status_code, self.title, self.extra = status_code, title, extra


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every failure as ``application/problem+json`` [RFC 9457]: status, title, detail, errors."""
    found = _as_api_exception(error)
    if found is None:
        return None
    if connection.in_atomic_block:
        transaction.set_rollback(True)  # A refused call changes nothing.
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": getattr(found, "title", "") or _title(found.status_code),
        "status": found.status_code,
    }
    if isinstance(found, exceptions.ValidationError):
        body["detail"] = "Some values were not accepted."
        body["errors"] = _places(found.detail)
    else:
        body["detail"] = str(found.detail)
    body.update(getattr(found, "extra", {}))
    response = Response(body, status=found.status_code, content_type=PROBLEM)
    if wait := getattr(found, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    if found.status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
        response["Retry-After"] = "5"
    if found.status_code == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = "Token"
    return response


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*error.args)
    if isinstance(error, WrongStep | ProtectedError | IntegrityError):
        return Problem(_reason(error), status_code=409)
    if isinstance(error, ModelError):
        return exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database away: %s", error)
        return Problem("The database does not answer. Try again shortly.", status_code=503)
    if isinstance(error, DatabaseError):
        logger.warning("value the database refuses: %s", error)
        return Problem("A value is outside what can be stored.", status_code=400)
    return None


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, WrongStep) else "This would contradict what is already stored."


def _title(code: int) -> str:
    return HTTPStatus(code).phrase


def _places(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Nested DRF errors as a flat list of ``{"field", "detail"}``."""
    if isinstance(detail, dict):
        return [place for key, value in detail.items() for place in _places(value, f"{path}.{key}".lstrip("."))]
    if isinstance(detail, list):
        return [
            place
            for index, value in enumerate(detail)
            for place in _places(value, path if isinstance(value, str) else f"{path}[{index}]")
        ]
    return [{"field": path, "detail": str(detail)}]

