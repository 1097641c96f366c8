"""Answers come on while a batch runs: none waits for it, nor for a workspace where a run is put in force."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.callers import Api
from tests.live import thousands as many
from tests.live.pace import Place, keep_pace, percentile, places, workspace_of
from tests.live.worlds import answer, ask
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.timeout(600)
#: Seconds; the promise is one, `make bench` holds it. The machine may be busy with the rest of the suite.
SOON = 20
#: Answers a second and for how many seconds.
PACE, LASTING = 15, 10


def newly_placed(api: Api) -> None:
    """Somebody answers for a segment of the sample, and it is placed soon."""
    asked = ask(api)
    answer(api, asked)
    wait_for(lambda: api.get(f"placements/?segment={asked.segment}").json()["results"], SOON, "a placement")


def save(api: Api, place: Place, value: int) -> None:
    body = {"participant": place.participant, "segment": place.segment, "answers": {"R4": value}}
    api.made(f"workshops/{place.workshop}/answers/", body)


def test_answers_are_placed_at_a_steady_pace_while_runs_go_on(
    stack: Stack, thousands: Api, measured: Callable[[str, float, str], None]
) -> None:
    where = places(stack, many.SLUG, PACE * LASTING)
    apis = {where[0].workspace: thousands}
    found = keep_pace(stack, apis, where, batch=thousands, a_second=PACE, seconds=LASTING)
    fresh = found.fresh[where[0].workspace]
    measured(
        f"{found.pace:.0f} answers a second beside a batch: placed after, p95", percentile(fresh, 0.95), "s"
    )
    assert len(fresh) == PACE * LASTING
    assert percentile(fresh, 0.5) < SOON / 2


def test_a_batch_that_stands_still_holds_up_no_answer(stack: Stack, api: Api, thousands: Api) -> None:
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        run = many.start(thousands)
        newly_placed(api)
        newly_placed(api)
    many.finish(thousands, run)


def test_a_workspace_where_a_run_is_put_in_force_holds_up_no_other(
    stack: Stack, api: Api, thousands: Api
) -> None:
    """Held here as the end of a large run holds it; its own answers wait, and are placed afterwards."""
    place = places(stack, many.SLUG, 1)[0]
    many.finish(thousands, many.start(thousands))
    with stack.database("backup") as connection, connection.cursor() as cursor:
        for lock in ("matrix.cube.", "matrix.pointer."):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"{lock}{workspace_of(stack, many.SLUG)}"],
            )
        for value in (1, 3):
            save(thousands, place, value)
            time.sleep(0.3)
        newly_placed(api)
        marked = "SELECT 1 FROM matrix_stale WHERE segment_id = %s"
        assert stack.sql(marked, place.segment)
    wait_for(lambda: not stack.sql(marked, place.segment), 2 * SOON, "its turn")


_TURNED = """
from connected.celery import app
names = app.control.ping(timeout=5)
batch = [name for each in names for name in each if name.startswith("batch")]
live = [name for each in names for name in each if name.startswith("live")]
assert batch and live, names
give, take = (batch, live) if {0} else (live, batch)
app.control.cancel_consumer("live", destination=take, reply=True, timeout=5)
app.control.add_consumer("live", destination=give, reply=True, timeout=5)
"""


@contextmanager
def live_scores_in_the_hands_of_the_batch(stack: Stack) -> Iterator[None]:
    stack.manage("shell", "-c", _TURNED.format(True))
    try:
        yield
    finally:
        stack.manage("shell", "-c", _TURNED.format(False))


def test_with_one_worker_for_both_a_batch_would_hold_up_answers(
    stack: Stack, api: Api, thousands: Api
) -> None:
    """What the second worker is for: without it the test above fails."""
    with live_scores_in_the_hands_of_the_batch(stack):
        newly_placed(api)
        worker = stack.part("worker-batch")
        with stack.paused(worker, *worker.children()):
            run = many.start(thousands)
            with pytest.raises(TimeoutError):
                newly_placed(api)
        many.finish(thousands, run)
    newly_placed(api)
