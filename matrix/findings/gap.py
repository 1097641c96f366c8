"""Wanted against today: what is intrusive and what is under-served, in words and by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from matrix.findings.confidence import in_ten
from matrix.findings.facts import Standing
from matrix.findings.words import MORE, WHERE, capital, counted, figures, listed
from matrix.scoring import ARCHITECTURES, RELATIONSHIPS, CellFits, Outcome, missed

COUNTABLE: Final = 10
"""From so many placements on, their confidences add up to a number worth telling."""


@dataclass(frozen=True)
class Flag:
    """One relationship of one segment that does not fit what it wants."""

    code: str
    kind: Literal["intrusive", "under-served"]


class Fit(NamedTuple):
    """Letters of the segments of a cell that want more of its relationship, and to whom it is intrusive."""

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()


def flags(found: Outcome, cut: float) -> tuple[Flag, ...]:
    """Intrusive as the scores say; under-served as :func:`matrix.scoring.missed`. ``cut``: the model's."""
    said = []
    for code in RELATIONSHIPS:
        if code in found.intrusive:
            said.append(Flag(code, "intrusive"))
        elif is_missed(found, code, cut):
            said.append(Flag(code, "under-served"))
    return tuple(said)


def is_missed(found: Outcome, code: str, cut: float) -> bool:
    """Whether a relationship is under-served; never where wanted or today is not known."""
    wanted, today = found.wanted.get(code), found.relationships.get(code)
    if wanted is None or today is None:
        return False
    return missed(wanted, today, code in found.present, cut)


def fits(segments: Sequence[Standing], cut: float) -> dict[tuple[str, str], Fit]:
    """By cell (relationship, architecture), whom it fits badly. Mixed segments have no column."""
    found: dict[tuple[str, str], Fit] = {}
    for segment in segments:
        outcome = segment.outcome
        if outcome is None or outcome.primary_architecture is None:
            continue
        for flag in flags(outcome, cut):
            cell = (flag.code, outcome.primary_architecture)
            fit, letter = found.get(cell, Fit()), (segment.letter,)
            more = flag.kind == "under-served"
            found[cell] = Fit(fit.more + letter, fit.less) if more else Fit(fit.more, fit.less + letter)
    return found


def fit_sentence(segments: Sequence[Standing], cut: float) -> str:
    """What does not fit, over the segments of a firm; empty when everything known does."""
    kinds: Mapping[str, dict[str, list[str]]] = {"intrusive": {}, "under-served": {}}
    for segment in segments:
        for flag in flags(segment.outcome, cut) if segment.outcome else ():
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


# --- Of many segments ---------------------------------------------------------------------------


def fit_note(found: CellFits) -> str:
    """Where most segments want more than they get, and where most get more than they want."""
    said = [_most(found, "more"), _most(found, "less")]
    if any(said):
        return " ".join(filter(None, said))
    known = int(found.known.sum())
    return "Nobody is under-served, and nothing is intrusive, as far as wants are known." if known else ""


def _most(found: CellFits, name: Literal["more", "less"]) -> str:
    counts = found.more if name == "more" else found.less
    if not counts.sum():
        return ""
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    many, known = int(counts[row, column]), int(found.known[row, column])
    code, where = list(RELATIONSHIPS)[int(row)], WHERE[list(ARCHITECTURES)[int(column)]]
    written = figures(many, known)
    if name == "more":
        verb = "wants" if many == 1 else "want"
        return (
            f"Most under-served: {written(many)} of {written(known)} {verb} more {MORE[code]} where {where}."
        )
    name_of = RELATIONSHIPS[code].name.lower()
    return f"Most intrusive: {name_of} where {where}, to {written(many)} of {written(known)}."


def cell_fit(more: int, less: int, known: int) -> str:
    """What the segments of one cell's column want of its relationship: ``known`` of them in all."""
    if not known:
        return "What they want of it is not known."
    written = figures(more, less, known)
    of = f"Of {written(known)} segment{'s' * (known != 1)} whose wants are known"
    wants = f"{written(more) if more else 'none'} want{'s' * (more == 1)} more of it"
    return f"{of}, {wants} and {_to(less, written(less))}."


def _to(less: int, written: str) -> str:
    return f"to {written} it is more than wanted" if less else "to none it is too much"


def likely(here: int, sure: int, belongs: float) -> str:
    """How many of the segments of a cell likely belong there; empty without any confidence."""
    if not sure:
        return ""
    share = belongs / sure
    if sure < COUNTABLE:
        are, mean = ("is", "") if sure == 1 else ("are", " on average")
        who = counted(sure, "segment")
        return f"Confidence that the {who} here {are} rightly placed: {in_ten(share)}{mean}."
    known = f"{here:,} segments here" if sure == here else f"{sure:,} segments here whose confidence is known"
    return f"Of {known} about {round(belongs):,} belong here."


def likely_note(found: CellFits) -> str:
    """The same over all cells."""
    sure, belongs = int(found.sure.sum()), float(found.belongs.sum())
    if sure < COUNTABLE:
        return ""
    return f"Of {sure:,} segments in a cell about {round(belongs):,} belong where they stand."
