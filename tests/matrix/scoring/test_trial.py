"""Two models' scores of the same segments, counted side by side."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matrix.scoring import NONE_PRESENT, UNKNOWN, Model, Scores, shifts
from tests.matrix.scoring.test_forks import BASE, CS1

MODEL = Model.from_json(BASE, CS1)
IDS = np.array([11, 12, 13], dtype=np.int64)


@pytest.fixture
def scores() -> Scores:
    """Three segments: curated by a producer, buy what we have, and nothing known."""
    made = Scores.blank(3, MODEL)
    made.relationships[:] = [[0.2, 0.6, 0.1, 0.0], [0.1] * 4, [np.nan] * 4]
    made.present[:] = [[False, True, False, False], [False] * 4, [False] * 4]
    made.primary[:] = [1, NONE_PRESENT, UNKNOWN]
    made.primary_architecture[:] = [0, 2, UNKNOWN]
    made.quadrant[:] = [4, 1, 0]
    return made


def changed(scores: Scores, **values: Any) -> Scores:
    return replace(scores, **{name: np.array(value) for name, value in values.items()})


def test_the_same_scores_shift_nothing(scores: Scores) -> None:
    found = shifts(IDS, scores, scores)
    assert (found["segments"], found["unchanged"], found["movers"]) == (3, 3, [])
    assert found["cells"] == [
        {"from": "CO-PR", "to": "CO-PR", "segments": 1},
        {"from": "baseline", "to": "baseline", "segments": 1},
        {"from": "unknown", "to": "unknown", "segments": 1},
    ]


def test_a_segment_that_goes_to_another_cell_is_counted(scores: Scores) -> None:
    found = shifts(IDS, scores, changed(scores, primary=[1, 0, UNKNOWN]))
    assert (found["cell_changed"], found["quadrant_changed"], found["unchanged"]) == (1, 0, 2)
    assert {"from": "baseline", "to": "RD-MM", "segments": 1} in found["cells"]


def test_where_only_the_relationship_is_known_the_place_is_not(scores: Scores) -> None:
    found = shifts(IDS, scores, changed(scores, primary_architecture=[UNKNOWN, 2, UNKNOWN]))
    assert {"from": "CO-PR", "to": "unknown", "segments": 1} in found["cells"]


def test_the_largest_flow_comes_first(scores: Scores) -> None:
    was, becomes = (changed(scores, quadrant=each) for each in ([1, 4, 4], [2, 2, 2]))
    found = shifts(IDS, was, becomes)
    assert [flow["segments"] for flow in found["quadrants"]] == [2, 1]
    assert found["firms"] == []


def test_mixed_supply_is_a_place_of_its_own(scores: Scores) -> None:
    found = shifts(IDS, scores, changed(scores, primary_architecture=[NONE_PRESENT, 2, UNKNOWN]))
    assert {"from": "CO-PR", "to": "mixed", "segments": 1} in found["cells"]


def test_a_quadrant_that_becomes_known_is_a_change(scores: Scores) -> None:
    found = shifts(IDS, scores, changed(scores, quadrant=[4, 1, 3]))
    assert (found["quadrant_changed"], found["cell_changed"]) == (1, 0)
    assert {"from": None, "to": "Q3", "segments": 1} in found["quadrants"]


def test_another_relationship_present_is_counted_by_itself(scores: Scores) -> None:
    present = [[True, True, False, False], [False] * 4, [False] * 4]
    found = shifts(IDS, scores, changed(scores, present=present))
    assert (found["present_changed"], found["unchanged"], found["cell_changed"]) == (1, 2, 0)


def test_the_largest_movers_come_first_and_what_is_unknown_does_not_move(scores: Scores) -> None:
    levels = [[0.2, 0.5, 0.1, 0.0], [0.6, 0.2, 0.1, 0.1], [0.9] * 4]
    movers = shifts(IDS, scores, changed(scores, relationships=levels, quadrant=[4, 2, 0]))["movers"]
    assert [(each["segment"], round(each["difference"], 6)) for each in movers] == [(12, 0.6), (11, 0.1)]
    assert movers[0] | {"difference": 0} == {
        "segment": 12,
        "from": "baseline",
        "to": "baseline",
        "from_quadrant": "Q1",
        "to_quadrant": "Q2",
        "difference": 0,
    }


def test_no_more_than_ten_movers_are_named() -> None:
    before, after = Scores.blank(12, MODEL), Scores.blank(12, MODEL)
    for made in (before, after):
        made.primary[:], made.primary_architecture[:], made.quadrant[:] = 0, 0, 1
        made.present[:] = True
    before.relationships[:], after.relationships[:] = 0.0, 0.25
    movers = shifts(np.arange(12, 0, -1), before, after)["movers"]
    assert [each["segment"] for each in movers] == list(range(1, 11))


def test_no_segments_shift_nothing() -> None:
    found = shifts(np.zeros(0, dtype=np.int64), Scores.blank(0, MODEL), Scores.blank(0, MODEL))
    assert (found["segments"], found["cells"], found["quadrants"]) == (0, [], [])
