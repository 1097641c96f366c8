"""Confidence keeps its word in simulated rooms, and the measure of that would notice if it did not."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.calibration import (
    LIMIT,
    Claims,
    Tenth,
    brier,
    calibration_error,
    claims,
    constant_brier,
    reliability,
    shipped,
)
from benchmarks.fitting import curve, rising
from benchmarks.workshops import FITTED, UNSEEN, normal, simulated
from matrix.charts.quadrant import REACH
from matrix.scoring import Model, score
from matrix.scoring.calibration import Curve, Noise

INSTRUMENT, MODEL = shipped()
ROOMS = simulated(31, 6_000, UNSEEN, INSTRUMENT, MODEL)


def certain() -> Model:
    """The same, as if raters agreed perfectly and what came out needed no curve."""
    assert MODEL.confidence
    nothing = Noise(1e-9, 1e6, 1e6, 0.0, 2.0, 1e-9)
    straight = Curve((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
    noise = {"scales": nothing, "choices": replace(nothing, centre=0.2)}
    return replace(MODEL, confidence=replace(MODEL.confidence, **noise, cell=straight, quadrant=straight))


@pytest.mark.parametrize("at", [0, 1], ids=["cell", "quadrant"])
def test_what_is_claimed_comes_true_in_rooms_the_fit_has_not_seen(at: int) -> None:
    assert calibration_error(claims(ROOMS, MODEL)[at]) <= LIMIT


@pytest.mark.parametrize("at", [0, 1], ids=["cell", "quadrant"])
def test_raters_taken_to_agree_perfectly_break_the_limit(at: int) -> None:
    assert calibration_error(claims(ROOMS, certain())[at]) > 2 * LIMIT


@pytest.mark.parametrize(("at", "at_most"), [(0, 0.8), (1, 0.8)], ids=["cell", "quadrant"])
def test_claims_say_much_more_than_a_constant_guess(at: int, at_most: float) -> None:
    made = claims(ROOMS, MODEL)[at]
    assert brier(made) < at_most * constant_brier(made)


def test_one_rater_s_claims_are_lower_and_still_kept() -> None:
    rooms = simulated(32, 6_000, replace(UNSEEN, sizes=(1,)), INSTRUMENT, MODEL)
    cell, quadrant = claims(rooms, MODEL)
    assert cell.claimed.mean() < claims(ROOMS, MODEL)[0].claimed.mean() - 0.15
    assert calibration_error(cell) <= 0.06
    assert calibration_error(quadrant) <= 0.06


def test_rooms_unseen_share_no_noise_with_those_fitted() -> None:
    for name in ("noise", "lenient", "strays", "outliers", "missing"):
        assert not set(getattr(FITTED, name)) & set(getattr(UNSEEN, name)), name


def test_the_same_seed_gives_the_same_rooms() -> None:
    again = simulated(31, 6_000, UNSEEN, INSTRUMENT, MODEL)
    assert np.array_equal(again.hist, ROOMS.hist)
    assert np.array_equal(again.truth.relationships, ROOMS.truth.relationships)


def test_truth_is_what_very_many_raters_say() -> None:
    room = replace(UNSEEN, sizes=(3_000,), missing=(0.0,), camps=1.0)
    many = simulated(33, 40, room, INSTRUMENT, MODEL)
    drawn = many.hist / np.maximum(many.hist.sum(axis=2, keepdims=True), 1)
    scales = [at for at in MODEL.scales if at not in MODEL.condition_of]
    means = (drawn * np.arange(5)).sum(axis=2)[:, scales]
    assert np.abs(means - many.truth.item_mean[:, scales]).max() < 0.12


def made(claimed: list[float], right: list[bool]) -> Claims:
    size = np.full(len(claimed), 3)
    return Claims(np.array(claimed), np.array(right), size, size.astype(float))


def test_reliability_by_tenths() -> None:
    curve_of = reliability(made([0.75, 0.75, 0.125, 1.0], [True, False, False, True]))
    assert curve_of == [Tenth(0.125, 0.0, 1), Tenth(0.75, 0.5, 2), Tenth(1.0, 1.0, 1)]


def test_calibration_error_and_brier_by_hand() -> None:
    some = made([0.72, 0.78, 0.11, 1.0], [True, False, False, True])
    assert calibration_error(some) == pytest.approx((2 * 0.25 + 0.11) / 4)
    assert brier(some) == pytest.approx((0.28**2 + 0.78**2 + 0.11**2) / 4)
    assert constant_brier(some) == 0.25


def test_the_fit_finds_what_came_true() -> None:
    rng = np.random.default_rng(1)
    claimed = rng.random(40_000)
    right = rng.random(40_000) < np.where(claimed < 0.5, 0.3, 0.8)
    fitted = curve(Claims(claimed, right, np.full(40_000, 1), np.full(40_000, 1e6)))
    assert fitted["many"][2] == pytest.approx(0.3, abs=0.03)
    assert fitted["many"][8] == pytest.approx(0.8, abs=0.03)
    assert fitted["many"] == sorted(fitted["many"])


def test_pooled_violators() -> None:
    assert rising(np.array([0.2, 0.1, 0.5, 0.4, 0.3, 0.9]), 0.8).tolist() == pytest.approx(
        [0.15, 0.15, 0.4, 0.4, 0.4, 0.8]
    )


def test_the_normal_distribution_function() -> None:
    found = normal(np.array([-1.959964, 0.0, 0.5, 1.281552]))
    assert found == pytest.approx([0.025, 0.5, 0.691462, 0.9], abs=1e-6)


def test_two_in_three_points_near_a_line_lie_in_their_ellipse() -> None:
    found, truth = score(ROOMS.hist, MODEL, ROOMS.raters), ROOMS.truth
    across = (truth.capabilities[:, 3] - found.capabilities[:, 3]) / found.customize_error
    up = (truth.interact - found.interact) / found.interact_error
    near = found.borderline & ~np.isnan(across + up)
    assert ((across**2 + up**2)[near] <= REACH**2).mean() == pytest.approx(2 / 3, abs=0.06)
