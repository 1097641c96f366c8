"""A workspace of its own with thousands of segments: three chunks of a run."""

from collections.abc import Callable
from typing import Any

from tests.callers import Api
from tests.stack import Stack, wait_for

SLUG, SEGMENTS = "thousands", 21_000
OWNER = f"owner@{SLUG}.test"
#: What differs between two runs over the same answers.
OWN = ("id", "run", "computed_at")
#: Seconds, on a machine busy with the rest of the suite.
WITHIN = 60


def seed(stack: Stack) -> Api:
    """Segments with two raters each, placed by one run; returns their owner's REST."""
    stack.manage("seed_portfolio", "--workspace", SLUG, "--segments", str(SEGMENTS), "--raters", "2")
    stack.manage("rescore", "--workspace", SLUG, "--wait")
    return stack.api(OWNER, workspace=SLUG)


def lines(api: Api) -> list[dict[str, Any]]:
    """Every placement in force, streamed."""
    return api.get("placements/?format=ndjson").lines()


def rows(api: Api) -> dict[int, Any]:
    """Every placement in force by segment, without what differs between two runs."""
    return {each["segment"]: {name: each[name] for name in each if name not in OWN} for each in lines(api)}


def state(api: Api, run: int) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"runs/{run}/").json()
    return found


def finished(api: Api, run: int) -> Callable[[], bool]:
    return lambda: state(api, run)["state"] == "finished"


def start(api: Api) -> int:
    return int(api.made("runs/", {})["id"])


def finish(api: Api, run: int, within: float = WITHIN) -> None:
    wait_for(finished(api, run), within, f"run {run}", every=0.1)
