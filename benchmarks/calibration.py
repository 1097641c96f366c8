"""Whether confidence keeps its word: of the placements claimed at eight in ten, are eight in ten right?

In simulated rooms that the model's curves were not fitted on: other seeds, other noise, other shares of
outliers and of answers missing (`workshops.UNSEEN` against `workshops.FITTED`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import assessments
import matrix
from assessments.instrument import Instrument
from benchmarks.figures import Figure, seconds
from benchmarks.workshops import UNSEEN, Simulated, simulated
from matrix.scoring import Model, score

Floats = NDArray[np.float64]

INSTRUMENT: Final = Path(assessments.__file__).parent / "data" / "instruments" / "cs-1.v1.json"
MODEL: Final = Path(matrix.__file__).parent / "data" / "models" / "cs-1.v2.json"
SEED: Final = 2026
SIZES: Final = {"1 rater": (1, 1), "2-3 raters": (2, 3), "4-7 raters": (4, 7), "8-15 raters": (8, 15)}
TENTHS: Final = 10
LIMIT: Final = 0.04


@dataclass(frozen=True)
class Claims:
    """Of n placements that are known: `claimed` 0-1, `right`, `raters`, `answers` per item."""

    claimed: Floats
    right: NDArray[np.bool_]
    raters: NDArray[np.int64]
    answers: Floats

    def of(self, low: int, high: int) -> "Claims":
        """Those of rooms of that size."""
        held = (self.raters >= low) & (self.raters <= high)
        return Claims(self.claimed[held], self.right[held], self.raters[held], self.answers[held])


@dataclass(frozen=True)
class Tenth:
    """The placements claimed from one tenth to the next: mean claim, share that was right, how many."""

    claimed: float
    right: float
    n: int


def shipped(model: Path = MODEL) -> tuple[Instrument, Model]:
    """The newest questionnaire that comes with the product, and the scoring model of a file."""
    instrument = Instrument.from_json(INSTRUMENT.read_text("utf-8"))
    return instrument, Model.from_json(model.read_text("utf-8"), instrument)


def claims(rooms: Simulated, model: Model) -> tuple[Claims, Claims]:
    """What is claimed of these rooms and whether it is so, for cells and for quadrants."""
    found, truth = score(rooms.hist, model, rooms.raters), rooms.truth
    same_cell = found.primary == truth.primary
    same_cell &= found.primary_architecture == truth.primary_architecture
    answers = np.maximum(found.item_n.sum(axis=1) / np.maximum((found.item_n > 0).sum(axis=1), 1), 1.0)
    made = []
    for claimed, right in (
        (found.confidence_cell, same_cell),
        (found.confidence_quadrant, found.quadrant == truth.quadrant),
    ):
        known = ~np.isnan(claimed)
        made.append(Claims(claimed[known], right[known], rooms.raters[known], answers[known]))
    return made[0], made[1]


def reliability(made: Claims) -> list[Tenth]:
    """The reliability curve: one entry for each tenth that anything was claimed in."""
    tenth = np.minimum((made.claimed * TENTHS).astype(int), TENTHS - 1)
    return [
        Tenth(float(made.claimed[held].mean()), float(made.right[held].mean()), int(held.sum()))
        for held in (tenth == at for at in range(TENTHS))
        if held.any()
    ]


def calibration_error(made: Claims) -> float:
    """Expected calibration error: distance between claim and truth by tenths, weighted by how many."""
    curve = reliability(made)
    return sum(abs(tenth.claimed - tenth.right) * tenth.n for tenth in curve) / len(made.claimed)


def brier(made: Claims) -> float:
    """Mean squared difference between what was claimed and what came out (1 right, 0 wrong)."""
    return float(((made.claimed - made.right) ** 2).mean())


def constant_brier(made: Claims) -> float:
    """The same for whoever always claims the share that is right: the best guess that does not look."""
    share = float(made.right.mean())
    return share * (1 - share)


def figures(segments: int) -> Iterator[Figure]:
    instrument, model = shipped()
    rooms = simulated(SEED, segments, UNSEEN, instrument, model)
    for name, made in zip(("cell", "quadrant"), claims(rooms, model), strict=True):
        yield from _kept(f"confidence in the {name}", made)
    yield _cost(rooms, model)


def _kept(name: str, made: Claims) -> Iterator[Figure]:
    against = f"the limit of {LIMIT}"
    error = calibration_error(made)
    yield Figure(f"{name}: calibration error", error, "of 1", error / LIMIT, against, len(made.claimed))
    for size, (low, high) in SIZES.items():
        some = made.of(low, high)
        error = calibration_error(some)
        title = f"{name}: calibration error, {size}"
        yield Figure(title, error, "of 1", error / LIMIT, against, len(some.claimed))
    for tenth in reliability(made):
        title = f"{name}: right where {tenth.claimed:.2f} is claimed"
        yield Figure(title, tenth.right, "of 1", tenth.right / tenth.claimed, "what is claimed", tenth.n)
    score_of = brier(made)
    yield Figure(
        f"{name}: Brier score", score_of, "of 1", score_of / constant_brier(made),
        "always claiming the share that is right", len(made.claimed),
    )  # fmt: skip


def _cost(rooms: Simulated, model: Model) -> Figure:
    """Scoring with confidence against scoring without, on the same tallies."""
    bare = replace(model, confidence=None)
    # In turn, and the best of each: what else the machine does should weigh on neither.
    rounds = [
        [seconds(lambda: score(rooms.hist, each, rooms.raters), times=1) for each in (bare, model)]  # noqa: B023
        for _ in range(9)
    ]
    without, taken = (min(times) for times in zip(*rounds, strict=True))
    return Figure(
        "scoring with confidence", len(rooms.hist) / taken, "segments/s", taken / without,
        "scoring without it", len(rooms.hist),
    )  # fmt: skip
