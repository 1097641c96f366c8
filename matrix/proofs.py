"""What a kept placement proves: its receipt, why it differs from another, and what would move it.

One place for pages, REST and files, so that the three cannot differ.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import Instrument
from matrix import frames
from matrix.models import Placement, PlacementBase
from matrix.queries import models, placements
from matrix.scoring import (
    NEED_CONSENT,
    Change,
    Model,
    Receipt,
    Target,
    Ways,
    change,
    derived_in,
    moves,
    receipt,
)


@dataclass(frozen=True)
class Proof:
    """A placement with all it was reckoned from. `hist` uint16 (items, 5); `asked`, `derived` (items,)."""

    receipt: Receipt
    model: Model
    questionnaire: Instrument
    hist: NDArray[np.uint16]
    asked: NDArray[np.bool_]
    derived: NDArray[np.float64]


def proof_of(placement: PlacementBase) -> Proof:
    """Reckoned again from the tally it keeps."""
    model, questionnaire = models.parsed(placement.model), models.questionnaire(placement.model)
    asked = frames.asked_of(placement)
    hist, instead = frames.histogram(placement), frames.derived_of(placement)
    proof = receipt(hist, model, placement.raters, asked, questionnaire, instead)
    derived = derived_in({"derived": proof.derived}, model)[0]
    return Proof(proof, model, questionnaire, hist, asked, derived)


def written(placement: PlacementBase) -> dict[str, Any]:
    """The receipt as plain values, with whose it is, from which run and when."""
    return {
        "placement": placement.pk,
        "segment": placement.segment_id,
        "run": placement.run_id,
        "computed_at": placement.computed_at,
        **proof_of(placement).receipt.as_dict(),
    }


def earlier_than(placement: PlacementBase) -> Placement | None:
    """The last placement before this one that was reckoned from something else, with its tally."""
    rows = placements.history(placement.segment_id).filter(pk__lt=placement.pk)
    rows = rows.exclude(fingerprint=placement.fingerprint)
    return rows.defer(None).select_related("model__instrument", "run").first()


def change_of(before: PlacementBase, after: PlacementBase) -> Change:
    """Why the later one differs. ValueError when they were answered on different questionnaires."""
    one, other = proof_of(before), proof_of(after)
    return change(one.receipt, other.receipt, one.model, other.model)


def ways_of(proof: Proof, target: Target, consent: str) -> tuple[Ways, Ways | None]:
    """The smallest way to the target, and where that gives something up, the smallest that does not.

    `consent` "no" bars coach behavior and automatic execution, as targets and as what comes along.
    """
    barred = NEED_CONSENT if consent == "no" else ()
    raters = proof.receipt.raters
    given = (proof.hist, proof.model, target, raters, proof.asked, barred)
    ways = moves(*given, derived=proof.derived)
    if not ways.gives_up:
        return ways, None
    return ways, moves(*given, building=True, derived=proof.derived)
