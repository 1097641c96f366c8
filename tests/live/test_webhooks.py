"""Events all the way: an answer over REST, real workers, and a receiver that checks the signature."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.callers import Api
from tests.live.worlds import answer, ask
from tests.receiver import Heard, Receiver, receiving, silent, status
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.timeout(300)
#: Seconds, on a machine busy with the rest of the suite.
WITHIN = 60


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def hook(api: Api, receiver: Receiver) -> Iterator[Any]:
    made = api.made("webhooks/", {"url": receiver.url, "events": ["placement.changed", "run.finished"]})
    yield made
    api.send("DELETE", f"webhooks/{made['id']}/")


def heard(receiver: Receiver, tells: Callable[[Any], bool]) -> Heard:
    """The first event that tells what is looked for."""

    def found() -> list[Heard]:
        return [each for each in receiver.heard if tells(json.loads(each.body)["data"])]

    return wait_for(found, WITHIN, "the event")[0]


def test_an_answer_becomes_an_event_that_can_be_trusted(
    api: Api, hook: Any, receiver: Receiver, measured: Callable[[str, float, str], None]
) -> None:
    asked = ask(api)
    began = time.monotonic()
    answer(api, asked)
    event = heard(receiver, lambda data: asked.segment in [s["segment"] for s in data["segments"]])
    measured("from an answer to its event", time.monotonic() - began, "s")
    assert event.signed_by(hook["secret"])
    assert json.loads(event.body)["type"] == "placement.changed"


def test_a_run_becomes_an_event_when_it_has_ended(api: Api, hook: Any, receiver: Receiver) -> None:
    asked = ask(api)
    answer(api, asked)
    run = api.made("runs/", {"firm": asked.firm})["id"]
    event = heard(receiver, lambda data: data.get("run") == run)
    assert event.signed_by(hook["secret"])
    assert json.loads(event.body)["data"]["state"] == "finished"


def test_a_receiver_that_was_away_gets_it_later(api: Api, hook: Any, receiver: Receiver) -> None:
    receiver.answer = status(503)
    asked = ask(api)
    run = api.made("runs/", {"firm": asked.firm})["id"]
    first = heard(receiver, lambda data: data.get("run") == run)
    receiver.answer = status(200)
    same = first.headers["webhook-id"]
    wait_for(lambda: sum(e.headers["webhook-id"] == same for e in receiver.heard) > 1, WITHIN, "a retry")
    line = next(each for each in api.each(f"webhooks/{hook['id']}/deliveries/") if each["event"] == same)
    wait_for(
        lambda: api.get(f"webhooks/{hook['id']}/deliveries/{line['id']}/").json()["state"] == "delivered",
        WITHIN,
        "the log",
    )


def test_a_slow_receiver_delays_no_placement(api: Api, hook: Any, receiver: Receiver, stack: Stack) -> None:
    """Its events have a worker of their own; what is scored live is not behind it."""
    receiver.answer = silent(8)
    for _ in range(2):
        asked = ask(api)
        answer(api, asked)
        wait_for(partial(placed, api, asked.segment), WITHIN / 4, "the placement")


def placed(api: Api, segment: int) -> bool:
    return bool(api.get(f"placements/?segment={segment}").json()["results"])
