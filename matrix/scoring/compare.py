"""Asked and derived beside each other, item by item: never averaged, and far apart said so."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX
from matrix.scoring.agreement import counts, sums
from matrix.scoring.derive import Ballot, Rule
from matrix.scoring.evidence import Evidence, Rested
from matrix.scoring.model import Model
from matrix.scoring.vocabulary import ARCHITECTURES, RELATIONSHIPS


@dataclass(frozen=True)
class Compared:
    """One rule's finding for one segment beside what was asked, 0-4; None where not known.

    `n` answers; `counted` of `among` touchpoints state what is needed; `usable`: the model lets the value
    speak; `used`: it scores with it. `difference` is derived minus asked; of votes, which have shares in the
    order of the ballot instead of values, 4 x half the sum of differences. `asks`: usable, and so far apart
    that evidence is asked for.
    """

    rule: Rule
    asked: float | None
    n: int
    derived: float | None
    counted: int
    among: int
    usable: bool
    difference: float | None
    asks: bool
    asked_shares: tuple[float, ...] = ()
    derived_shares: tuple[float, ...] = ()

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def used(self) -> bool:
        return self.rule.used and self.usable


def compare(
    found: Evidence,
    at: int,
    model: Model,
    hist: NDArray[np.uint16] | None,
    levels: Mapping[str, float | None],
) -> tuple[Compared, ...]:
    """Journey `at` of what was read by the rules of `model`, beside a tally (items, 5) in its order.

    `levels`: relationships 0-1 by code, for the checks on them. Without a tally nothing was asked.
    """
    rules = model.derive.rules if model.derive else ()
    gap = model.derive.gap if model.derive else 0.0
    rows = [(rule, found.rested[rule.code]) for rule in rules]
    return tuple(
        _votes(rule, rested, at, gap, hist)
        if isinstance(rule.how, Ballot)
        else _value(rule, rested, at, gap, *_asked(rule, hist, levels))
        for rule, rested in rows
    )


def _asked(
    rule: Rule, hist: NDArray[np.uint16] | None, levels: Mapping[str, float | None]
) -> tuple[float | None, int]:
    """What was asked, 0-4, and of how many; a relationship's level has no number of its own."""
    if rule.code in RELATIONSHIPS:
        level = levels.get(rule.code)
        return (None, 0) if level is None else (level * SCALE_MAX, 0)
    if hist is None or rule.position is None:
        return None, 0
    n = int(counts(hist[rule.position]))
    return (int(sums(hist[rule.position])) / n, n) if n else (None, 0)


def _value(rule: Rule, rested: Rested, at: int, gap: float, asked: float | None, n: int) -> Compared:
    value = float(rested.value[at])
    derived = None if np.isnan(value) else value
    apart = None if derived is None or asked is None else derived - asked
    usable = bool(rested.usable[at])
    asks = usable and apart is not None and abs(apart) > gap
    return Compared(
        rule, asked, n, derived, int(rested.counted[at]), int(rested.among[at]), usable, apart, asks
    )


def _votes(rule: Rule, rested: Rested, at: int, gap: float, hist: NDArray[np.uint16] | None) -> Compared:
    row = np.zeros(len(ARCHITECTURES)) if hist is None or rule.position is None else hist[rule.position]
    n, how = int(row.sum()), rule.how
    columns = list(ARCHITECTURES)
    groups = how.to if isinstance(how, Ballot) else ()
    told = tuple(float(share) for share in rested.shares[at]) if rested.counted[at] else ()
    said = tuple(float(sum(row[columns.index(c)] for c in codes)) / n for _, codes in groups) if n else ()
    apart = None
    if told and said:
        apart = SCALE_MAX * sum(abs(one - other) for one, other in zip(told, said, strict=True)) / 2
    usable = bool(rested.usable[at])
    asks = usable and apart is not None and apart > gap
    counted, among = int(rested.counted[at]), int(rested.among[at])
    return Compared(rule, None, n, None, counted, among, usable, apart, asks, said, told)
