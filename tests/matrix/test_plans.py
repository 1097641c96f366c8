"""What programs ask often is found by index in a large workspace, and old generations cost nothing."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connected.models import Segment, User
from connected.permissions import Actor
from connected.services import actor_for, change_segment
from connected.tenancy import in_workspace
from matrix.frames import Scope, sums
from matrix.models import Generation, StandingPlacement
from matrix.services import cancel_run, claim_chunk, mark_stale, reap, rescore_stale, start_run
from tests.api import caller
from tests.matrix.test_runs import work_off

SLUG, SEGMENTS, LIVE = "plans", 20_000, 2_000
GUARDED = re.compile(r"matrix_placement|matrix_standing|matrix_move|connected_segment")
PLANNED = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)")


class Large:
    """A workspace with a generation in force, an old one, and live placements over them."""

    def __init__(self) -> None:
        call_command("seed_portfolio", workspace=SLUG, segments=SEGMENTS, raters=1, stdout=StringIO())
        self.actor: Actor = actor_for(email=f"owner@{SLUG}.test", workspace=SLUG)
        with self.inside():
            self.client: Client = caller(self.actor, "read")
            self.old, self.new = (work_off(start_run(by=self.actor)) for _ in range(2))
            live = list(Segment.objects.order_by("pk").values_list("pk", flat=True)[: LIVE * 5 : 5])
            mark_stale(workspace_id=self.actor.workspace_id, segment_ids=live)
        rescore_stale(workspace_id=self.actor.workspace_id)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE matrix_placement, matrix_move, matrix_overlay, connected_segment")
        self.token = self.client.get("/api/v1/placements/?page_size=1")["Changed-Since-Token"]
        with self.inside():
            mark_stale(workspace_id=self.actor.workspace_id, segment_ids=live[:20])
        rescore_stale(workspace_id=self.actor.workspace_id)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with in_workspace(self.actor.workspace_id, user_id=self.actor.user_id):
            yield

    def plans(self, path: str, *, run: bool = False) -> list[dict[str, Any]]:
        """The nodes of the plans of all that a call reads; run: with what was met on the way."""
        with CaptureQueriesContext(connection) as asked:
            answer = self.client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        return self.explained(asked, run=run)

    def explained(
        self,
        asked: Iterable[dict[str, str]],
        about: re.Pattern[str] = GUARDED,
        *,
        run: bool = False,
        forced: bool = False,
    ) -> list[dict[str, Any]]:
        """The nodes of the plans of statements about these tables; forced: by an index if any serves."""
        statements = [
            each["sql"] for each in asked if about.search(each["sql"]) and PLANNED.match(each["sql"])
        ]
        with self.inside(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('enable_seqscan', %s, true)", ["off" if forced else "on"])
            return [node for sql in statements for node in _explained(cursor, sql, run)]


def _explained(cursor: Any, sql: str, run: bool) -> Iterator[dict[str, Any]]:
    cursor.execute(f"EXPLAIN ({'ANALYZE, ' if run else ''}FORMAT JSON) {sql}")
    (plan,) = cursor.fetchone()
    yield from _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


@pytest.fixture(scope="module")
def large(module_database: None, django_db_blocker: Any) -> Iterator[Large]:
    with django_db_blocker.unblock():
        yield Large()


def scanned(nodes: list[dict[str, Any]]) -> set[str]:
    """Tables read from end to end."""
    return {
        node["Relation Name"]
        for node in nodes
        if node["Node Type"] == "Seq Scan"
        and GUARDED.match(node["Relation Name"])
        and not node["Relation Name"].endswith("_seq")
    }


@pytest.mark.parametrize(
    "query",
    ["page_size=1000", "page_size=1000&cell=CO-MM", "firm={firm}", "segment={segment}",
     "page_size=1000&changed_since={token}", "page_size=1000&as_of=run:{old}", "as_of=2100-01-01"],
)  # fmt: skip
def test_a_page_is_found_by_index(large: Large, query: str) -> None:
    with large.inside():
        segment = Segment.objects.order_by("-pk")[SEGMENTS // 2]
    words = {"firm": segment.firm_id, "segment": segment.pk, "token": large.token, "old": large.old.pk}
    nodes = large.plans(f"placements/?{query.format(**words)}")
    assert len(nodes) > 3
    assert scanned(nodes) == set()


def test_a_page_in_the_middle_is_found_by_index(large: Large) -> None:
    page = large.client.get("/api/v1/placements/?page_size=1000")
    for _ in range(5):
        page = large.client.get(page.json()["next"])
    there = page.json()["next"].partition("/api/v1/")[2]
    assert scanned(large.plans(there)) == set()


@pytest.mark.parametrize("what", ["", "receipt/"])
def test_one_placement_is_found_by_index(large: Large, what: str) -> None:
    with large.inside():
        placement = StandingPlacement.objects.filter(run=large.new).order_by("segment_id")[50]
    assert scanned(large.plans(f"placements/{placement.pk}/{what}")) == set()


def test_old_generations_are_not_read_for_a_page(large: Large) -> None:
    with large.inside():
        assert Generation.objects.count() == 2
    nodes = large.plans("placements/?page_size=1000", run=True)
    read = {node.get("Relation Name") for node in nodes if node.get("Actual Loops")}
    assert f"matrix_placement_g{large.new.pk}" in read
    assert f"matrix_placement_g{large.old.pk}" not in read


def test_a_statement_without_an_index_is_found_out(large: Large) -> None:
    with large.inside(), connection.cursor() as cursor:
        nodes = list(_explained(cursor, "SELECT * FROM matrix_placement WHERE raters = 1", run=False))
    assert f"matrix_placement_g{large.new.pk}" in scanned(nodes)


@pytest.mark.parametrize(
    "page",
    ["", "?cell=CO-MM", "firms/", "firms/{firm}/", "segments/{segment}/", "segments/{segment}/live/"],
)
def test_a_page_for_people_is_found_by_index(large: Large, page: str) -> None:
    with large.inside():
        segment = Segment.objects.order_by("-pk")[SEGMENTS // 2]
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(email=f"owner@{SLUG}.test"))
    where = f"/w/{SLUG}/{page.format(firm=segment.firm_id, segment=segment.pk)}"
    with CaptureQueriesContext(connection) as asked:
        assert client.get(where).status_code == 200
    nodes = large.explained(asked)
    assert nodes
    assert scanned(nodes) == set()


def test_what_workers_ask_is_found_by_index(large: Large) -> None:
    with large.inside():
        marked = list(Segment.objects.order_by("pk").values_list("pk", flat=True)[:20])
        mark_stale(workspace_id=large.actor.workspace_id, segment_ids=marked)
        run = start_run(by=large.actor)
        chunk = run.chunks.order_by("index")[1].pk
    with CaptureQueriesContext(connection) as asked:
        assert claim_chunk(workspace_id=large.actor.workspace_id, chunk_id=chunk)
        reap()
        rescore_stale(workspace_id=large.actor.workspace_id)
    with large.inside():
        cancel_run(by=large.actor, run_id=run.pk)
    assert scanned(large.explained(asked)) == set()
    # Tables that are small here: an index that could serve them in a large place is there.
    nodes = large.explained(asked, re.compile("matrix_chunk|matrix_stale|matrix_overlay"), forced=True)
    small = {"matrix_chunk", "matrix_stale", "matrix_overlay"}
    assert len(nodes) > 3
    assert {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & small == set()


LEDGER = "matrix_chunk|matrix_run|matrix_stale|matrix_change|matrix_resize|matrix_sums|matrix_generation"


def test_what_the_reaper_looks_for_is_found_by_index(large: Large) -> None:
    # As the function over all workspaces asks in each: PostgreSQL takes in its body here.
    look = "SELECT * FROM matrix_work_here(2, 500, interval '10 s', interval '5 s', interval '1 h')"
    with large.inside(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {look}")
        assert "matrix_work_here" not in str(cursor.fetchall())
    nodes = large.explained([{"sql": look}], re.compile("matrix_work_here"), forced=True)
    read = {node["Relation Name"] for node in nodes if "Relation Name" in node}
    assert read >= set(LEDGER.split("|"))
    scans = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert scans & set(LEDGER.split("|")) == set()


def test_what_keeps_sums_in_step_is_found_by_index(large: Large) -> None:
    with large.inside():
        ids = list(Segment.objects.order_by("-pk").values_list("pk", flat=True)[10:15])
        for pk in ids[:3]:
            change_segment(by=large.actor, segment_id=pk, customers=7)
        Segment.objects.filter(pk=ids[3])._raw_delete("default")
        with CaptureQueriesContext(connection) as asked:
            sums.Summing.over(Scope(low=min(ids), high=max(ids)))
            sums.untidy(1)
            given = {"run": large.new.pk, **vars(sums.Moment.now())}
            sums.tidy()
        with connection.cursor() as cursor:
            # A COPY is not explained: what it copies is.
            copied = cursor.mogrify(f"SELECT * FROM {sums.CHANGED} f", given).decode()
        about = re.compile(f"{GUARDED.pattern}|{LEDGER}|matrix_departed")
        nodes = large.explained([*asked, {"sql": copied}], about)
        transaction.set_rollback(True)
    assert len(nodes) > 10
    assert scanned(nodes) == set()
