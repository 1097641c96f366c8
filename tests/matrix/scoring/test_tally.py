from typing import Any

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


@pytest.mark.parametrize(("item", "value"), [("R1", 0), ("R1", 4), ("A1", 1), ("A1", 5), ("A1", -1)])
def test_the_ends_of_a_range_belong_to_it(item: str, value: int) -> None:
    row = sheet()
    row[INSTRUMENT.positions[item]] = value
    assert tally(answers([row], [1]), MODEL).hist.sum() == (value >= 0)


def test_the_first_item_out_of_range_is_named_alone() -> None:
    row = sheet()
    row[INSTRUMENT.positions["R2"]] = row[INSTRUMENT.positions["R5"]] = 9
    with pytest.raises(ValueError, match=r"^R2 has an answer outside its range$"):
        tally(answers([sheet(), row], [1, 1]), MODEL)


@pytest.mark.parametrize(
    ("values", "segments", "said"),
    [
        (np.zeros((2, 3)), [1, 1], rf"^values must be \(sheets, {MODEL.width}\), not \(2, 3\)$"),
        (np.zeros(MODEL.width), [1], rf"^values must be .*, not \({MODEL.width},\)$"),
        (np.zeros((2, MODEL.width)), [1], r"^segments must be \(2,\), not \(1,\)$"),
        (np.zeros((1, MODEL.width)), [[1]], r"^segments must be \(1,\), not \(1, 1\)$"),
    ],
)
def test_a_bad_shape_is_named(values: Any, segments: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tally(Answers(values.astype(np.int16), np.array(segments, dtype=np.int64)), MODEL)


def test_counts_are_as_wide_as_promised() -> None:
    found = tally(answers([sheet(R1=1)], [7]), MODEL)
    assert [each.dtype.name for each in (found.ids, found.hist, found.sheets)] == ["int64", "uint16", "int64"]
    assert found.hist.shape == (1, MODEL.width, 5)


def test_wide_integers_and_plain_lists_are_read_alike() -> None:
    rows, segments = [sheet(R1=1), sheet(A1="PP")], [3, 3]
    wide = Answers(np.array(rows, dtype=np.int64), np.array(segments, dtype=np.int32))
    assert np.array_equal(tally(wide, MODEL).hist, tally(answers(rows, segments), MODEL).hist)


def same_answer(many: int) -> Answers:
    return Answers(np.full((many, MODEL.width), 1, dtype=np.int8), np.zeros(many, dtype=np.int64))


def test_a_segment_holds_as_many_sheets_as_two_bytes_count_and_no_more() -> None:
    assert tally(same_answer(65_535), MODEL).hist.max() == 65_535
    with pytest.raises(ValueError, match=r"^a segment has more than 65535 sheets$"):
        tally(same_answer(65_536), MODEL)


@pytest.mark.parametrize("many", [59, 60, 61])
def test_where_the_way_of_counting_changes_the_counts_do_not(many: int) -> None:
    found = tally(same_answer(many), MODEL)
    assert found.hist[0, INSTRUMENT.positions["R1"]].tolist() == [0, many, 0, 0, 0]
    assert found.hist[0, INSTRUMENT.positions["A1"]].tolist() == [many, 0, 0, 0, 0]
    assert found.sheets.tolist() == [many]


@pytest.mark.parametrize("segments", [4_095, 4_096, 4_097, 8_193])
def test_blocks_of_segments_leave_none_out(segments: int) -> None:
    rows = np.zeros((segments, MODEL.width), dtype=np.int8) + MODEL.first_value.astype(np.int8)
    rows[:, 0] = np.arange(segments) % 5
    found = tally(Answers(rows, np.arange(segments)), MODEL)
    assert (found.sheets == 1).all()
    assert np.array_equal(found.hist[:, 0].argmax(axis=1), rows[:, 0])
    assert (found.hist.sum(axis=2) == 1).all()
