"""Wanted against today: what is intrusive and what is under-served, in words and by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from matrix.findings.facts import Standing
from matrix.findings.words import MORE, capital, listed
from matrix.scoring import RELATIONSHIPS, Outcome

CLOSE: Final = 0.10
"""Wanted and today this near each other count as met."""
WANTED: Final = 0.4
"""A relationship wanted below the level of presence is not missed."""


@dataclass(frozen=True)
class Flag:
    """One relationship of one segment that does not fit what it wants."""

    code: str
    kind: Literal["intrusive", "under-served"]


class Fit(NamedTuple):
    """Letters of the segments of a cell that want more of its relationship, and to whom it is intrusive."""

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()


def flags(found: Outcome) -> tuple[Flag, ...]:
    """Intrusive as the scores say; under-served where wanted, and either not present or well below."""
    said = []
    for code in RELATIONSHIPS:
        if code in found.intrusive:
            said.append(Flag(code, "intrusive"))
        elif _missed(found, code):
            said.append(Flag(code, "under-served"))
    return tuple(said)


def _missed(found: Outcome, code: str) -> bool:
    wanted, gap = found.wanted.get(code), found.gap.get(code)
    if wanted is None or gap is None or wanted < WANTED or gap <= 0:
        return False
    return gap >= CLOSE or code not in found.present


def fits(segments: Sequence[Standing]) -> dict[tuple[str, str], Fit]:
    """By cell (relationship, architecture), whom it fits badly. Mixed segments have no column."""
    found: dict[tuple[str, str], Fit] = {}
    for segment in segments:
        outcome = segment.outcome
        if outcome is None or outcome.primary_architecture is None:
            continue
        for flag in flags(outcome):
            cell = (flag.code, outcome.primary_architecture)
            fit, letter = found.get(cell, Fit()), (segment.letter,)
            more = flag.kind == "under-served"
            found[cell] = Fit(fit.more + letter, fit.less) if more else Fit(fit.more, fit.less + letter)
    return found


def fit_sentence(segments: Sequence[Standing]) -> str:
    """What does not fit, over the segments of a firm; empty when everything known does."""
    kinds: Mapping[str, dict[str, list[str]]] = {"intrusive": {}, "under-served": {}}
    for segment in segments:
        for flag in flags(segment.outcome) if segment.outcome else ():
            kinds[flag.kind].setdefault(flag.code, []).append(segment.letter)
    much = [
        f"{RELATIONSHIPS[code].name.lower()} is intrusive for {listed(who)}"
        for code, who in kinds["intrusive"].items()
    ]
    little = [
        f"{listed(who)} {'wants' if len(who) == 1 else 'want'} more {MORE[code]}"
        for code, who in kinds["under-served"].items()
    ]
    return f"{capital('; '.join(much + little))}." if much or little else ""
