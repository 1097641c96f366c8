"""`/healthz` answers 200 when all is well, and else names what does not answer."""

from collections.abc import Iterator

import pytest

from connected.celery import MARK
from tests.callers import Answer, Api
from tests.stack import Stack, wait_for


@pytest.fixture(autouse=True)
def well(stack: Stack) -> Iterator[None]:
    """Every worker answers before a test, and whatever it paused works again before the next one."""

    def whole() -> bool:
        return bool(health(stack).json()["status"] == "ok")

    wait_for(whole, 60, "health", every=0.2)
    yield
    wait_for(whole, 30, "health after the fault", every=0.2)


def health(stack: Stack) -> Answer:
    return Api(stack.base).get("/healthz")


def test_all_is_well(stack: Stack) -> None:
    answer = health(stack)
    assert answer.status == 200
    assert answer.json()["queues"] == dict.fromkeys(("batch", "hooks", "live"), "ok")
    assert {value for name, value in answer.json().items() if name != "queues"} == {"ok"}


def test_it_names_missing_workers(stack: Stack) -> None:
    workers = ("worker-live", "worker-batch", "worker-hooks")
    with stack.paused(*(stack.part(each) for each in workers)):
        answer = health(stack)
    assert answer.status == 503
    assert answer.json()["worker"] != "ok"
    assert answer.json()["status"] == "unavailable"
    assert set(answer.json()["queues"].values()) == {"no worker answers"}
    assert answer.json()["database"] == answer.json()["broker"] == "ok"


@pytest.mark.parametrize("queue", ["live", "batch", "hooks"])
def test_one_worker_is_enough_and_the_queues_without_one_are_named(stack: Stack, queue: str) -> None:
    others = {"live", "batch", "hooks"} - {queue}
    with stack.paused(*(stack.part(f"worker-{each}") for each in others)):
        answer = health(stack)
    assert (answer.status, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["queues"] == {queue: "ok", **dict.fromkeys(others, "no worker answers")}


def test_it_names_a_clock_that_does_not_tick(stack: Stack) -> None:
    with stack.paused(stack.part("beat")):
        # As if its time were over already.
        assert stack.cache.delete(f"connected:1:{MARK}")
        answer = health(stack)
    assert (answer.status, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["beat"] == "silent for 15 s or more"
    assert set(answer.json()["queues"].values()) == {"ok"}


def test_it_names_a_queue_that_hangs(stack: Stack) -> None:
    with stack.paused(stack.service("valkey-server")):
        answer = health(stack)
    assert answer.status == 503
    assert answer.json()["broker"] != "ok"
    assert answer.json()["beat"] == "not known"
    assert answer.json()["database"] == "ok"
