"""Other weights, other raters: the same figures each time, and what they say."""

from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from matrix.scoring import Model
from matrix.scoring.robust import Robust, robust
from tests.matrix.scoring.answers import MODEL, counted
from tests.matrix.scoring.journeys import RULES
from tests.matrix.scoring.test_confidence import DETERGENT, MIXED, PARK, changed

SEED = "4393dae00182aade"
SLOW = changed(PARK, R1=2, R2=2, R3=1)
SPLIT = [SLOW, changed(SLOW, R8=0, C1=0, C2=0), changed(SLOW, N1=1, N2=1, N3=0, C3=0)]


def tried(*sheets: list[int], seed: str = SEED) -> Robust:
    return robust(counted(*sheets)[0], RULES, seed, draws=60)


def test_the_same_placement_gives_the_same_figures_each_time() -> None:
    assert tried(*SPLIT) == tried(*SPLIT)


def test_another_placement_draws_anew() -> None:
    assert tried(*SPLIT) != tried(*SPLIT, seed="4393dae00182aadf")


def test_raters_of_one_mind_are_drawn_alike() -> None:
    found = tried(PARK, PARK, PARK).raters
    assert found is not None
    assert (found.cell, found.quadrant, found.cell_else, found.quadrant_else) == (1.0, 1.0, None, None)


def test_raters_who_differ_move_it() -> None:
    found = tried(*SPLIT).raters
    assert found is not None
    assert (found.cell, found.cell_else) == (49 / 60, (("CO", "PR"), 11 / 60))
    assert (found.quadrant, found.quadrant_else) == (37 / 60, ("Q3", 23 / 60))


def test_fewer_than_three_raters_are_not_drawn() -> None:
    assert tried(PARK, PARK).raters is None
    assert tried(PARK, PARK, PARK).raters is not None


def test_a_segment_on_a_line_gives_way_to_other_weights() -> None:
    # Interact 1.39 of answers 0 to 4, the cut 1.35: a fifth on any weight may carry it over.
    near = changed(PARK, N1=4, N2=0, N3=0, I2=2, R6=1, R8=2)
    found = tried(near).weights
    assert (found.quadrant, found.quadrant_else) == (25 / 60, ("Q2", 35 / 60))


def test_what_is_all_of_one_answer_cannot_be_moved_by_weights() -> None:
    low = changed(DETERGENT, **{f"A{at}": 1 for at in range(1, 5)}, A5=0, A6=0)
    found = tried(low).weights
    assert (found.cell, found.quadrant) == (1.0, 1.0)


def test_what_is_not_known_today_is_not_tried() -> None:
    found = tried(DETERGENT, DETERGENT, DETERGENT)
    assert found.weights.cell is None
    assert found.weights.quadrant == 1.0
    assert found.weights.cell_else is None


def test_mixed_supply_is_a_place_too() -> None:
    found = tried(MIXED).weights
    assert found.cell is not None
    assert found.cell > 0.9
    assert found.cell_else is None or found.cell_else[0][1] in (None, "RT", "PR")


def test_derived_values_stay() -> None:
    derived = np.full(RULES.width, np.nan)
    derived[RULES.positions["R8"]] = 4.0
    with_journey = robust(counted(*SPLIT)[0], RULES, SEED, derived=derived, draws=60)
    assert with_journey.raters is not None
    # R8 at 4 whatever the raters drawn say: the gate that split them stays open.
    assert (with_journey.raters.cell, with_journey.raters.quadrant) == (1.0, 37 / 60)


def test_confidence_is_not_needed() -> None:
    assert robust(counted(*SPLIT)[0], replace(RULES, confidence=None), SEED, draws=60) == tried(*SPLIT)


def test_every_weight_is_shaken_by_at_most_a_fifth() -> None:
    seen: list[Model] = []

    class Watched(type(MODEL)):  # type: ignore[misc]
        def __init__(self, **values: Any) -> None:
            super().__init__(**values)
            seen.append(self)

    watched = Watched(**{f.name: getattr(MODEL, f.name) for f in fields(Model)})
    robust(counted(PARK)[0], watched, SEED, draws=20)
    factors = [
        new.whole / old.whole
        for model in seen[-20:]
        for family in ("relationships", "capabilities")
        for was, now in zip(getattr(MODEL, family), getattr(model, family), strict=True)
        for old, new in zip(was.loads, now.loads, strict=True)
    ]
    assert min(factors) == pytest.approx(800, abs=3)
    assert max(factors) == pytest.approx(1200, abs=3)
    votes = [
        now.gives["PR"] / was.gives["PR"]
        for model in seen[-20:]
        for was, now in zip(MODEL.votes[:4], model.votes[:4], strict=True)
    ]
    assert Fraction(4, 5) <= min(votes) < Fraction(83, 100)
    assert Fraction(117, 100) < max(votes) <= Fraction(6, 5)
