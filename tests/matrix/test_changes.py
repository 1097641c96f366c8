"""What is new since, in the order of commits: nothing twice, nothing lost."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from assessments.models import Sheet
from connected.models import Role, Segment
from connected.permissions import Actor
from connected.services import drop_firm, drop_segment
from connected.tenancy import in_workspace
from matrix.api.times import reached
from matrix.models import Generation, Move
from matrix.services import mark_stale, rescore_stale, start_run
from tests import factories
from tests.api import caller, read
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

TOKEN = "Changed-Since-Token"


class Committed:
    """A workspace whose changes are committed one by one, and a client of it."""

    def __init__(self) -> None:
        self.owner: Actor = factories.workspace()
        with self.inside():
            firm = factories.firm(self.owner).pk
            self.segments: list[Segment] = [assessed(self.owner, [GUEST], firm) for _ in range(4)]
            self.client: Client = caller(self.owner)
        rescore_stale(workspace_id=self.owner.workspace_id)

    def inside(self) -> Any:
        return in_workspace(self.owner.workspace_id, user_id=self.owner.user_id)

    def rescore(self, *at: int) -> None:
        with self.inside():
            ids = [self.segments[each].pk for each in at]
            mark_stale(workspace_id=self.owner.workspace_id, segment_ids=ids)
        rescore_stale(workspace_id=self.owner.workspace_id)

    @contextmanager
    def writing(self, at: int) -> Iterator[None]:
        """Another connection has laid a placement over, and commits when this ends."""
        other = connection.copy()
        try:
            with transaction_of(other), other.cursor() as cursor:
                cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(self.owner.workspace_id)])
                cursor.execute(
                    "UPDATE matrix_overlay SET moved_at = clock_timestamp() WHERE segment_id = %s",
                    [self.segments[at].pk],
                )
                yield
        finally:
            other.close()

    def places(self, segments: list[int]) -> list[int]:
        order = [segment.pk for segment in self.segments]
        return sorted(order.index(each) for each in segments)


@contextmanager
def transaction_of(other: Any) -> Iterator[None]:
    other.set_autocommit(False)
    yield
    other.commit()


@pytest.fixture
def world(committed: None) -> Committed:
    return Committed()


Poll = Callable[[Committed, str], tuple[list[int], str]]


def by_pages(world: Committed, since: str) -> tuple[list[int], str]:
    """Two a page; the token of the last page serves as well as that of the first."""
    address, found, token = f"/api/v1/placements/?page_size=2{since}", [], ""
    while address:
        answer = world.client.get(address)
        found += [each["segment"] for each in answer.json()["results"]]
        address = answer.json()["next"]
        token = answer.get(TOKEN) or token
    return world.places(found), token


def by_stream(world: Committed, since: str) -> tuple[list[int], str]:
    answer = read(world.client, f"placements/?format=ndjson&end=true{since}")
    *lines, end = map(json.loads, b"".join(answer).splitlines())
    assert end["complete"]
    return world.places([each["segment"] for each in lines]), end["changed_since_token"]


def by_header(world: Committed, since: str) -> tuple[list[int], str]:
    answer = read(world.client, f"placements/?format=ndjson{since}")
    lines = map(json.loads, b"".join(answer).splitlines())
    return world.places([each["segment"] for each in lines]), answer[TOKEN]


@pytest.mark.parametrize("poll", [by_pages, by_stream, by_header])
def test_what_commits_after_a_poll_is_told_by_the_next_once(world: Committed, poll: Poll) -> None:
    found, token = poll(world, "")
    assert found == [0, 1, 2, 3]
    with world.writing(1):
        world.rescore(0, 2, 3)
        found, token = poll(world, f"&changed_since={token}")
        assert found == [0, 2, 3]
        found, token = poll(world, f"&changed_since={token}")
        assert found == []
    found, token = poll(world, f"&changed_since={token}")
    assert found == [1]
    found, _ = poll(world, f"&changed_since={token}")
    assert found == []


def test_by_the_clock_what_was_written_before_and_committed_after_is_told(world: Committed) -> None:
    with world.writing(1):
        with world.inside():
            Move.objects.update(moved_at="2020-01-01T00:00Z")
        since = f"&changed_since={timezone.now():%Y-%m-%dT%H:%M:%SZ}"
        assert by_header(world, since)[0] == []
    assert by_header(world, since)[0] == [1]


def test_changes_during_a_walk_are_left_to_the_next(world: Committed) -> None:
    token = read(world.client, "placements/")[TOKEN]
    world.rescore(0, 1, 2)
    first = read(world.client, f"placements/?page_size=2&changed_since={token}")
    world.rescore(3)
    second = world.client.get(first.json()["next"])
    segments = [each["segment"] for page in (first, second) for each in page.json()["results"]]
    assert world.places(segments) == [0, 1, 2]
    assert second[TOKEN] == first[TOKEN]
    assert by_pages(world, f"&changed_since={second[TOKEN]}")[0] == [3]


def test_what_changes_again_during_a_walk_is_told_once(world: Committed) -> None:
    """As it stands at last, by the next: rows are read after the moment a token names."""
    token = read(world.client, "placements/")[TOKEN]
    world.rescore(0, 1, 2)
    first = read(world.client, f"placements/?page_size=2&changed_since={token}")
    world.rescore(2)
    second = world.client.get(first.json()["next"])
    segments = [each["segment"] for page in (first, second) for each in page.json()["results"]]
    assert world.places(segments) == [0, 1]
    found, token = by_pages(world, f"&changed_since={second[TOKEN]}")
    assert found == [2]
    assert by_pages(world, f"&changed_since={token}")[0] == []


def test_what_changes_again_before_a_stream_is_read_is_told_once(world: Committed) -> None:
    _, token = by_stream(world, "")
    world.rescore(0, 1)
    answer = read(world.client, f"placements/?format=ndjson&end=true&changed_since={token}")
    world.rescore(1)
    *lines, end = map(json.loads, b"".join(answer).splitlines())
    assert world.places([each["segment"] for each in lines]) == [0]
    assert by_stream(world, f"&changed_since={end['changed_since_token']}")[0] == [1]


def test_a_run_that_comes_in_force_during_a_walk_tells_each_once(world: Committed) -> None:
    token = read(world.client, "placements/")[TOKEN]
    with world.inside():
        run = start_run(by=world.owner)
    world.rescore(0, 1, 2)
    first = read(world.client, f"placements/?page_size=2&changed_since={token}")
    with world.inside():
        work_off(run)
    second = world.client.get(first.json()["next"])
    walked = [each for page in (first, second) for each in page.json()["results"]]
    after = read(world.client, f"placements/?changed_since={second[TOKEN]}")
    found = [*walked, *after.json()["results"]]
    assert len({each["id"] for each in found}) == len(found)
    assert world.places([each["segment"] for each in found]) == [0, 1, 2, 3]
    assert by_pages(world, f"&changed_since={after[TOKEN]}")[0] == []


def test_the_end_of_a_walk_means_nothing_without_its_beginning(world: Committed) -> None:
    token = read(world.client, "placements/")[TOKEN]
    answer = world.client.get(f"/api/v1/placements/?until={token}")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "until", "detail": "Only together with changed_since."}]


def test_a_run_of_everything_changes_everything(world: Committed) -> None:
    _, token = by_pages(world, "")
    with world.inside():
        work_off(start_run(by=world.owner))
    found, token = by_pages(world, f"&changed_since={token}")
    assert found == [0, 1, 2, 3]
    assert by_pages(world, f"&changed_since={token}")[0] == []


def test_what_was_laid_over_before_a_run_ended_is_told_once(world: Committed) -> None:
    with world.inside():
        run = start_run(by=world.owner)
    world.rescore(2)
    _, token = by_pages(world, "")
    with world.inside():
        work_off(run)
        assert Generation.objects.count() == 1
    assert by_pages(world, f"&changed_since={token}")[0] == [0, 1, 3]


def by_end(world: Committed, since: str, form: str = "ndjson") -> bytes:
    *_, end = b"".join(read(world.client, f"placements/?format={form}&end=true{since}")).splitlines()[-2:]
    return end


def test_what_lost_its_last_answers_is_gone_once(world: Committed) -> None:
    """Told as it commits: not by a poll while it is under way, once by the next."""
    _, token = by_pages(world, "")
    with world.inside():
        Sheet.objects.filter(segment=world.segments[2]).delete()
    world.rescore(1)
    with world.writing(0):
        world.rescore(2)
        answer = read(world.client, f"placements/?page_size=1&changed_since={token}")
        assert answer.json()["gone"] == [world.segments[2].pk]
        assert world.places([each["segment"] for each in answer.json()["results"]]) == [1]
        end = json.loads(by_end(world, f"&changed_since={token}"))
        assert (end["rows"], end["gone"]) == (1, [world.segments[2].pk])
    after = read(world.client, f"placements/?changed_since={answer[TOKEN]}")
    assert after.json()["gone"] == []
    assert world.places([each["segment"] for each in after.json()["results"]]) == [0]


def test_gone_is_told_under_way_by_the_next(world: Committed) -> None:
    _, token = by_pages(world, "")
    other = connection.copy()
    with transaction_of(other), other.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(world.owner.workspace_id)])
        cursor.execute(
            "UPDATE matrix_overlay SET placement_id = NULL, moved_at = clock_timestamp() "
            "WHERE segment_id = %s",
            [world.segments[3].pk],
        )
        answer = read(world.client, f"placements/?changed_since={token}")
        assert answer.json()["gone"] == []
    other.close()
    after = read(world.client, f"placements/?changed_since={answer[TOKEN]}").json()
    assert (after["gone"], after["results"]) == ([world.segments[3].pk], [])


def gone(world: Committed, token: str, query: str = "", client: Client | None = None) -> list[int]:
    address = f"placements/?changed_since={token}{query}"
    return world.places(read(client or world.client, address).json()["gone"])


def test_a_deleted_segment_is_gone_once(world: Committed) -> None:
    _, token = by_pages(world, "")
    with world.inside():
        drop_segment(by=world.owner, segment_id=world.segments[1].pk)
    assert gone(world, token) == [1]
    end = json.loads(by_end(world, f"&changed_since={token}"))
    assert (end["rows"], world.places(end["gone"])) == (0, [1])
    assert gone(world, end["changed_since_token"]) == []


def test_a_segment_deleted_after_it_changed_is_gone_and_not_among_the_changes(world: Committed) -> None:
    _, token = by_pages(world, "")
    world.rescore(1, 2)
    with world.inside():
        drop_segment(by=world.owner, segment_id=world.segments[1].pk)
    assert gone(world, token) == [1]
    assert by_pages(world, f"&changed_since={token}")[0] == [2]


def test_a_segment_whose_deletion_commits_after_a_poll_is_told_by_the_next(world: Committed) -> None:
    """Another began before the poll and ends after it, and one that began later has ended by then."""
    _, token = by_pages(world, "")
    other = connection.copy()
    with transaction_of(other), other.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(world.owner.workspace_id)])
        for table, key in (("assessments_sheet", "segment_id"), ("connected_segment", "id")):
            cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", [world.segments[3].pk])
        with world.inside():
            drop_segment(by=world.owner, segment_id=world.segments[0].pk)
        answer = read(world.client, f"placements/?changed_since={token}")
        assert world.places(answer.json()["gone"]) == [0]
        token = answer[TOKEN]
        assert gone(world, token) == []
    other.close()
    answer = read(world.client, f"placements/?changed_since={token}")
    assert world.places(answer.json()["gone"]) == [3]
    assert gone(world, answer[TOKEN]) == []


def test_a_deletion_under_way_is_told_when_it_has_ended(world: Committed) -> None:
    _, token = by_pages(world, "")
    with world.inside():
        drop_segment(by=world.owner, segment_id=world.segments[2].pk)
        other = connection.copy()
        with transaction_of(other), other.cursor() as cursor:
            cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(world.owner.workspace_id)])
            cursor.execute("SELECT count(*) FROM matrix_gonesegment")
            assert cursor.fetchone() == (0,)
        other.close()
    assert gone(world, token) == [2]


def test_by_the_clock_a_deleted_segment_is_told(world: Committed) -> None:
    since = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    with world.inside():
        drop_segment(by=world.owner, segment_id=world.segments[0].pk)
    assert gone(world, since) == [0]
    assert gone(world, "2100-01-01") == []


def test_of_deleted_segments_only_those_asked_for_are_told(world: Committed) -> None:
    _, token = by_pages(world, "")
    firm, ids = world.segments[0].firm_id, [segment.pk for segment in world.segments]
    with world.inside():
        drop_firm(by=world.owner, firm_id=firm)
    assert gone(world, token) == [0, 1, 2, 3]
    assert gone(world, token, f"&segment={ids[2]}") == [2]
    assert gone(world, token, f"&firm={firm}&quadrant=Q1") == [0, 1, 2, 3]
    assert gone(world, token, f"&firm={firm + 1}") == []


def test_a_manager_hears_of_deleted_segments_of_firms_granted_to_them(world: Committed) -> None:
    with world.inside():
        other = assessed(world.owner, [GUEST], factories.firm(world.owner, "Elsewhere").pk)
        client = caller(factories.member(world.owner, Role.MANAGER, (world.segments[0].firm_id,)), "read")
    _, token = by_pages(world, "")
    with world.inside():
        for segment in (other, world.segments[0]):
            drop_segment(by=world.owner, segment_id=segment.pk)
    assert gone(world, token, client=client) == [0]
    assert gone(world, token, f"&segment={other.pk}", client) == []


def test_a_list_of_everything_tells_of_nothing_gone(world: Committed) -> None:
    assert "gone" not in read(world.client, "placements/").json()


def test_in_csv_what_is_gone_stands_before_the_last_line(world: Committed) -> None:
    _, token = by_pages(world, "")
    with world.inside():
        Sheet.objects.filter(segment=world.segments[2]).delete()
    world.rescore(2)
    lines = b"".join(
        read(world.client, f"placements/?format=csv&end=true&changed_since={token}")
    ).splitlines()
    assert lines[1] == f"#gone,{world.segments[2].pk}".encode()
    assert lines[2].startswith(b"#complete,0,")


def test_nobody_reads_in_a_token_what_the_server_counts(world: Committed) -> None:
    here = reached(world.owner)
    token = here.token()
    raw = urlsafe_b64decode(token.removeprefix("s1.") + "===")
    assert here.snapshot.split(":")[0].encode() not in raw
    assert here.database.encode() not in raw


def test_matrix_counts_what_changed(world: Committed) -> None:
    _, token = by_pages(world, "")
    world.rescore(1)
    assert read(world.client, f"matrix/?changed_since={token}").json()["segments"] == 1


@pytest.mark.parametrize(
    ("elsewhere", "said"),
    [
        ({"workspace_id": 999}, "given out here"),
        ({"database": "1/1"}, "restored"),
        ({"snapshot": "9000000000:9000000000:"}, "restored"),
    ],
)
def test_a_token_of_elsewhere_is_refused(world: Committed, elsewhere: dict[str, Any], said: str) -> None:
    token = replace(reached(world.owner), **elsewhere).token()
    answer = read(world.client, f"placements/?changed_since={token}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "changed_since")
    assert said in answer.json()["errors"][0]["detail"]
