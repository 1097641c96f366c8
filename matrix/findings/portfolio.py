"""What many segments of many firms say together. Reads the heat, never single answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matrix.findings.facts import SPLIT
from matrix.findings.words import (
    DOES,
    WHERE,
    are,
    capital,
    counted,
    figures,
    listed,
    number,
    per_cent,
    relationships,
)
from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS, Kind

MOST: Final = 0.6
FEW: Final = 0.3
NAMED: Final = 2
MANY: Final = 3
"""Below so many placed segments there is nothing to compare: headlines are plain nouns."""
HEAVY: Final = 0.9
"""Above this share of a cell's weight one segment speaks for it."""

_TALKS: Final = {
    "Q4": ("talks and tailors", "talk and tailor"),
    "Q3": ("talks but does not tailor", "talk but do not tailor"),
    "Q2": ("tailors by type without talking", "tailor by type without talking"),
    "Q1": ("neither talks nor tailors", "neither talk nor tailor"),
}


@dataclass(frozen=True)
class Tally:
    """``placed`` segments of ``segments`` in ``firms``; how many have each relationship present.

    ``weight``: what the levels are weighted by, in a word; empty where each segment counts alike.
    """

    firms: int
    segments: int
    placed: int
    present: Mapping[str, int]
    baseline: int
    mixed: int
    weight: str = ""


@dataclass(frozen=True)
class CellFact:
    """A measured cell: ``level`` and ``agreement`` 0-1; ``present`` of ``counted`` segments have it.

    ``heaviest``: the largest share of the weight, 0-1, that one segment has.
    """

    relationship: str
    architecture: str
    level: float
    agreement: float | None
    present: int
    counted: int
    raters: int
    heaviest: float = 0


@dataclass(frozen=True)
class Look:
    """Where to look first: a cell, what is the matter, and which of its segments explains most."""

    relationship: str
    architecture: str
    lead: str
    text: str


def title(tally: Tally) -> str:
    """Most answer a clear request. Only two act first."""
    if not tally.segments:
        return "Nothing to see yet"
    if not tally.placed:
        return "Nobody is placed yet"
    if tally.placed < MANY:
        return f"{capital(counted(tally.placed, 'segment'))} placed"
    if not any(tally.present.values()):
        return (
            "No relationship is present yet" if tally.baseline < tally.placed else "All sell what they have"
        )
    most = max(RELATIONSHIPS, key=lambda code: tally.present[code])
    least = min(reversed(RELATIONSHIPS), key=lambda code: tally.present[code])
    if tally.present[most] == tally.present[least]:
        return "All four relationships are as common"
    return f"{_share(tally, most)} {_do(tally, most)}. {_share(tally, least)} {_do(tally, least)}."


def _share(tally: Tally, code: str) -> str:
    """All, most, eight of 20, only two, none."""
    count = tally.present[code]
    if count == tally.placed and count > 1:
        return "All"
    if not count:
        return "None"
    if count / tally.placed >= MOST:
        return "Most"
    return (
        f"Only {number(count)}"
        if count / tally.placed <= FEW
        else f"{capital(number(count))} of {number(tally.placed)}"
    )


def _do(tally: Tally, code: str) -> str:
    return DOES[code][0 if tally.present[code] in (0, 1) else 1]


def overview(firms: int, segments: int, placed: int) -> str:
    """20 segments of 12 firms, 18 placed."""
    written = figures(firms, segments)
    over = f"{written(segments)} segment{'s' * (segments != 1)} of {written(firms)} firm{'s' * (firms != 1)}"
    if not segments:
        return f"{capital(counted(firms, 'firm'))}, no segments yet."
    return f"{capital(over)}, {'all placed' if placed == segments else f'{written(placed)} placed'}."


