"""Sums of placements against the placements themselves."""

from dataclasses import fields, replace

import numpy as np
import pytest

from matrix.scoring import (
    ARCHITECTURES,
    RELATIONSHIPS,
    Cube,
    Facts,
    Heat,
    Kind,
    Places,
    Weight,
    currency_number,
    currency_of,
    heat,
)
from matrix.scoring.measures import FINE, TICKS

EUR, USD = currency_number("EUR"), currency_number("USD")


def facts(n: int, seed: int = 1) -> Facts:
    """Any placements, unknowns of every kind among them, levels on their grid."""
    draw = np.random.default_rng(seed)

    def holes(values: np.ndarray, share: float = 0.1) -> np.ndarray:
        return np.where(draw.random(values.shape) < share, np.nan, values)

    levels = holes(draw.integers(0, 2**24, (n, 4), endpoint=True) / 2**24)
    asked = ~np.isnan(levels) & (draw.random((n, 4)) < 0.8)
    missed = asked & (draw.random((n, 4)) < 0.3)
    return Facts(
        asked=asked,
        missed=missed,
        intrusive=asked & ~missed & (draw.random((n, 4)) < 0.3),
        confidence=holes(draw.integers(0, 2**24, n, endpoint=True) / 2**24, 0.2),
        levels=levels,
        present=np.nan_to_num(levels) > 0.4,
        row=draw.integers(-2, 4, n).astype(np.int8),
        column=draw.integers(-2, 5, n).astype(np.int8),
        raters=draw.integers(1, 9, n),
        agreement=holes(draw.integers(0, 2**24, (n, 4)) / 2**24, 0.3),
        quadrant=draw.integers(0, 5, n).astype(np.int8),
        borderline=draw.random(n) < 0.2,
        interact=holes(draw.random(n) * 4),
        customize=holes(draw.random(n) * 4),
        customers=holes(draw.integers(0, 10_000, n).astype(float)),
        revenue=holes(draw.integers(0, 10_000, n).astype(float)),
        currency=np.full(n, EUR),
    )


def places(of: Facts, by: Weight) -> Places:
    weights = {
        Weight.CUSTOMERS: of.customers,
        Weight.REVENUE: of.revenue,
        Weight.SHEETS: of.raters.astype(float),
        Weight.NOTHING: np.ones(len(of)),
    }
    return Places(of.levels, of.present, of.row, of.column, of.raters, of.agreement, weights[by])


def part(of: Facts, chosen: np.ndarray) -> Facts:
    return Facts(**{each.name: getattr(of, each.name)[chosen] for each in fields(of)})


def same(one: Heat, other: Heat) -> None:
    for each in fields(Heat):
        np.testing.assert_allclose(
            getattr(one, each.name), getattr(other, each.name), rtol=1e-12, err_msg=each.name
        )


@pytest.mark.parametrize("by", Weight)
def test_a_cell_taken_apart_comes_to_what_it_shows(by: Weight) -> None:
    cube = Cube.of(facts(3_000))
    found = cube.heat(by)
    for row, at in np.ndindex(found.level.shape):
        slices = cube.slices(list(RELATIONSHIPS)[row], list(ARCHITECTURES)[at], by)
        assert {each.kind for each in slices} == set(Kind)
        assert sum(each.counted for each in slices) == found.counted[row, at]
        weight = sum(each.weight for each in slices)
        level = sum(each.weight * each.level for each in slices) / weight
        assert (weight, level) == pytest.approx((found.weight[row, at], found.level[row, at]), rel=1e-12)


def test_a_slice_is_of_those_who_have_it_as_their_primary_or_not() -> None:
    of = facts(3_000)
    found = {each.kind: each.counted for each in Cube.of(of).slices("CB", "MM")}
    here = (of.column == list(ARCHITECTURES).index("MM")) & ~np.isnan(of.levels[:, 2])
    assert found[Kind.LEADS] == (here & of.present[:, 2] & (of.row == 2)).sum()
    assert found[Kind.PRESENT] == (here & of.present[:, 2] & (of.row != 2)).sum()


@pytest.mark.parametrize("by", Weight)
def test_its_matrix_is_that_of_the_placements(by: Weight) -> None:
    found = facts(3_000)
    same(Cube.of(found).heat(by), heat(places(found, by)))


