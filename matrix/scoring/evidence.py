"""Values derived from touchpoints, for one journey or a hundred thousand at once.

A touchpoint that does not state what a rule needs is left out of that rule's share and lowers its
coverage: nothing is concluded from silence. Values lie on a grid of 2^-16, exact in single precision, so
that a placement can keep them and be reckoned again to the last bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.derive import STATED, Ballot, Best, Derive, Rule, Share, Where

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

GRID_BITS: Final = 16
TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Touchpoints:
    """Journeys as arrays over t touchpoints.

    `owner` int64 (t,): which of the `segments` journeys, 0 on; `codes`: by attribute of `STATED` int8 (t,),
    -1 not stated; `signature` (t,).
    """

    owner: NDArray[np.int64]
    codes: Mapping[str, NDArray[np.int8]]
    signature: Bools
    segments: int

    def __len__(self) -> int:
        return len(self.owner)


@dataclass(frozen=True)
class Rested:
    """What one rule finds in each of n journeys.

    `value` (n,) 0-4, NaN where nothing is stated; `counted` (n,) touchpoints it rests on, of `among` (n,)
    that it speaks of; `weight` (n,) of those counted, signature ones doubled; `coverage` (n,) is counted by
    among, NaN without any; `usable` (n,). `shares` (n, groups) for votes, in the order of the ballot, else
    (n, 0).
    """

    value: Floats
    counted: Ints
    among: Ints
    weight: Ints
    coverage: Floats
    usable: Bools
    shares: Floats


@dataclass(frozen=True)
class Evidence:
    """n journeys read by the rules of a model: `number` (n,), `by_step` (n, 4), `enough` (n,)."""

    number: Ints
    by_step: Ints
    enough: Bools
    rested: Mapping[str, Rested]


def evidence(touchpoints: Touchpoints, derive: Derive, rules: tuple[Rule, ...] | None = None) -> Evidence:
    """Read journeys by `rules`, by default all of the model's."""
    steps, n = len(STATED["step"]), touchpoints.segments
    place = touchpoints.owner * steps + touchpoints.codes["step"]
    by_step = np.bincount(place, minlength=n * steps).reshape(n, steps).astype(np.int64)
    number = by_step.sum(axis=1)
    enough = (number >= derive.minimum) & (by_step >= derive.per_step).all(axis=1)
    chosen = derive.rules if rules is None else rules
    return Evidence(
        number, by_step, enough, {rule.code: _rested(touchpoints, derive, rule, enough) for rule in chosen}
    )


def derived(touchpoints: Touchpoints, derive: Derive, width: int) -> Floats:
    """(n, width): the values a model scores with instead of the asked ones, NaN where the asked are used."""
    found = np.full((touchpoints.segments, width), np.nan)
    rested = evidence(touchpoints, derive, derive.used).rested
    for rule in derive.used:
        if rule.position is not None:
            each = rested[rule.code]
            found[:, rule.position] = np.where(each.usable, each.value, np.nan)
    return found


def counts_for(touchpoints: Touchpoints, rule: Rule) -> tuple[Bools, Bools, Floats]:
    """Of each touchpoint (t,): the rule speaks of it, it states what is needed, and what it earns.

    Earned: 1 or 0 for a share or a vote stated, the value 0-4 for a best; NaN where it is not counted.
    """
    among = _among(touchpoints, "step", rule.steps)
    if isinstance(rule.how, Best):
        known, earned = _best(touchpoints, rule.how)
    elif isinstance(rule.how, Share):
        known = _stated(touchpoints, rule.how.where.attributes)
        earned = _holds(touchpoints, rule.how.where).astype(np.float64)
    else:
        known = _stated(touchpoints, (rule.how.of,))
        earned = known.astype(np.float64)
    counted = among & known
    return among, counted, np.where(counted, earned, np.nan)


def _stated(touchpoints: Touchpoints, attributes: tuple[str, ...]) -> Bools:
    found = np.ones(len(touchpoints), dtype=bool)
    for attribute in attributes:
        found &= touchpoints.codes[attribute] >= 0
    return found


def _holds(touchpoints: Touchpoints, where: Where) -> Bools:
    found = np.ones(len(touchpoints), dtype=bool)
    for attribute, allowed in where.clauses:
        found &= _among(touchpoints, attribute, allowed)
    return found


