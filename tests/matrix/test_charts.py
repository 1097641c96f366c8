"""Geometry: where things stand, and that what must look absent does."""

from dataclasses import replace
from fractions import Fraction
from math import hypot, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.charts import (
    Cell,
    Grid,
    Point,
    Seat,
    agree_word,
    brief,
    dumbbell,
    grid,
    histogram,
    journey_mark,
    mixed_line,
    quadrant_plot,
    step_of,
    vote_bars,
    why,
)
from matrix.scoring import Contribution, Places, heat

PRODUCER, AUTOMATIC = 0, 3


def places(*levels: tuple[float, bool], raters: int = 3, column: int = PRODUCER) -> Places:
    """Segments of one column with these automatic levels, present or not."""
    n = len(levels)
    table, present = np.full((n, 4), 0.1), np.zeros((n, 4), dtype=bool)
    table[:, AUTOMATIC], present[:, AUTOMATIC] = [each[0] for each in levels], [each[1] for each in levels]
    return Places(
        table,
        present,
        np.full(n, AUTOMATIC, dtype=np.int8),
        np.full(n, column, dtype=np.int8),
        np.full(n, raters, dtype=np.int64),
        np.full((n, 4), 0.8),
        np.ones(n),
    )


def cell(found: Grid, code: str = "AE-PR") -> Cell:
    return next(each for each in found.cells if each.code == code)


def test_a_level_has_a_step() -> None:
    found = cell(grid(heat(places((0.62, True))), cut=0.4))
    assert (found.state, found.percent, found.step) == ("measured", 62, 4)


def test_a_level_whose_gate_is_not_met_has_no_step() -> None:
    found = cell(grid(heat(places((0.9, False))), cut=0.4))
    assert (found.state, found.percent, found.step) == ("gated", 90, None)


def test_one_segment_that_has_it_is_enough_for_a_step() -> None:
    assert cell(grid(heat(places((0.9, False), (0.8, True))), cut=0.4)).state == "measured"


def test_too_few_answers_show_no_figure() -> None:
    found = cell(grid(heat(places((0.9, True), raters=2)), cut=0.4))
    assert (found.state, found.percent, found.step, found.agree) == ("few", None, None, "")


def test_without_a_weight_is_not_without_answers() -> None:
    bare = replace(places((0.9, True)), weight=np.array([nan]))
    lacking = np.zeros((4, 5), dtype=np.int64)
    lacking[AUTOMATIC, PRODUCER] = 1
    found = cell(grid(heat(bare), cut=0.4, lacking=lacking))
    assert (found.state, found.percent, found.lacking) == ("unweighed", None, 1)


@pytest.mark.parametrize(("share", "heavy"), [(0.95, 95), (0.9, None)])
def test_one_segment_that_carries_nearly_all_is_marked(share: float, heavy: int | None) -> None:
    found = heat(places((0.9, True), (0.8, True)))
    assert cell(grid(found, cut=0.4, heaviest=np.full((4, 5), share))).heavy == heavy


def test_segments_without_a_column_have_a_line_of_their_own() -> None:
    seats = [Seat(1, "A", "One", "", None, "AE", ("AE",), mixed=True)]
    line = mixed_line(heat(places((0.62, True))), seats, 0.4)
    assert (line[AUTOMATIC].percent, line[AUTOMATIC].step) == (62, 4)
    assert [mark.letter for mark in line[AUTOMATIC].marks] == ["A"]


def test_mixed_segments_without_a_weight_are_not_called_unanswered() -> None:
    bare = replace(places((0.62, True)), weight=np.array([nan]))
    assert mixed_line(heat(bare), (), 0.4)[AUTOMATIC].state == "unweighed"


def test_a_column_nobody_is_in_speaks_as_a_prompt() -> None:
    found = cell(grid(heat(places((0.9, True))), cut=0.4), "AE-RT")
    assert (found.state, found.hint) == ("empty", "Refill without asking")


def test_letters_own_before_also_present() -> None:
    seats = [
        Seat(1, "A", "One", "", "PR", "CO", ("RD", "CO")),
        Seat(2, "B", "Two", "", "PR", "RD", ("RD",)),
        Seat(3, "C", "Three", "", None, "RD", ("RD",)),
    ]
    marks = cell(grid(heat(places((0.9, True))), cut=0.4, seats=seats), "RD-PR").marks
    assert [(mark.letter, mark.kind) for mark in marks] == [("B", "own"), ("A", "also")]


@pytest.mark.parametrize(("segments", "many"), [(8, False), (9, True)])
def test_where_one_cell_is_too_full_for_dots_all_say_their_number(segments: int, many: bool) -> None:
    assert grid(heat(places(*[(0.5, True)] * segments)), cut=0.4).many == many


@pytest.mark.parametrize(
    ("count", "short"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10k"),
        (36_987, "37k"),
        (999_499, "999k"),
        (999_500, "1.0m"),
        (1_234_567, "1.2m"),
        (9_949_999, "9.9m"),
        (9_950_000, "10m"),
        (9_999_999, "10m"),
    ],
)
def test_counts_without_room_are_shortened(count: int, short: str) -> None:
    assert brief(count) == short


@pytest.mark.parametrize(("level", "step"), [(0, 1), (0.199, 1), (0.2, 2), (0.4, 3), (0.79, 4), (1, 5)])
def test_the_third_step_begins_where_present_does(level: float, step: int) -> None:
    assert step_of(level) == step


