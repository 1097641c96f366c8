"""Groups beside each other: no figure, and no difference of figures, speaks for fewer than three people."""

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.scoring import OUTSIDE, Answers, Sights, gaps, levels, owners, parts_of, sights
from matrix.scoring.groups import loads_of
from tests.matrix.scoring.answers import MODEL, tried

MINIMUM = 3
R1, R4, A1 = (MODEL.positions[code] for code in ("R1", "R4", "A1"))


def names(groups: list[str]) -> list[tuple[tuple[str, ...], bool, int]]:
    return [(part.groups, part.rest, len(part.members)) for part in parts_of(groups, MINIMUM)]


# --- Parts ----------------------------------------------------------------------------------------


def test_groups_of_three_stand_alone_largest_first() -> None:
    found = names(["b"] * 3 + ["a"] * 4)
    assert found == [(("a",), False, 4), (("b",), False, 3)]


def test_a_group_is_one_however_it_is_written() -> None:
    assert names(["Front line", "front  LINE ", "front line"] + ["x"] * 3)[0] == (("Front line",), False, 3)


def test_small_groups_and_people_without_one_are_counted_together() -> None:
    assert names(["a"] * 4 + ["b"] * 2 + [""]) == [(("a",), False, 4), ((), True, 3)]


def test_what_is_still_too_small_takes_the_smallest_group_with_it() -> None:
    found = names(["a"] * 5 + ["b"] * 4 + ["c"])
    assert found == [(("a",), False, 5), (("b",), True, 5)]


def test_one_group_and_a_small_rest_compare_nothing() -> None:
    assert names(["a"] * 5 + ["b"] * 2) == [(("a",), True, 7)]


def test_too_few_people_have_no_part() -> None:
    assert names(["a", "b"]) == []
    assert names([]) == []


@pytest.mark.parametrize("people", range(9))
def test_every_grouping_of_up_to_eight_people_has_parts_of_three_that_leave_nobody_out(people: int) -> None:
    for groups in product(("", "a", "b", "c"), repeat=people):
        parts = parts_of(groups, MINIMUM)
        assert all(len(part.members) >= MINIMUM for part in parts)
        members = sorted(person for part in parts for person in part.members)
        assert members == (list(range(people)) if people >= MINIMUM else [])


# --- What is shown --------------------------------------------------------------------------------


def seen(values: Any, owner: list[int], parts: int, asked: Any = None, segments: Any = None) -> Sights:
    values = np.asarray(values, dtype=np.int16)
    where = np.zeros(len(values), dtype=np.int64) if segments is None else np.asarray(segments)
    given = values >= 0 if asked is None else np.asarray(asked)
    ids = sorted(set(where.tolist()))
    return sights(Answers(values, where), given, np.array(owner), parts, ids, MODEL, MINIMUM)


def blank(people: int) -> Any:
    return np.full((people, MODEL.width), -1, dtype=np.int16)


def sheet(column: list[int], item: int = R4) -> Any:
    values = blank(len(column))
    values[:, item] = column
    return values


TWO = [0, 0, 0, 1, 1, 1, 1]


def test_means_medians_and_the_gap_are_exact() -> None:
    found = seen(sheet([4, 4, 3, 1, 0, 0, 2]), TWO, 2)
    assert found.shown[0, R4]
    assert found.n[0, :, R4].tolist() == [3, 4]
    assert found.mean[0, :, R4].tolist() == [11 / 3, 0.75]
    assert found.median[0, :, R4].tolist() == [4.0, 0.5]
    assert found.gap[0, R4] == 11 / 3 - 0.75


def test_an_item_two_of_a_group_know_is_shown_for_nobody() -> None:
    found = seen(sheet([4, 4, -1, 1, 0, 0, 2]), TWO, 2)
    assert not found.shown[0, R4]
    assert np.isnan(found.mean[0, :, R4]).all()
    assert np.isnan(found.median[0, :, R4]).all()
    assert np.isnan(found.gap[0, R4])
    assert found.n[0, :, R4].tolist() == [0, 0]


def test_who_does_not_know_is_counted_beside() -> None:
    values = sheet([4, 4, 4, 1, 0, 0, -1])
    asked = values >= 0
    asked[6, R4] = True
    assert seen(values, TWO, 2, asked).unknown[0, :, R4].tolist() == [0, 1]


