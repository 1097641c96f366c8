"""A large answers file by REST, taken over by a worker in a process of its own."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.callers import Api
from tests.stack import Stack, wait_for

ROWS = 60_000
#: Seconds, on a machine busy with the rest of the suite: the work takes four, a lease that runs out twenty.
WITHIN = 90
pytestmark = pytest.mark.timeout(300)
HEADER = "firm,segment,offering,participant,item,value,evidence\n"


def answers(firm: str, rows: int = ROWS) -> bytes:
    """More than 5 MB of them, 20 segments a firm, all sound."""
    said = f"What {firm} was seen to do as the interview of that day has it in its second part"
    lines = (
        f"{firm} {number // 480},Segment {number // 24},Offering,Rater {number // 12 % 2},R{number % 12 + 1},"
        f"{number % 5},{said}\n"
        for number in range(rows)
    )
    return (HEADER + "".join(lines)).encode()


def begin(api: Api, content: bytes) -> str:
    answer = api.send("POST", "imports/answers/", content, "text/csv")
    assert answer.status == 202, answer.text
    return answer.headers["location"].split("/api/v1/")[1]


def ended(api: Api, where: str) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        body: dict[str, Any] = api.get(where).json()
        return {} if body["state"] in ("waiting", "running") else body

    return wait_for(look, WITHIN, f"the end of {where}", every=0.2)


def in_the_middle(api: Api, where: str) -> None:
    wait_for(lambda: api.get(where).json()["share"] > 0, WITHIN, f"{where} in the middle", every=0.05)


def firms(stack: Stack, begins: str) -> int:
    found = stack.sql("SELECT count(*) FROM connected_firm WHERE name LIKE %s", f"{begins} %")
    return int(found[0][0])


def pieces(stack: Stack, where: str) -> int:
    number = int(where.split("/")[-2])
    found = stack.sql("SELECT count(*) FROM assessments_importpart WHERE job_id = %s", number)
    return int(found[0][0])


@pytest.fixture
def working(stack: Stack) -> Iterator[None]:
    """Whatever was killed inside works again afterwards."""
    yield
    wait_for(stack.healthy, WITHIN, "all parts again", every=0.2)


def test_a_large_file_goes_forward_and_ends_complete(
    stack: Stack, api: Api, measured: Callable[[str, float, str], None]
) -> None:
    started = time.monotonic()
    where = begin(api, answers("Forward"))
    seen = [0.0]
    while (body := api.get(where).json())["state"] in ("waiting", "running"):
        seen.append(body["share"])
        assert time.monotonic() - started < WITHIN
        time.sleep(0.1)
    measured(f"large file of {ROWS:,} rows by REST", time.monotonic() - started, "s")
    assert (body["state"], body["counts"]["answers"]) == ("done", ROWS)
    assert seen == sorted(seen)
    assert firms(stack, "Forward") == body["counts"]["firms_created"]
    assert pieces(stack, where) == 0


def test_what_came_in_at_once_is_listed_at_once(api: Api) -> None:
    """The planner has heard of it: else REST and pages answer 503 for as long as it has not."""
    assert ended(api, begin(api, answers("Listed")))["state"] == "done"
    for _ in range(5):
        assert len(api.get("placements/?page_size=1000").json()["results"]) > 1
        time.sleep(0.3)


def test_bad_rows_refuse_all_of_it(stack: Stack, api: Api) -> None:
    body = ended(api, begin(api, answers("Refused") + b"Refused 0,S,O,P,R99,1,\n"))
    assert (body["state"], body["problem_count"]) == ("refused", 1)
    assert (body["problems"][0]["row"], firms(stack, "Refused")) == (ROWS + 2, 0)


def test_a_cancelled_one_leaves_nothing_and_frees_its_worker(stack: Stack, api: Api) -> None:
    where = begin(api, answers("Cancelled"))
    in_the_middle(api, where)
    assert api.send("DELETE", where).status == 204
    assert ended(api, begin(api, answers("After")))["state"] == "done"
    assert (api.get(where).json()["state"], firms(stack, "Cancelled")) == ("cancelled", 0)
    assert pieces(stack, where) == 0


def test_one_whose_worker_is_killed_ends_complete(
    stack: Stack, api: Api, working: None, measured: Callable[[str, float, str], None]
) -> None:
    where = begin(api, answers("Killed"))
    in_the_middle(api, where)
    for child in stack.part("worker-batch").children():
        child.kill()
    killed = time.monotonic()
    assert api.get(where).json()["state"] == "running"
    body = ended(api, where)
    measured("large file complete after its worker was killed", time.monotonic() - killed, "s")
    assert (body["state"], body["counts"]["answers"]) == ("done", ROWS)
    assert firms(stack, "Killed") == body["counts"]["firms_created"]
