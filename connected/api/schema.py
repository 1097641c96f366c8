"""How the OpenAPI schema is written: the token, descriptions only where given, problems everywhere."""

from typing import Any, Final

from django.http import HttpRequest
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from connected.api.batches import MOST
from connected.api.problems import PROBLEM
from connected.api.replays import HEADER, PATTERN, REPLAYED


class Schema(AutoSchema):
    """Docstrings speak to those who read the code; what callers read is given to ``extend_schema``."""

    def get_description(self) -> str:  # type: ignore[override]
        return ""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "connected.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token cs_…`, made under Settings or with `manage.py create_token`.",
        }


class Filters(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """A filter says in ``schema`` what it reads, where its model field says something else."""

    priority = 1

    def resolve_filter_field(self, *args: Any) -> list[dict[str, Any]]:
        read = args[-1]
        if said := getattr(read, "schema", None):
            set_override(read, "field", said)
        found: list[dict[str, Any]] = super().resolve_filter_field(*args)  # type: ignore[no-untyped-call]
        for each in found if said else ():
            each["description"] = read.extra["help_text"]
        return found


# Text that is read is stripped, and holds no NUL; where it is needed, something is left of it.
SOME_TEXT: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
ANY_TEXT: Final = r"^[^\u0000]*$"


def as_it_is_read(
    result: dict[str, Any], generator: Any, request: HttpRequest | None, public: bool
) -> dict[str, Any]:
    """Hook of the schema: what holds for every body and every text that comes in."""
    named = result["components"]["schemas"]
    several = [name for name, schema in named.items() if name.endswith("Request") and "oneOf" in schema]
    for operations in result["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {})
            if any(mark in str(body) for mark in ("oneOf", *(f"/{name}'" for name in several))):
                body["required"] = True
            for each in operation.get("parameters", ()):
                if each["schema"] == {"type": "string"}:
                    each["schema"] |= {"minLength": 1}
                _say(each["schema"])
    for name, schema in named.items():
        if name in several:
            for way in schema["oneOf"]:
                way |= {"minItems": 1, "maxItems": MOST} if way.get("type") == "array" else {}
        elif name.endswith("Request"):
            schema["additionalProperties"] = False
            _say(schema)
    return result


def _say(schema: Any) -> None:
    if isinstance(schema, list):
        for each in schema:
            _say(each)
    elif isinstance(schema, dict):
        if schema.get("type") == "string" and not {"enum", "format", "pattern"} & schema.keys():
            schema["pattern"] = SOME_TEXT if schema.get("minLength") else ANY_TEXT
        for each in schema.values():
            _say(each)


def with_problems(
    result: dict[str, Any], generator: Any, request: HttpRequest | None, public: bool
) -> dict[str, Any]:
    """Hook of the schema: every status an operation may be refused with, all of one shape.

    What only some operations answer (422) they name themselves, in ``extend_schema``, with None.
    """
    result["components"]["schemas"]["Problem"] = _PROBLEM
    result["components"]["responses"] = {f"Problem{status}": _answer(status) for status in _REFUSALS}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            operation["responses"] |= {
                str(status): {"$ref": f"#/components/responses/Problem{status}"}
                for status in sorted(_refusals(path, method, operation))
            }
    return result


def _refusals(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    found = {400, 401, 406, 429, 503} | {int(code) for code in operation["responses"] if code >= "400"}
    if "{" in path:
        found.add(404)
    if method != "get":
        found |= {403, 409, 411, 413}
    if "requestBody" in operation:
        found.add(415)
    return found


def _answer(status: int) -> dict[str, Any]:
    said, headers = _REFUSALS[status]
    return {
        "description": said,
        "headers": {
            name: {"schema": {"type": kind}, "required": True, "description": words}
            for name, (kind, words) in headers.items()
        },
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def with_marks(
    result: dict[str, Any], generator: Any, request: HttpRequest | None, public: bool
) -> dict[str, Any]:
    """Hook of the schema: what is read has a mark, and 304 where it is the one the caller has seen."""
    result["components"]["parameters"] = {"IfNoneMatch": _SEEN}
    result["components"]["responses"]["Unchanged"] = {
        "description": "Nothing has changed since that `ETag`; no body.",
        "headers": {"ETag": _mark(required=True)},
    }
    for operations in result["paths"].values():
        if reading := operations.get("get"):
            reading.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfNoneMatch"})
            answer = reading["responses"]["200"]
            mark = {"ETag": _mark(required=list(answer["content"]) == ["application/json"])}
            answer["headers"] = answer.get("headers", {}) | mark
            reading["responses"]["304"] = {"$ref": "#/components/responses/Unchanged"}
    return result


def _mark(*, required: bool) -> dict[str, Any]:
    words = "Stands for this body." if required else "Stands for this body; streams of changes have none."
    return {"schema": {"type": "string"}, "required": required, "description": words}


def with_keys(
    result: dict[str, Any], generator: Any, request: HttpRequest | None, public: bool
) -> dict[str, Any]:
    """Hook of the schema: every POST may name a key, and is answered from what was kept under it."""
    result["components"]["parameters"]["IdempotencyKey"] = _KEY
    for operations in result["paths"].values():
        if writing := operations.get("post"):
            writing.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
            writing["responses"] = {
                **{code: _replayed(answer) for code, answer in writing["responses"].items()},
                "422": {"$ref": "#/components/responses/Problem422"},
            }
    return result


def _replayed(answer: dict[str, Any]) -> dict[str, Any]:
    return answer if "$ref" in answer else {**answer, "headers": answer.get("headers", {}) | _REPLAYED}


_KEY = {
    "in": "header",
    "name": HEADER,
    "description": "Sent again with the same key, the call is answered as before and not done again.",
    "schema": {"type": "string", "pattern": f"^{PATTERN}$", "minLength": 1, "maxLength": 255},
}
_REPLAYED = {
    REPLAYED: {
        "description": f"`true` for an answer that was kept under the {HEADER}.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
_SEEN = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The `ETag` of what you have: 304 while that is still so.",
    "schema": {"type": "string"},
}
_WAIT = {"Retry-After": ("integer", "Seconds to wait.")}
_REFUSALS: dict[int, tuple[str, dict[str, tuple[str, str]]]] = {
    400: ("A parameter or a value was not accepted; `errors` says which.", {}),
    401: ("No token, or one that is not known.", {"WWW-Authenticate": ("string", "Always `Token`.")}),
    403: ("It may be seen but not changed: the token only reads, or its member may not.", {}),
    404: ("It does not exist, or may not be seen.", {}),
    406: ("None of the media types in `Accept` is written here.", {}),
    409: ("It contradicts what is stored, or the state it is in.", {}),
    411: ("A body without `Content-Length`.", {}),
    413: ("The body is too large.", {}),
    415: ("The body is of a media type that is not read here.", {}),
    422: ("Read and understood, but not sound; `errors` says where.", {}),
    429: ("Too many calls.", _WAIT),
    503: ("The database does not answer; nothing was half saved.", _WAIT),
}

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "example": "Bad Request"},
        "status": {"type": "integer", "example": 400},
        "detail": {"type": "string", "example": "Some values were not accepted."},
        "errors": {
            "type": "array",
            "description": "One entry a place that is wrong.",
            "items": {"type": "object", "additionalProperties": True},
        },
    },
    "additionalProperties": True,
}
