"""How far raters agree: consensus after Tastle and Wierman, the median, and the pattern in a word.

Consensus is 1 + sum p_i log2(1 - |x_i - mean| / range): 1 when all say the same, 0 when the room is cut in
two halves at the ends. It is reckoned from whole numbers, log2((4n - |i n - S|) / 4n) with S the sum of
answers, so it does not depend on the order of raters nor on how many segments are reckoned at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.integer[Any]]

LEVELS: Final = 5
HIGH: Final = 0.70
SPLIT: Final = 0.50
MINIMUM_RATERS: Final = 3
OUTLIER_DISTANCE: Final = 2
# Answers to one item up to which every tally there can be is known beforehand, and from how many on.
_FEW: Final = 6
_MANY: Final = 10_000


class Spread(StrEnum):
    """The pattern of one item's answers, in a word for pages."""

    TOO_FEW = "too few"
    HIGH = "high"
    MIXED = "mixed"
    SPLIT = "split"
    OUTLIER = "one outlier"


@dataclass(frozen=True)
class Agreement:
    """`value` 0-1, or None below three raters."""

    value: float | None
    spread: Spread


def counts(hist: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Answers per item: (..., 5) to (...)."""
    return _folded(hist, (1, 1, 1, 1, 1))


def sums(hist: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Sum of the answers 0-4 per item: (..., 5) to (...)."""
    return _folded(hist, (0, 1, 2, 3, 4))


def _folded(hist: NDArray[np.uint16], by: tuple[int, ...]) -> NDArray[np.int64]:
    wide = np.asarray(hist, dtype=np.int64)
    total: NDArray[np.int64] = np.zeros(wide.shape[:-1], dtype=np.int64)
    for level, factor in enumerate(by):
        if factor:
            total += factor * wide[..., level]
    return total


def consensus(hist: NDArray[np.uint16], minimum: int = MINIMUM_RATERS) -> NDArray[np.float64]:
    """Tastle-Wierman consensus 0-1 of tallies (..., 5); NaN with fewer than `minimum` answers."""
    wide = np.asarray(hist, dtype=np.int64)
    levels = [wide[..., level] for level in range(LEVELS)]
    return consensus_of(levels, counts(hist), sums(hist), minimum)


def consensus_of(levels: Sequence[Whole], n: Whole, total: Whole, minimum: int) -> NDArray[np.float64]:
    """The same from counts per level, their number and their sum, each of one shape."""
    most = int(n.max(initial=0))
    if most > _FEW or n.size < _MANY:
        return _reckoned(levels, n, total, minimum)
    base = most + 1
    number = levels[-1].astype(np.intp)
    for count in reversed(levels[:-1]):
        number *= base
        number += count
    return np.take(_of_all(base, minimum), number)


@lru_cache(maxsize=16)
def _of_all(base: int, minimum: int) -> NDArray[np.float64]:
    """Consensus of every tally with fewer than `base` answers at each level, by the number they spell.

    A room of a few raters can answer in a few thousand ways: looked up, not reckoned once an item.
    """
    numbers = np.arange(base**LEVELS)
    levels = [numbers // base**level % base for level in range(LEVELS)]
    n, total = sum(levels[1:], levels[0]), sum((at * levels[at] for at in range(2, LEVELS)), levels[1])
    return _reckoned(levels, n, total, minimum)


def _reckoned(levels: Sequence[Whole], n: Whole, total: Whole, minimum: int) -> NDArray[np.float64]:
    logs = np.log2(np.arange(1, 4 * max(int(n.max(initial=0)), 1) + 1, dtype=np.float64))
    whole = np.maximum(4 * n, 1)
    base = logs[whole - 1]
    bent = np.zeros(n.shape)
    for level, count in enumerate(levels):
        # At distance 4 from the mean nobody gave this answer, so its term is nought whatever the log.
        near = np.maximum(whole - np.abs(level * n - total), 1)
        bent += count * (logs[near - 1] - base)
    value = np.clip(1.0 + bent / np.maximum(n, 1), 0.0, 1.0)
    found: NDArray[np.float64] = np.where(n < max(minimum, 1), np.nan, value)
    return found


def median(hist: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Median of tallies (..., 5) on the scale 0-4, halves where it falls between two; NaN when empty."""
    running = np.cumsum(np.asarray(hist, dtype=np.int64), axis=-1)
    n = running[..., -1]
    low = (running < ((n + 1) // 2)[..., None]).sum(axis=-1)
    high = (running < (n // 2 + 1)[..., None]).sum(axis=-1)
    middle: NDArray[np.float64] = np.where(n > 0, (low + high) / 2, np.nan)
    return middle


def spread(row: NDArray[np.uint16]) -> Agreement:
    """Agreement of one item's tally (5,), with its pattern; one rater far from all others is named first."""
    value = float(consensus(row[None, :])[0])
    if np.isnan(value):
        return Agreement(None, Spread.TOO_FEW)
    if _one_outlier(row):
        return Agreement(value, Spread.OUTLIER)
    word = Spread.HIGH if value >= HIGH else Spread.SPLIT if value < SPLIT else Spread.MIXED
    return Agreement(value, word)


def _one_outlier(row: NDArray[np.uint16]) -> bool:
    """One answer at least two away from the nearest other, the rest (three or more) within one step."""
    held = [level for level in range(LEVELS) if row[level]]
    if int(row.sum()) < MINIMUM_RATERS + 1 or len(held) < 2:
        return False
    for lone, rest in ((held[0], held[1:]), (held[-1], held[:-1])):
        far = min(abs(lone - other) for other in rest) >= OUTLIER_DISTANCE
        if int(row[lone]) == 1 and far and max(rest) - min(rest) <= 1:
            return True
    return False
