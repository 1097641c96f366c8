"""A run whose worker, queue or database breaks in the middle ends complete.

Equal, row for row, to a run that nothing happened to. After each fault the control: the same with a guard
taken away, which loses or doubles something. `make faults` does it all ten times, at the product's tempo
unless told otherwise.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from os import environ
from typing import Protocol, TypeVar

import pytest

from tests.live.rig import CHUNKS, QUICK, SEGMENTS, Rig, alive, killed, rigged
from tests.stack import wait_for

TIMES = int(environ.get("FAULT_TIMES", "1"))
TEMPO = QUICK if TIMES == 1 or environ.get("FAULT_TEMPO") == "quick" else {}
#: Seconds. The run itself takes two; the rest is a lease running out and the reaper coming by.
WITHIN = 60
#: Seconds after which a run that nobody takes up again would have been taken up.
PATIENCE = 3 if TEMPO else 20
#: Seconds: a lease that does not run out while a test looks.
LONG = 120
#: Seconds a chunk is open, so that a fault meets some in the middle, however late it comes on a busy machine.
SLOW = 0.3 if TIMES == 1 else 0.4


Way = TypeVar("Way")


def some(*ways: Way) -> Sequence[Way]:
    """All of these in `make faults`; in the suite the last, which breaks most."""
    return ways if TIMES > 1 else ways[-1:]


class Complete(Protocol):
    def __call__(self, run: int, fault: str, began: float | None = None) -> None: ...


Measured = Callable[[str, float, str], None]
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.parametrize("time_", range(TIMES)),
]


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with rigged(TEMPO) as rig:
        yield rig


@pytest.fixture(params=some(False, True), ids=lambda is_large: "large" if is_large else "small")
def large(request: pytest.FixtureRequest) -> bool:
    """Large runs fill a table of their own, small ones write beside live re-scores."""
    return bool(request.param)


@pytest.fixture
def complete(rig: Rig, measured: Measured) -> "Complete":
    """``complete(run, fault)``: it ends finished and right; how long that took since the fault is noted."""

    def check(run: int, fault: str, began: float | None = None) -> None:
        started = began or time.monotonic()
        assert rig.ends(run, WITHIN) == "finished"
        measured(f"run complete after {fault}", time.monotonic() - started, "s")
        assert rig.rows(run) == rig.truth
        assert rig.in_force() == (SEGMENTS, {run})

    return check


def stays_open(rig: Rig, run: int) -> None:
    """Nothing moves any more, and something is missing."""
    before = -1
    while (done := rig.chunks(run, "done")) != before:
        before = done
        time.sleep(PATIENCE)
    assert done < CHUNKS
    assert rig.state(run) == "running"


def doubled(rig: Rig, run: int) -> int:
    return sum(len(rows) - 1 for rows in rig.rows(run).values())


# --- Workers ------------------------------------------------------------------------------------------


def test_children_killed(rig: Rig, complete: Complete, large: bool, time_: int) -> None:
    with rig.working(slow=SLOW) as worker:
        run = rig.start_run(large=large)
        with rig.caught(run):
            for child in worker.children():
                child.kill()
        complete(run, "its workers' children were killed")


def test_a_worker_killed_whole_and_another_started(rig: Rig, complete: Complete, time_: int) -> None:
    with rig.working(slow=SLOW) as worker:
        run = rig.start_run()
        with rig.caught(run):
            killed(worker)
        rig.worker(2, slow=SLOW)
        complete(run, "its worker was killed whole")


def test_without_a_reaper_what_a_killed_worker_held_is_left_undone(rig: Rig, time_: int) -> None:
    with rig.working(slow=SLOW, lease=LONG, reaper=False) as worker:
        run = rig.start_run()
        with rig.caught(run):
            for child in worker.children():
                child.kill()
        stays_open(rig, run)


def test_a_worker_that_wakes_too_late_writes_nothing(rig: Rig, complete: Complete, time_: int) -> None:
    with rig.working(dozing=LONG):
        run = rig.start_run()
        wait_for(lambda: rig.claimed(run) == 2, 30, "two that sleep")
        rig.worker(2)
        complete(run, "a worker slept on what it held")
        time.sleep(1)
        assert not doubled(rig, run)


def test_without_a_last_look_it_doubles_what_another_has_done(rig: Rig, time_: int) -> None:
    with rig.no_key(), rig.working(without="a last look", dozing=LONG):
        run = rig.start_run()
        wait_for(lambda: rig.claimed(run) == 2, 30, "two that sleep")
        rig.worker(2)
        wait_for(lambda: doubled(rig, run), WITHIN, "doubles")


# --- Memory -------------------------------------------------------------------------------------------


def test_children_are_replaced_at_the_memory_limit(rig: Rig, complete: Complete, time_: int) -> None:
    with rig.working(child_limit=1, signing="signed"):
        complete(rig.start_run(), "a child was replaced after every chunk")
        assert rig.signatures() == CHUNKS


def test_below_the_limit_children_stay(rig: Rig, complete: Complete, time_: int) -> None:
    with rig.working(signing="signed"):
        complete(rig.start_run(), "nothing")
        assert rig.signatures() <= 2


@pytest.mark.parametrize(
    ("how", "words"), some(("limit", "ran out of memory"), ("killed", "killed its child"))
)
def test_every_chunk_breaks_its_first_child(
    rig: Rig, complete: Complete, time_: int, how: str, words: str
) -> None:
    with rig.working(stumbling=how):
        complete(rig.start_run(), f"every chunk {words} once")


def test_without_a_second_try_chunks_out_of_memory_are_left_undone(rig: Rig, time_: int) -> None:
    with rig.working(stumbling="limit", without="a second try", lease=LONG, reaper=False):
        stays_open(rig, rig.start_run())


# --- Poison -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "why"),
    some(("error", "ValueError: poison"), ("limit", "MemoryError"), ("killed", "Its worker ended")),
)
def test_one_segment_that_cannot_be_scored_is_set_aside_alone(
    rig: Rig, measured: Measured, time_: int, how: str, why: str
) -> None:
    bad = sorted(rig.truth)[SEGMENTS // 2 + 7]
    with rig.working(poison=(how, bad), attempts=1 if TEMPO else 3):
        began, run = time.monotonic(), rig.start_run()
        assert rig.ends(run, 5 * WITHIN) == "partial"
        measured(f"run complete but for one segment ({how})", time.monotonic() - began, "s")
    assert rig.rows(run) == {segment: rows for segment, rows in rig.truth.items() if segment != bad}
    failed = rig.sql(
        "SELECT low, high, size, reason FROM matrix_chunk WHERE run_id = %s AND state = 'failed'", run
    )
    assert [(low, high, size) for low, high, size, _ in failed] == [(bad, bad, 1)]
    assert failed[0][3].startswith(why)


# --- Queue --------------------------------------------------------------------------------------------


def test_the_queue_restarted_with_nothing_left_in_it(
    rig: Rig, complete: Complete, large: bool, time_: int
) -> None:
    with rig.working(slow=SLOW):
        run = rig.start_run(large=large)
        rig.in_the_middle(run)
        rig.valkey.lose_everything()
        complete(run, "the queue was killed and emptied")


def test_the_queue_goes_away_while_a_worker_lets_go_of_it(rig: Rig, complete: Complete, time_: int) -> None:
    """Celery's own worker ends here, one time in a hundred (:mod:`connected.worker`)."""
    with rig.working(slow=SLOW, clumsy=True) as worker:
        run = rig.start_run()
        with rig.caught(run):
            rig.valkey.lose_everything()
        complete(run, "the queue went away in the middle of closing")
        assert alive(worker)