def _among(touchpoints: Touchpoints, attribute: str, allowed: frozenset[int]) -> Bools:
    """Whether each states one of these codes; by a table, whose last place is silence (-1)."""
    table = np.zeros(len(STATED[attribute]) + 1, dtype=bool)
    table[list(allowed)] = True
    found: Bools = table[touchpoints.codes[attribute]]
    return found


def _best(touchpoints: Touchpoints, how: Best) -> tuple[Bools, Floats]:
    """A level that is met rests on what is stated; where none is met, all that is needed must be stated."""
    earned, met = np.zeros(len(touchpoints)), np.zeros(len(touchpoints), dtype=bool)
    known = np.ones(len(touchpoints), dtype=bool)
    for where, value in how.levels:
        holds = _holds(touchpoints, where) & ~met
        earned[holds] = value
        met |= holds
        known &= _stated(touchpoints, where.attributes)
    return known | met, earned


def _rested(touchpoints: Touchpoints, derive: Derive, rule: Rule, enough: Bools) -> Rested:
    among, counted, earned = counts_for(touchpoints, rule)
    owner, n = touchpoints.owner, touchpoints.segments
    heavy = np.where(touchpoints.signature, derive.signature, 1)
    of, number = _summed(owner[among], None, n), _summed(owner[counted], None, n)
    weight = _summed(owner[counted], heavy[counted], n)
    shares = np.zeros((n, 0))
    if isinstance(rule.how, Share):
        met = counted & (earned > 0)
        value = _of_share(touchpoints, rule.how, counted, met, heavy, weight)
    elif isinstance(rule.how, Best):
        value = np.full(n, -1.0)
        np.maximum.at(value, owner[counted], earned[counted])
        value = np.where(value < 0, np.nan, value)
    else:
        value, shares = np.full(n, np.nan), _ballot(touchpoints, rule.how, counted, heavy, weight)
    value = np.rint(value * 2.0**GRID_BITS) / 2.0**GRID_BITS
    coverage = np.where(of > 0, number / np.maximum(of, 1), np.nan)
    said = ~np.isnan(shares).all(axis=1) if shares.size else ~np.isnan(value)
    usable = enough & said & (coverage >= derive.minimum_coverage - TOLERANCE)
    return Rested(value, number, of, weight, coverage, usable, shares)


def _summed(owner: Ints, weights: NDArray[Any] | None, n: int) -> Ints:
    """Whole numbers added up by journey; exact, since sums stay far below 2^53."""
    found: Ints = np.bincount(owner, weights=weights, minlength=n).astype(np.int64)
    return found


def _of_share(
    touchpoints: Touchpoints, how: Share, counted: Bools, met: Bools, heavy: NDArray[Any], weight: Ints
) -> Floats:
    won = _summed(touchpoints.owner[met], heavy[met], touchpoints.segments)
    share = np.where(weight > 0, won / np.maximum(weight, 1), np.nan)
    if how.across is not None:
        attribute, least = how.across
        used, shown = (_kinds(touchpoints, attribute, each) for each in (counted, met))
        share = np.where(used < least, np.nan, np.where(shown < least, 0.0, share))
    shares, values = zip(*how.curve, strict=True)
    led: Floats = np.where(np.isnan(share), np.nan, np.interp(share, shares, values))
    return led


def _kinds(touchpoints: Touchpoints, attribute: str, of: Bools) -> Ints:
    """How many different words for an attribute those touchpoints of each journey state."""
    code, found = touchpoints.codes[attribute], np.zeros(touchpoints.segments, dtype=np.int64)
    for each in range(len(STATED[attribute])):
        found += _summed(touchpoints.owner[of & (code == each)], None, touchpoints.segments) > 0
    return found


def _ballot(
    touchpoints: Touchpoints, how: Ballot, counted: Bools, heavy: NDArray[Any], weight: Ints
) -> Floats:
    columns = []
    for code, _ in how.to:
        named = counted & (touchpoints.codes[how.of] == code)
        given = _summed(touchpoints.owner[named], heavy[named], touchpoints.segments)
        columns.append(np.where(weight > 0, given / np.maximum(weight, 1), np.nan))
    return np.stack(columns, axis=1)
