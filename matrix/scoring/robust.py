"""How robust one placement is: what becomes of it when weights, or the raters, were a little different.

Seeded by the placement's fingerprint, so that the same placement always gives the same figures.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.model import Model
from matrix.scoring.score import UNKNOWN, Scores, Shake, score
from matrix.scoring.vocabulary import ARCHITECTURES, QUADRANTS, RELATIONSHIPS

DRAWS: Final = 100
SHAKE: Final = 0.2
_STEPS: Final = 1000

Place = TypeVar("Place")
Cell = tuple[str | None, str | None]
"""Primary relationship (None: "buy what we have") and primary architecture (None: mixed)."""


@dataclass(frozen=True)
class Stability:
    """Shares 0-1 of the draws in which the cell and the quadrant stay; None where it is not known today.

    `cell_else`, `quadrant_else`: where the others go most often, and their share; a draw in which too little
    is known to say counts as moved, and is nowhere.
    """

    cell: float | None
    quadrant: float | None
    cell_else: tuple[Cell, float] | None
    quadrant_else: tuple[str, float] | None


@dataclass(frozen=True)
class Robust:
    """`weights`: each weight up to a fifth more or less; `raters`: drawn anew, None with too few to draw."""

    draws: int
    weights: Stability
    raters: Stability | None


def robust(
    row: NDArray[np.uint16],
    model: Model,
    seed: str,
    asked: NDArray[np.bool_] | None = None,
    derived: NDArray[np.float64] | None = None,
    draws: int = DRAWS,
) -> Robust:
    """Of one tally (items, 5). `seed`: hexadecimal digits; `asked`, `derived` (items,) as for `score`.

    Raters are drawn item by item from the tally, as many as answered. Each weight is shaken on its own,
    evenly within a fifth; gates and cuts stay.
    """
    rng = np.random.default_rng(int(seed, 16))
    bare = replace(model, confidence=None)
    used = None if derived is None else derived[None]
    again = None if used is None else np.repeat(used, draws, axis=0)
    today = score(row[None], bare, None, asked, used)
    same = np.repeat(row[None], draws, axis=0)
    weights = _stability(today, score(same, bare, None, asked, again, _shaken(model, rng, draws)))
    if int(row.sum(axis=1).max(initial=0)) < model.minimum_raters:
        return Robust(draws, weights, None)
    return Robust(draws, weights, _stability(today, score(_drawn(row, rng, draws), bare, None, asked, again)))


def _drawn(row: NDArray[np.uint16], rng: np.random.Generator, draws: int) -> NDArray[np.uint16]:
    """Tallies (draws, items, 5): from each item's answers as many again, put back each time."""
    n = row.sum(axis=1, dtype=np.int64)
    shares = row / np.maximum(n, 1)[:, None]
    shares[n == 0] = 1 / row.shape[1]
    drawn = rng.multinomial(n, shares / shares.sum(axis=1, keepdims=True), size=(draws, len(row)))
    return drawn.astype(np.uint16)


def _shaken(model: Model, rng: np.random.Generator, draws: int) -> Shake:
    """Factors within a fifth, for each weight of what places a segment, evenly."""
    least, most = round(_STEPS * (1 - SHAKE)), round(_STEPS * (1 + SHAKE))

    def factors(*shape: int) -> NDArray[np.float64]:
        return rng.integers(least, most, size=shape, endpoint=True) / _STEPS

    loads = {each: factors(len(each.loads), draws) for each in (*model.relationships, *model.capabilities)}
    votes = {each.item: {code: factors(draws) for code in each.gives} for each in model.votes}
    return Shake(loads, votes)


def _stability(today: Scores, drawn: Scores) -> Stability:
    cell, cell_else = _kept(_cells(today)[0], _cells(drawn))
    quadrant, quadrant_else = _kept(_quadrants(today)[0], _quadrants(drawn))
    return Stability(cell, quadrant, cell_else, quadrant_else)


def _kept(
    today: Place | None, drawn: Sequence[Place | None]
) -> tuple[float | None, tuple[Place, float] | None]:
    """Share of the draws that are as today, and the most frequent other with its share."""
    if today is None:
        return None, None
    others = [each for each in drawn if each is not None and each != today]
    most = Counter(others).most_common(1)
    return drawn.count(today) / len(drawn), (most[0][0], most[0][1] / len(drawn)) if most else None


def _cells(scores: Scores) -> list[Cell | None]:
    rows, columns = list(RELATIONSHIPS), list(ARCHITECTURES)
    found: list[Cell | None] = []
    pairs = zip(scores.primary.tolist(), scores.primary_architecture.tolist(), strict=True)
    for row, column in pairs:
        unknown = UNKNOWN in (row, column)
        cell = (rows[row] if row >= 0 else None, columns[column] if column >= 0 else None)
        found.append(None if unknown else cell)
    return found


def _quadrants(scores: Scores) -> list[str | None]:
    codes = list(QUADRANTS)
    return [codes[quadrant - 1] if quadrant else None for quadrant in scores.quadrant.tolist()]
