"""Would other people have answered alike: Krippendorff's alpha of one workshop, with an interval.

A unit is one scale item asked about one segment; its counts say how many gave each answer 0-4. Alpha is
1 - observed / expected disagreement, over all pairs of answers to the same unit; choices have no order and
are left out. The interval is a percentile bootstrap over units: a person drawn twice would agree with
themselves, so drawing people would make few people look sure. Units with equal counts weigh the same, so
they are drawn as one with a multiplicity: the order of units and people cannot matter, and draws begin from
the counts themselves, so that equal answers give an equal interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

import krippendorff
import numpy as np
from numpy.typing import NDArray

from matrix.scoring.agreement import LEVELS


class Silent(StrEnum):
    """Why there is no alpha."""

    FEW_PEOPLE = "few people"
    FEW_SHARED = "few shared"
    ALL_ALIKE = "all alike"


@dataclass(frozen=True)
class Rules:
    """`bands`: (name, lowest alpha), highest first; `people` and `shared` the least that alpha needs."""

    bands: tuple[tuple[str, float], ...]
    people: int
    shared: int
    resamples: int
    level: float

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Rules":
        """From `matrix/data/agreement.json`, where each number stands with its source."""
        return cls(
            bands=tuple((band["name"], float(band["from"])) for band in said["alpha"]["bands"]),
            people=int(said["minimum"]["people"]),
            shared=int(said["minimum"]["shared"]),
            resamples=int(said["interval"]["resamples"]),
            level=float(said["interval"]["level"]),
        )

    def band(self, alpha: float) -> str:
        """The band an alpha falls into; the lowest takes what is below it."""
        return next((name for name, least in self.bands if alpha >= least), self.bands[-1][0])


@dataclass(frozen=True)
class Reliability:
    """`alpha` at most 1, 0 as chance would have it, with its interval `low` to `high`.

    `units` are those that two or more people answered, `people` those with an answer to any item on a scale.
    """

    alpha: float
    low: float
    high: float
    units: int
    people: int
    band: str
    sure: bool


def reliability(counts: NDArray[np.integer[Any]], people: int, rules: Rules) -> Reliability | Silent:
    """Alpha of units (n, 5) answered by so many people, or why there is none.

    `sure`: the whole interval lies in one band.
    """
    shared = np.asarray(counts, dtype=np.int64)
    shared = shared[shared.sum(axis=1) >= 2]
    if people < rules.people:
        return Silent.FEW_PEOPLE
    if len(shared) < rules.shared:
        return Silent.FEW_SHARED
    if np.count_nonzero(shared.sum(axis=0)) < 2:
        return Silent.ALL_ALIKE
    value = float(krippendorff.alpha(value_counts=shared, level_of_measurement="ordinal"))
    low, high = interval(shared, rules)
    band = rules.band(value)
    return Reliability(
        value, low, high, len(shared), people, band, rules.band(low) == band == rules.band(high)
    )


def interval(shared: NDArray[np.int64], rules: Rules) -> tuple[float, float]:
    """Percentiles of alpha over units (n, 5) drawn anew, as many as there are."""
    patterns, often = np.unique(shared, axis=0, return_counts=True)
    seed = sha256(patterns.tobytes() + often.astype(np.int64).tobytes()).digest()
    draw = np.random.default_rng(int.from_bytes(seed[:8], "big"))
    weights = draw.multinomial(len(shared), often / len(shared), size=rules.resamples)
    found = alphas(coincidences(patterns), weights)
    tail = (1 - rules.level) / 2
    low, high = np.quantile(found[~np.isnan(found)], [tail, 1 - tail])
    return float(low), float(high)


def coincidences(patterns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Pairs of answers (n, 5, 5) to each unit (n, 5), each answer counted once in all its pairs."""
    pairs = patterns[:, :, None] * patterns[:, None, :] - patterns[:, :, None] * np.eye(
        LEVELS, dtype=np.int64
    )
    found: NDArray[np.float64] = pairs / (patterns.sum(axis=1) - 1)[:, None, None]
    return found


def alphas(pairs: NDArray[np.float64], weights: NDArray[np.int64]) -> NDArray[np.float64]:
    """Ordinal alpha for each draw (draws, n) of units whose pairs are (n, 5, 5); NaN where all are alike."""
    observed = (weights.astype(np.float64) @ pairs.reshape(len(pairs), -1)).reshape(-1, LEVELS, LEVELS)
    held = observed.sum(axis=2)
    n = held.sum(axis=1)
    # Answers apart on an ordinal scale: how many lie between the middles of the two ranks, squared.
    middle = held.cumsum(axis=1) - held / 2
    apart = (middle[:, :, None] - middle[:, None, :]) ** 2
    # Beside the diagonal only: there answers are apart by nothing, so what chance puts there has no say.
    expected = held[:, :, None] * held[:, None, :] / (n - 1)[:, None, None]
    by_chance = (expected * apart).sum(axis=(1, 2))
    seen = (observed * apart).sum(axis=(1, 2))
    found: NDArray[np.float64] = np.where(
        by_chance > 0, 1 - seen / np.where(by_chance > 0, by_chance, 1), np.nan
    )
    return found
