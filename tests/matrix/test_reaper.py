"""The reaper enters the workspaces that have something for it, and no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connected.permissions import Actor
from connected.services import change_segment
from connected.tenancy import database_context
from matrix.models import Chunk, CubeState, Run, Stale
from matrix.services import reap, runs, start_run
from tests.matrix.test_generations import live
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=2)


@pytest.fixture
def at_rest(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A workspace with a large run in force and nothing left to do."""
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)
    assessed(owner, [GUEST] * 3)
    work_off(start_run(by=owner))
    Stale.objects.all().delete()
    return owner


@contextmanager
def entered(by: Actor) -> Iterator[list[bool]]:
    """Whether the workspace was entered in the block."""
    found: list[bool] = []
    # From nowhere: who leaves another workspace says again where it was before.
    with database_context(), CaptureQueriesContext(connection) as asked:
        yield found
    found.append(any(f"set_config('app.workspace', '{by.workspace_id}'" in each["sql"] for each in asked))


def found(by: Actor) -> runs.Lost | None:
    return next((lost for lost in reap() if lost.workspace_id == by.workspace_id), None)


def test_a_workspace_with_nothing_to_do_is_not_entered(at_rest: Actor) -> None:
    with entered(at_rest) as was:
        assert found(at_rest) is None
    assert was == [False]


def test_a_workspace_with_something_to_do_is_entered(at_rest: Actor) -> None:
    Chunk.objects.update(state="waiting", published_at=None, lease_until=None)
    Run.objects.update(state="running")
    with entered(at_rest) as was:
        assert found(at_rest)
    assert was == [True]


def test_who_asks_stays_in_the_same_workspace(at_rest: Actor) -> None:
    reap()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.workspace', true)")
        assert cursor.fetchone() == (str(at_rest.workspace_id),)


def test_an_unleased_chunk_is_found(at_rest: Actor) -> None:
    run = start_run(by=at_rest)
    assert found(at_rest) is None
    run.chunks.update(published_at=timezone.now() - LONG_AGO)
    lost = found(at_rest)
    assert lost
    assert lost.chunk_ids == [run.chunks.get().pk]


def test_a_run_without_chunks_that_goes_on_is_found(at_rest: Actor) -> None:
    run = start_run(by=at_rest)
    run.chunks.update(state="done")
    lost = found(at_rest)
    assert lost
    assert lost.run_ids == [run.pk]


def test_a_cancelled_run_leaves_nothing_to_do(at_rest: Actor) -> None:
    run = start_run(by=at_rest)
    run.chunks.update(published_at=timezone.now() - LONG_AGO)
    Run.objects.filter(pk=run.pk).update(state="cancelled", finished_at=timezone.now())
    with entered(at_rest) as was:
        assert found(at_rest) is None
    assert was == [False]


def test_the_table_of_a_run_that_nobody_resumes_goes(at_rest: Actor) -> None:
    run = start_run(by=at_rest)
    Run.objects.filter(pk=run.pk).update(state="cancelled", finished_at=timezone.now() - LONG_AGO)
    reap()
    run.refresh_from_db()
    assert run.generation == 0


def test_a_stale_segment_is_found_after_a_while(at_rest: Actor) -> None:
    assessed(at_rest, [GUEST] * 3)
    assert found(at_rest) is None
    Stale.objects.update(marked_at=timezone.now() - LONG_AGO)
    lost = found(at_rest)
    assert lost
    assert lost.stale


def test_a_segment_set_aside_is_not_found_before_its_time(at_rest: Actor) -> None:
    assessed(at_rest, [GUEST] * 3)
    Stale.objects.update(marked_at=timezone.now() - LONG_AGO, retry_at=timezone.now() + LONG_AGO)
    assert found(at_rest) is None


def test_a_long_log_of_changes_is_found(at_rest: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = assessed(at_rest, [GUEST] * 3)
    live(at_rest, segment.pk)
    assert found(at_rest) is None
    monkeypatch.setattr(runs, "FOLD_FROM", 0)
    lost = found(at_rest)
    assert lost
    assert lost.unfolded


def test_a_long_log_of_sizes_is_found(at_rest: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    CubeState.objects.all().delete()
    segment = assessed(at_rest, [GUEST] * 3)
    change_segment(by=at_rest, segment_id=segment.pk, customers=7)
    monkeypatch.setattr(runs, "FOLD_FROM", 0)
    lost = found(at_rest)
    assert lost
    assert lost.unfolded


def test_sums_of_another_layout_are_found(at_rest: Actor) -> None:
    CubeState.objects.update(data=b"\x00")
    lost = found(at_rest)
    assert lost
    assert lost.unfolded
