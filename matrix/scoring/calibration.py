"""What confidence is reckoned with: how much raters differ, and how often a claim came true in simulation.

Part of the scoring model's file, fitted by `python -m benchmarks.fitting` on simulated workshops. A model
without this part gives no confidence.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX
from matrix.scoring.fields import Field

NUMBERS: Final = ("variance", "pooling", "item_pooling", "together", "centre", "spread")
CURVES: Final = ("cell", "quadrant")


@dataclass(frozen=True)
class Noise:
    """How far answers of one kind (scale or choice) scatter, before any is seen.

    `variance` of one rater's answer around the mean of all; `pooling`, `item_pooling`: how many answers this
    prior weighs in the segment, and the segment's own scatter in one item; `together` 0-1: the share of the
    variance that a rater brings to every item alike; `centre`, `spread`: what an item nobody answered is
    taken for. Choices are shares 0-1 and scales 0-4.
    """

    variance: float
    pooling: float
    item_pooling: float
    together: float
    centre: float
    spread: float


@dataclass(frozen=True)
class Curve:
    """How often a placement was right (`one` answer an item, `many`) for each probability `reckoned`, 0-1."""

    reckoned: tuple[float, ...]
    one: tuple[float, ...]
    many: tuple[float, ...]

    def at(self, reckoned: NDArray[np.float64], answers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share that was right. `answers` per item, 1 or more: with each the curve moves from one to many."""
        many = np.interp(reckoned, self.reckoned, self.many)
        one = np.interp(reckoned, self.reckoned, self.one)
        found: NDArray[np.float64] = many + (one - many) / answers
        return found


@dataclass(frozen=True)
class Calibration:
    """The `confidence` part of a model."""

    scales: Noise
    choices: Noise
    cell: Curve
    quadrant: Curve


def calibration(place: Field) -> Calibration:
    """Read and check the part. ModelError names the place and the reason."""
    parts = place.object(("scales", "choices", *CURVES))
    return Calibration(
        _noise(parts["scales"], SCALE_MAX), _noise(parts["choices"], 1),
        _curve(parts["cell"]), _curve(parts["quadrant"]),
    )  # fmt: skip


def _noise(place: Field, top: int) -> Noise:
    found = place.object(NUMBERS)
    tops = (top * top, 10_000, 10_000, 1, top, top)
    read = {name: float(found[name].number(0, high)) for name, high in zip(NUMBERS, tops, strict=True)}
    for name in ("variance", "pooling", "item_pooling", "spread"):
        if not read[name]:
            raise found[name].fail("must be above zero, or few answers would look certain")
    return Noise(**read)


def _curve(place: Field) -> Curve:
    parts = place.object(("reckoned", "one", "many"))
    numbers = {
        name: tuple(float(entry.number(0, 1)) for entry in part.entries()) for name, part in parts.items()
    }
    reckoned = numbers["reckoned"]
    if len(reckoned) < 2 or (reckoned[0], reckoned[-1]) != (0, 1):
        raise parts["reckoned"].fail("must run from 0 to 1")
    if any(low >= high for low, high in pairwise(reckoned)):
        raise parts["reckoned"].fail("must rise at each step")
    for name in ("one", "many"):
        if len(numbers[name]) != len(reckoned):
            raise parts[name].fail(f"must have {len(reckoned)} numbers, one for each reckoned")
        if any(low > high for low, high in pairwise(numbers[name])):
            raise parts[name].fail("must never fall: more certain cannot be less often right")
    return Curve(**numbers)