def test_without_a_word_of_the_loss_the_worker_ends(rig: Rig, measured: Measured, time_: int) -> None:
    """With its children, and at once: nobody waits for a worker that only seems to be there."""
    with rig.working(slow=SLOW, clumsy=True, without="a word of the loss", reaper=False) as worker:
        run = rig.start_run()
        with rig.caught(run):
            family = [*worker.children(), worker]
            rig.valkey.lose_everything()
            began = time.monotonic()
        wait_for(lambda: not any(alive(each) for each in family), 10, "the end of the worker")
        measured("worker that cannot go on, until it is gone", time.monotonic() - began, "s")
        assert "has no attribute 'hostname'" in rig.said()
        stays_open(rig, run)


def test_without_a_reaper_an_emptied_queue_stays_empty(rig: Rig, time_: int) -> None:
    with rig.working(slow=SLOW, lease=LONG, reaper=False):
        run = rig.start_run()
        rig.in_the_middle(run)
        rig.valkey.lose_everything()
        stays_open(rig, run)


# --- Database -----------------------------------------------------------------------------------------

ENDS = some((signal.SIGQUIT, "shut down at once"), (signal.SIGKILL, "killed"))


@pytest.mark.parametrize(("number", "how"), ENDS)
def test_the_database_restarted(
    rig: Rig, complete: Complete, large: bool, time_: int, number: int, how: str
) -> None:
    with rig.working(slow=SLOW):
        run = rig.start_run(large=large)
        rig.in_the_middle(run)
        rig.postgres.restart(number)
        complete(run, f"the database was {how}")


