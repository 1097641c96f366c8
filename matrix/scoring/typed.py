"""What is typed into the fields of a model's editor, as the fork it makes.

A field is named by where its value stands. What is not a number stays the text that was typed, so that it can
be told and put right; an empty weight takes its item out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from assessments.instrument import Instrument
from matrix.scoring.derive import ASKED
from matrix.scoring.forks import Path, at, put
from matrix.scoring.vocabulary import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS

FAMILIES: Final[dict[str, Collection[str]]] = {
    "relationships": RELATIONSHIPS,
    "wanted": RELATIONSHIPS,
    "capabilities": CAPABILITIES,
}
GATE: Final = ("item", "minimum", "partial")
VOTES: Final = ("choices", "scales")
NUMBERS: Final[tuple[Path, ...]] = (
    ("minimum_coverage",),
    ("minimum_raters",),
    ("presence", "cut"),
    ("presence", "window"),
    ("intrusion", "unwilling", "maximum"),
    ("architectures", "majority"),
    ("architectures", "lead"),
    ("architectures", "split", "from"),
    ("architectures", "split", "to"),
    ("quadrant", "cut"),
    ("quadrant", "band"),
    ("quadrant", "cap_margin"),
)
DERIVING: Final = ("minimum", "per_step", "minimum_coverage", "gap", "signature")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,9}(\.\d{0,9})?|\.\d{1,9})")
LONGEST: Final = 40
ADDED: Final = "+"
"""Where an item is added: the item's field, and until it is chosen, the name its weight is kept under."""


def named(path: Path) -> str:
    """The name of the field of a value."""
    return "/".join(map(str, path))


def weights(family: str, code: str) -> Path:
    """Where the weights of a dimension stand."""
    return (family, code, "loads") if family == "relationships" else (family, code)


def items(path: Path, *definitions: Mapping[str, Any], order: Instrument) -> list[str]:
    """The items that have a value below ``path`` in any of the files, as the questionnaire has them."""
    there = {code for each in definitions for code in at(each, path) or ()}
    return [item.code for item in order.items if item.code in there]


def fields(fork: Mapping[str, Any], base: Mapping[str, Any], instrument: Instrument) -> Iterator[Path]:
    """Every value that has a field: those of the fork, and those of the base that were taken out."""
    for family, words in FAMILIES.items():
        for code in words:
            place = weights(family, code)
            yield from ((*place, item) for item in items(place, fork, base, order=instrument))
    yield from (("relationships", code, "gate", name) for code in RELATIONSHIPS for name in GATE)
    for kind in VOTES:
        place = ("architectures", kind)
        for item in items(place, fork, base, order=instrument):
            yield from ((*place, item, code) for code in ARCHITECTURES)
    yield from NUMBERS
    yield from (("presence", "order", place) for place in range(len(RELATIONSHIPS)))
    yield from (
        ("intrusion", "sensed", place, "minimum") for place in range(len(fork["intrusion"]["sensed"]))
    )
    if "derive" in fork:
        yield from (("derive", name) for name in DERIVING)
        yield from (("derive", "items", item, "evidence") for item in deriving(fork, instrument))


def deriving(fork: Mapping[str, Any], instrument: Instrument) -> list[str]:
    """The items that journeys can say something of."""
    return items(("derive", "items"), fork, order=instrument)


def groups() -> Iterator[Path]:
    """Where an item can be added."""
    yield from (weights(family, code) for family, words in FAMILIES.items() for code in words)
    yield ("architectures", "scales")


def filled(
    fork: Mapping[str, Any], base: Mapping[str, Any], instrument: Instrument, values: Mapping[str, str]
) -> dict[str, Any]:
    """The fork with what was typed, by names of fields; what has no field is passed over."""
    made = deepcopy(dict(fork))
    for path in fields(fork, base, instrument):
        if (text := values.get(named(path))) is not None:
            _fill(made, path, text)
    for place in groups():
        _add(made, place, instrument, values)
    for code in RELATIONSHIPS:
        _without(made, ("relationships", code, "gate"))
    return made


def number(text: str) -> int | float | str:
    """A number as people type it, with a point or a comma; whatever else it is stays the text it is."""
    text = text.replace("\0", "").strip()[:LONGEST]
    plain = text.replace(",", ".").replace("−", "-")
    if not _NUMBER.fullmatch(plain):
        return text
    found = float(plain)
    return int(found) if found == int(found) else found


def _fill(made: dict[str, Any], path: Path, text: str) -> None:
    value = number(text)
    if path[-1] == "evidence" and value in (ASKED, "") and at(made, path) is None:
        return  # Unsaid, it is the same.
    may_go = path[0] in FAMILIES or path[:2] in [("architectures", kind) for kind in VOTES]
    if value == "" and may_go:
        if _drop(made, path) and path[0] == "architectures":
            _without(made, path[:-1])
    else:
        put(made, path, value)


def _add(made: dict[str, Any], place: Path, instrument: Instrument, values: Mapping[str, str]) -> None:
    """An item that was chosen to count here as well. Its votes are typed when it is there.

    A weight without an item is kept as that of the item ``+``, which is none: so it is told, and not lost.
    """
    code, held = values.get(named((*place, ADDED)), ""), (*place, ADDED)
    typed = values.get(named((*held, "weight")))
    weight = number(typed or "")
    if code in {item.code for item in instrument.items if not item.is_choice}:
        _drop(made, held)
        if at(made, (*place, code)) is None:
            put(made, (*place, code), {} if place[0] == "architectures" else weight)
    elif weight != "" and place[0] in FAMILIES:
        put(made, held, weight)
    elif typed is not None:
        _drop(made, held)


def _without(made: dict[str, Any], path: Path) -> None:
    """Take away an object nothing is left of."""
    if at(made, path) == {}:
        put(made, path, None)


def _drop(made: dict[str, Any], path: Path) -> bool:
    """Take a value away; whether there was one."""
    there = at(made, path) is not None
    if there:
        put(made, path, None)
    return there
