"""A batch re-scoring, started by a script and done by workers in processes of their own."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.callers import Api
from tests.live import thousands as many
from tests.stack import MANAGER, Stack, wait_for

#: Seconds: thousands of segments, on a machine busy with the rest of the suite.
pytestmark = pytest.mark.timeout(300)


def test_a_run_started_by_rest_goes_forward_only_and_ends_complete(
    thousands: Api, measured: Callable[[str, float, str], None]
) -> None:
    seen: list[dict[str, Any]] = []
    run, started = many.start(thousands), time.monotonic()
    while not seen or seen[-1]["state"] in ("queued", "running"):
        seen.append(many.state(thousands, run))
        assert time.monotonic() - started < many.WITHIN
    measured(f"run of {many.SEGMENTS:,} segments by REST", time.monotonic() - started, "s")
    assert seen[-1]["state"] == "finished"
    assert seen[-1]["placed"] == seen[-1]["total"] == many.SEGMENTS
    done = [each["done"] for each in seen]
    assert done == sorted(done)
    assert all(each["percent"] <= 100 for each in seen)


def test_it_says_what_the_command_says(stack: Stack, thousands: Api) -> None:
    stack.manage("rescore", "--workspace", many.SLUG, "--wait")
    by_command = many.rows(thousands)
    many.finish(thousands, many.start(thousands))
    assert len(by_command) == many.SEGMENTS
    assert many.rows(thousands) == by_command


def test_every_placement_comes_from_the_run_in_force(thousands: Api) -> None:
    run = many.start(thousands)
    many.finish(thousands, run)
    assert {each["run"] for each in many.lines(thousands)} == {run}


def test_a_cancelled_run_changes_nothing(stack: Stack, thousands: Api) -> None:
    # What was answered while an earlier run went on is scored once more after it.
    wait_for(lambda: stack.sql("SELECT count(*) FROM matrix_stale") == [(0,)], many.WITHIN, "no work left")
    before = many.rows(thousands)
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        run = many.start(thousands)
        assert thousands.post(f"runs/{run}/cancel/", None).json()["state"] == "cancelled"
    time.sleep(1)
    assert many.state(thousands, run)["state"] == "cancelled"
    assert thousands.post(f"runs/{run}/cancel/", None).status == 409
    assert many.rows(thousands) == before
    assert run not in {each["run"] for each in many.lines(thousands)}


def test_only_those_who_may_edit_start_a_run(stack: Stack) -> None:
    assert stack.api(MANAGER, scope="read").post("runs/", {}).status == 403
