"""Sums of placements against the placements themselves."""

from dataclasses import fields, replace

import numpy as np
import pytest

from matrix.scoring import ARCHITECTURES, Cube, Facts, Heat, Places, Weight, currency_number, heat
from matrix.scoring.cube import FINE, TICKS

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


def test_a_cell_is_some_groups() -> None:
    given = facts(1_000)
    cell = Cube.of(given).where(lambda groups: groups.stands_in(1, 2))
    assert len(cell) == int((given.present[:, 1] & (given.column == 2)).sum())
    assert list(ARCHITECTURES)[2] == "MM"
