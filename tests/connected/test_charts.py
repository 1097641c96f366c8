"""Geometry of the journey picture."""

from itertools import pairwise

import pytest

from connected.charts import LEFT, RIGHT, WIDTH, line
from connected.findings import STEPS, Contact


def contacts(*counts: int) -> list[Contact]:
    """So many touchpoints in each of the four steps."""
    steps = [step for step, count in zip(STEPS, counts, strict=True) for _ in range(count)]
    return [
        Contact(place, place, f"Contact {place}", step, "digital", 2, 1)
        for place, step in enumerate(steps, 1)
    ]


@pytest.mark.parametrize("counts", [(1, 0, 0, 0), (2, 4, 6, 3), (10, 10, 10, 10), (0, 0, 0, 1)])
def test_every_point_is_inside_the_picture(counts: tuple[int, ...]) -> None:
    assert all(LEFT - 1 <= point.x <= RIGHT + 1 for point in line(contacts(*counts)).points)


def test_points_go_from_left_to_right() -> None:
    places = [point.x for point in line(contacts(2, 4, 6, 3)).points]
    assert places == sorted(set(places))


def test_an_empty_step_keeps_its_place() -> None:
    spans = line(contacts(2, 0, 2, 1)).spans
    assert [span.empty for span in spans] == [False, True, False, False]
    assert spans[1].left > spans[0].right


def test_spans_do_not_overlap() -> None:
    spans = line(contacts(12, 12, 12, 12)).spans
    assert all(before.right <= after.left for before, after in pairwise(spans))


def test_steps_end_inside_the_picture() -> None:
    assert line(contacts(2, 4, 6, 3)).spans[-1].right <= WIDTH


def test_unknown_importance_is_smaller_than_the_middle() -> None:
    known, unknown = line(
        [Contact(1, 1, "a", "request", "digital", 2), Contact(2, 2, "b", "request", "digital")]
    ).points
    assert unknown.radius < known.radius


def test_only_the_sharpest_pain_is_named() -> None:
    told = [Contact(place, place, f"Contact {place}", "request", "digital", 2, place) for place in (1, 3, 4)]
    assert [point.label for point in line(told).points] == ["", "", "Contact 4"]


def test_no_touchpoints_make_no_path() -> None:
    assert line([]).path == ""