def test_with_the_ledger_in_a_transaction_of_its_own_placements_are_lost(rig: Rig, time_: int) -> None:
    with rig.working(slow=SLOW, without="one transaction"):
        run = rig.start_run()
        wait_for(lambda: 3 < rig.chunks(run, "done") < CHUNKS, 30, "a run in the middle")
        rig.postgres.restart(signal.SIGKILL)
        wait_for(lambda: rig.chunks(run, "done") == CHUNKS, WITHIN, "all chunks")
        time.sleep(1)
        assert len(rig.rows(run)) < SEGMENTS


# --- Messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", some(1, 2))
def test_every_message_three_times(
    rig: Rig, complete: Complete, large: bool, time_: int, workers: int
) -> None:
    with rig.working(workers=workers, slow=SLOW / 3):
        with rig.standing_still():
            run = rig.start_run(large=large)
            rig.send(run, 2)
        complete(run, f"every message came three times to {workers} worker{'s' * (workers > 1)}")
        once = rig.sql("SELECT count(*) FROM matrix_chunk WHERE run_id = %s AND attempts = 1", run)
        assert once == [(CHUNKS,)]


def test_without_claims_only_the_key_holds_against_doubles(rig: Rig, time_: int) -> None:
    with rig.working(without="claims", reaper=False):
        run = rig.start_run()
        rig.send(run, 2)
        wait_for(lambda: rig.said().count("IntegrityError") > CHUNKS, WITHIN, "refusals")
        assert not doubled(rig, run)


def test_without_claims_and_key_messages_that_come_twice_double_placements(rig: Rig, time_: int) -> None:
    with rig.no_key(), rig.working(without="claims", reaper=False):
        run = rig.start_run()
        rig.send(run, 2)
        wait_for(lambda: doubled(rig, run), WITHIN, "doubles")


# --- Two runs -----------------------------------------------------------------------------------------


def test_two_runs_at_once(rig: Rig, complete: Complete, time_: int) -> None:
    with rig.working(workers=2, slow=SLOW):
        began, seen = time.monotonic(), set()
        first, second = rig.start_run(), rig.start_run()
        while rig.state(second) in ("queued", "running"):
            seen.add(rig.in_force()[0])
        assert rig.ends(first, WITHIN) == "finished"
        complete(second, "two began at once", began)
    assert rig.rows(first) == rig.rows(second) == rig.truth
    assert seen == {SEGMENTS}


def test_in_force_before_its_end_a_run_would_be_seen_half_done(rig: Rig, time_: int) -> None:
    with rig.working(workers=2, slow=SLOW):
        first, second = rig.start_run(), rig.start_run()
        with rig.caught(second):
            rig.sql("UPDATE matrix_generation SET run_id = %s", second)
            assert rig.in_force()[0] < SEGMENTS
        rig.ends(first, WITHIN)
        rig.ends(second, WITHIN)
