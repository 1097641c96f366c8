"""What would move a segment, in sentences."""

from typing import Final

from matrix.findings.segment import cell_name, quadrant_words
from matrix.findings.words import capital, counted, listed, per_cent
from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS, Move, Outcome, Reached, Target, Ways

_SIDE: Final = 3
"""Changes up to which each side of a target is searched whole."""


def name_of(target: Target) -> str:
    """Curated offering × connected producer; Q4 One-to-one."""
    if target.quadrant:
        return f"{target.quadrant} {QUADRANTS[target.quadrant].name}"
    row, column = RELATIONSHIPS[str(target.relationship)], ARCHITECTURES[str(target.architecture)]
    return f"{row.name} × {column.name.lower()}"


def headline(ways: Ways) -> str:
    """The finding: how many changes, or why none."""
    name = name_of(ways.target)
    if ways.reached is Reached.THERE:
        return f"It stands there now: {name}"
    if ways.reached is Reached.BARRED:
        return f"Blocked for lack of consent: {name}"
    if ways.reached is Reached.NONE:
        return f"No way found to {name}"
    changes = counted(len(ways.moves), "change")
    return f"{capital(changes)} would move it to {name}"


def explained(ways: Ways) -> str:
    """What the headline means, and how far it can be relied on."""
    if ways.reached is Reached.THERE:
        return "Nothing has to change."
    if ways.reached is Reached.BARRED:
        return (
            f"This segment does not consent, so {RELATIONSHIPS[str(ways.target.relationship)].name.lower()} "
            "is not recommended, whatever it would take. Ask for consent first, for a stated purpose."
        )
    if ways.reached is Reached.NONE:
        return f"{_why_none(ways)}{_avoided(ways)}"
    if ways.exact:
        sure = "No smaller set of changed answers gets there."
    else:
        sure = (
            f"It takes more than {counted(_SIDE, 'change')} on one side, so this way was found step by step: "
            "it gets there, but a shorter one may exist."
        )
    return f"{sure}{_avoided(ways)}"


def _why_none(ways: Ways) -> str:
    found = ways.then
    if ways.target.quadrant and found.quadrant is None:
        return "Too little is answered about capabilities: three changes cannot make up for it."
    if not ways.target.quadrant and found.primary_relationship is None and not found.buys_what_we_have:
        return "Too little is answered about relationships: three changes cannot make up for it."
    if not ways.target.quadrant and found.primary_architecture is None and not found.mixed:
        return "Too little is answered about who supplies: three changes cannot make up for it."
    return "Neither three changes nor a longer way step by step gets there."


def _avoided(ways: Ways) -> str:
    """What was left out for lack of consent."""
    if not ways.barred:
        return ""
    names = listed(RELATIONSHIPS[code].name.lower() for code in ways.barred)
    return f" Ways on which {names} would become present are left out, for this segment does not consent."


def today(move: Move) -> str:
    """What the room says of the item now: a mean, a choice, or that nobody knows."""
    if move.chosen:
        code, _ = move.chosen
        return ARCHITECTURES[code].short if code else "no majority"
    return "no answer" if move.before is None else f"{move.before:.1f}"


def then(move: Move) -> str:
    return ARCHITECTURES[move.chosen[1]].short if move.chosen else str(move.after)


def earning(move: Move, text: str, where: str) -> str:
    """What would earn the new answer, as one sentence: 'A prompt triggered by ..., at Recognize.'"""
    at = f", at {where}" if not move.chosen else ""
    if move.gives_up:
        return f"Give up a part: no more than {text}{at}." if move.after else f"Give it up altogether{at}."
    return f"{capital(text)}{at}."


def building(ways: Ways | None) -> str:
    """What a way costs that gives nothing up, beside one that does; empty where there is no need."""
    if ways is None:
        return ""
    if ways.reached is Reached.FOUND:
        return f"Without giving anything up it takes {counted(len(ways.moves), 'change')}"
    return "Without giving anything up there is no way"


def place(found: Outcome, target: Target) -> str:
    """Where a segment stands, in the terms of the target."""
    return quadrant_words(found) if target.quadrant else cell_name(found)


def figures(before: Outcome, after: Outcome, target: Target) -> list[tuple[str, str, str]]:
    """(what, today, then) of the scores the target is about."""
    if target.quadrant:
        return [
            ("Interact", _of_four(before.interact), _of_four(after.interact)),
            ("Customize", _of_four(before.customize), _of_four(after.customize)),
        ]
    row, column = str(target.relationship), str(target.architecture)
    return [
        (RELATIONSHIPS[row].name, _level(before, row), _level(after, row)),
        (
            f"{ARCHITECTURES[column].name}, share of votes",
            _share(before.architectures[column]),
            _share(after.architectures[column]),
        ),
    ]


def _level(found: Outcome, row: str) -> str:
    level = found.relationships[row]
    if level is None:
        return "not known"
    return f"{round(level * 100)}{'' if row in found.present else ', not present'}"


def _share(value: float | None) -> str:
    return "not known" if value is None else per_cent(value)


def _of_four(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1f}"


__all__ = [
    "building",
    "earning",
    "explained",
    "figures",
    "headline",
    "name_of",
    "place",
    "then",
    "today",
]
