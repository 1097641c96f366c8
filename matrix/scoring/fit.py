"""What is wanted against what is there: which relationships are missed, and where fit and belonging stand.

*Under-served*: wanted at the level from which a relationship is present, or more, and either not present
though wanted beyond today, or wanted clearly beyond today. *Intrusive* is the scores' own finding.
"""

from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.model import Model
from matrix.scoring.score import TOLERANCE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

CLOSE: Final = 0.10
"""Wanted and today this near each other count as met, in words and in counts."""


@overload
def missed(wanted: float, today: float, present: bool, cut: float) -> bool: ...
@overload
def missed(wanted: Floats, today: Floats, present: Bools, cut: Floats | float) -> Bools: ...
def missed(wanted: Any, today: Any, present: Any, cut: Any) -> Any:
    """Where a relationship is under-served, elementwise; never where wanted or today is not known.

    ``wanted``, ``today`` 0-1, NaN not known; ``cut``: the model's level from which present.
    """
    gap = wanted - today
    # Of truth values, "greater" is "and not", one by one and in arrays alike.
    enough = (gap >= CLOSE - TOLERANCE) | ((gap > 0) > present)
    return (wanted >= cut - TOLERANCE) & enough


@dataclass(frozen=True)
class CellFits:
    """The matrix's fit and belonging, counts of segments (4, 5) by relationship and architecture.

    Of a column's segments: ``known`` both what they want and what they get of the relationship; ``more`` of
    them are under-served; to ``less`` of them it is intrusive. Of those whose primary cell it is: ``sure``
    have a confidence, and ``belongs`` is its sum, so how many of them are likely to belong there.
    """

    known: Ints
    more: Ints
    less: Ints
    sure: Ints
    belongs: Floats


def situated(hist: NDArray[np.uint16], told: NDArray[np.uint16], model: Model) -> NDArray[np.uint16]:
    """A tally (items, 5) as if what is wanted had been asked for another situation, ``told`` (items, 5).

    All that is said of today stays; what nobody told is not known.
    """
    wants = sorted({load.position for want in model.wanted for load in want.loads})
    found = hist.copy()
    found[wants] = told[wants]
    return found