@pytest.mark.parametrize("by", Weight)
def test_what_is_taken_away_leaves_no_trace(by: Weight) -> None:
    found = facts(2_000)
    goes = np.arange(2_000) % 3 == 0
    left = Cube.of(found).plus(Cube.of(part(found, goes)), -1)
    same(left.heat(by), heat(places(part(found, ~goes), by)))


def test_all_taken_away_is_empty() -> None:
    found = Cube.of(facts(500))
    nothing = found.plus(found, -1)
    assert len(nothing.keys) == 0
    assert not nothing.ticks.any()
    assert not nothing.density.any()


def test_it_survives_being_packed() -> None:
    found = Cube.of(facts(500))
    again = Cube.unpacked(found.packed())
    for each in fields(Cube):
        np.testing.assert_array_equal(getattr(again, each.name), getattr(found, each.name))


def test_another_layout_is_refused() -> None:
    narrow = replace(Cube.empty(), sums=np.zeros((0, 3)))
    with pytest.raises(ValueError, match="layout"):
        Cube.unpacked(narrow.packed())


def test_sums_of_another_time_are_refused() -> None:
    packed = Cube.of(facts(5)).packed()
    for other in (packed[1:], bytes([packed[0] - 1]) + packed[1:], b""):
        with pytest.raises(ValueError, match="layout"):
            Cube.unpacked(other)


def test_it_counts() -> None:
    given = facts(1_000)
    found = Cube.of(given)
    assert len(found) == 1_000
    assert found.placed == int(((given.row > -2) & (given.column > -2)).sum())
    assert found.baseline == int((given.row == -1).sum())
    assert found.mixed == int((given.column == -1).sum())
    assert found.present() == dict(zip(("RD", "CO", "CB", "AE"), given.present.sum(axis=0), strict=True))
    assert list(found.quadrants().values()) == [int((given.quadrant == at).sum()) for at in range(1, 5)]
    assert found.borderline == int((given.borderline & (given.quadrant > 0)).sum())


def test_its_mixed_row_is_that_of_the_mixed_placements() -> None:
    given = facts(1_000)
    own = part(given, given.column == -1)
    alone = heat(places(replace(own, column=np.zeros(len(own), dtype=np.int8)), Weight.CUSTOMERS))
    found = Cube.of(given).heat_of_mixed(Weight.CUSTOMERS)
    assert found is not None
    np.testing.assert_allclose(found.level[:, 0], alone.level[:, 0])
    np.testing.assert_array_equal(found.present[:, 0], alone.present[:, 0])


def test_without_mixed_supply_there_is_no_such_row() -> None:
    given = facts(100)
    assert Cube.of(replace(given, column=np.zeros(100, dtype=np.int8))).heat_of_mixed() is None


def test_revenues_of_several_currencies_are_not_added_up() -> None:
    given = facts(100)
    both = Cube.of(replace(given, currency=np.where(np.arange(100) < 50, EUR, USD)))
    assert both.currencies() == ("EUR", "USD")
    assert np.isnan(both.heat(Weight.REVENUE).level).all()
    assert both.heat(Weight.REVENUE).unweighted == int((given.column >= 0).sum())


def test_its_fits_are_those_of_the_placements() -> None:
    given = facts(3_000)
    found = Cube.of(given).fits()
    for row, column in np.ndindex(4, 5):
        here = given.column == column
        own = given.confidence[here & (given.row == row)]
        assert found.known[row, column] == given.asked[here, row].sum()
        assert found.more[row, column] == given.missed[here, row].sum()
        assert found.less[row, column] == given.intrusive[here, row].sum()
        assert found.sure[row, column] == (~np.isnan(own)).sum()
        assert found.belongs[row, column] == np.nansum(own)


def test_fits_taken_away_leave_no_trace() -> None:
    given = facts(2_000)
    goes = np.arange(2_000) % 3 == 0
    left = Cube.of(given).plus(Cube.of(part(given, goes)), -1).fits()
    alone = Cube.of(part(given, ~goes)).fits()
    for name in vars(alone):
        np.testing.assert_array_equal(getattr(left, name), getattr(alone, name))


