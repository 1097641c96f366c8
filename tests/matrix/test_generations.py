"""Large runs in partitions of their own: filled unseen, sealed whole, dropped when they never counted."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix.frames.sheets import Counted, Scored
from matrix.models import Chunk, Generation, Move, Overlay, Placement, Run, StandingPlacement
from matrix.scoring import Model
from matrix.services import cancel_run, fail_chunk, mark_stale, reap, rescore_stale, runs, start_run
from matrix.services.runs import claim_chunk, close_run, score_claimed
from tests import factories
from tests.matrix.test_runs import expire_leases, work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db
SCORES = [
    f.attname
    for f in Placement._meta.fields
    if f.attname not in ("id", "generation", "run_id", "computed_at")
]


@pytest.fixture(autouse=True)
def every_run_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)


@pytest.fixture
def other(owner: Actor) -> Actor:
    return factories.workspace()


def rows(of: Any) -> list[dict[str, Any]]:
    found = [dict(row) for row in of.order_by("segment_id").values(*SCORES)]
    return [row | {"tally": bytes(row["tally"])} for row in found]


def table(run: Run) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"matrix_placement_g{run.pk}"])
        return bool(cursor.fetchone()[0])


def live(by: Actor, *segments: int) -> None:
    mark_stale(workspace_id=by.workspace_id, segment_ids=segments)
    rescore_stale(workspace_id=by.workspace_id)


def test_a_generation_holds_what_live_scoring_gave(owner: Actor) -> None:
    for raters in ([GUEST] * 3, [{"R1": 4}], [{**GUEST, "A1": 4, "R10": 4}], [{"A1": None}]):
        assessed(owner, raters)
    rescore_stale(workspace_id=owner.workspace_id)
    one_by_one = rows(StandingPlacement.objects)
    run = work_off(start_run(by=owner))
    assert set(Placement.objects.filter(run=run).values_list("generation", flat=True)) == {run.pk}
    assert rows(StandingPlacement.objects) == one_by_one
    assert not Overlay.objects.exists()


def test_nothing_of_a_run_is_seen_before_it_is_whole(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 1)
    for _ in range(2):
        assessed(owner, [GUEST])
    run = start_run(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.first().pk)  # type: ignore[union-attr]
    assert claim is not None
    assert score_claimed(claim=claim) == 1
    assert not Placement.objects.filter(run=run).exists()
    assert work_off(run).state == "finished"
    assert Placement.objects.filter(run=run).count() == 2


def test_a_generation_being_filled_can_only_be_filled(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    for statement in ("SELECT * FROM {}", "DELETE FROM {}", "UPDATE {} SET rd = 1"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement.format(f"matrix_placement_g{run.pk}"))


def test_a_sealed_generation_is_read_through_the_walls_only(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = work_off(start_run(by=owner))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"SELECT * FROM matrix_placement_g{run.pk}")


def test_another_workspace_cannot_fill_it(owner: Actor, other: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    with pytest.raises(DatabaseError, match="another workspace"), in_workspace(other.workspace_id):
        connection.cursor().execute(f"INSERT INTO matrix_placement_g{run.pk} (id) VALUES (1)")


@pytest.mark.parametrize("verb", ["seal", "drop", "open"])
def test_another_workspace_cannot_seal_drop_or_open_it(owner: Actor, other: Actor, verb: str) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    with pytest.raises(DatabaseError, match="of this workspace"), in_workspace(other.workspace_id):
        connection.cursor().execute(f"SELECT matrix_{verb}_generation(%s)", [run.pk])


def test_a_segment_twice_in_a_run_is_refused_when_it_is_sealed(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    chunk = run.chunks.get()
    for _ in range(2):
        Chunk.objects.update(state="waiting", lease_until=None)
        runs._place_chunk(chunk)
    Chunk.objects.update(state="done")
    with pytest.raises(IntegrityError, match="segment"):
        close_run(workspace_id=owner.workspace_id, run_id=run.pk)


def test_a_cancelled_run_leaves_no_table(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    cancel_run(by=owner, run_id=run.pk)
    reap()
    assert table(run)
    Run.objects.update(finished_at=timezone.now() - runs.RESUMABLE)
    reap()
    assert not table(run)


def test_a_run_in_force_cannot_be_dropped(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = work_off(start_run(by=owner))
    with pytest.raises(DatabaseError, match="never was in force"), transaction.atomic():
        connection.cursor().execute("SELECT matrix_drop_generation(%s)", [run.pk])


def test_what_a_run_could_not_score_keeps_its_last_placement(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 1)
    kept, laid, scored = (assessed(owner, [GUEST]) for _ in range(3))
    work_off(start_run(by=owner))
    live(owner, laid.pk)
    before = {row["segment_id"]: row for row in rows(StandingPlacement.objects)}
    run = start_run(by=owner)
    for chunk in run.chunks.filter(low__in=[kept.pk, laid.pk]):
        for _ in range(runs.ATTEMPTS):
            expire_leases()
            claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk.pk)
            assert claim is not None
            fail_chunk(claim=claim, reason="poison")
    assert work_off(run).state == "partial"
    standing = {row.segment_id: row for row in StandingPlacement.objects.all()}
    assert {pk: row.run_id == run.pk for pk, row in standing.items()} == {
        kept.pk: False,
        laid.pk: False,
        scored.pk: True,
    }
    assert {row["segment_id"]: row for row in rows(StandingPlacement.objects)} == before


def test_a_closer_that_was_killed_is_followed_by_the_reaper(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
    assert claim is not None
    runs._place_chunk(run.chunks.get())
    Chunk.objects.update(state="done", lease_until=None)
    # Other tests may have left work in workspaces of theirs.
    assert [lost.run_ids for lost in reap() if lost.run_ids] == [[run.pk]]
    assert close_run(workspace_id=owner.workspace_id, run_id=run.pk)
    assert Generation.objects.get().run_id == run.pk


def test_closing_twice_ends_a_run_once(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = work_off(start_run(by=owner))
    assert not close_run(workspace_id=owner.workspace_id, run_id=run.pk)
    assert Generation.objects.count() == 1


def test_a_segment_takes_its_placements_along(owner: Actor) -> None:
    gone, stays = assessed(owner, [GUEST]), assessed(owner, [GUEST])
    live(owner, gone.pk, stays.pk)
    work_off(start_run(by=owner))
    live(owner, gone.pk, stays.pk)
    gone.delete()
    for model in (Placement, Overlay, Move):
        assert set(model.objects.values_list("segment_id", flat=True)) == {stays.pk}


def test_every_placement_laid_over_is_logged_in_order(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    live(owner, segment.pk)
    live(owner, segment.pk)
    moves = list(Move.objects.values_list("segment_id", "placement"))
    ids = list(Placement.objects.order_by("id").values_list("id", flat=True))
    assert moves == [(segment.pk, pk) for pk in ids]


def test_what_stumbles_while_rows_are_copied_says_so_itself(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assessed(owner, [GUEST] * 3)
    monkeypatch.setattr("matrix.frames.placements._BLOCK", 1)
    scored, parts = Counted.scored, iter([False, False, True])

    def stumbling(part: Counted, model: Model) -> Scored:
        if next(parts):
            raise ValueError("the third part")
        return scored(part, model)

    monkeypatch.setattr(Counted, "scored", stumbling)
    run = start_run(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
    assert claim is not None
    with pytest.raises(ValueError, match="the third part"):
        score_claimed(claim=claim)
