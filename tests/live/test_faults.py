"""What breaks under a run: workers killed in the middle of a chunk, the queue emptied.

The rows in PostgreSQL are the truth, so each run ends complete and equal, row for row, to one that
nothing happened to. The control switches the guard off and sees the loss.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.callers import Api
from tests.live import thousands as many
from tests.live.worlds import answer, ask
from tests.stack import Stack, wait_for

#: Seconds. By then a reaper has come by: lost after 10, looked for every 3.
RECOVERED = 40
#: A worker has come to write by then.
WAITED = 30
#: Longer than a reaper takes to miss a message and to come by.
UNHEARD = 16
#: A machine busy with the rest of the suite scores slowly; what is timed here is the recovery.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def truth(thousands: Api) -> dict[int, object]:
    """What an undisturbed run says."""
    many.finish(thousands, many.start(thousands))
    return many.rows(thousands)


@contextmanager
def written_to_by_nobody(stack: Stack) -> Iterator[None]:
    """Inside, who writes placements waits: a chunk is caught in the middle."""
    with stack.database("owner") as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE matrix_placement IN SHARE MODE")
        yield


def waiting(stack: Stack) -> bool:
    return bool(
        stack.sql("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'matrix_placement'::regclass")
    )


def killed(children: list[psutil.Process]) -> None:
    for child in children:
        child.kill()


def test_workers_killed_in_the_middle_of_a_chunk_lose_nothing(
    stack: Stack, thousands: Api, truth: dict[int, object], measured: Callable[[str, float, str], None]
) -> None:
    worker = stack.part("worker-batch")
    with written_to_by_nobody(stack):
        run = many.start(thousands)
        wait_for(lambda: waiting(stack), WAITED, "a chunk in the middle")
        killed(worker.children())
        started = time.monotonic()
    many.finish(thousands, run, RECOVERED)
    measured("run complete after its workers were killed", time.monotonic() - started, "s")
    assert worker.is_running()
    assert many.state(thousands, run)["placed"] == many.SEGMENTS
    assert many.rows(thousands) == truth
    twice = stack.sql(
        "SELECT segment_id FROM matrix_placement WHERE run_id = %s GROUP BY 1 HAVING count(*) > 1", run
    )
    assert not twice


@contextmanager
def flushed_before_it_was_read(stack: Stack, thousands: Api) -> Iterator[int]:
    """A run whose messages are gone: no worker had taken them yet."""
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        run = many.start(thousands)
        stack.queue.flushall()
    yield run


def test_an_emptied_queue_is_filled_again(
    stack: Stack, thousands: Api, truth: dict[int, object], measured: Callable[[str, float, str], None]
) -> None:
    started = time.monotonic()
    with flushed_before_it_was_read(stack, thousands) as run:
        many.finish(thousands, run, RECOVERED)
    measured("run complete after the queue was flushed", time.monotonic() - started, "s")
    assert many.rows(thousands) == truth


def test_without_the_reaper_an_emptied_queue_stays_empty(stack: Stack, thousands: Api) -> None:
    """The control: with beat standing still, nobody publishes again what was lost."""
    with stack.paused(stack.part("beat")), flushed_before_it_was_read(stack, thousands) as run:
        time.sleep(UNHEARD)
        assert many.state(thousands, run)["done"] < many.SEGMENTS
    many.finish(thousands, run, RECOVERED)


def test_pages_and_answers_go_on_while_the_queue_is_away(stack: Stack, thousands: Api) -> None:
    asked = ask(stack.api())
    with stack.paused(stack.service("valkey-server")):
        assert thousands.get("firms/?page_size=1").status == 200
        answer(stack.api(), asked, {"R1": 4})
    wait_for(stack.healthy, 60, "health after the fault", every=0.2)
    sheets = stack.api().each(f"workshops/{asked.workshop}/answers/")
    assert [sheet["answers"] for sheet in sheets] == [{"R1": 4}]
