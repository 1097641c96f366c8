"""Which relationships are missed, case by case."""

import numpy as np
import pytest

from matrix.scoring import missed

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
