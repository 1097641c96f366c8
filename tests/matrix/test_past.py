"""Any moment can be read again as it was, however placements came in force since."""

from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest
from django.db import connection

from connected.models import Role, Segment
from connected.permissions import Actor
from matrix.models import Run, StandingPlacement
from matrix.queries.past import came_in_force, stood
from matrix.services import claim_chunk, fail_chunk, mark_stale, rescore_stale, runs, start_run
from tests import factories
from tests.api import caller, read
from tests.matrix.test_runs import expire_leases, work_off
from tests.matrix.worlds import GUEST, assessed


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def standing() -> dict[int, int]:
    return dict(StandingPlacement.objects.values_list("segment_id", "pk"))


class World:
    """Segments of two firms, and what can happen to them."""

    def __init__(self, by: Actor, chance: Random) -> None:
        self.by, self.chance = by, chance
        firms = [factories.firm(by).pk for _ in range(2)]
        self.segments = [assessed(by, [GUEST], firms[at % 2]) for at in range(6)]

    def rescore(self) -> None:
        some = self.chance.sample(self.segments, k=min(2, len(self.segments)))
        mark_stale(workspace_id=self.by.workspace_id, segment_ids=[each.pk for each in some])
        rescore_stale(workspace_id=self.by.workspace_id)

    def withdraw(self) -> None:
        segment = self.chance.choice(self.segments)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM assessments_sheet WHERE segment_id = %s", [segment.pk])
        mark_stale(workspace_id=self.by.workspace_id, segment_ids=[segment.pk])
        rescore_stale(workspace_id=self.by.workspace_id)

    def delete(self) -> None:
        if len(self.segments) > 2:
            self.segments.pop(self.chance.randrange(len(self.segments))).delete()

    def run(self) -> None:
        work_off(start_run(by=self.by))

    def run_firm(self) -> None:
        work_off(start_run(by=self.by, firm_id=self.chance.choice(self.segments).firm_id))

    def run_poisoned(self) -> None:
        run = start_run(by=self.by)
        chunk = self.chance.choice(list(run.chunks.all()))
        for _ in range(runs.ATTEMPTS):
            expire_leases()
            claim = claim_chunk(workspace_id=self.by.workspace_id, chunk_id=chunk.pk)
            assert claim is not None
            fail_chunk(claim=claim, reason="poison")
        self.rescore()  # A live one while the run goes on stays on top.
        work_off(run)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_every_moment_is_read_as_it_was(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, seed: int, large: bool
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 1)
    monkeypatch.setattr(runs, "GENERATION_FROM", 1 if large else 10**9)
    chance = Random(seed)
    world = World(owner, chance)
    does: list[Callable[[], None]] = [
        world.rescore, world.withdraw, world.delete, world.run, world.run_firm, world.run_poisoned
    ]  # fmt: skip
    seen = [(now(), standing())]
    for step in [*does, *chance.choices(does, k=10)]:
        step()
        seen.append((now(), standing()))
    there = set(Segment.objects.values_list("pk", flat=True))
    for moment, then in seen:
        found = dict(stood(moment, None).values_list("segment_id", "pk"))
        assert found == {segment: placement for segment, placement in then.items() if segment in there}


def test_a_run_is_read_as_of_when_it_came_in_force(owner: Actor) -> None:
    first, second = assessed(owner, [GUEST]), assessed(owner, [GUEST])
    whole = work_off(start_run(by=owner))
    then = standing()
    firm = work_off(start_run(by=owner, firm_id=first.firm_id))
    after = standing()
    mark_stale(workspace_id=owner.workspace_id, segment_ids=[second.pk])
    rescore_stale(workspace_id=owner.workspace_id)
    client = caller(owner)
    for run, expected in ((whole, then), (firm, after)):
        results = read(client, f"placements/?as_of=run:{run.pk}").json()["results"]
        assert {each["segment"]: each["id"] for each in results} == expected
    assert then != after != standing()


def test_a_run_never_in_force_is_no_moment(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    assert came_in_force(run) is None
    answer = read(caller(owner), f"placements/?as_of=run:{run.pk}")
    assert (answer.status_code, "never" in answer.json()["errors"][0]["detail"]) == (400, True)


def test_streams_and_matrix_are_read_as_of_then_too(owner: Actor) -> None:
    assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    client, moment = caller(owner), now().isoformat().replace("+", "%2B")
    (then,) = read(client, "placements/").json()["results"]
    assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    (line,) = b"".join(read(client, f"placements/?format=ndjson&as_of={moment}")).splitlines()
    assert f'"id":{then["id"]},'.encode() in line
    assert read(client, f"matrix/?as_of={moment}").json()["segments"] == 1
    assert read(client, "matrix/").json()["segments"] == 2
    assert read(client, "placements/?as_of=2000-01-01").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    ["as_of=then", "as_of=run:", "as_of=run:x", "as_of=run:99999999999999999999999", "as_of=9999-99-99",
     "as_of=run:123456789", "until=x", "changed_since=WzFd.x", "changed_since=token"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["placements/", "matrix/"])
def test_a_time_that_is_none_is_refused(owner: Actor, path: str, query: str) -> None:
    answer = read(caller(owner), f"{path}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, query.partition("=")[0])


def test_then_and_since_are_not_asked_together(owner: Actor) -> None:
    answer = read(caller(owner), "placements/?as_of=2020-01-01&changed_since=2020-01-01")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "changed_since")


def test_a_run_of_everything_is_no_moment_to_a_manager(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    run: Run = work_off(start_run(by=owner))
    manager = caller(factories.member(owner, Role.MANAGER, (segment.firm_id,)))
    foreign = read(manager, f"placements/?as_of=run:{run.pk}")
    assert foreign.status_code == 400
    assert foreign.content == read(manager, f"placements/?as_of=run:{run.pk + 1000}").content