def test_weights_are_usable_where_every_placement_has_them() -> None:
    whole = replace(facts(50), customers=np.ones(50), revenue=np.full(50, np.nan))
    assert Cube.of(whole).usable() == (Weight.NOTHING, Weight.SHEETS, Weight.CUSTOMERS)


def test_ticks_stand_at_their_level() -> None:
    given = replace(facts(1), levels=np.array([[0.5, np.nan, 1.0, 0.0]]), column=np.array([2], dtype=np.int8))
    assert np.argwhere(Cube.of(given).ticks).tolist() == [[2, 0, TICKS // 2], [2, 2, TICKS - 1], [2, 3, 0]]


def test_density_stands_at_interact_and_customize() -> None:
    given = replace(facts(1), interact=np.array([4.0]), customize=np.array([1.0]))
    assert np.argwhere(Cube.of(given).density).tolist() == [[FINE - 1, FINE // 4]]


@pytest.mark.parametrize(("code", "number"), [("EUR", 0x455552), ("", 0), ("EU", 0), ("EURO", 0), ("€UR", 0)])
def test_a_currency_is_its_three_letters(code: str, number: int) -> None:
    assert currency_number(code) == number
    assert not number or currency_of(number) == code


def test_every_placement_stands_in_one_of_four_ways() -> None:
    given = facts(1_000)
    inside = (given.row >= 0) & (given.column >= 0)
    below, mixed = given.row == -1, (given.row != -1) & (given.column == -1)
    found = Cube.of(given)
    assert found.standing() == {
        "cells": inside.sum(),
        "baseline": below.sum(),
        "mixed": mixed.sum(),
        "unknown": 1_000 - inside.sum() - below.sum() - mixed.sum(),
    }
    assert found.outside == int((below | (given.column == -1)).sum())


def test_groups_say_what_their_placements_have_in_common() -> None:
    given = facts(400)
    for at in range(0, 400, 37):
        groups = Cube.of(part(given, np.array([at]))).groups
        mask = sum(1 << row for row in range(4) if given.present[at, row])
        assert (groups.row[0], groups.column[0], groups.mask[0]) == (given.row[at], given.column[at], mask)
        assert (groups.quadrant[0], groups.borderline[0]) == (given.quadrant[at], given.borderline[at])
        assert groups.currency[0] == EUR


def test_placements_that_look_alike_are_one_group() -> None:
    one = facts(1)
    twice = part(one, np.array([0, 0]))
    assert len(Cube.of(twice).keys) == 1
    assert len(Cube.of(twice)) == 2
    different = replace(twice, quadrant=np.array([1, 2], dtype=np.int8))
    assert len(Cube.of(different).keys) == 2


def test_more_placements_than_a_block_are_all_counted() -> None:
    given = facts(100_003)
    found = Cube.of(given)
    assert len(found) == 100_003
    assert found.present()["RD"] == int(given.present[:, 0].sum())


@pytest.mark.parametrize(
    ("customers", "revenue", "currency", "more"),
    [
        ([1, 2], [1, 2], [EUR, EUR], (Weight.CUSTOMERS, Weight.REVENUE)),
        ([1, np.nan], [1, 2], [EUR, EUR], (Weight.REVENUE,)),
        ([1, 2], [1, np.nan], [EUR, EUR], (Weight.CUSTOMERS,)),
        ([1, 2], [1, 2], [EUR, USD], (Weight.CUSTOMERS,)),
        ([1, 2], [1, 2], [0, 0], (Weight.CUSTOMERS,)),
    ],
)
def test_a_weight_is_usable_where_all_have_it_in_one_currency(
    customers: list[float], revenue: list[float], currency: list[int], more: tuple[Weight, ...]
) -> None:
    given = replace(
        facts(2), customers=np.array(customers), revenue=np.array(revenue), currency=np.array(currency)
    )
    assert Cube.of(given).usable() == (Weight.NOTHING, Weight.SHEETS, *more)


def test_of_nothing_only_counts_are_usable() -> None:
    assert Cube.empty().usable() == (Weight.NOTHING, Weight.SHEETS)
    assert Cube.empty().currencies() == ()


def weighing(*customers: float) -> Cube:
    """Segments of one cell with these sizes."""
    n = len(customers)
    return Cube.of(
        replace(
            facts(n),
            levels=np.full((n, 4), 0.5),
            column=np.full(n, 2, dtype=np.int8),
            customers=np.array(customers),
            revenue=np.array(customers),
            currency=np.full(n, EUR),
        )
    )


@pytest.mark.parametrize(
    ("customers", "share"),
    [((1.0,), 1.0), ((90.0, 10.0), 0.9), ((1.0, 1.0), 0.0), ((0.0,), 0.0), ((2.0, 1.0), 2 / 3)],
)
def test_the_share_of_the_heaviest_is_told_from_half_on(customers: tuple[float, ...], share: float) -> None:
    for by in (Weight.CUSTOMERS, Weight.REVENUE):
        found = weighing(*customers).heaviest(by)
        assert found[:, 2] == pytest.approx(share)
        assert not found[:, [0, 1, 3, 4]].any()
    assert not weighing(*customers).heaviest(Weight.SHEETS).any()
    assert not weighing(*customers).heaviest(Weight.NOTHING).any()


def test_revenues_in_two_currencies_have_no_heaviest() -> None:
    both = replace(facts(2), revenue=np.array([9.0, 1.0]), currency=np.array([EUR, USD]))
    assert not Cube.of(both).heaviest(Weight.REVENUE).any()


def test_what_lacks_a_weight_is_counted_by_cell() -> None:
    given = facts(1_000)
    found = Cube.of(given).lacking(Weight.CUSTOMERS)
    for row, column in np.ndindex(4, 5):
        here = (given.column == column) & ~np.isnan(given.levels[:, row]) & np.isnan(given.customers)
        assert found[row, column] == here.sum()
    assert not Cube.of(given).lacking(Weight.SHEETS).any()


def test_the_mixed_row_has_no_other_column() -> None:
    given = facts(1_000)
    found = Cube.of(given).heat_of_mixed()
    assert found is not None
    mixed = given.column == -1
    assert found.placed.tolist() == [int(mixed.sum()), 0, 0, 0, 0]
    assert found.segments[:, 0].tolist() == [int((mixed & (given.row == row)).sum()) for row in range(4)]
    assert not found.segments[:, 1:].any()
    assert not found.present[:, 1:].any()


def test_ticks_of_mixed_supply_have_a_place_of_their_own_and_unknown_has_none() -> None:
    columns = np.array([-1, -2], dtype=np.int8)
    given = replace(facts(2), levels=np.full((2, 4), 0.3), column=columns)
    assert np.argwhere(Cube.of(given).ticks).tolist() == [[5, row, 15] for row in range(4)]


def test_density_needs_both_axes() -> None:
    given = replace(facts(3), interact=np.array([0.0, np.nan, 1.0]), customize=np.array([0.1, 1.0, np.nan]))
    assert np.argwhere(Cube.of(given).density).tolist() == [[0, 1]]


def test_of_another_layout_is_what_is_said() -> None:
    for packed in (b"", replace(Cube.empty(), sums=np.zeros((0, 3))).packed()):
        with pytest.raises(ValueError, match=r"^sums of another layout$"):
            Cube.unpacked(packed)


def test_a_placement_of_no_raters_is_one_all_the_same() -> None:
    given = replace(facts(4), raters=np.zeros(4, dtype=np.int64))
    assert len(Cube.of(given)) == 4


@pytest.mark.parametrize(("raters", "few"), [(2, True), (3, False)])
def test_three_raters_are_not_too_few(raters: int, few: bool) -> None:
    given = replace(
        facts(1), levels=np.full((1, 4), 0.5), column=np.zeros(1, dtype=np.int8), raters=np.array([raters])
    )
    assert Cube.of(given).heat().too_few[:, 0].tolist() == [few] * 4


def test_a_cell_is_some_groups() -> None:
    given = facts(1_000)
    cell = Cube.of(given).where(lambda groups: groups.stands_in(1, 2))
    assert len(cell) == int((given.present[:, 1] & (given.column == 2)).sum())
    assert list(ARCHITECTURES)[2] == "MM"
