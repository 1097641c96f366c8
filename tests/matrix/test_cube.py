"""The cube of a workspace says what all its placements say, whatever happens to them."""

import random
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest

from assessments.models import Sheet
from connected.models import Segment
from connected.permissions import Actor
from matrix.frames import cube
from matrix.models import Change, CubeState, Headcount, StandingPlacement
from matrix.scoring import CellFits, Heat, Weight
from matrix.services import fold_changes, reap, runs, start_run
from tests.matrix.test_generations import live
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_run_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)


def in_step() -> None:
    """What the cube and its changes say, and what a count of everything says."""
    whole, anew = cube.read(), cube.counted()
    assert whole is not None
    assert whole.segments == Segment.objects.count()
    assert len(whole.cube) == StandingPlacement.objects.count()
    for by in Weight:
        one, other = whole.cube.heat(by), anew.heat(by)
        for each in fields(Heat):
            np.testing.assert_allclose(getattr(one, each.name), getattr(other, each.name), rtol=1e-9)
    for each in fields(CellFits):
        np.testing.assert_array_equal(getattr(whole.cube.fits(), each.name), getattr(anew.fits(), each.name))
    np.testing.assert_array_equal(whole.cube.ticks, anew.ticks)
    np.testing.assert_array_equal(whole.cube.density, anew.density)


def portfolio(by: Actor) -> list[Segment]:
    answers = ([GUEST] * 3, [{"R1": 4}], [{**GUEST, "A1": 4, "A2": 4, "R10": 4}], [{**GUEST, "N1": 0}] * 2)
    segments = [assessed(by, raters) for raters in answers]
    for at, segment in enumerate(segments):
        Segment.objects.filter(pk=segment.pk).update(customers=10**at, revenue=Decimal(at), currency="EUR")
    return segments


def test_a_large_run_makes_the_cube(owner: Actor) -> None:
    portfolio(owner)
    assert cube.read() is None
    work_off(start_run(by=owner))
    in_step()


def test_a_live_score_is_in_it_at_once(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    Sheet.objects.filter(segment=segments[0]).update(
        answers=Sheet.objects.filter(segment=segments[2])[0].answers
    )
    for _ in range(2):
        live(owner, segments[0].pk)
        in_step()
    assert Change.objects.filter(sign=1).count() == Change.objects.filter(sign=-1).count() > 0


def test_a_segment_that_loses_its_answers_leaves_it(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    Sheet.objects.filter(segment=segments[0]).delete()
    live(owner, segments[0].pk)
    in_step()


def test_a_size_edited_is_in_it_at_once(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    Segment.objects.filter(pk=segments[1].pk).update(customers=None, revenue=Decimal("12.5"))
    in_step()


def test_a_name_edited_changes_nothing(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    Segment.objects.filter(pk=segments[1].pk).update(name="Renamed")
    assert not Change.objects.exists()


def test_segments_deleted_leave_it(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    live(owner, segments[0].pk)
    Segment.objects.filter(pk__in=[segments[0].pk, segments[3].pk]).delete()
    in_step()


def test_new_segments_are_counted(owner: Actor) -> None:
    portfolio(owner)
    work_off(start_run(by=owner))
    assessed(owner, [GUEST])
    in_step()


def test_folding_changes_nothing_one_can_see(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    live(owner, *[each.pk for each in segments])
    segments[0].delete()
    assert fold_changes(workspace_id=owner.workspace_id)
    assert not Change.objects.exists()
    assert not Headcount.objects.exists()
    in_step()


def test_a_run_over_one_firm_is_in_it(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    Sheet.objects.filter(segment=segments[0]).update(
        answers=Sheet.objects.filter(segment=segments[2])[0].answers
    )
    work_off(start_run(by=owner, firm_id=segments[0].firm_id))
    in_step()


def test_without_the_log_the_cube_falls_behind(owner: Actor) -> None:
    """What the triggers are for: with the log off, the sums are wrong."""
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    cube.hold_off()
    Segment.objects.filter(pk=segments[0].pk).update(customers=99)
    with pytest.raises(AssertionError):
        in_step()


def test_without_a_cube_nothing_is_logged(owner: Actor) -> None:
    segments = portfolio(owner)
    live(owner, *[each.pk for each in segments])
    assert not Change.objects.exists()
    assert not CubeState.objects.exists()
    assert not fold_changes(workspace_id=owner.workspace_id)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_it_stays_in_step(owner: Actor, seed: int) -> None:
    draw, segments = random.Random(seed), portfolio(owner)
    work_off(start_run(by=owner))
    deeds: dict[str, Callable[[], object]] = {
        "live": lambda: live(owner, draw.choice(segments).pk),
        "size": lambda: Segment.objects.filter(pk=draw.choice(segments).pk).update(
            customers=draw.randint(0, 99)
        ),
        "run": lambda: work_off(start_run(by=owner)),
        "firm": lambda: work_off(start_run(by=owner, firm_id=draw.choice(segments).firm_id)),
        "fold": lambda: fold_changes(workspace_id=owner.workspace_id),
        "new": lambda: segments.append(assessed(owner, [GUEST])),
        "gone": lambda: segments.pop().delete() if len(segments) > 2 else None,
    }
    for _ in range(12):
        deeds[draw.choice(list(deeds))]()
        in_step()


def test_sums_of_another_layout_are_not_read_and_soon_counted_anew(owner: Actor) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner))
    kept = CubeState.objects.get()
    kept.data, kept.stamp = bytes(kept.data)[1:], uuid4()
    kept.save()
    live(owner, segments[0].pk)
    assert cube.read() is None
    assert [lost.unfolded for lost in reap() if lost.workspace_id == owner.workspace_id] == [True]
    assert fold_changes(workspace_id=owner.workspace_id)
    assert not Change.objects.exists()
    in_step()
