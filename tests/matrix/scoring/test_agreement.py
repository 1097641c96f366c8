import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.scoring import Agreement, Spread, consensus, median, spread
from matrix.scoring.agreement import counts, sums
from tests.matrix.scoring.answers import tried

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
@tried(100)
def test_consensus_stays_between_nought_and_one(answers: list[int]) -> None:
    assert 0 <= consensus(row("".join(map(str, answers)))) <= 1


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
@tried(100)
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
        ("11125", Spread.OUTLIER),
        ("15444", Spread.OUTLIER),
        ("3331", Spread.OUTLIER),
        ("3332", Spread.HIGH),
        ("3335", Spread.OUTLIER),
        ("1333" * 2, Spread.MIXED),
        ("444", Spread.HIGH),
        ("4444", Spread.HIGH),
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


def test_the_lines_between_the_words_belong_to_the_better_one() -> None:
    half, seven_tenths = row("1335"), row("1" * 3 + "3" * 14 + "5" * 3)
    assert spread(half) == Agreement(0.5, Spread.MIXED)
    assert spread(seven_tenths) == Agreement(0.7, Spread.HIGH)


def test_an_outlier_is_told_with_its_consensus() -> None:
    assert spread(row("55555551")) == Agreement(float(consensus(row("55555551"))), Spread.OUTLIER)
    assert spread(row("44")) == Agreement(None, Spread.TOO_FEW)


def test_two_camps_beside_each_other_have_no_outlier() -> None:
    assert spread(row("1135")).spread is not Spread.OUTLIER
    assert spread(row("1155")).spread is not Spread.OUTLIER


def test_the_smallest_number_of_raters_may_be_another() -> None:
    assert np.isnan(consensus(row("444"), 4))
    assert consensus(row("44"), 2) == 1.0
    assert consensus(row("4"), 0) == 1.0
    assert np.isnan(consensus(row(""), 0))


def test_counts_and_sums_are_of_each_item() -> None:
    tallies = np.array([[1, 2, 3, 4, 5], [0, 0, 0, 0, 2], [3, 0, 0, 0, 0]], dtype=np.uint16)
    assert counts(tallies).tolist() == [15, 2, 3]
    assert sums(tallies).tolist() == [2 + 6 + 12 + 20, 8, 0]
    assert (counts(tallies).dtype.name, sums(tallies).dtype.name) == ("int64", "int64")


@pytest.mark.parametrize("minimum", [1, 2, 3])
def test_small_rooms_are_looked_up_alike(minimum: int) -> None:
    """Enough tallies for the table, and the same in a number that is reckoned."""
    every = np.stack(np.meshgrid(*[np.arange(3)] * 5), axis=-1).reshape(-1, 5).astype(np.uint16)
    many = np.tile(every, (60, 1))
    assert np.array_equal(consensus(many, minimum)[: len(every)], consensus(every, minimum), equal_nan=True)


@pytest.mark.parametrize(("answers", "middle"), [("1", 0), ("15", 2), ("125", 1), ("1245", 2), ("5", 4)])
def test_the_median_lies_between_two_where_they_differ(answers: str, middle: float) -> None:
    assert median(row(answers)) == middle
