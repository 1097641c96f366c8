"""Which relationships are missed, case by case."""

import numpy as np
import pytest

from matrix.scoring import missed, situated
from matrix.scoring.score import TOLERANCE
from tests.matrix.scoring.answers import MODEL, counted, sheet

NAN = float("nan")


@pytest.mark.parametrize(
    ("wanted", "today", "present", "found"),
    [
        (0.9, 0.2, False, True),
        (0.9, 0.8, True, True),
        (0.9, 0.81, True, False),
        (0.45, 0.42, False, True),
        (0.45, 0.42, True, False),
        (0.4, 0.1, False, True),
        (0.39, 0.1, False, False),
        (0.5, 0.5, False, False),
        (0.5, 0.7, False, False),
        (NAN, 0.1, False, False),
        (0.9, NAN, False, False),
    ],
)
def test_missed(wanted: float, today: float, present: bool, found: bool) -> None:
    assert missed(np.array([wanted]), np.array([today]), np.array([present]), 0.4).tolist() == [found]


def test_the_cut_is_the_models() -> None:
    each = np.array([0.35]), np.array([0.0]), np.array([False])
    assert [bool(missed(*each, cut)[0]) for cut in (0.3, 0.4)] == [True, False]


def test_a_want_at_the_cut_itself_is_enough() -> None:
    assert missed(np.array([0.4 - TOLERANCE]), np.array([0.0]), np.array([False]), 0.4).tolist() == [True]


def test_for_another_situation_only_what_is_wanted_is_told_anew() -> None:
    (routine,), (urgent,) = counted(sheet(R1=4, P1=4, P2=3)), counted(sheet(R1=0, P1=1))
    found = situated(routine, urgent, MODEL)
    one, other, third = (MODEL.positions[code] for code in ("R1", "P1", "P2"))
    assert (found[one].tolist(), found[other].tolist()) == (routine[one].tolist(), urgent[other].tolist())
    assert found[third].sum() == 0
    assert routine[third].sum() == 1
