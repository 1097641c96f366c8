"""Every address of the product, by walking the resolver, and every operation of the OpenAPI schema."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CONVERTER = re.compile(r"<(?:[^:>]+:)?(?P<name>[^>]+)>")


@dataclass(frozen=True)
class Route:
    """``template`` as in ``w/<slug:workspace>/firms/<int:firm>/``; ``kwargs`` its places, in order."""

    name: str
    template: str
    callback: Any

    @property
    def kwargs(self) -> tuple[str, ...]:
        return tuple(match["name"] for match in _CONVERTER.finditer(self.template))

    @property
    def is_api(self) -> bool:
        return self.template.startswith("api/")

    @property
    def in_workspace(self) -> bool:
        return "workspace" in self.kwargs

    @property
    def declared(self) -> set[str] | None:
        """Methods a class says it answers; None for a function, which says nothing."""
        if actions := getattr(self.callback, "actions", None):
            return {method.upper() for method in actions} & set(METHODS)
        if view := getattr(self.callback, "view_class", None) or getattr(self.callback, "cls", None):
            return {method for method in METHODS if hasattr(view, method.lower())}
        return None

    def path(self, values: Mapping[str, object]) -> str:
        return "/" + _CONVERTER.sub(lambda match: str(values[match["name"]]), self.template)

    @property
    def in_schema(self) -> str:
        """The address as the schema writes it."""
        return "/" + _CONVERTER.sub(lambda match: f"{{{match['name'].replace('pk', 'id')}}}", self.template)


def routes() -> list[Route]:
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        template = f"{prefix}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _walk(each, template)
        else:
            assert isinstance(each, URLPattern)
            yield Route(each.name or template, template, each.callback)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return, no-untyped-call]


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """(address as the schema writes it, method) to its description."""
    return {
        (address, method.upper()): operation
        for address, methods in schema()["paths"].items()
        for method, operation in methods.items()
        if method.upper() in METHODS
    }


def query_names(operation: Mapping[str, Any]) -> list[str]:
    return [each["name"] for each in operation.get("parameters", ()) if each.get("in") == "query"]


def body_names(operation: Mapping[str, Any]) -> list[str]:
    """The fields a JSON body may have; none for bodies of another kind."""
    content = (
        operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    )
    content = content.get("oneOf", [content])[0]  # One, where a list of them is taken as well.
    while "$ref" in content:
        content = schema()["components"]["schemas"][content["$ref"].rsplit("/", 1)[1]]
    return list(content.get("properties", ()))
