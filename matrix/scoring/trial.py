"""What another model would change, segment by segment, counted: in one pass over arrays."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.score import NONE_PRESENT, UNKNOWN, Scores
from matrix.scoring.vocabulary import ARCHITECTURES, QUADRANTS, RELATIONSHIPS

MOST: Final = 10
_PLACES: Final = (
    *(f"{row}-{column}" for row in RELATIONSHIPS for column in ARCHITECTURES),
    *("baseline", "unknown", "mixed"),
)
_FIELDS: Final = (None, *QUADRANTS)
# Below, two levels are the same number.
_LEAST: Final = 1e-9


def shifts(ids: NDArray[np.int64], before: Scores, after: Scores) -> dict[str, Any]:
    """Two models' scores of the same segments (n,) beside each other.

    Counts of segments; ``cells`` and ``quadrants`` from, to, how many, those that stay included (null: not
    known); the ``movers`` whose four levels differ most, added up. The same shape as what a proposal keeps.
    """
    was, becomes = _places(before), _places(after)
    moved = np.nan_to_num(np.abs(after.relationships - before.relationships)).sum(axis=1)
    elsewhere, crossed = was != becomes, before.quadrant != after.quadrant
    others = (before.present != after.present).any(axis=1)
    order = np.lexsort((ids, -moved))[:MOST]
    return {
        "segments": len(ids),
        "not_scored": 0,
        "unchanged": int((~elsewhere & ~crossed & ~others).sum()),
        "cell_changed": int(elsewhere.sum()),
        "quadrant_changed": int(crossed.sum()),
        "present_changed": int(others.sum()),
        "cells": _flows(was, becomes, _PLACES),
        "quadrants": _flows(before.quadrant, after.quadrant, _FIELDS),
        "movers": [
            {
                "segment": int(ids[row]),
                "from": _PLACES[was[row]],
                "to": _PLACES[becomes[row]],
                "from_quadrant": _FIELDS[before.quadrant[row]],
                "to_quadrant": _FIELDS[after.quadrant[row]],
                "difference": float(moved[row]),
            }
            for row in order
            if moved[row] > _LEAST
        ],
        "firms": [],
    }


def _places(scores: Scores) -> NDArray[np.int64]:
    """Index into the places of each segment (n,)."""
    baseline, unknown, mixed = (_PLACES.index(word) for word in ("baseline", "unknown", "mixed"))
    row, column = scores.primary.astype(np.int64), scores.primary_architecture.astype(np.int64)
    return np.select(
        [row == NONE_PRESENT, (row == UNKNOWN) | (column == UNKNOWN), column == NONE_PRESENT],
        [baseline, unknown, mixed],
        row * len(ARCHITECTURES) + column,
    )


def _flows(was: NDArray[Any], becomes: NDArray[Any], words: Sequence[str | None]) -> list[dict[str, Any]]:
    pairs, counts = np.unique(np.stack([was, becomes]), axis=1, return_counts=True)
    found = [
        {"from": words[old], "to": words[new], "segments": int(count)}
        for old, new, count in zip(*pairs.tolist(), counts.tolist(), strict=True)
    ]
    return sorted(found, key=lambda flow: -int(str(flow["segments"])))
