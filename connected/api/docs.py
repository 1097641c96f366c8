"""What describes the API: the OpenAPI schema, a page that shows it, the guide, and wrong addresses."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connected.api.bodies import ByFormat, must_be_written
from connected.api.resources import Checked

GUIDE = settings.BASE_DIR / "docs" / "api.md"


class Open(Checked):
    """Says nothing about anybody's data, so it needs no token."""

    authentication_classes = ()
    permission_classes = ()


@lru_cache(maxsize=1)
def _schema() -> Any:
    # The same for everyone until the code changes, and half a second of work.
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


@extend_schema(exclude=True)
class SchemaView(Open):
    """OpenAPI 3, as YAML, or as JSON when ``?format=json`` or the Accept header asks for it."""

    renderer_classes = (OpenApiYamlRenderer, OpenApiYamlRenderer2, OpenApiJsonRenderer, OpenApiJsonRenderer2)
    content_negotiation_class = ByFormat
    parameters = ("format",)

    def get(self, request: Request) -> Response:
        must_be_written(request, ("yaml", "json"))
        return Response(_schema())


@extend_schema(exclude=True)
class IndexView(Open):
    """Where everything begins: the lists by name, and what describes them."""

    def get(self, request: Request) -> Response:
        addresses = [address for address in _schema()["paths"] if "{" not in address]
        names = [address.removeprefix(request.path_info).strip("/") for address in addresses]
        names += ["schema", "docs", "guide"]
        return Response({name: request.build_absolute_uri(f"{request.path}{name}/") for name in names})


@extend_schema(exclude=True)
class GuideView(Open):
    """The guide to the API as text."""

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(GUIDE.read_bytes(), content_type="text/plain; charset=utf-8")


class DocsView(SpectacularSwaggerSplitView):
    """The schema as a page, with everything from this server and no inline script."""

    http_method_names = Checked.http_method_names
    authentication_classes = ()
    permission_classes = ()
    url_name = "api-schema"
    template_name = "api_docs.html"


@extend_schema(exclude=True)
class NoSuchAddress(Open):
    """Any other address under the API: a problem, and never a redirect that turns a POST into a GET."""

    def get(self, request: Request, path: str) -> Response:
        hint = "" if path.endswith("/") else f" Addresses end with a slash: {request.path}/"
        raise NotFound(f"There is no such address.{hint}")

    http_method_names = list(APIView.http_method_names)
    post = put = patch = delete = options = get  # type: ignore[assignment]
