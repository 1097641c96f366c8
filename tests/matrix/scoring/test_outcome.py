"""Scores as plain values: each under its own name, and nothing known is None."""

from dataclasses import replace

import numpy as np
import pytest

from matrix.scoring import NONE_PRESENT, UNKNOWN, outcome, score
from matrix.scoring.score import Scores
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, counted, placed, scored, sheet
from tests.matrix.scoring.journeys import RULES

BUSY = sheet(
    R="4 3 3 3 3 3 2 2 2 4 3 4", P="1 1 1 2 3 4", A="MM MM MM MM 2 0",
    I="1 1 1", D="2 2 2", N="4 4 4", C="2 2 2",
)  # fmt: skip


def test_each_figure_stands_under_its_own_name() -> None:
    found, scores = placed(BUSY), scored(BUSY)
    for name in ("relationships", "wanted", "gap"):
        values = getattr(scores, name)[0].tolist()
        assert getattr(found, name) == dict(zip(("RD", "CO", "CB", "AE"), values, strict=True)), name
    shares = dict(zip(("PR", "RT", "MM", "CW", "PP"), scores.architectures[0].tolist(), strict=True))
    assert found.architectures == shares
    tasks = scores.capabilities[0].tolist()
    assert [found.identify, found.differentiate, found.customize] == [tasks[0], tasks[1], tasks[3]]
    assert (found.interact, found.capped) == (tasks[0] + 1, True)
    assert (found.coverage, found.raters, found.agreement) == (scores.coverage[0], 1, None)


def test_labels_are_words() -> None:
    found = placed(BUSY)
    assert found.present == ("RD", "CO", "CB", "AE")
    assert (found.primary_relationship, found.primary_architecture) == ("AE", "MM")
    assert found.cells == (("AE", "MM"), ("RD", "MM"), ("CO", "MM"), ("CB", "MM"))
    assert (found.quadrant, found.borderline) == ("Q4", False)
    assert (found.mixed, found.split, found.scheduled_repeat) == (False, True, False)
    assert found.buys_what_we_have is False


def test_an_empty_room_knows_nothing_and_says_so_with_none() -> None:
    found = placed(sheet())
    assert (found.relationships, found.wanted) == (dict.fromkeys(("RD", "CO", "CB", "AE")),) * 2
    assert (found.primary_relationship, found.primary_architecture, found.quadrant) == (None, None, None)
    assert (found.identify, found.interact, found.customize) == (None, None, None)
    assert (found.present, found.intrusive, found.cells) == ((), (), ())
    assert (found.coverage, found.raters, found.buys_what_we_have) == (0.0, 0, False)


def test_a_room_at_the_baseline_buys_what_there_is() -> None:
    found = placed(sheet(R="0 0 0 0 0 0 0 0 0 0 0 -"))
    assert (found.buys_what_we_have, found.primary_relationship) == (True, None)


def two() -> Scores:
    hist = np.concatenate([counted(sheet()), counted(BUSY, BUSY, BUSY)])
    return score(hist, RULES, np.array([0, 3]))


def test_the_segment_asked_for_is_the_one_told() -> None:
    first, second = outcome(two()), outcome(two(), 1)
    assert (first.raters, second.raters) == (0, 3)
    assert first == outcome(two(), 0)
    assert (first.quadrant, second.quadrant) == (None, "Q4")


def test_confidence_of_cell_and_of_quadrant_are_told_apart() -> None:
    scores, found = two(), outcome(two(), 1)
    assert found.confidence_cell == scores.confidence_cell[1]
    assert found.confidence_quadrant == scores.confidence_quadrant[1]
    assert found.confidence_cell != found.confidence_quadrant
    assert found.agreement == 1.0


@pytest.mark.parametrize(("code", "word"), [(0, None), (1, "Q1"), (2, "Q2"), (3, "Q3"), (4, "Q4")])
def test_quadrants_are_numbered_from_one(code: int, word: str | None) -> None:
    scores = replace(scored(BUSY), quadrant=np.array([code], dtype=np.int8))
    assert outcome(scores).quadrant == word


@pytest.mark.parametrize(
    ("code", "primary", "baseline"), [(0, "RD", False), (NONE_PRESENT, None, True), (UNKNOWN, None, False)]
)
def test_no_relationship_is_not_an_unknown_one(code: int, primary: str | None, baseline: bool) -> None:
    found = outcome(replace(scored(BUSY), primary=np.array([code], dtype=np.int8)))
    assert (found.primary_relationship, found.buys_what_we_have) == (primary, baseline)


def test_without_a_leading_architecture_there_is_no_cell() -> None:
    found = outcome(replace(scored(BUSY), primary_architecture=np.array([NONE_PRESENT], dtype=np.int8)))
    assert (found.primary_architecture, found.cells) == (None, ())


def test_the_questionnaire_and_the_model_name_the_same_items() -> None:
    assert MODEL.items == tuple(item.code for item in INSTRUMENT.items)
