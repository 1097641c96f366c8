"""One cell as the value of a model's field: numbers, dates and choices read without guessing."""

import re
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from connected.models.firms import written_currency

_YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_WHOLE: Final = re.compile(r"(-?[0-9]{1,19})\.0+")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Unset(Enum):
    """An empty cell where empty is no value: new rows take the default, others keep what they have."""

    UNSET = ""


UNSET: Final = Unset.UNSET


def read_cell(field: "models.Field[Any, Any]", text: str) -> Any:
    """The value a trimmed cell stands for. ValueError says what the column takes."""
    if not text:
        return _empty(field)
    value = _parsed(field, text)
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        raise ValueError(f"this is longer than {field.max_length} characters")
    try:
        field.run_validators(value)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    return value


def _empty(field: "models.Field[Any, Any]") -> Any:
    if field.null:
        return None
    if field.has_default():
        return UNSET
    if field.blank:
        return ""
    raise ValueError("this is empty")


def _parsed(field: "models.Field[Any, Any]", text: str) -> Any:
    if field.choices:
        return _choice(field, text)
    if field.name == "currency":
        return written_currency(text)
    match field:
        case models.BooleanField():
            return _yes(text)
        case models.IntegerField():
            return _integer(text)
        case models.DecimalField():
            return _decimal(text)
        case models.DateField():
            return _date(text)
        case _:
            return text


def _choice(field: "models.Field[Any, Any]", text: str) -> str:
    """A choice by its code or by the words a page shows for it."""
    known: dict[str, Any] = {}
    for code, label in field.flatchoices:
        known |= {_bare(str(code)): code, _bare(str(label)): code}
    if _bare(text) not in known:
        raise ValueError(f"this is none of {', '.join(str(code) for code, _ in field.flatchoices)}")
    return str(known[_bare(text)])


def _bare(text: str) -> str:
    return text.casefold().replace("’", "'").replace("_", " ").replace("-", " ")


def _yes(text: str) -> bool:
    if text.casefold() not in _YES:
        raise ValueError("this is neither yes nor no")
    return _YES[text.casefold()]


def _integer(text: str) -> int:
    whole = _WHOLE.fullmatch(text)
    if not whole and not _INTEGER.fullmatch(text):
        raise ValueError("this is no whole number; write 1200000 without separators")
    return int(whole[1] if whole else text)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError("this is no number; write 1200000.50 without separators or currency")
    return Decimal(text)


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError("this is no date; write it as 2026-12-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day") from None