def test_two_who_were_asked_and_do_not_know_are_not_told() -> None:
    values = sheet([4, 4, 4, 1, 1, 1, -1, -1, -1])
    asked = values >= 0
    asked[6:8, R4] = True
    owner = [0, 0, 0, 1, 1, 1, 2, 2, 2]
    found = seen(values, owner, 3, asked)
    assert not found.shown[0, R4]
    assert found.unknown[0, :, R4].tolist() == [0, 0, 0]
    asked[8, R4] = True
    assert seen(values, owner, 3, asked).unknown[0, :, R4].tolist() == [0, 0, 3]


def test_a_group_of_whom_nobody_knows_has_no_figure_and_the_others_have() -> None:
    found = seen(sheet([4, 4, 4, 1, 1, 1, -1, -1, -1]), [0, 0, 0, 1, 1, 1, 2, 2, 2], 3)
    assert found.mean[0, :2, R4].tolist() == [4.0, 1.0]
    assert np.isnan(found.mean[0, 2, R4])
    assert found.gap[0, R4] == 3.0


def test_one_group_alone_is_not_shown() -> None:
    assert not seen(sheet([4, 4, 4, -1, -1, -1, -1]), TWO, 2).shown.any()


def test_a_latecomer_s_answer_keeps_the_item_back_until_there_are_three() -> None:
    owner = [*TWO, OUTSIDE, OUTSIDE, OUTSIDE]
    column = [4, 4, 4, 1, 1, 1, 1]
    assert not seen(sheet([*column, 2, -1, -1]), owner, 2).shown[0, R4]
    assert not seen(sheet([*column, 2, 2, -1]), owner, 2).shown[0, R4]
    assert seen(sheet([*column, 2, 2, 2]), owner, 2).shown[0, R4]
    assert seen(sheet([*column, -1, -1, -1]), owner, 2).n[0, :, R4].tolist() == [3, 4]


def test_choices_have_no_order_and_are_never_shown() -> None:
    assert not seen(sheet([1, 1, 1, 2, 2, 2, 2], A1), TWO, 2).shown.any()


def test_segments_are_kept_apart() -> None:
    values = np.concatenate([sheet([4] * 3 + [0] * 4), sheet([2] * 7)])
    found = seen(values, [*TWO, *TWO], 2, segments=[70] * 7 + [9] * 7)
    assert found.gap[:, R4].tolist() == [0.0, 4.0]


def test_a_level_is_reckoned_from_shown_items_of_enough_weight() -> None:
    values = blank(7)
    row = [dimension.code for dimension in MODEL.relationships].index("CO")
    loads = loads_of(MODEL, row)
    for position, _ in loads:
        values[:3, position], values[3:, position] = 4, 1
    found = levels(seen(values, TWO, 2), MODEL)
    assert found[0, :, row].tolist() == [1.0, 0.25]
    heaviest = max(loads, key=lambda load: load[1])[0]
    values[2, heaviest] = -1
    kept = 1 - dict(loads)[heaviest] / sum(weight for _, weight in loads)
    assert bool(np.isnan(levels(seen(values, TWO, 2), MODEL)[0, :, row]).all()) is (kept < 0.6)
    assert np.isnan(levels(seen(sheet([4] * 7), TWO, 2), MODEL)[0, :, row]).all()


def test_items_asked_of_some_only_have_no_say_in_a_level() -> None:
    row = [dimension.code for dimension in MODEL.relationships].index("AE")
    assert MODEL.positions["R12"] not in [position for position, _ in loads_of(MODEL, row)]
    assert MODEL.positions["R10"] in [position for position, _ in loads_of(MODEL, row)]


def test_a_gap_needs_two_figures() -> None:
    figures = np.array([[[1.0, np.nan], [np.nan, np.nan], [3.5, 2.0]]])
    assert gaps(figures)[0, 0] == 2.5
    assert np.isnan(gaps(figures)[0, 1])


def test_an_item_kept_back_keeps_no_other_back() -> None:
    values = blank(7)
    values[:, R4] = [4, 4, 3, 1, 0, 0, 2]
    values[:, R1] = [4, 4, -1, 1, 0, 0, 2]
    found = seen(values, TWO, 2)
    assert (bool(found.shown[0, R4]), bool(found.shown[0, R1])) == (True, False)
    assert found.shown.sum() == 1


def test_exactly_the_least_number_may_be_shown() -> None:
    three = [0, 0, 0, 1, 1, 1]
    assert seen(sheet([4, 4, 4, 1, 1, 1]), three, 2).shown[0, R4]
    assert not seen(sheet([4, 4, -1, 1, 1, 1]), three, 2).shown[0, R4]


