"""What a candidate run would change, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    """The finding: how many of how many segments go to another cell, and to another quadrant."""
    moved, of = changes["cell_changed"], changes["segments"]
    if decision == "approved":
        verb = "moved"
    else:
        verb = "would move" if decision == "candidate" else "would have moved"
    quadrants = changes["quadrant_changed"]
    if quadrants and not moved:
        return f"{quadrants:,} of {of:,} segments {verb} to another quadrant, none to another cell"
    said = f"{f'{moved:,}' if moved else 'None'} of {of:,} segments {verb} to another cell"
    return f"{said}, {quadrants:,} to another quadrant" if quadrants else said


def lasted(length: timedelta) -> str:
    """How long something took, in its two largest units."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    if minutes:
        return f"{minutes} min {seconds} s"
    return f"{seconds} s" if seconds > 0 else "less than a second"


def paced(done: int, length: timedelta) -> str:
    """How quick a run that is over was, all of its seconds counted; "" where that says nothing."""
    seconds = length.total_seconds()
    return f"{done / seconds:,.0f} segments a second from start to end" if done and seconds > 0 else ""


def spelled(name: str) -> str:
    """``cs-1.v2``, as runs and REST name a model, the way pages do."""
    return " v".join(name.rsplit(".v", 1))


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
