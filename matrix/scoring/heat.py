"""Many segments in one picture: the 4x5 cells of a firm or a portfolio.

A segment belongs to the column of its primary architecture, and brings all four of its levels there; its
primary relationship names the one cell it is counted in. A mixed segment has no column: it is counted
apart, since the finding about it is that the offering should be split. A segment without a weight is left
out of weighted levels and counted as such. NaN is "nothing known here", never 0.
"""

from dataclasses import dataclass
from math import fsum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.score import NONE_PRESENT, Scores
from matrix.scoring.vocabulary import ARCHITECTURES, RELATIONSHIPS

FEW: Final = 3


@dataclass(frozen=True)
class Places:
    """Placed segments as arrays: the fields of the same name of `Scores`, or read back from placements.

    `relationships` (n, 4) 0-1; `present` (n, 4); `primary`, `primary_architecture` (n,) with the codes of
    `Scores`; `raters` (n,); `agreement` (n, 4) per relationship, or (n,) for the whole segment; `weight`
    (n,) customers, revenue, sheets or 1, not negative, NaN when not known.
    """

    relationships: NDArray[np.float64]
    present: NDArray[np.bool_]
    primary: NDArray[np.int8]
    primary_architecture: NDArray[np.int8]
    raters: NDArray[np.int64]
    agreement: NDArray[np.float64]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, scores: Scores, weight: NDArray[np.float64] | None = None) -> "Places":
        """Places of scores, weighted alike when no weight is given."""
        return cls(
            scores.relationships,
            scores.present,
            scores.primary,
            scores.primary_architecture,
            scores.raters,
            scores.relationship_agreement,
            np.ones(len(scores)) if weight is None else weight,
        )


@dataclass(frozen=True)
class Heat:
    """The matrix; arrays (4, 5) by relationship and architecture.

    `level` 0-1 weighted mean over the segments of the column whose level and weight are known; `segments`
    counts those whose primary cell it is; `present` those with the relationship; `counted` those in the
    level; `raters` and `weight` their sums; `agreement` 0-1 mean weighted by raters; `too_few`: answers,
    but fewer than three raters in all. `placed` (5,): segments in the column. `mixed`, `unplaced`,
    `unweighted`: segments left out.
    """

    level: NDArray[np.float64]
    segments: NDArray[np.int64]
    present: NDArray[np.int64]
    counted: NDArray[np.int64]
    raters: NDArray[np.int64]
    weight: NDArray[np.float64]
    agreement: NDArray[np.float64]
    too_few: NDArray[np.bool_]
    placed: NDArray[np.int64]
    mixed: int
    unplaced: int
    unweighted: int


def heat(places: Places) -> Heat:
    """Aggregate places, in whatever order. ValueError for a negative or infinite weight."""
    _check(places)
    shape = (len(RELATIONSHIPS), len(ARCHITECTURES))
    level, weight, agreement = (np.full(shape, np.nan), np.zeros(shape), np.full(shape, np.nan))
    segments, present, counted, raters = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    column, weights = places.primary_architecture, places.weight
    usable, agreed = ([what(places, row) for row in range(shape[0])] for what in (_usable, _agreement))
    # A column without segments stays as it is: most firms use one or two of the five.
    for at in sorted(set(column[column >= 0].tolist())):
        here = column == at
        for row in range(shape[0]):
            segments[row, at] = int((here & (places.primary == row)).sum())
            present[row, at] = int((here & places.present[:, row]).sum())
            used = here & usable[row]
            counted[row, at] = int(used.sum())
            raters[row, at] = int(places.raters[used].sum())
            weight[row, at] = fsum(weights[used].tolist())
            level[row, at] = _mean(places.relationships[used, row], weights[used])
            agreement[row, at] = _mean(agreed[row][used], places.raters[used].astype(np.float64))
    return Heat(
        level,
        segments,
        present,
        counted,
        raters,
        weight,
        agreement,
        too_few=(counted > 0) & (raters < FEW),
        placed=np.array([int((column == at).sum()) for at in range(shape[1])], dtype=np.int64),
        mixed=int((column == NONE_PRESENT).sum()),
        unplaced=int((column < NONE_PRESENT).sum()),
        unweighted=int((np.isnan(places.weight) & (column >= 0)).sum()),
    )


@dataclass(frozen=True)
class Contribution:
    """What one segment adds to a cell's level: its `share` of the weight x `level`; `adds` sum to it."""

    index: int
    weight: float
    share: float
    level: float
    adds: float


def contributions(places: Places, relationship: str, architecture: str) -> list[Contribution]:
    """Why a cell stands where it does, largest addition first; `index` points into the places."""
    row, at = list(RELATIONSHIPS).index(relationship), list(ARCHITECTURES).index(architecture)
    used = np.flatnonzero((places.primary_architecture == at) & _usable(places, row))
    whole = fsum(places.weight[used].tolist())
    if not whole:
        return []
    found = []
    for index in used.tolist():
        level, weight = float(places.relationships[index, row]), float(places.weight[index])
        found.append(Contribution(index, weight, weight / whole, level, weight * level / whole))
    return sorted(found, key=lambda each: (-each.adds, each.index))


def _usable(places: Places, row: int) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = ~np.isnan(places.relationships[:, row]) & ~np.isnan(places.weight)
    return known


def _agreement(places: Places, row: int) -> NDArray[np.float64]:
    return places.agreement if places.agreement.ndim == 1 else places.agreement[:, row]


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Weighted mean of what is known, summed exactly so that order cannot matter; NaN when nothing weighs."""
    known = ~np.isnan(values)
    whole = fsum(weights[known].tolist())
    return fsum((values[known] * weights[known]).tolist()) / whole if whole else float("nan")


def _check(places: Places) -> None:
    bad = np.flatnonzero((places.weight < 0) | np.isinf(places.weight))
    if len(bad):
        raise ValueError(f"weight {places.weight[bad[0]]} of segment {bad[0]} is not a size")
