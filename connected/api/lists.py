"""Lists: pages by cursor, and filters that refuse what they do not know."""

from base64 import b64decode
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MOST_ID = 2**63 - 1
PAGING = ("cursor", "page_size")


class CursorPages(CursorPagination):
    """``?page_size=`` up to 1000 (more gives 1000), oldest first; the cursor survives rows being added."""

    page_size = 100
    page_size_query_param = "page_size"
    page_size_query_description = "Results a page, 100 unless told; more than 1000 gives 1000."
    cursor_query_description = "Where the page begins; take it from `next` or `previous`."
    max_page_size = 1000
    ordering = "id"

    def decode_cursor(self, request: Request) -> Any:
        try:
            # REST framework's own decoding skips letters it does not know and begins at the first page.
            b64decode(request.query_params.get("cursor", ""), validate=True)
            cursor = super().decode_cursor(request)
        except (ValueError, TypeError, exceptions.NotFound):
            raise _bad_cursor() from None
        if cursor is not None and cursor.position is not None and not _whole_number(str(cursor.position)):
            raise _bad_cursor()
        return cursor

    def get_page_size(self, request: Request) -> int | None:
        given = request.query_params.get("page_size")
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit()) or not given.strip("0"):
            raise exceptions.ValidationError({"page_size": "Give a whole number from 1 to 1000."})
        return min(int(given), self.max_page_size) if _whole_number(given) else self.max_page_size

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for each in parameters:
            if each["name"] == self.page_size_query_param:
                each["schema"] |= {"minimum": 1}
            else:
                each["schema"] |= {"format": "cursor", "minLength": 1}
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def _bad_cursor() -> exceptions.ValidationError:
    return exceptions.ValidationError({"cursor": "This cursor was not made here. Begin without one."})


def _whole_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


class IdFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows of one other thing, by its id. An id that does not exist matches nothing."""

    field_class = forms.IntegerField
    schema = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MOST_ID}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=MOST_ID, **kwargs)


class YesNoFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """``true`` or ``false``; django-filter's own reads any other word as "no filter"."""

    schema = {"type": "boolean"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, choices=[(word, word) for word in ("true", "false")], coerce=_is_true, **kwargs
        )


def _is_true(word: str) -> bool:
    return word == "true"


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    """A time that stays one in every time zone: the database knows none before year 1 or after 9999."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        if moment is not None and not 1900 <= moment.year <= 9000:
            raise ValidationError("Give a time between the years 1900 and 9000.")
        # ISO 8601 knows offsets of a whole day; the database takes fewer than sixteen hours.
        return moment and moment.astimezone(UTC)


class ChangedSinceFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """Rows changed at or after a time, ISO 8601; without an offset it is UTC."""

    field_class = MomentField

    def __init__(self, field_name: str = "updated_at", **kwargs: Any) -> None:
        help_text = "Changed at or after this time, ISO 8601; without an offset UTC."
        super().__init__(field_name=field_name, lookup_expr="gte", help_text=help_text, **kwargs)


def must_know(request: Request, known: Collection[str]) -> None:
    """400 for a query parameter nobody reads: a misspelt filter must not answer with everything."""
    errors = {
        name: f"There is no such parameter here. Known: {', '.join(known) or 'none'}."
        for name in request.query_params
        if name not in known
    }
    for name, values in request.query_params.lists():
        if len(values) > 1:
            errors.setdefault(name, "Given twice: one value is taken.")
        elif not values[0].strip():
            errors.setdefault(name, "Empty: give a value, or leave the parameter out.")
    if errors:
        raise exceptions.ValidationError(errors)
