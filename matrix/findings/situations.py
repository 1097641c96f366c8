"""Wanted against today, situation by situation, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matrix.findings.gap import flags
from matrix.findings.words import MORE, NBSP, capital, listed, people
from matrix.scoring import CLOSE, RELATIONSHIPS, Outcome

ROUTINE: Final = ""
LEADS: Final = {ROUTINE: "routine", "urgent": "when urgent", "high_stakes": "when much is at stake"}
"""A situation at the head of what is said of it."""
HEADS: Final = {ROUTINE: "Routine", "urgent": "Urgent", "high_stakes": "Much at stake"}
_WHEN: Final = LEADS | {ROUTINE: "in routine"}
_NOBODY: Final = {
    "RD": "ordering is not easy",
    "CO": "nobody helps to choose",
    "CB": "nobody coaches",
    "AE": "nothing happens by itself",
}
"""A relationship that is not present, as what the customer does without."""


@dataclass(frozen=True)
class Wanted:
    """One relationship in one situation: per cent wanted, None where not known, and the word for the fit."""

    percent: int | None
    word: str
    flagged: bool = False


@dataclass(frozen=True)
class FitRow:
    """One relationship: per cent today, whether it is present, and how it fits each situation, by column."""

    name: str
    today: int | None
    present: bool
    cells: tuple[Wanted, ...]


Told = Mapping[str, tuple[int, Outcome | None]]
"""By situation, how many people said something of it and what follows; None where they are too few."""


def sentence(told: Told, cut: float) -> str:
    """Routine it fits; when urgent they want coaching, and nobody coaches. Empty for routine alone."""
    if set(told) <= {ROUTINE}:
        return ""
    said = [f"{LEADS[situation]} {_said(*each, cut)}" for situation, each in told.items()]
    return f"{capital('; '.join(said))}."


def headline(told: Told, cut: float) -> str:
    """The finding in a few words: where it fits, and where not. Empty for routine alone."""
    if set(told) <= {ROUTINE}:
        return ""
    known = {situation: found for situation, (_, found) in told.items() if _answered(found)}
    off = [situation for situation, found in known.items() if found and flags(found, cut)]
    if not off:
        return "It fits in each situation" if len(known) == len(told) else "It fits where enough is answered"
    if len(off) == len(told):
        return "It fits in none of the situations"
    return f"It does not fit {listed(_WHEN[situation] for situation in off)}"


def _answered(found: Outcome | None) -> bool:
    return found is not None and any(wanted is not None for wanted in found.wanted.values())


def _said(raters: int, found: Outcome | None, cut: float) -> str:
    if found is None:
        return f"only {people(raters)} answered, too few to say"
    if not _answered(found):
        return "too little is answered to say"
    kinds: dict[str, list[str]] = {"intrusive": [], "under-served": []}
    for flag in flags(found, cut):
        kinds[flag.kind].append(flag.code)
    parts = []
    if little := kinds["under-served"]:
        parts.append(f"they want {listed(MORE[code] for code in little)}{_lacking(little, found)}")
    if much := kinds["intrusive"]:
        names = listed(RELATIONSHIPS[code].name.lower() for code in much)
        parts.append(f"{names} {'is' if len(much) == 1 else 'are'} more than they want")
    return ", and ".join(parts) or "it fits"


def _lacking(codes: list[str], found: Outcome) -> str:
    """What they do without: said where it is one thing, or all of it."""
    absent = [code for code in codes if code not in found.present]
    if len(codes) == 1 and absent:
        return f", and {_NOBODY[codes[0]]}"
    return ", more than they get"


def table(told: Told, cut: float) -> list[FitRow]:
    """Relationship by situation, against today."""
    today = next((found for _, found in told.values() if found is not None), None)
    return [
        FitRow(
            relationship.name,
            _percent(today.relationships.get(code)) if today else None,
            bool(today and code in today.present),
            tuple(_wanted(found, code, cut) for _, found in told.values()),
        )
        for code, relationship in RELATIONSHIPS.items()
    ]


def _wanted(found: Outcome | None, code: str, cut: float) -> Wanted:
    if found is None:
        return Wanted(None, "too few answered")
    wanted, gap = found.wanted.get(code), found.gap.get(code)
    flag = next((each for each in flags(found, cut) if each.code == code), None)
    if flag:
        return Wanted(_percent(wanted), flag.kind, flagged=True)
    if wanted is None:
        return Wanted(None, "wanted is not known")
    if gap is None:
        return Wanted(_percent(wanted), "today is not known")
    return Wanted(_percent(wanted), "more than asked for" if gap <= -CLOSE else "fits")


def _percent(level: float | None) -> int | None:
    return None if level is None else round(level * 100)


def heads(told: Told) -> list[str]:
    """The columns of the table, each with how many people it rests on."""
    return [f"{HEADS[situation]}, n{NBSP}{raters:,}" for situation, (raters, _) in told.items()]