@pytest.mark.parametrize(
    ("value", "word"), [(0.7, "high"), (0.6, "mixed"), (0.4, "split"), (None, ""), (nan, "")]
)
def test_agreement_in_a_word(value: float | None, word: str) -> None:
    assert agree_word(value) == word


# --- Why ------------------------------------------------------------------------------------------

parts = st.lists(st.tuples(st.floats(0.01, 1e9), st.floats(0, 1)), min_size=1, max_size=40)


@given(parts, st.integers(2, 20))
def test_what_is_shown_adds_up_to_what_is_shown(given: list[tuple[float, float]], most: int) -> None:
    whole = sum(weight for weight, _ in given)
    contributions = [
        Contribution(at, weight, weight / whole, level, weight * level / whole)
        for at, (weight, level) in enumerate(given)
    ]
    found = why(contributions, most)
    assert sum(row.adds for row in found.rows) == found.total
    assert sum(row.share for row in found.rows) == 100
    assert len(found.rows) <= most
    assert sum(row.gathered for row in found.rows) == len(given)


def test_the_total_is_the_level() -> None:
    found = why([Contribution(0, 1, 0.5, 0.8, 0.4), Contribution(1, 1, 0.5, 0.1, 0.05)])
    assert Fraction(found.total) == 45


# --- Pictures -------------------------------------------------------------------------------------


def test_the_quadrant_runs_up_and_right() -> None:
    plot = quadrant_plot([Point(4, 4, "A"), Point(0, 0, "B")], 1.35, 0.35, side=400)
    top, low = plot.letters
    assert (top.at_x, top.at_y, low.at_x, low.at_y) == (434, 10, 34, 410)


def test_cut_and_band_are_the_models() -> None:
    plot = quadrant_plot([], 2, 0.5, side=400)
    assert (plot.cut_x, plot.cut_y, plot.band_x, plot.band) == (234, 210, 184, 100)


def test_letters_on_one_place_are_moved_apart_and_tied_to_it() -> None:
    plot = quadrant_plot([Point(2, 2, letter) for letter in "ABC"], 1.35, 0.35)
    a, b, c = plot.letters
    assert min(hypot(p.x - q.x, p.y - q.y) for p, q in ((a, b), (b, c), (a, c))) >= 22
    assert all(letter.at_x == a.at_x for letter in plot.letters)


def test_very_many_dots_that_would_cover_each_other_are_drawn_once() -> None:
    assert len(quadrant_plot([Point(1.0001 * 2, 2)] * 5000, 1.35, 0.35).dots) == 1


def test_a_colour_of_the_quadrant_says_from_how_many_on() -> None:
    counts = np.zeros((40, 40), np.int64)
    counts[0, :4] = 1, 7, 60, 400
    shades = quadrant_plot([], 1.35, 0.35, density=counts).shades
    assert [(shade.step, shade.least) for shade in shades] == [(1, 1), (2, 7), (4, 60), (5, 400)]


def test_an_unknown_wish_leaves_no_gap() -> None:
    found = dumbbell(0.8, None, 0.4)
    assert (found.wanted, found.low, found.gap, found.label) == (
        None,
        None,
        "–",
        "today 80, wanted not known",
    )


def test_the_gap_is_the_difference_of_the_shown_figures() -> None:
    assert dumbbell(0.84, 0.61, 0.4).gap == "−23"


def test_an_answer_nobody_gave_is_marked_as_none() -> None:
    assert [bar[3] for bar in histogram([0, 0, 1, 4, 9]).bars] == [True, True, False, False, False]


def test_unknown_votes_have_no_bar() -> None:
    bars = vote_bars({"PR": None}, 0.5).bars
    assert (bars[0].width, bars[0].shown) == (None, "–")


def test_relationships_start_where_the_vocabulary_says() -> None:
    assert [journey_mark(code).step for code in ("RD", "CO", "CB", "AE")] == [
        "Request",
        "Request",
        "Recognize",
        "Recognize",
    ]


def test_a_quadrants_name_moves_out_of_a_points_way() -> None:
    def height(*points: Point) -> float:
        words = quadrant_plot(points, 1.35, 0.35).words
        return next(name.y for name, *_ in words if name.text == "Q1 Mass")

    assert height(Point(0.5, 0.35, "A")) < height() == height(Point(3, 3, "A"))


def test_an_ellipse_reaches_one_and_a_half_errors_each_way_and_stays_on_the_scale() -> None:
    plot = quadrant_plot([Point(2, 2, "A", errors=(0.5, 0.25)), Point(1, 1, "B")], 1.35, 0.35, side=400)
    (ellipse,) = plot.ellipses
    corners = [tuple(map(float, pair.split())) for pair in ellipse.path.strip("MZ").split("L")]
    xs, ys = zip(*corners, strict=True)
    assert (min(xs), max(xs)) == (34 + 200 - 74.1, 34 + 200 + 74.1)
    assert (min(ys), max(ys)) == pytest.approx((10 + 200 - 37.05, 10 + 200 + 37.05), abs=0.06)
    wide = quadrant_plot([Point(4, 0, "A", errors=(3.0, 3.0), few=True)], 1.35, 0.35, side=400).ellipses[0]
    assert wide.few
    assert "434 " in wide.path
    assert " 410" in wide.path
    assert not [x for x, _ in (pair.split() for pair in wide.path.strip("MZ").split("L")) if float(x) > 434]
