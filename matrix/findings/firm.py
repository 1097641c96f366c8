"""What the segments of one firm say together."""

from collections.abc import Sequence
from typing import Final

from matrix.findings.facts import Standing
from matrix.findings.words import WHERE, architectures, are, capital, counted, listed, number, relationships
from matrix.scoring import ARCHITECTURES, BASELINE, RELATIONSHIPS

STRONG: Final = 0.6
PRESENT: Final = 0.4
MANY: Final = 3
"""Below so many placed segments a headline has nothing to compare."""
APART: Final = 0.15

Levels = Sequence[Sequence[float | None]]
"""Levels 0-1 of the cells that may be shown, by relationship and architecture; None for the others."""

_TAILOR: Final = {
    "Q4": ("tailors to the one customer", "tailor to the one customer"),
    "Q3": ("talks to each but does not tailor", "talk to each but do not tailor"),
    "Q2": ("offers variants, one-way", "offer variants, one-way"),
    "Q1": ("treats all alike", "treat all alike"),
}


def standfirst(segments: Sequence[Standing]) -> str:
    """Two sentences: what is present in which architecture, and what is nowhere."""
    if not segments:
        return "No segments yet. A segment is one offering for one group of customers; answers are about it."
    placed = [s.outcome for s in segments if s.outcome is not None and s.placed]
    if not placed:
        return f"{capital(counted(len(segments), 'segment'))}, none placed yet."
    early = "" if any(s.placed and s.settled for s in segments) else "Provisional so far: "
    present = [code for code in RELATIONSHIPS if any(code in found.present for found in placed)]
    columns = [code for code in ARCHITECTURES if any(found.primary_architecture == code for found in placed)]
    if not present:
        first = f"Customers can {BASELINE}: none of the four relationships is present"
    else:
        first = f"{capital(relationships(present))} {are(present)} present"
    first = early + (first[:1].lower() + first[1:] if early else first)
    return f"{first}{_within(columns, len(present))}. {_nowhere(present, columns)}".strip()


def _within(columns: Sequence[str], relationships_present: int) -> str:
    if not columns:
        return ""
    if len(columns) == 1:
        inside = " inside one architecture" if relationships_present > 1 else ""
        return f"{inside}: {ARCHITECTURES[columns[0]].gloss}" if inside else f", where {WHERE[columns[0]]}"
    return f", across {number(len(columns))} architectures: {architectures(columns)}"


def _nowhere(present: Sequence[str], columns: Sequence[str]) -> str:
    absent = [code for code in RELATIONSHIPS if code not in present] if present else []
    empty = len(ARCHITECTURES) - len(columns)
    stand = (
        f"{number(empty)} columns stand empty" if empty > 1 else "one column stands empty" if empty else ""
    )
    if absent:
        said = f"{capital(relationships(absent))} {are(absent)} not present in any segment"
        return f"{said}, and {stand}." if stand and columns else f"{said}."
    return f"{capital(stand)}." if stand and columns else ""


def matrix_headline(levels: Levels, placed: int, mixed: Sequence[float | None] = ()) -> str:
    """The finding of the firm's matrix: which relationship leads in which column, never a mean over rows.

    ``placed`` segments; ``mixed`` the levels of those without a column, given when that is all of them.
    """
    leads = {code: lead for at, code in enumerate(ARCHITECTURES) if (lead := _lead(levels, at))}
    if placed < MANY and (leads or not mixed):
        return "Where the segments stand" if placed != 1 else "Where the segment stands"
    if not leads:
        return _all_mixed(mixed)
    best, worst = max(leads, key=lambda c: leads[c][1]), min(leads, key=lambda c: leads[c][1])
    if leads[best][1] < PRESENT:
        return "No relationship reaches the level from which it is present"
    if leads[best][1] >= STRONG and leads[worst][1] < PRESENT:
        return f"Strong where {WHERE[best]}, thin where {WHERE[worst]}"
    rows = list(dict.fromkeys(row for row, _ in leads.values()))
    name = RELATIONSHIPS[leads[best][0]].name
    if len(leads) == 1:
        return f"{name} is strongest where {WHERE[best]}"
    if len(rows) == 1:
        most = leads[best][1] - leads[worst][1] >= APART
        return f"{name} leads in every column" + (f", most where {WHERE[best]}" if most else "")
    return capital(
        listed(f"{RELATIONSHIPS[row].name.lower()} where {WHERE[code]}" for code, (row, _) in leads.items())
    )


def _all_mixed(mixed: Sequence[float | None]) -> str:
    """No column speaks: what the segments without one say together."""
    known = {code: level for code, level in zip(RELATIONSHIPS, mixed, strict=False) if level is not None}
    if not known:
        return "Where the segments stand"
    if not (having := [code for code in known if known[code] >= PRESENT]):
        return "All supply is mixed, and no relationship reaches the level from which it is present"
    best = max(having, key=lambda code: known[code])
    return f"All supply is mixed, so no column fills; {RELATIONSHIPS[best].name.lower()} leads"


def _lead(levels: Levels, at: int) -> tuple[str, float] | None:
    """The strongest relationship of a column and its level; the first in the matrix's order when equal."""
    known = [
        (code, level)
        for code, row in zip(RELATIONSHIPS, levels, strict=True)
        if (level := row[at]) is not None
    ]
    return max(known, key=lambda each: each[1]) if known else None


def quadrant_headline(segments: Sequence[Standing]) -> str:
    """A and B tailor; C is near a border."""
    sides: dict[str, list[str]] = {}
    for segment in segments:
        found = segment.outcome
        if found is not None and found.quadrant is not None:
            sides.setdefault("border" if found.borderline else found.quadrant, []).append(segment.letter)
    if not sides or len(sides) > 3:
        return "Capability quadrant"
    order = sorted(sides, key=lambda side: (side == "border", -len(sides[side]), side))
    said = [_clause(side, sides[side]) for side in order]
    return "; ".join([*said])


def _clause(side: str, letters: Sequence[str]) -> str:
    who = listed(letters) if len(letters) <= 4 else f"{number(len(letters))} segments"
    one = len(letters) == 1
    if side == "border":
        return f"{who} {'is' if one else 'are'} near a border"
    return f"{who} {_TAILOR[side][not one]}"


def unseated(segments: Sequence[Standing]) -> list[tuple[Standing, str]]:
    """Segments no letter in the matrix speaks for, each with why."""
    found = []
    for segment in segments:
        outcome = segment.outcome
        if outcome is None:
            continue
        if outcome.mixed:
            found.append((segment, "has no column: its supply is mixed, so the offering may need splitting"))
        elif outcome.primary_architecture is None:
            found.append((segment, "has no column yet: too little is answered about who supplies"))
        elif outcome.buys_what_we_have:
            found.append(
                (
                    segment,
                    f"stands below all four rows: its customers {BASELINE}",
                )
            )
        elif not outcome.present:
            found.append((segment, "has no row yet: too little is answered about the relationships"))
    return found


def segments_headline(segments: Sequence[Standing]) -> str:
    return capital(counted(len(segments), "segment"))
