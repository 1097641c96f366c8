"""An ``ETag`` of placements holds exactly as long as what they show: told without reading one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from assessments.models import Sheet
from connected.models import Role
from connected.services import change_firm, change_segment, drop_segment, grant_firms
from matrix.api import etags
from matrix.services import start_run
from tests import factories
from tests.api import caller
from tests.matrix.test_changes import Committed, transaction_of
from tests.matrix.test_runs import work_off

ADDRESSES = (
    "placements/",
    "placements/?page_size=2",
    "placements/?format=csv",
    "placements/?format=ndjson&end=true",
    "matrix/",
    "matrix/?quadrant=Q4",
)
ROWS = ("matrix_placement", "matrix_standing", "matrix_cube", "connected_segment")


@pytest.fixture
def world(committed: None) -> Committed:
    return Committed()


@contextmanager
def nobody_reads(*tables: str) -> Iterator[None]:
    """Whoever tries waits, and is refused: by a COPY too, which is not among the captured queries."""
    owner = connection.copy()
    owner.settings_dict = connections["owner"].settings_dict
    with transaction_of(owner), owner.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield
    owner.close()


def ask(world: Committed, path: str, mark: str = "", client: Any = None) -> Any:
    answer = (client or world.client).get(f"/api/v1/{path}", headers={"If-None-Match": mark} if mark else {})
    if answer.streaming:
        b"".join(answer)
    return answer


@pytest.mark.parametrize("path", ADDRESSES)
def test_what_has_not_changed_is_told_without_reading_a_placement(world: Committed, path: str) -> None:
    mark = ask(world, path)["ETag"]
    assert mark.startswith('W/"')
    with CaptureQueriesContext(connection) as asked, nobody_reads("matrix_placement", "matrix_overlay"):
        again = ask(world, path, f'"other", {mark}')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", mark)
    assert not [each["sql"] for each in asked if any(table in each["sql"] for table in ROWS)]
    assert {"Authorization", "Accept"} <= set(again["Vary"].split(", "))


def _renamed(world: Committed) -> None:
    change_segment(by=world.owner, segment_id=world.segments[0].pk, name="Renamed")


def _resized(world: Committed) -> None:
    change_segment(by=world.owner, segment_id=world.segments[0].pk, customers=77)


def _of_another_name(world: Committed) -> None:
    change_firm(by=world.owner, firm_id=world.segments[0].firm_id, name="Renamed")


def _deleted(world: Committed) -> None:
    drop_segment(by=world.owner, segment_id=world.segments[0].pk)


def _run(world: Committed) -> None:
    work_off(start_run(by=world.owner))


Change = Callable[[Committed], None]
CHANGES = (_renamed, _resized, _of_another_name, _deleted, _run)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_what_is_shown_is_told(world: Committed, change: Change) -> None:
    marks = {path: ask(world, path)["ETag"] for path in ADDRESSES}
    with world.inside():
        change(world)
    streams = [path for path in ADDRESSES if "format" in path]
    assert [ask(world, path, marks[path]).status_code for path in streams] == [200, 200]
    pages = {path: ask(world, path, marks[path]) for path in ADDRESSES if path not in streams}
    # A body may be the same all the same: that is known from the body, and its mark is another.
    assert [path for path, answer in pages.items() if answer["ETag"] == marks[path]] == []


def test_a_new_name_is_in_the_answer(world: Committed) -> None:
    mark = ask(world, "placements/")["ETag"]
    with world.inside():
        _of_another_name(world)
    answer = ask(world, "placements/", mark)
    assert (answer.status_code, answer.json()["results"][0]["firm_name"]) == (200, "Renamed")
    assert answer["ETag"] != mark


def test_an_answer_scored_anew_is_told(world: Committed) -> None:
    mark = ask(world, "placements/")["ETag"]
    world.rescore(0)
    assert ask(world, "placements/", mark).status_code == 200


def test_the_last_answers_taken_away_are_told(world: Committed) -> None:
    mark = ask(world, "matrix/")["ETag"]
    with world.inside():
        Sheet.objects.filter(segment=world.segments[2]).delete()
    world.rescore(2)
    answer = ask(world, "matrix/", mark)
    assert (answer.status_code, answer.json()["segments"]) == (200, 3)


def test_what_commits_after_an_answer_is_told(world: Committed) -> None:
    """It was written before, by a transaction that had begun before."""
    with world.writing(1):
        mark = ask(world, "placements/?format=ndjson")["ETag"]
        assert ask(world, "placements/?format=ndjson", mark).status_code == 304
    assert ask(world, "placements/?format=ndjson", mark).status_code == 200


def test_a_name_that_commits_after_an_answer_is_told(world: Committed) -> None:
    other = connection.copy()
    with transaction_of(other), other.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(world.owner.workspace_id)])
        cursor.execute("UPDATE connected_segment SET name = 'New' WHERE id = %s", [world.segments[0].pk])
        mark = ask(world, "placements/")["ETag"]
        assert ask(world, "placements/", mark).status_code == 304
    other.close()
    assert ask(world, "placements/", mark).status_code == 200


def test_what_changes_elsewhere_leaves_the_body_as_it_was(world: Committed) -> None:
    """The position moved and the body did not: 304 with the mark of today."""
    path = f"placements/?segment={world.segments[0].pk}"
    mark = ask(world, path)["ETag"]
    world.rescore(1)
    again = ask(world, path, mark)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] != mark


def test_a_mark_of_another_address_form_or_reader_is_of_no_use(world: Committed) -> None:
    with world.inside():
        client = caller(factories.member(world.owner, Role.MANAGER, (world.segments[0].firm_id,)), "read")
    mark = ask(world, "placements/?format=csv")["ETag"]
    assert ask(world, "placements/?format=ndjson", mark).status_code == 200
    assert ask(world, "placements/?format=csv&quadrant=Q4", mark).status_code == 200
    assert ask(world, "placements/?format=csv", mark, client).status_code == 200


def test_firms_granted_later_are_told(world: Committed) -> None:
    with world.inside():
        manager = factories.member(world.owner, Role.MANAGER)
        assert manager.membership_id
        client = caller(manager, "read")
    mark = ask(world, "placements/", client=client)["ETag"]
    with world.inside():
        firms = [world.segments[0].firm_id]
        grant_firms(by=world.owner, membership_id=manager.membership_id, firm_ids=firms)
    answer = ask(world, "placements/", mark, client)
    assert (answer.status_code, len(answer.json()["results"])) == (200, 4)


def test_another_release_says_it_anew(world: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = ask(world, "placements/?format=csv")["ETag"]
    monkeypatch.setattr(etags, "_code", lambda: "of tomorrow")
    assert ask(world, "placements/?format=csv", mark).status_code == 200


def test_changes_and_what_is_of_old_keep_the_mark_of_their_body(world: Committed) -> None:
    token = ask(world, "placements/")["Changed-Since-Token"]
    for path in (f"placements/?changed_since={token}", "matrix/?as_of=2100-01-01"):
        mark = ask(world, path)["ETag"]
        assert not mark.startswith("W/")
    assert "ETag" not in ask(world, f"placements/?format=csv&changed_since={token}").headers


@pytest.mark.parametrize("mark", ['"x"', "*", 'W/"x.y"', 'W/"' + "A" * 200 + '"', "x", '""'])
def test_a_mark_from_elsewhere_is_no_failure(world: Committed, mark: str) -> None:
    assert ask(world, "placements/?format=csv", mark).status_code == 200
