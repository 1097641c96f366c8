"""Many placements read as arrays: weights, currencies, firms brought together."""

import numpy as np
import pytest

from connected.models import Firm
from connected.permissions import Actor
from connected.services import change_segment
from matrix import frames
from matrix.queries import heat, pages
from matrix.scoring import NONE_PRESENT, Cube, Weight
from matrix.services import rescore_stale
from tests import factories
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


def placed(owner: Actor, *segments: object) -> heat.Field:
    rescore_stale(workspace_id=owner.workspace_id)
    return frames.read_field(None)


def test_an_empty_workspace_is_an_empty_field(owner: Actor) -> None:
    field = frames.read_field(None)
    assert len(field) == 0
    assert Cube.of(field.facts()).usable() == (Weight.NOTHING, Weight.SHEETS)


def test_a_placement_is_read_as_it_was_scored(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3)
    field = placed(owner)
    assert field.ids.tolist() == [segment.pk]
    assert field.raters.tolist() == [3]
    assert field.present[0].tolist() == [True, True, True, False]
    assert (field.row[0], field.column[0]) == (0, 0)


def test_a_segment_below_all_four_is_not_an_unknown_one(owner: Actor) -> None:
    nothing = {**GUEST, **{f"R{n}": 0 for n in range(1, 12)}}
    assessed(owner, [nothing] * 3)
    assert placed(owner).row.tolist() == [NONE_PRESENT]


def test_other_firms_are_left_out(owner: Actor) -> None:
    one = assessed(owner, [GUEST])
    assessed(owner, [GUEST])
    placed(owner)
    assert frames.read_field(frozenset({one.firm_id})).ids.tolist() == [one.pk]


def test_customers_weigh_only_when_all_are_known(owner: Actor) -> None:
    one, other = assessed(owner, [GUEST]), assessed(owner, [GUEST])
    change_segment(by=owner, segment_id=one.pk, customers=10)
    assert Weight.CUSTOMERS not in Cube.of(placed(owner).facts()).usable()
    change_segment(by=owner, segment_id=other.pk, customers=30)
    assert Weight.CUSTOMERS in Cube.of(frames.read_field(None).facts()).usable()


def test_revenues_of_two_currencies_are_never_added_up(owner: Actor) -> None:
    one, other = assessed(owner, [GUEST]), assessed(owner, [GUEST])
    change_segment(by=owner, segment_id=one.pk, revenue=10, currency="EUR")
    change_segment(by=owner, segment_id=other.pk, revenue=30, currency="USD")
    field = placed(owner)
    assert field.currencies == ("EUR", "USD")
    assert np.isnan(field.weights(Weight.REVENUE)).all()


def test_a_firm_brings_its_segments_together_by_weight(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    low = {**GUEST, "R1": 0, "R2": 0, "R3": 0}
    one, other = assessed(owner, [GUEST] * 3, firm), assessed(owner, [low] * 3, firm)
    change_segment(by=owner, segment_id=one.pk, customers=300)
    change_segment(by=owner, segment_id=other.pk, customers=100)
    field = placed(owner)
    row = heat.by_firm(field, Weight.CUSTOMERS, [firm])[firm]
    assert row.level[0] == pytest.approx(field.levels[0, 0] * 0.75)
    assert (row.segments, row.raters, row.architectures) == (2, 6, ("PR",))


def test_a_cell_knows_who_lacks_the_weight_and_who_carries_it(owner: Actor) -> None:
    one, other, _ = (assessed(owner, [GUEST] * 3) for _ in range(3))
    change_segment(by=owner, segment_id=one.pk, customers=95)
    change_segment(by=owner, segment_id=other.pk, customers=5)
    field = placed(owner)
    assert Cube.of(field.facts()).lacking(Weight.CUSTOMERS)[0, 0] == 1
    assert field.heaviest(Weight.CUSTOMERS)[0, 0] == pytest.approx(0.95)


def test_a_segment_of_which_little_is_known_is_not_placed(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    known, unknown = assessed(owner, [GUEST] * 3, firm), assessed(owner, [{"R1": 4}] * 3, firm)
    assert Cube.of(placed(owner).facts()).placed == 1
    line = next(each for each in pages.firm_lines(Firm.objects.filter(pk=firm)))
    assert (line.segments, line.placed) == (2, 1)
    stood = {each.segment.pk: each.standing.placed for each in pages.seated(known.firm)}
    assert stood == {known.pk: True, unknown.pk: False}
