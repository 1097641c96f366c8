from typing import Any

import numpy as np
import pytest

from matrix.scoring import UNKNOWN, Contribution, Places, contributions, heat, score
from tests.matrix.scoring.answers import MODEL, counted, sheet

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


def test_every_relationship_and_every_column_has_its_own_place() -> None:
    """Four levels of one segment in its column; the cell it is counted in is that of its primary."""
    levels = np.array([[0.1, 0.2, 0.5, 0.9], [0.3, 0.4, 0.6, 0.7]])
    found = heat(
        Places(
            relationships=levels,
            present=levels >= 0.4,
            primary=np.array([3, 2], dtype=np.int8),
            primary_architecture=np.array([4, 1], dtype=np.int8),
            raters=np.array([2, 5]),
            agreement=np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]]),
            weight=np.array([2.0, 8.0]),
        )
    )
    assert found.level[:, 4].tolist() == levels[0].tolist()
    assert found.level[:, 1].tolist() == levels[1].tolist()
    assert np.isnan(found.level[:, [0, 2, 3]]).all()
    assert np.argwhere(found.segments).tolist() == [[2, 1], [3, 4]]
    assert found.present[:, [1, 4]].tolist() == [[0, 0], [1, 0], [1, 1], [1, 1]]
    assert found.counted.sum(axis=0).tolist() == [0, 4, 0, 0, 4]
    assert found.raters[0].tolist() == [0, 5, 0, 0, 2]
    assert found.weight[0].tolist() == [0, 8, 0, 0, 2]
    assert found.agreement[:, 4].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert found.too_few.all(axis=0).tolist() == [False, False, False, False, True]
    assert found.placed.tolist() == [0, 1, 0, 0, 1]
    assert (found.mixed, found.unplaced, found.unweighted) == (0, 0, 0)


def test_one_agreement_for_the_whole_segment_serves_all_its_relationships() -> None:
    found = heat(places((0.8, PR, 1), agreement=np.array([0.6])))
    assert found.agreement[RD, PR] == 0.6


def test_an_unknown_level_is_neither_counted_nor_weighed() -> None:
    found = heat(places((0.8, PR, 3), (np.nan, PR, 4)))
    assert (found.counted[RD, PR], found.raters[RD, PR], found.weight[RD, PR]) == (1, 3, 3.0)
    assert found.placed[PR] == 2


def test_unknown_agreement_has_no_weight() -> None:
    found = heat(places((0.8, PR, 1), (0.8, PR, 1), agreement=np.array([0.5, np.nan])))
    assert found.agreement[RD, PR] == 0.5


def test_three_raters_are_enough() -> None:
    assert not heat(places((0.8, PR, 1), raters=np.array([3]))).too_few[RD, PR]


def test_only_placed_segments_count_as_without_weight() -> None:
    found = heat(places((0.8, PR, np.nan), (0.8, RT, np.nan), (0.8, -1, np.nan), (0.8, UNKNOWN, np.nan)))
    assert found.unweighted == 2


def test_places_of_scores_weigh_alike_unless_weights_are_given() -> None:
    scores = score(np.concatenate([counted(sheet(R1=4)), counted(sheet(R="4 4 4 4 4 4 4 4 4 4 4 4"))]), MODEL)
    found = Places.of(scores)
    assert found.weight.tolist() == [1.0, 1.0]
    assert Places.of(scores, np.array([2.0, 5.0])).weight.tolist() == [2.0, 5.0]
    for name in ("present", "primary", "primary_architecture", "raters"):
        assert np.array_equal(getattr(found, name), getattr(scores, name)), name
    assert np.array_equal(found.relationships, scores.relationships, equal_nan=True)
    assert np.array_equal(found.agreement, scores.relationship_agreement, equal_nan=True)


def test_a_contribution_is_weight_share_level_and_what_it_adds() -> None:
    found = contributions(places((0.75, PR, 1), (0.25, PR, 3)), "RD", "PR")
    assert found == [Contribution(0, 1.0, 0.25, 0.75, 0.1875), Contribution(1, 3.0, 0.75, 0.25, 0.1875)]


def test_of_nothing_that_weighs_there_are_no_contributions() -> None:
    assert contributions(places((0.8, PR, 0)), "RD", "PR") == []
    assert contributions(places((0.8, PR, np.nan)), "RD", "PR") == []
    assert contributions(places((0.8, PR, 1)), "CO", "PR") == []


def test_the_segment_with_a_bad_weight_is_named() -> None:
    with pytest.raises(ValueError, match=r"^weight -1\.0 of segment 1 is not a size$"):
        heat(places((0.8, PR, 1), (0.8, PR, -1), (0.8, PR, -2)))
