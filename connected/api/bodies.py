"""Bodies in and out: strict JSON, whole files, and nothing without a length."""

from typing import Any

import orjson
from rest_framework import exceptions
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from connected.api.problems import Problem

JSON_LIMIT = 2 * 1024 * 1024
FILE_LIMIT = 20 * 1024 * 1024


class StrictJSONParser(JSONParser):
    """JSON without NaN and Infinity, and without nesting that would exhaust the parser."""

    strict = True
    limit = JSON_LIMIT

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError("JSON is nested too deeply.") from None


class CsvParser(BaseParser):
    """The body as it is: ``request.data`` is bytes."""

    media_type = "text/csv"
    limit = FILE_LIMIT

    def parse(  # type: ignore[override]
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> bytes:
        content: bytes = stream.read()
        return content


class SpreadsheetParser(CsvParser):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class QuickJSONRenderer(JSONRenderer):
    """The same JSON, several times quicker; times in UTC end in Z."""

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else as_json(data)


def as_json(data: Any) -> bytes:
    """UTF-8 JSON. Decimals become text, so that no cent is lost; NaN becomes null."""
    return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


def must_have_length(request: Request) -> None:
    """411 for a chunked body: behind WSGI it reads as empty, and an import of nothing would succeed."""
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise Problem("Send Content-Length: a chunked body is not read.", status_code=411)


def must_fit(request: Request, limit: int) -> None:
    """413 for a body over ``limit`` bytes, before any of it is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise exceptions.ParseError("Content-Length is not a number.") from None
    if length > limit:
        raise Problem(f"The body has {length} bytes; at most {limit} are taken.", status_code=413)


__all__ = [
    "FILE_LIMIT",
    "JSON_LIMIT",
    "CsvParser",
    "QuickJSONRenderer",
    "SpreadsheetParser",
    "StrictJSONParser",
    "as_json",
    "must_fit",
    "must_have_length",
]
