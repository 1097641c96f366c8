"""An answers file as sheets: every row read and checked, nothing looked up."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from assessments.instrument import Item
from assessments.services.imports.places import SegmentKey, segment_keys
from assessments.tables import Problem

# A sheet on its way is one character an item: its value, "do not know", or not in the file.
# Every answer is one digit, so PostgreSQL takes the text apart without a parser.
UNKNOWN: Final = ord("-")
ABSENT: Final = ord(".")
# Spreadsheets write 3 as 3.0 where a column holds fractions.
_WHOLE: Final = re.compile(r"([0-9]+)\.0+")


@dataclass(frozen=True)
class Questions:
    """What a workshop asks: item by code, of ``width`` in all. ``number`` tells forms apart."""

    number: int
    width: int
    items: Mapping[str, Item]


class SheetKey(NamedTuple):
    segment: SegmentKey
    participant: str


class Cell(NamedTuple):
    """Where an answer goes and the character it is written as."""

    position: int
    digit: int


@dataclass
class Sheets:
    """The digits and the evidence of each sheet, and the row that names it first."""

    digits: dict[SheetKey, bytearray] = field(default_factory=dict)
    evidence: dict[SheetKey, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    rows: dict[SheetKey, int] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        return sum(len(digits) - digits.count(ABSENT) for digits in self.digits.values())


def read_sheets(
    numbers: Sequence[int],
    columns: Mapping[str, Sequence[str]],
    asked: Mapping[str, Questions],
    problems: list[Problem],
) -> Sheets:
    """The rows as sheets. ``asked`` is by firm; what cannot be read is added to ``problems``."""
    sheets = Sheets()
    keys = list(map(SheetKey, segment_keys(columns), columns["participant"]))
    cells = list(_cells(numbers, columns, asked, problems))
    twice = False
    for number, key, cell in zip(numbers, keys, cells, strict=True):
        if cell is None:
            continue
        digits = sheets.digits.get(key)
        if digits is None:
            width = asked[key.segment.firm].width
            digits = sheets.digits[key] = bytearray([ABSENT]) * width
            sheets.rows[key] = number
        twice |= digits[cell.position] not in (ABSENT, cell.digit)
        digits[cell.position] = cell.digit
    if twice:
        problems += _contradictions(numbers, keys, cells, columns["value"])
    for key, code, text in zip(keys, columns["item"], columns.get("evidence", ()), strict=False):
        if text:
            sheets.evidence[key][code.upper()] = text
    return sheets


def _cells(
    numbers: Sequence[int],
    columns: Mapping[str, Sequence[str]],
    asked: Mapping[str, Questions],
    problems: list[Problem],
) -> Iterator[Cell | None]:
    """The cell of each row, None where it cannot be read. Few answers differ, so each is read once."""
    known: dict[tuple[int, str, str], Cell | Problem] = {}
    rows = zip(numbers, columns["firm"], columns["item"], columns["value"], strict=True)
    for number, firm, code, value in rows:
        form = asked[firm]
        found = known.get((form.number, code, value))
        if found is None:
            found = known[form.number, code, value] = _read(form, code, value)
        if isinstance(found, Problem):
            problems.append(Problem(number, found.column, found.reason, found.value))
            yield None
        else:
            yield found


def _read(form: Questions, code: str, value: str) -> Cell | Problem:
    item = form.items.get(code.upper())
    if item is None:
        reason = f"there is no item “{code[:40]}” in this questionnaire" if code else "this is empty"
        return Problem(0, "item", reason, code[:40])
    whole = _WHOLE.fullmatch(value)
    try:
        answer = item.value_of(whole[1] if whole else value)
    except ValueError:
        reason = f"{item.code} takes {item.takes}, or nothing for “do not know”"
        return Problem(0, "value", reason, value[:40])
    return Cell(item.position, UNKNOWN if answer is None else ord(str(answer)))


def _contradictions(
    numbers: Sequence[int], keys: Sequence[SheetKey], cells: Sequence[Cell | None], values: Sequence[str]
) -> Iterator[Problem]:
    first: dict[tuple[SheetKey, int], tuple[int, int]] = {}
    for number, key, cell, value in zip(numbers, keys, cells, values, strict=True):
        if cell is None:
            continue
        row, digit = first.setdefault((key, cell.position), (number, cell.digit))
        if digit != cell.digit:
            reason = f"row {row} and row {number} give different answers to the same item"
            yield Problem(number, "value", reason, value)
