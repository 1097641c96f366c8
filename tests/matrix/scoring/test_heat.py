from typing import Any

import numpy as np
import pytest

from matrix.scoring import UNKNOWN, Places, contributions, heat

RD, PR, RT = 0, 0, 1


def places(*segments: tuple[float, int, float], **changed: Any) -> Places:
    """Segments as (level of respond-to-desire, column, weight), each with three raters."""
    n = len(segments)
    levels = np.full((n, 4), np.nan)
    levels[:, RD] = [segment[0] for segment in segments]
    fields: dict[str, Any] = {
        "relationships": levels,
        "present": levels >= 0.4,
        "primary": np.where(levels[:, RD] >= 0.4, RD, -1).astype(np.int8),
        "primary_architecture": np.array([segment[1] for segment in segments], dtype=np.int8),
        "raters": np.full(n, 3),
        "agreement": np.full((n, 4), 0.5),
        "weight": np.array([segment[2] for segment in segments], dtype=np.float64),
    }
    return Places(**(fields | changed))


def test_level_is_the_mean_by_weight() -> None:
    assert heat(places((0.8, PR, 3), (0.4, PR, 1))).level[RD, PR] == pytest.approx(0.7)


def test_an_empty_cell_is_not_nought() -> None:
    found = heat(places((0.8, PR, 1)))
    assert np.isnan(found.level[RD, RT])
    assert not found.too_few[RD, RT]


def test_a_segment_counts_in_the_cell_of_its_primary_relationship() -> None:
    found = heat(places((0.8, PR, 1), (0.2, PR, 1)))
    assert found.segments[RD, PR] == 1
    assert found.placed.tolist() == [2, 0, 0, 0, 0]


def test_a_segment_without_weight_is_left_out_and_counted() -> None:
    found = heat(places((0.8, PR, 3), (0.4, PR, np.nan)))
    assert found.level[RD, PR] == pytest.approx(0.8)
    assert found.unweighted == 1
    assert found.segments[RD, PR] == 2


def test_weights_of_nought_give_no_level() -> None:
    assert np.isnan(heat(places((0.8, PR, 0))).level[RD, PR])


def test_mixed_and_unknown_segments_have_no_cell() -> None:
    found = heat(places((0.8, -1, 1), (0.8, UNKNOWN, 1)))
    assert (found.mixed, found.unplaced) == (1, 1)
    assert np.isnan(found.level).all()


def test_fewer_than_three_raters_are_too_few() -> None:
    assert heat(places((0.8, PR, 1), raters=np.array([2]))).too_few[RD, PR]
    assert not heat(places((0.8, PR, 1), (0.8, PR, 1), raters=np.array([2, 1]))).too_few[RD, PR]


def test_agreement_is_weighed_by_raters() -> None:
    found = heat(places((0.8, PR, 1), (0.8, PR, 1), raters=np.array([3, 9]), agreement=np.array([1.0, 0.6])))
    assert found.agreement[RD, PR] == pytest.approx(0.7)


def test_order_of_segments_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    segments = [(level, PR, weight) for level, weight in rng.random((50, 2)).tolist()]
    assert heat(places(*segments)).level[RD, PR] == heat(places(*segments[::-1])).level[RD, PR]


def test_contributions_add_up_to_the_level_largest_first() -> None:
    found = places((0.8, PR, 1), (0.4, PR, 9), (0.9, RT, 5))
    parts = contributions(found, "RD", "PR")
    assert [part.index for part in parts] == [1, 0]
    assert sum(part.adds for part in parts) == pytest.approx(heat(found).level[RD, PR])
    assert contributions(found, "RD", "PP") == []


@pytest.mark.parametrize("weight", [-1.0, np.inf])
def test_a_weight_that_is_no_size_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        heat(places((0.8, PR, weight)))