def test_owners_are_numbered_as_the_parts_and_others_are_outside() -> None:
    parts = parts_of(["b", "a", "a", "b", "a", "b", "a"], MINIMUM)
    assert owners(parts, 9).tolist() == [1, 0, 0, 1, 0, 1, 0, OUTSIDE, OUTSIDE]
    assert owners(parts, 9).dtype == np.int64
    assert [part.members for part in parts] == [(1, 2, 4, 6), (0, 3, 5)]


def test_the_part_of_the_others_lists_them_in_order() -> None:
    (large, rest) = parts_of(["", "a", "b", "a", "b", "a", "", "a"], MINIMUM)
    assert (large.groups, rest.groups, rest.rest) == (("a",), (), True)
    assert rest.members == (0, 2, 4, 6)


def test_of_equal_groups_the_first_by_name_stays_on_its_own() -> None:
    assert names(["b"] * 3 + ["a"] * 3 + ["c"]) == [(("a",), False, 3), (("b",), True, 4)]


def test_people_outside_are_counted_in_no_part() -> None:
    found = seen(sheet([4, 4, 4, 1, 1, 1, 0, 0, 0]), [0, 0, 0, 1, 1, 1, OUTSIDE, OUTSIDE, OUTSIDE], 2)
    assert found.n[0, :, R4].tolist() == [3, 3]
    assert found.mean[0, :, R4].tolist() == [4.0, 1.0]


def test_a_level_stands_at_exactly_the_coverage_a_model_asks_for() -> None:
    row = [dimension.code for dimension in MODEL.relationships].index("RD")
    values = blank(6)
    for item in ("R1", "R2"):
        values[:, MODEL.positions[item]] = [4, 4, 4, 2, 2, 2]
    sight = seen(values, [0, 0, 0, 1, 1, 1], 2)
    # R1 and R2 weigh 16 of 21.
    for least, known in ((16 / 21, True), (16 / 21 + 1e-6, False)):
        found = levels(sight, replace(MODEL, minimum_coverage=least))[0, :, row]
        assert found.tolist() == [1.0, 0.5] if known else np.isnan(found).all()


def test_figures_that_are_alike_have_no_gap() -> None:
    assert gaps(np.array([[[2.0], [2.0]]])).tolist() == [[0.0]]
    assert gaps(np.array([[[-1.0, 4.0], [3.0, 0.0], [1.0, 1.0]]])).tolist() == [[4.0, 4.0]]
    assert np.isnan(gaps(np.zeros((1, 0, 2)))).all()


# --- No difference tells of one or two ------------------------------------------------------------

ROOM = st.lists(
    st.tuples(st.sampled_from(["", "a", "b", "c", "d"]), st.sampled_from([-2, -1, 0, 2, 4]), st.booleans()),
    min_size=1,
    max_size=14,
)


@given(ROOM)
@tried(400)
def test_whatever_is_subtracted_speaks_for_three_or_for_nobody(people: list[tuple[str, int, bool]]) -> None:
    """-2 was not asked, -1 does not know; the last of a triple: joined after the groups were closed."""
    named = [at for at, (_, _, late) in enumerate(people) if not late]
    parts = parts_of([people[at][0] for at in named], MINIMUM)
    owner = np.full(len(people), OUTSIDE)
    owner[named] = owners(parts, len(named))
    values = sheet([max(said, -1) for _, said, _ in people])
    asked = np.zeros(values.shape, dtype=bool)
    asked[:, R4] = [said > -2 for _, said, _ in people]
    found = seen(values, owner.tolist(), len(parts), asked)
    if not found.shown[0, R4]:
        assert np.isnan(found.mean[0, :, R4]).all()
        return
    knows = values[:, R4] >= 0
    # A total is told elsewhere too; with it and any shown groups, what is left is some of these people.
    for some in range(len(parts) + 1):
        for chosen in combinations(range(len(parts)), some):
            inside = np.isin(owner, chosen)
            for left in (inside, ~inside):
                for told in (knows, asked[:, R4]):
                    assert int((left & told).sum()) not in (1, 2)
    for part in range(len(parts)):
        mine = knows & (owner == part)
        assert found.n[0, part, R4] == mine.sum()
        assert found.unknown[0, part, R4] == (asked[:, R4] & (owner == part)).sum() - mine.sum()
