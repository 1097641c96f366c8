"""An answers file as sheets: every row read and checked, nothing looked up."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from assessments.instrument import Item, canonical
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
    """What a workshop asks: item by code, of ``width`` in all. ``number`` tells forms apart.

    ``beside``: all that may be asked for other situations, which stand behind the others.
    """

    number: int
    width: int
    items: Mapping[str, Item]
    beside: tuple[Item, ...] = ()


class SheetKey(NamedTuple):
    segment: SegmentKey
    participant: str


class Cell(NamedTuple):
    """Where an answer goes and the character it is written as."""

    position: int
    digit: int


@dataclass
class Sheets:
    """The digits and the evidence of each sheet, and the row that names it first.

    ``twice``: the places that got two different answers. ``known``: cells read before, for few differ.
    """

    digits: dict[SheetKey, bytearray] = field(default_factory=dict)
    evidence: dict[SheetKey, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    rows: dict[SheetKey, int] = field(default_factory=dict)
    twice: set[tuple[SheetKey, int]] = field(default_factory=set)
    known: dict[tuple[int, str, str], Cell | Problem] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        return sum(len(digits) - digits.count(ABSENT) for digits in self.digits.values())

    def take(
        self,
        numbers: Sequence[int],
        columns: Mapping[str, Sequence[str]],
        asked: Mapping[str, Questions],
    ) -> list[Problem]:
        """Add rows. ``asked`` is by firm. Returns what cannot be read."""
        problems: list[Problem] = []
        keys = _keys(columns)
        for number, key, cell in zip(numbers, keys, self._cells(numbers, columns, asked), strict=True):
            if isinstance(cell, Problem):
                problems.append(cell)
                continue
            digits = self.digits.get(key)
            if digits is None:
                form = asked[key.segment.firm]
                digits = self.digits[key] = bytearray([ABSENT]) * (form.width + len(form.beside))
                self.rows[key] = number
            if digits[cell.position] not in (ABSENT, cell.digit):
                self.twice.add((key, cell.position))
            digits[cell.position] = cell.digit
        for key, code, text in zip(keys, columns["item"], columns.get("evidence", ()), strict=False):
            if text:
                self.evidence[key][canonical(code)] = text
        return problems

    def _cells(
        self,
        numbers: Sequence[int],
        columns: Mapping[str, Sequence[str]],
        asked: Mapping[str, Questions],
    ) -> Iterator[Cell | Problem]:
        """The cell of each row, or why there is none."""
        rows = zip(numbers, columns["firm"], columns["item"], columns["value"], strict=True)
        for number, firm, code, value in rows:
            form = asked[firm]
            found = self.known.get((form.number, code, value))
            if found is None:
                found = self.known[form.number, code, value] = _read(form, code, value)
            yield replace(found, row=number) if isinstance(found, Problem) else found

    def contradictions(
        self,
        numbers: Sequence[int],
        columns: Mapping[str, Sequence[str]],
        asked: Mapping[str, Questions],
        first: dict[tuple[SheetKey, int], tuple[int, int]],
    ) -> Iterator[Problem]:
        """Rows that differ from an earlier one, all rows given again. ``first`` remembers those."""
        rows = zip(
            numbers, _keys(columns), self._cells(numbers, columns, asked), columns["value"], strict=True
        )
        for number, key, cell, value in rows:
            if isinstance(cell, Problem) or (key, cell.position) not in self.twice:
                continue
            row, digit = first.setdefault((key, cell.position), (number, cell.digit))
            if digit != cell.digit:
                reason = f"row {row} and row {number} give different answers to the same item"
                yield Problem(number, "value", reason, value)


def parted(digits: bytes | bytearray, beside: Sequence[Item]) -> tuple[str, str]:
    """A sheet's characters as those of its items, and what stands behind them as JSON by code."""
    if not beside:
        return digits.decode(), "{}"
    first = beside[0].position
    said = {
        item.code: None if digit == UNKNOWN else digit - ord("0")
        for item, digit in zip(beside, digits[first:], strict=True)
        if digit != ABSENT
    }
    return digits[:first].decode(), json.dumps(said)


def _keys(columns: Mapping[str, Sequence[str]]) -> list[SheetKey]:
    return list(map(SheetKey, segment_keys(columns), columns["participant"]))


def _read(form: Questions, code: str, value: str) -> Cell | Problem:
    item = form.items.get(canonical(code))
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
