"""How the OpenAPI schema is written: the token, descriptions only where given, problems everywhere."""

from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from connected.api.problems import PROBLEM


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


def with_problems(
    result: dict[str, Any], generator: Any, request: HttpRequest | None, public: bool
) -> dict[str, Any]:
    """Hook of the schema: every operation may fail, and fails alike."""
    result["components"]["schemas"]["Problem"] = _PROBLEM
    answer = {
        "description": "A problem: what is wrong, and where [RFC 9457].",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"] |= {"4XX": answer, "5XX": answer}
    return result


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
