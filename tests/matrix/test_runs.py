"""The ledger: claims, leases, ends, and what comes into force."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from assessments.models import Sheet
from connected.permissions import Actor
from connected.states import WrongStep
from matrix.models import Chunk, Generation, Overlay, Placement, Run, StandingPlacement
from matrix.queries.runs import progress
from matrix.services import (
    cancel_run,
    claim_chunk,
    fail_chunk,
    reap,
    rescore_stale,
    runs,
    score_claimed,
    start_run,
)
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


def work_off(run: Run) -> Run:
    for chunk_id in run.chunks.filter(state="waiting").values_list("pk", flat=True):
        claim = claim_chunk(workspace_id=run.workspace_id, chunk_id=chunk_id)
        if claim:
            score_claimed(claim=claim)
    run.refresh_from_db()
    return run


def expire_leases() -> None:
    Chunk.objects.update(lease_until=timezone.now() - timedelta(hours=1))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 2)


def test_a_run_is_cut_into_key_ranges_that_cover_its_scope(owner: Actor, small_chunks: None) -> None:
    segments = [assessed(owner, [GUEST]) for _ in range(5)]
    run = start_run(by=owner)
    ranges = list(run.chunks.values_list("low", "high", "size"))
    assert (run.total, [size for *_, size in ranges]) == (5, [2, 2, 1])
    assert (ranges[0][0], ranges[-1][1]) == (segments[0].pk, segments[-1].pk)


def test_an_empty_scope_finishes_at_once(owner: Actor) -> None:
    assert start_run(by=owner).state == "finished"


def test_the_last_chunk_puts_the_run_in_force(owner: Actor, small_chunks: None) -> None:
    for _ in range(3):
        assessed(owner, [GUEST] * 3)
    run = start_run(by=owner)
    assert not StandingPlacement.objects.exists()
    assert work_off(run).state == "finished"
    assert Generation.objects.get().run_id == run.pk
    assert StandingPlacement.objects.count() == 3


def test_a_run_gives_what_live_scoring_gave(owner: Actor) -> None:
    assessed(owner, [GUEST, {**GUEST, "R4": 1}, {**GUEST, "C1": None}])
    rescore_stale(workspace_id=owner.workspace_id)
    live = StandingPlacement.objects.get()
    work_off(start_run(by=owner))
    again = StandingPlacement.objects.get()
    assert again.pk != live.pk
    assert (again.co, again.agreement, again.fingerprint) == (live.co, live.agreement, live.fingerprint)


def test_a_live_score_newer_than_the_run_stays_on_top(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    run = start_run(by=owner)
    Sheet.objects.update(version=2)
    rescore_stale(workspace_id=owner.workspace_id)
    Overlay.objects.update(moved_at=timezone.now() + timedelta(seconds=5))
    work_off(run)
    assert StandingPlacement.objects.get(segment=segment).run_id is None


def test_a_firm_s_run_leaves_other_firms_alone(owner: Actor) -> None:
    mine, other = assessed(owner, [GUEST]), assessed(owner, [GUEST])
    work_off(start_run(by=owner))
    before = StandingPlacement.objects.get(segment=other).pk
    run = work_off(start_run(by=owner, firm_id=mine.firm_id))
    assert run.total == 1
    assert StandingPlacement.objects.get(segment=other).pk == before
    assert Placement.objects.filter(run=run).count() == 1


def test_a_claimed_chunk_is_nobody_else_s(owner: Actor) -> None:
    assessed(owner, [GUEST])
    chunk = start_run(by=owner).chunks.get()
    assert claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk.pk) is not None
    assert claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk.pk) is None


def test_a_zombie_whose_lease_was_taken_over_writes_nothing(owner: Actor) -> None:
    assessed(owner, [GUEST])
    chunk = start_run(by=owner).chunks.get()
    zombie = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk.pk)
    expire_leases()
    heir = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk.pk)
    assert zombie is not None
    assert heir is not None
    assert score_claimed(claim=zombie) == 0
    assert not Placement.objects.exists()
    assert score_claimed(claim=heir) == 1


def test_a_chunk_delivered_twice_is_written_once(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
    assert claim is not None
    assert [score_claimed(claim=claim), score_claimed(claim=claim)] == [1, 0]
    assert Placement.objects.count() == 1


def test_after_three_attempts_a_segment_fails_with_its_reason(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 1)
    for _ in range(3):
        assessed(owner, [GUEST])
    run = start_run(by=owner)
    bad = run.chunks.first()
    assert bad is not None
    for _ in range(3):
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=bad.pk)
        assert claim is not None
        fail_chunk(claim=claim, reason="ValueError: poisoned")
    work_off(run)
    assert run.state == "partial"
    assert progress(run).reasons == ("ValueError: poisoned",)
    assert StandingPlacement.objects.count() == 2


def test_a_chunk_that_kills_its_workers_is_given_up(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    for _ in range(4):
        claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
        expire_leases()
    run.refresh_from_db()
    assert (run.state, run.chunks.get().state) == ("failed", "failed")


def test_cancelling_puts_nothing_in_force(owner: Actor, small_chunks: None) -> None:
    for _ in range(3):
        assessed(owner, [GUEST])
    run = start_run(by=owner)
    first = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.all()[0].pk)
    second = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.all()[1].pk)
    assert first is not None
    assert second is not None
    score_claimed(claim=first)
    cancel_run(by=owner, run_id=run.pk)
    assert score_claimed(claim=second) == 0
    assert not StandingPlacement.objects.exists()
    with pytest.raises(WrongStep, match="it can become queued"):
        cancel_run(by=owner, run_id=run.pk)


def test_the_reaper_finds_a_chunk_whose_message_was_lost(owner: Actor) -> None:
    assessed(owner, [GUEST])
    chunk = start_run(by=owner).chunks.get()
    assert not any(lost.chunk_ids for lost in reap())
    Chunk.objects.update(published_at=timezone.now() - timedelta(minutes=1))
    assert [lost.chunk_ids for lost in reap() if lost.workspace_id == owner.workspace_id] == [[chunk.pk]]
    assert not any(lost.chunk_ids for lost in reap())


def test_the_reaper_finds_marks_left_behind(owner: Actor) -> None:
    assessed(owner, [GUEST])
    assert not any(lost.stale for lost in reap() if lost.workspace_id == owner.workspace_id)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matrix_stale SET marked_at = now() - interval '1 minute'")
    assert [lost.stale for lost in reap() if lost.workspace_id == owner.workspace_id] == [True]


def test_an_unknown_model_is_refused_by_name(owner: Actor) -> None:
    with pytest.raises(LookupError, match=r"There are: cs-1\.v1"):
        start_run(by=owner, model_code="CS-9")
