"""`/healthz` answers 200 when all is well, and else names what does not answer."""

from collections.abc import Iterator

import pytest

from tests.callers import Answer, Api
from tests.stack import Stack, wait_for


@pytest.fixture(autouse=True)
def well_again(stack: Stack) -> Iterator[None]:
    """Whatever a test paused works again before the next one."""
    yield
    wait_for(stack.healthy, 30, "health after the fault", every=0.2)


def health(stack: Stack) -> Answer:
    return Api(stack.base).get("/healthz")


def test_all_is_well(stack: Stack) -> None:
    answer = health(stack)
    assert answer.status == 200
    assert set(answer.json().values()) == {"ok"}


def test_it_names_missing_workers(stack: Stack) -> None:
    workers = ("worker-live", "worker-batch", "worker-hooks")
    with stack.paused(*(stack.part(each) for each in workers)):
        answer = health(stack)
    assert answer.status == 503
    assert answer.json()["worker"] != "ok"
    assert answer.json()["database"] == answer.json()["broker"] == "ok"


def test_one_worker_is_enough(stack: Stack) -> None:
    with stack.paused(stack.part("worker-batch"), stack.part("worker-hooks")):
        assert health(stack).status == 200


def test_it_names_a_queue_that_hangs(stack: Stack) -> None:
    with stack.paused(stack.service("valkey-server")):
        answer = health(stack)
    assert answer.status == 503
    assert answer.json()["broker"] != "ok"
    assert answer.json()["database"] == "ok"
