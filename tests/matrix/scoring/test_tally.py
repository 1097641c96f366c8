import numpy as np
import pytest

from matrix.scoring import Answers, tally
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, sheet


def answers(rows: list[list[int]], segments: list[int]) -> Answers:
    return Answers(np.array(rows, dtype=np.int16), np.array(segments, dtype=np.int64))


def test_scale_answers_are_counted_at_their_value() -> None:
    found = tally(answers([sheet(R4=3), sheet(R4=3), sheet(R4=0)], [7, 7, 7]), MODEL)
    assert found.hist[0, INSTRUMENT.positions["R4"]].tolist() == [1, 0, 0, 2, 0]


def test_choices_are_counted_from_the_first_place() -> None:
    found = tally(answers([sheet(A1="PR"), sheet(A1="PP")], [7, 7]), MODEL)
    assert found.hist[0, INSTRUMENT.positions["A1"]].tolist() == [1, 0, 0, 0, 1]


def test_unknown_answers_are_not_counted() -> None:
    assert tally(answers([sheet()], [7]), MODEL).hist.sum() == 0


def test_an_empty_sheet_is_no_rater() -> None:
    assert tally(answers([sheet(), sheet(R1=0)], [7, 7]), MODEL).sheets.tolist() == [1]


def test_segments_come_sorted_whatever_the_order_of_sheets() -> None:
    found = tally(answers([sheet(R1=1), sheet(R1=2), sheet(R1=3)], [9, 4, 9]), MODEL)
    assert found.ids.tolist() == [4, 9]
    assert found.hist[1, 0].tolist() == [0, 1, 0, 1, 0]


def test_no_sheets_give_no_segments() -> None:
    empty = Answers(np.empty((0, MODEL.width), dtype=np.int16), np.empty(0, dtype=np.int64))
    assert len(tally(empty, MODEL).ids) == 0


def test_many_segments_are_counted_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 5, (9_000, MODEL.width)).astype(np.int16) + MODEL.first_value
    segments = rng.integers(0, 5_000, len(rows))
    found = tally(Answers(rows, segments), MODEL)
    for at in (0, 1, len(found.ids) // 2, len(found.ids) - 1):
        own = rows[segments == found.ids[at]]
        alone = tally(Answers(own, np.zeros(len(own), dtype=np.int64)), MODEL)
        assert np.array_equal(alone.hist[0], found.hist[at])
        assert alone.sheets[0] == found.sheets[at]


@pytest.mark.parametrize(("item", "value"), [("R1", 5), ("R1", -2), ("A1", 0), ("A1", 6)])
def test_an_answer_out_of_range_names_its_item(item: str, value: int) -> None:
    row = sheet()
    row[INSTRUMENT.positions[item]] = value
    with pytest.raises(ValueError, match=f"{item} has an answer outside"):
        tally(answers([row], [1]), MODEL)


def test_a_sheet_of_another_questionnaire_is_refused() -> None:
    with pytest.raises(ValueError, match="values must be"):
        tally(answers([[1, 2, 3]], [1]), MODEL)


@pytest.mark.parametrize("many", [2, 61, 300])
def test_a_few_sheets_and_very_many_are_counted_alike(many: int) -> None:
    rng = np.random.default_rng(many)
    segments = np.concatenate([np.arange(50), np.full(many, 7)])
    rows = rng.integers(-1, 5, (len(segments), MODEL.width))
    rows = np.where(rows < 0, -1, rows + MODEL.first_value)
    found = tally(Answers(rows.astype(np.int8), segments), MODEL)
    expected = np.zeros_like(found.hist)
    for segment, row in zip(segments, rows, strict=True):
        for item, value in enumerate(row):
            if value >= 0:
                expected[segment, item, value - MODEL.first_value[item]] += 1
    assert np.array_equal(found.hist, expected)
