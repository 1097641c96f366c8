import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix.scoring import Spread, consensus, median, spread

# Eight raters on a scale of 1-5: answers, mean, consensus.
VECTORS = [
    ("44444444", 4.0, 1.00),
    ("344444 45".replace(" ", ""), 4.0, 0.90),
    ("12233445", 3.0, 0.54),
    ("11115555", 3.0, 0.00),
    ("55555551", 4.5, 0.46),
    ("22222213", 2.0, 0.90),
]


def row(answers: str) -> np.ndarray:
    return np.bincount([int(answer) - 1 for answer in answers], minlength=5).astype(np.uint16)


@pytest.mark.parametrize(("answers", "mean", "expected"), VECTORS)
def test_consensus_gives_the_published_vectors(answers: str, mean: float, expected: float) -> None:
    assert np.mean([int(answer) for answer in answers]) == mean
    assert consensus(row(answers)) == pytest.approx(expected, abs=0.005)


def test_a_room_of_one_mind_is_exactly_one_and_two_ends_exactly_nought() -> None:
    assert consensus(row("333")) == 1.0
    assert consensus(row("1155")) == 0.0


def test_two_raters_have_no_consensus() -> None:
    assert np.isnan(consensus(row("44")))


@given(st.lists(st.integers(1, 5), min_size=3, max_size=30))
@settings(max_examples=100, deadline=None)
def test_consensus_stays_between_nought_and_one(answers: list[int]) -> None:
    assert 0 <= consensus(row("".join(map(str, answers)))) <= 1


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_median_is_the_median(answers: list[int]) -> None:
    hist = np.bincount(answers, minlength=5).astype(np.uint16)
    assert median(hist) == np.median(answers)


def test_median_of_nothing_is_not_known() -> None:
    assert np.isnan(median(np.zeros(5, dtype=np.uint16)))


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ("44", Spread.TOO_FEW),
        ("444445", Spread.HIGH),
        ("12233445", Spread.MIXED),
        ("11155555", Spread.SPLIT),
        ("55555551", Spread.OUTLIER),
        ("1555", Spread.OUTLIER),
        ("155", Spread.SPLIT),
    ],
)
def test_the_pattern_is_said_in_a_word(answers: str, word: Spread) -> None:
    assert spread(row(answers)).spread is word


@pytest.mark.parametrize("most", [1, 2, 6, 7, 40])
def test_many_tallies_have_the_consensus_that_each_has_alone(most: int) -> None:
    rng = np.random.default_rng(most)
    tallies = rng.integers(0, most // 2 + 1, (12_000, 5)).astype(np.uint16)
    alone = [consensus(row[None])[0] for row in tallies[:300]]
    assert np.array_equal(consensus(tallies)[:300], alone, equal_nan=True)
