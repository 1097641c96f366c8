"""Other weights, other raters: the same figures each time, and what they say."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from time import perf_counter

import numpy as np

from matrix.scoring import Model
from matrix.scoring.model import Dimension
from matrix.scoring.robust import Robust, _shaken, robust
from matrix.scoring.score import Shake, score
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
    assert (found.quadrant, found.quadrant_else) == (36 / 60, ("Q2", 24 / 60))


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


def test_shaking_all_at_once_is_shaking_one_model_after_another() -> None:
    rng = np.random.default_rng(7)
    shake = _shaken(MODEL, rng, 40)
    hist = np.repeat(counted(*SPLIT)[:1], 40, axis=0)
    together = score(hist, MODEL, shake=shake)
    for at in range(40):
        alone = score(hist[:1], _remade(shake, at))
        for name in ("relationships", "architectures", "capabilities", "primary", "quadrant", "present"):
            np.testing.assert_allclose(getattr(together, name)[at], getattr(alone, name)[0], atol=1e-6)


def _remade(shake: Shake, at: int) -> Model:
    """The model with the weights of one draw written into it."""

    def family(dimensions: Sequence[Dimension]) -> tuple[Dimension, ...]:
        return tuple(
            replace(
                each,
                loads=tuple(
                    replace(load, whole=load.whole * round(1000 * factor[at]))
                    for load, factor in zip(each.loads, shake.loads[each], strict=True)
                ),
            )
            for each in dimensions
        )

    votes = tuple(
        replace(
            each,
            gives={
                code: gives * Fraction(shake.votes[each.item][code][at]) for code, gives in each.gives.items()
            },
        )
        for each in MODEL.votes
    )
    return replace(
        MODEL,
        relationships=family(MODEL.relationships),
        capabilities=family(MODEL.capabilities),
        votes=votes,
    )


def test_every_weight_is_shaken_on_its_own_by_at_most_a_fifth() -> None:
    shake = _shaken(MODEL, np.random.default_rng(1), 500)
    loads = np.concatenate([*shake.loads.values()])
    votes = np.stack([factor for gives in shake.votes.values() for factor in gives.values()])
    every = np.concatenate([loads, votes])
    assert shake.loads.keys() == {*MODEL.relationships, *MODEL.capabilities}
    assert shake.votes.keys() == {each.item for each in MODEL.votes}
    assert (every.min(), every.max()) == (0.8, 1.2)
    assert len(np.unique(every[:, 0])) > len(every) / 2


def test_the_draws_of_a_whole_page_take_a_moment() -> None:
    def seconds() -> float:
        began = perf_counter()
        robust(counted(*SPLIT)[0], RULES, SEED)
        return perf_counter() - began

    assert min(seconds() for _ in range(3)) < 0.25
