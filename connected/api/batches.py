"""A list instead of one: all of its items are made, or none, and every bad one is named."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from rest_framework import exceptions, serializers

from connected.api.fields import must_be_fields
from connected.api.problems import Problem, places
from connected.services import BadItem, BadItems

Result = TypeVar("Result")

MOST: Final = 10_000
# A list of so many items with words in them; one item alone is held to much less by its fields.
LIST_LIMIT: Final = 8 * 1024 * 1024
MOST_ERRORS: Final = 1000


MADE: Final = {
    "type": "object",
    "required": ["count", "ids"],
    "properties": {
        "count": {"type": "integer"},
        "ids": {"type": "array", "items": {"type": "integer"}, "description": "In the order of the list."},
    },
}


def made_of(
    items: Sequence[Any], serializer: "serializers.BaseSerializer[Any]", add: Callable[..., list[int]]
) -> dict[str, Any]:
    """Make what a list names, with :func:`taken`. Returns what :data:`MADE` says."""
    ids = taken(items, serializer, add)
    return {"count": len(ids), "ids": ids}


def taken(
    items: Sequence[Any],
    serializer: "serializers.BaseSerializer[Any]",
    verb: Callable[..., Result],
    most: int = MOST,
) -> Result:
    """Do what a list asks for; ``verb`` takes the values of every item. Returns what it returns.

    Raises 400 for a list of no or too many items, 422 with one problem a bad place.
    """
    if not 1 <= len(items) <= most:
        raise exceptions.ValidationError(f"Give a list of 1 to {most} items; this one has {len(items)}.")
    try:
        return verb(items=_values(serializer))
    except BadItems as error:
        raise refused(error.items) from error


def _values(serializer: "serializers.BaseSerializer[Any]") -> list[dict[str, Any]]:
    try:
        must_be_fields(serializer)
    except exceptions.ValidationError as error:
        raise BadItems(_bad(error.detail)) from error
    if not serializer.is_valid():
        raise BadItems(_bad(serializer.errors))
    return [dict(values) for values in serializer.validated_data]


def _bad(errors: Any) -> list[BadItem]:
    """Errors in the shape of the list as problems, one a place; good items have none."""
    rows = errors.items() if isinstance(errors, dict) else enumerate(errors)
    return [
        BadItem(int(index), place["field"], place["detail"])
        for index, row in rows
        if row
        for place in places(row)
    ]


def refused(items: Sequence[BadItem]) -> Problem:
    number = len(items)
    said = "1 problem" if number == 1 else f"{number} problems"
    shown = [
        {"index": each.index, "field": each.field, "detail": each.detail} for each in items[:MOST_ERRORS]
    ]
    return Problem(f"Nothing was saved: {said}.", status_code=422, count=number, errors=shown)


def one_or_many(one: str) -> dict[str, Any]:
    """The schema of a body that is one or a list; ``one`` names the component of one."""
    return {"application/json": {"oneOf": [_ref(one), list_of(one)]}}


def list_of(one: str) -> dict[str, Any]:
    """The schema of a list that is taken whole."""
    return {"type": "array", "items": _ref(one), "minItems": 1, "maxItems": MOST}


def one_or_made(one: str) -> dict[str, Any]:
    """The schema of the answer: what was made of one, or the ids of a list."""
    return {"oneOf": [_ref(one), MADE]}


def _ref(component: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{component}"}
