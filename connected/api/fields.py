"""A JSON body has the fields the schema names, each of its type: a number is no text, no text a number.

REST framework drops what it does not know and converts what it can (``0`` becomes ``"0"``, ``"yes"`` true):
both would hide a mistake.
"""

from typing import Any, Final

from rest_framework import exceptions
from rest_framework.fields import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    IntegerField,
)
from rest_framework.serializers import BaseSerializer, ListSerializer

_TYPES: Final[tuple[tuple[Any, type, str], ...]] = (
    (BooleanField, bool, "Give true or false."),
    (IntegerField, int, "A valid integer is required."),
    (DecimalField, str, "Give the number as text, such as “12.50”."),
    ((CharField, ChoiceField, DateField, DateTimeField), str, "Not a valid string."),
)


def must_be_fields(serializer: "BaseSerializer[Any]") -> None:
    """400 names every field there is not, and every value of another type than its field takes."""
    if found := _wrong(serializer, getattr(serializer, "initial_data", None)):
        raise exceptions.ValidationError(found)


def _wrong(field: Any, value: Any) -> Any:
    """What is wrong, in the shape of the value; empty where nothing is."""
    if value is None:
        return None  # Whether null is taken, the field says itself.
    if isinstance(field, ListSerializer):
        rows = [_wrong(field.child, each) or {} for each in value] if isinstance(value, list) else []
        return rows if any(rows) else None
    if isinstance(field, BaseSerializer):
        return _members(getattr(field, "fields", {}), value) if isinstance(value, dict) else None
    if isinstance(field, DictField):
        return _members(dict.fromkeys(value, field.child), value) if isinstance(value, dict) else None
    return None if field.read_only else _of_another_type(field, value)


def _members(fields: Any, value: dict[str, Any]) -> dict[str, Any]:
    known = ", ".join(name for name, field in fields.items() if not field.read_only)
    found = {
        name: _wrong(fields[name], each) if name in fields else [f"There is no such field. Known: {known}."]
        for name, each in value.items()
    }
    return {name: wrong for name, wrong in found.items() if wrong}


def _of_another_type(field: Any, value: Any) -> list[str] | None:
    for kinds, taken, words in _TYPES:
        if isinstance(field, kinds):
            right = isinstance(value, taken) and (taken is bool or not isinstance(value, bool))
            return None if right else [words]
    return None