def standfirst(tally: Tally, names: Mapping[str, Sequence[str]]) -> str:
    """``names``: those few segments that have a relationship, where they are few enough to be named."""
    if not tally.segments:
        return "A portfolio fills itself: add a firm, its segments, and the answers of people who know them."
    said = [overview(tally.firms, tally.segments, tally.placed)]
    if not tally.placed:
        return f"{said[0]} A segment is placed once its relationship and who supplies it are known."
    some = {code: count for code, count in tally.present.items() if count}
    if some:
        said.append(_presence(tally, some))
        rare = min(some, key=lambda code: some[code])
        if names.get(rare):
            said.append(f"{RELATIONSHIPS[rare].name} is present only for {listed(names[rare])}.")
    if tally.weight and some:
        said.append("Each segment counts alike here, whatever weighs below.")
    return " ".join(said)


def _presence(tally: Tally, some: Mapping[str, int]) -> str:
    written = figures(tally.firms, tally.segments)
    common = max(some, key=lambda code: some[code])
    absent = [code for code in RELATIONSHIPS if not tally.present[code]]
    said = f"{RELATIONSHIPS[common].name} is present for {written(some[common])}"
    return f"{said}; {relationships(absent)} {are(absent)} present nowhere." if absent else f"{said}."


def matrix_headline(cells: Sequence[CellFact], placed: int, weighed: Sequence[CellFact] = ()) -> str:
    """What the 20 cells say by row: which relationship every column has, and which only some.

    ``cells`` count each of the ``placed`` segments alike; ``weighed`` are the cells as shown, for levels.
    """
    if placed < MANY:
        return "Where all segments stand"
    columns = [code for code in ARCHITECTURES if any(cell.architecture == code for cell in cells)]
    if not columns:
        return "Where all segments stand"
    having = {
        row: [cell.architecture for cell in cells if cell.relationship == row and cell.present]
        for row in RELATIONSHIPS
    }
    if not any(having.values()):
        return "No relationship is present in any column"
    every = [row for row in RELATIONSHIPS if len(having[row]) == len(columns)]
    rare = min((row for row in reversed(RELATIONSHIPS) if having[row]), key=lambda row: len(having[row]))
    if every and len(columns) > 1 and len(having[rare]) < len(columns):
        return f"Every column in use {DOES[every[0]][0]}; {_only(rare, having[rare])}"
    if len(having[rare]) < len(columns):
        return capital(_only(rare, having[rare]))
    top = max(weighed or cells, key=lambda cell: cell.level)
    return f"{RELATIONSHIPS[top.relationship].name} is strongest where {WHERE[top.architecture]}"


def _only(row: str, columns: Sequence[str]) -> str:
    if len(columns) == 1:
        return f"one alone {DOES[row][0]}, where {WHERE[columns[0]]}"
    return f"{number(len(columns))} {DOES[row][1]}"


def look_first(cells: Sequence[CellFact], weight: str = "") -> Look | None:
    """The cell most worth a look: a split room first, then a level that stops short of present.

    ``weight``: what the levels of these cells are weighted by, in a word; empty where all count alike.
    """
    split = [cell for cell in cells if cell.agreement is not None and cell.agreement < SPLIT]
    if split:
        cell = min(split, key=lambda each: each.agreement or 0)
        return Look(
            *_code(cell),
            f"{_name(cell)} stands at {round(cell.level * 100)}, and its rooms are split.",
            _rests(cell, weight),
        )
    short = [cell for cell in cells if not cell.present and cell.level >= 0.3]
    if short:
        cell = max(short, key=lambda each: each.level)
        lead = f"{_name(cell)} stands at {round(cell.level * 100)}, yet is present for nobody."
        return Look(*_code(cell), lead, _rests(cell, weight))
    if not cells:
        return None
    cell = max(cells, key=lambda each: (each.level, each.counted))
    return Look(
        *_code(cell),
        f"{_name(cell)} is the strongest cell, at {round(cell.level * 100)}.",
        _rests(cell, weight),
    )


