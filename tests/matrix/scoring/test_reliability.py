"""Alpha of published data, its interval, and when there is none."""

from dataclasses import replace
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matrix.queries.agreement import RULES
from matrix.scoring import Reliability, Rules, Silent, reliability
from matrix.scoring.reliability import alphas, coincidences, interval
from tests.matrix.scoring.answers import tried

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units.
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
RANDOM = np.random.default_rng(7)


def counted(data: Any, levels: range = range(1, 6)) -> Any:
    """Observers by units to counts (units, 5)."""
    return np.stack([(np.asarray(data) == level).sum(axis=0) for level in levels], axis=1)


def room(people: int, units: int, noise: int, seed: int = 1) -> Any:
    random = np.random.default_rng(seed)
    true = random.integers(0, 5, units)
    said = np.clip(true + random.integers(-noise, noise + 1, (people, units)), 0, 4)
    return counted(said, range(5))


def known(counts: Any, people: int = 4) -> Reliability:
    found = reliability(counts, people, RULES)
    assert isinstance(found, Reliability)
    return found


def test_alpha_of_the_published_data() -> None:
    found = known(counted(PUBLISHED))
    assert found.alpha == pytest.approx(0.815, abs=0.0005)
    assert found.units == 11
    assert found.people == 4


def test_one_mind_is_one_and_opposition_is_below_nought() -> None:
    assert known(np.array([[3, 0, 0, 0, 0], [0, 0, 0, 0, 3]] * 6)).alpha == 1.0
    assert known(np.array([[2, 0, 0, 0, 2]] * 10)).alpha == pytest.approx(-0.3, abs=1e-9)


@given(arrays(np.int64, (12, 5), elements=st.integers(0, 4)))
@tried(100)
def test_a_resample_is_what_the_library_says_of_it(counts: Any) -> None:
    counts = counts[counts.sum(axis=1) >= 2]
    if len(counts) < 2 or np.count_nonzero(counts.sum(axis=0)) < 2:
        return
    weights = RANDOM.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=5)
    for weight, ours in zip(weights, alphas(coincidences(counts), weights), strict=True):
        drawn = np.repeat(counts, weight, axis=0)
        if np.count_nonzero(drawn.sum(axis=0)) < 2:
            assert np.isnan(ours)
        else:
            theirs = krippendorff.alpha(value_counts=drawn, level_of_measurement="ordinal")
            assert ours == pytest.approx(theirs, abs=1e-9)


def test_the_interval_is_the_same_each_time_and_in_any_order() -> None:
    counts = room(6, 60, 1)
    assert interval(counts, RULES) == interval(counts, RULES)
    assert interval(counts, RULES) == interval(counts[::-1].copy(), RULES)


def test_the_interval_is_that_of_units_drawn_anew() -> None:
    counts = room(5, 40, 2)
    low, high = interval(counts, replace(RULES, resamples=4000))
    random = np.random.default_rng(99)
    drawn = [
        krippendorff.alpha(value_counts=counts[random.integers(0, 40, 40)], level_of_measurement="ordinal")
        for _ in range(2000)
    ]
    assert (low, high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.02)


def test_the_interval_narrows_with_the_questions() -> None:
    few, many = known(room(5, 20, 2)), known(room(5, 360, 2))
    assert many.high - many.low < (few.high - few.low) / 2
    assert few.low < few.alpha < few.high


@pytest.mark.parametrize(
    ("alpha", "band"),
    [(1.0, "same"), (0.8, "same"), (0.799, "alike"), (0.667, "alike"), (0.666, "depends"), (0.0, "depends"),
     (-0.001, "chance"), (-1.5, "chance")],
)  # fmt: skip
def test_bands_begin_at_krippendorff_s_bounds(alpha: float, band: str) -> None:
    assert RULES.band(alpha) == band


def test_a_band_is_sure_where_the_whole_interval_lies_in_it() -> None:
    assert known(room(12, 400, 3)).sure
    assert known(room(12, 400, 3)).band == "depends"
    unsure = known(counted(PUBLISHED))
    assert not unsure.sure
    assert unsure.low < 0.667


def test_two_people_tell_nothing() -> None:
    assert reliability(room(2, 60, 1), 2, RULES) is Silent.FEW_PEOPLE
    assert isinstance(reliability(room(3, 60, 1), 3, RULES), Reliability)


def test_nine_shared_answers_are_too_few() -> None:
    counts = np.concatenate([room(3, 9, 1), np.eye(5, dtype=np.int64)])
    assert reliability(counts, 3, RULES) is Silent.FEW_SHARED
    assert isinstance(reliability(room(3, 10, 1), 3, RULES), Reliability)


def test_one_answer_throughout_tells_nothing() -> None:
    assert reliability(np.array([[0, 0, 3, 0, 0]] * 20), 3, RULES) is Silent.ALL_ALIKE


def test_the_numbers_have_their_sources() -> None:
    assert RULES.bands == (("same", 0.8), ("alike", 0.667), ("depends", 0.0), ("chance", -1.0))
    assert (RULES.people, RULES.shared, RULES.resamples, RULES.level) == (3, 10, 1000, 0.95)


def test_rules_are_read_under_their_own_names() -> None:
    said = {
        "alpha": {"bands": [{"name": "same", "from": 0.8}, {"name": "chance", "from": -1}]},
        "minimum": {"people": 4, "shared": 11},
        "interval": {"resamples": 900, "level": 0.9},
    }
    assert Rules.from_json(said) == Rules((("same", 0.8), ("chance", -1.0)), 4, 11, 900, 0.9)


@pytest.mark.parametrize(
    ("alpha", "band"),
    [
        (1, "same"),
        (0.8, "same"),
        (0.79, "alike"),
        (0.667, "alike"),
        (0.0, "depends"),
        (-0.1, "chance"),
        (-2, "chance"),
    ],
)
def test_a_band_begins_at_its_lowest_alpha(alpha: float, band: str) -> None:
    assert RULES.band(alpha) == band


def test_three_people_and_ten_shared_questions_are_enough() -> None:
    ten = np.array([[3, 0, 0, 0, 0], [0, 0, 0, 0, 3]] * 5)
    assert isinstance(reliability(ten, 3, RULES), Reliability)
    assert reliability(ten, 2, RULES) is Silent.FEW_PEOPLE
    assert reliability(ten[1:], 3, RULES) is Silent.FEW_SHARED


def test_a_question_one_person_answered_is_shared_by_nobody() -> None:
    alone = np.array([[1, 0, 0, 0, 0]] * 9)
    both = np.array([[2, 0, 0, 0, 0], [0, 0, 0, 0, 2]] * 5)
    found = known(np.concatenate([alone, both]))
    assert (found.units, found.alpha) == (10, 1.0)
    assert reliability(np.concatenate([alone, both[:1]]), 3, RULES) is Silent.FEW_SHARED


def test_one_answer_to_everything_cannot_be_told_from_chance() -> None:
    assert reliability(np.array([[0, 3, 0, 0, 0]] * 12), 3, RULES) is Silent.ALL_ALIKE


def test_the_interval_is_as_wide_as_its_level_says() -> None:
    counts = room(6, 40, 2)
    wide, narrow = (interval(counts, replace(RULES, level=level)) for level in (0.95, 0.5))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    one, other = interval(counts, replace(RULES, level=0.0))
    assert one == other
