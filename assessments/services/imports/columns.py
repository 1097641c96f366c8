"""What each column of each file takes, in words: for the page, the templates and the docs."""

from dataclasses import dataclass
from typing import Final

from django.db import models

from assessments.services.imports.kinds import KINDS, Kind

ANSWERS: Final = "answers"
_ANSWER_COLUMNS: Final = (
    ("firm", True, "name; made when it is not there"),
    ("segment", True, "customer group; made when it is not there"),
    ("offering", True, "the segment’s offering; the cell may be empty"),
    ("participant", True, "name or role of who answered; made when it is not there"),
    ("item", True, "code of the question, such as R1"),
    ("value", True, "0 to 4; A1 to A4 take PR, RT, MM, CW, PP or 1 to 5; empty is “do not know”"),
    ("situation", False, "needed where a customer group has several situations"),
    ("evidence", False, "what the answer rests on; empty leaves what is there"),
)
_PLACE_WORDS: Final = {
    "firm": "name of the firm",
    "segment": "customer group",
    "offering": "the segment’s offering; the cell may be empty",
    "situation": "the segment’s situation; the cell may be empty",
}


@dataclass(frozen=True)
class Column:
    """A column as people write it: its name, whether the file must have it, and what its cells take."""

    name: str
    required: bool
    takes: str


def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind of file, in the order templates and exports have them."""
    if kind == ANSWERS:
        return tuple(Column(*each) for each in _ANSWER_COLUMNS)
    spec = KINDS[kind]
    return tuple(Column(name, name in spec.required, _takes(spec, name)) for name in spec.columns)


def _takes(spec: Kind, column: str) -> str:
    if column in spec.place:
        return _PLACE_WORDS[column]
    field = spec.field(column)
    if field.choices:
        return ", ".join(str(code) for code, _ in field.flatchoices)
    match field:
        case models.BooleanField():
            return "yes or no"
        case models.SmallIntegerField():
            return "0 to 4"
        case models.IntegerField():
            return "a whole number, without separators"
        case models.DecimalField():
            return "a number with a point, such as 1200000.50"
        case models.DateField():
            return "a date such as 2026-12-31"
        case _:
            return f"text, up to {field.max_length} characters"
