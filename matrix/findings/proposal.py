"""What a candidate run would change, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS

_APART: Final = {
    "baseline": "sells what it has",
    "mixed": "mixed supply",
    "unknown": "not known",
    "nowhere": "not placed",
}
_FIELDS: Final = (*QUADRANTS, None)


@dataclass(frozen=True)
class Flow:
    """Segments that would go from one place to another."""

    was: str
    becomes: str
    segments: int


@dataclass(frozen=True)
class Leaves:
    """A row of the table of quadrants: where the segments of one would be; ``stays`` is its own place."""

    name: str
    counts: tuple[int, ...]
    stays: int
    total: int


def where(cell: str) -> str:
    """``CO-MM`` and what stands in no cell, as a page says it."""
    if cell in _APART:
        return _APART[cell]
    relationship, _, architecture = cell.partition("-")
    return f"{RELATIONSHIPS[relationship].name}, {ARCHITECTURES[architecture].short.lower()}"


def quadrant(code: str | None) -> str:
    return QUADRANTS[code].name if code else "Not known"


def headline(changes: Mapping[str, Any], decision: str) -> str:
    """The finding: how many of how many segments go to another cell."""
    moved, of = changes["cell_changed"], changes["segments"]
    if decision == "approved":
        verb = "moved"
    else:
        verb = "would move" if decision == "candidate" else "would have moved"
    if not moved:
        return f"None of {of:,} segments {verb} to another cell"
    return f"{moved:,} of {of:,} segments {verb} to another cell"


def sentence(changes: Mapping[str, Any]) -> str:
    """The rest of it, plainly."""
    said = [
        f"To another quadrant: {changes['quadrant_changed']:,}. With other relationships present: "
        f"{changes['present_changed']:,}. The same in all three: {changes['unchanged']:,}."
    ]
    if changes["not_scored"]:
        said.append(f"Placed, and not scored by this run: {changes['not_scored']:,}.")
    return " ".join(said)


def flows(changes: Mapping[str, Any]) -> list[Flow]:
    """From cell to cell, the largest first; without those that stay."""
    return [
        Flow(where(row["from"]), where(row["to"]), row["segments"])
        for row in changes["cells"]
        if row["from"] != row["to"]
    ]


def columns() -> list[str]:
    """What the table of quadrants has from left to right."""
    return [quadrant(code) for code in _FIELDS]


def leaving(changes: Mapping[str, Any]) -> list[Leaves]:
    """The table of quadrants, row by row; rows nobody leaves or stays in are left out."""
    counts = {(row["from"], row["to"]): row["segments"] for row in changes["quadrants"]}
    rows = [_leaves(place, counts) for place in range(len(_FIELDS))]
    return [row for row in rows if row.total]


def _leaves(place: int, counts: Mapping[tuple[str | None, str | None], int]) -> Leaves:
    found: Sequence[int] = [counts.get((_FIELDS[place], to), 0) for to in _FIELDS]
    return Leaves(quadrant(_FIELDS[place]), tuple(found), place, sum(found))