def _code(cell: CellFact) -> tuple[str, str]:
    return cell.relationship, cell.architecture


def _name(cell: CellFact) -> str:
    return f"{RELATIONSHIPS[cell.relationship].name} where {WHERE[cell.architecture]}"


def _rests(cell: CellFact, weight: str) -> str:
    by = f", weighted by {weight}" if weight and cell.counted > 1 else ""
    said = f"It rests on {counted(cell.counted, 'segment')} and {counted(cell.raters, 'sheet')}{by}."
    if weight and cell.counted > 1 and cell.heaviest > HEAVY:
        said += f" One segment carries {per_cent(cell.heaviest)} of the weight."
    return said


KINDS: Final = {
    Kind.LEADS: "present, and the primary one",
    Kind.PRESENT: "present, another one is primary",
    Kind.ELSEWHERE: "not present, another one is",
    Kind.NONE: "none of the four is present",
    Kind.OPEN: "too little known to say which is present",
}
"""What the segments of a cell are told apart by where they are too many to be named."""


def made_of(present: int, counted: int, adds: str, total: str) -> str:
    """How much of a cell's level those add who have the relationship; points as the rows below show them."""
    if not present:
        return f"Present for none of {counted:,}: all {total} points come from levels short of present."
    if present == counted:
        return f"Present for all {counted:,}."
    who = "that one adds" if present == 1 else "those that have it add"
    return f"Present for {present:,} of {counted:,}: {who} {adds} of the {total} points."


def heavy_note(cells: Sequence[CellFact]) -> str:
    """Weighted cells that are one segment's in all but name, said under the matrix."""
    found = [cell for cell in cells if cell.counted > 1 and cell.heaviest > HEAVY]
    if not found:
        return ""
    where = listed(
        f"{RELATIONSHIPS[c.relationship].name.lower()} where {WHERE[c.architecture]}" for c in found[:2]
    )
    if len(found) > NAMED:
        where = f"{counted(len(found), 'cell')}, marked “one weighs”,"
    return f"In {where} one segment carries more than {per_cent(HEAVY)} of the weight."


def quadrant_headline(counts: Mapping[str, int]) -> str:
    """``counts`` of segments by quadrant code. The finding is the quadrant in which most stand."""
    total = sum(counts.values())
    if total < MANY:
        return "Capability quadrant"
    most = max(counts.values())
    leaders = [code for code in counts if counts[code] == most]
    if len(leaders) == 1:
        who = "All segments" if most == total else capital(counted(most, "segment"))
        return f"{who} {_TALKS[leaders[0]][most != 1]}"
    if len(leaders) == 2 and most > 1:
        first, second = reversed(leaders)
        return f"{capital(counted(most, 'segment'))} {_TALKS[first][1]}; as many {_TALKS[second][1]}"
    return "Capability quadrant"


def quadrant_note(counts: Mapping[str, int], borderline: int, unknown: int) -> str:
    """24 one-to-one, 14 targeted, 12 niche, 13 mass; 20 of them borderline."""
    said = ", ".join(
        f"{counts.get(code, 0):,} {QUADRANTS[code].name.lower()}" for code in reversed(QUADRANTS)
    )
    line = f"{said}; {borderline:,} of them borderline." if borderline else f"{said}; none borderline."
    return (
        f"{line} {capital(counted(unknown, 'segment'))} not drawn: too little is known." if unknown else line
    )


def below_note(baseline: int, mixed: int) -> str:
    """The segments no cell counts, said under the matrix."""
    said = []
    if baseline:
        verb = "sells only what it has" if baseline == 1 else "sell only what they have"
        said.append(f"{capital(counted(baseline, 'segment'))} {verb}, below all four relationships.")
    if mixed:
        verb = "has" if mixed == 1 else "have"
        said.append(
            f"{capital(counted(mixed, 'segment'))} {verb} mixed supply and no column: "
            "split the offering to give it one."
        )
    return " ".join(said)
