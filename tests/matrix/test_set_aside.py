"""What cannot be scored is set aside alone; what is left of a run can be taken up again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from connected.models import Segment
from connected.permissions import Actor
from connected.states import WrongStep
from matrix import tasks
from matrix.models import Chunk, Generation, Placement, Run, StandingPlacement
from matrix.queries.runs import progress, set_aside
from matrix.services import (
    cancel_run,
    claim_chunk,
    fail_chunk,
    mark_stale,
    reap,
    rescore_stale,
    resume_run,
    runs,
)
from matrix.services import start_run as start
from tests import factories
from tests.matrix.test_runs import expire_leases
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["small", "large"], autouse=True)
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small runs write beside live re-scores, large ones into a table of their own."""
    monkeypatch.setattr(runs, "GENERATION_FROM", 1 if request.param == "large" else 1_000)
    monkeypatch.setattr("matrix.services.resuming.GENERATION_FROM", runs.GENERATION_FROM)


@pytest.fixture
def segments(owner: Actor) -> list[Segment]:
    return [assessed(owner, [GUEST]) for _ in range(25)]


@contextmanager
def poisoned(segment: Segment) -> Iterator[None]:
    """Inside, whatever reads this segment's answers stumbles."""
    with pytest.MonkeyPatch.context() as patch:
        place = vars(runs)["place"]

        def stumbling(**words: object) -> object:
            scope = words["scope"]
            if scope.low <= segment.pk <= scope.high:  # type: ignore[attr-defined]
                raise ValueError("poison")
            return place(**words)

        patch.setattr(runs, "place", stumbling)
        yield


def work(run: Run) -> Run:
    """Take chunks as a worker would until none is left, or none may be taken."""
    while waiting := list(run.chunks.filter(state="waiting").values_list("pk", flat=True)):
        claims = [claim_chunk(workspace_id=run.workspace_id, chunk_id=pk) for pk in waiting]
        for claim in filter(None, claims):
            tasks.attempt(claim)
    run.refresh_from_db()
    return run


def test_one_poisoned_segment_is_set_aside_alone(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[7]):
        run = work(start(by=owner))
    assert run.state == "partial"
    assert [(each.segment, each.reason) for each in set_aside(run)] == [(segments[7], "ValueError: poison")]
    assert (progress(run).done, progress(run).failed) == (24, 1)
    assert StandingPlacement.objects.count() == 24


def test_a_segment_that_kills_its_workers_is_set_aside_alone(owner: Actor, segments: list[Segment]) -> None:
    run = start(by=owner)
    while waiting := run.chunks.filter(state="waiting", low__lte=segments[3].pk, high__gte=segments[3].pk):
        claim_chunk(workspace_id=owner.workspace_id, chunk_id=waiting.get().pk)
        expire_leases()
    assert work(run).state == "partial"
    assert [each.segment for each in set_aside(run)] == [segments[3]]
    assert StandingPlacement.objects.count() == 24


def test_what_passes_is_tried_again_whole(owner: Actor, segments: list[Segment]) -> None:
    run = start(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
    assert claim is not None
    assert fail_chunk(claim=claim, reason="cut off", passing=True) == [claim.chunk_id]
    assert run.chunks.count() == 1
    assert work(run).state == "finished"


def test_a_chunk_of_a_firm_is_cut_along_that_firms_segments(owner: Actor) -> None:
    firms = [factories.firm(owner).pk for _ in range(2)]
    segments = [assessed(owner, [GUEST], firms[place % 2]) for place in range(24)]
    with poisoned(segments[7]):
        run = work(start(by=owner, firm_id=firms[1]))
    assert [each.segment for each in set_aside(run)] == [segments[7]]
    assert (progress(run).total, progress(run).done) == (12, 11)


def test_a_partial_run_resumed_has_everything(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[7]):
        run = work(start(by=owner))
    done = set(Placement.objects.values_list("pk", flat=True))
    run = work(resume_run(by=owner, run_id=run.pk))
    assert run.state == "finished"
    assert Placement.objects.exclude(pk__in=done).get().segment_id == segments[7].pk
    assert StandingPlacement.objects.filter(run_id=run.pk).count() == 25


def test_a_run_resumed_in_vain_is_partial_again(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[7]):
        run = work(start(by=owner))
        assert work(resume_run(by=owner, run_id=run.pk)).state == "partial"
    assert StandingPlacement.objects.count() == 24


def test_a_live_score_newer_than_what_is_resumed_stays(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[7]):
        run = work(start(by=owner))
    resume_run(by=owner, run_id=run.pk)
    mark_stale(workspace_id=owner.workspace_id, segment_ids=[segments[9].pk])
    rescore_stale(workspace_id=owner.workspace_id)
    assert work(run).state == "finished"
    assert StandingPlacement.objects.get(segment_id=segments[9].pk).run_id is None


def test_a_cancelled_run_resumed_does_only_what_was_left(
    owner: Actor, segments: list[Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 10)
    run = start(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.all()[0].pk)
    assert claim is not None
    tasks.attempt(claim)
    cancel_run(by=owner, run_id=run.pk)
    reap()
    resumed = resume_run(by=owner, run_id=run.pk)
    assert list(resumed.chunks.values_list("state", flat=True)) == ["done", "waiting", "waiting"]
    assert work(resumed).state == "finished"
    assert StandingPlacement.objects.count() == 25


def test_resumed_after_an_hour_a_run_is_complete_all_the_same(
    owner: Actor, segments: list[Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 10)
    run = start(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.all()[0].pk)
    assert claim is not None
    tasks.attempt(claim)
    cancel_run(by=owner, run_id=run.pk)
    Run.objects.update(finished_at=timezone.now() - runs.RESUMABLE)
    reap()
    assert work(resume_run(by=owner, run_id=run.pk)).state == "finished"
    assert StandingPlacement.objects.filter(run_id=run.pk).count() == 25


def test_a_run_that_was_overtaken_is_not_resumed(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[7]):
        run = work(start(by=owner))
    work(start(by=owner))
    assert Generation.objects.count() >= 1
    with pytest.raises(WrongStep, match="start a new one"):
        resume_run(by=owner, run_id=run.pk)


def test_a_finished_run_is_not_resumed(owner: Actor, segments: list[Segment]) -> None:
    run = work(start(by=owner))
    with pytest.raises(WrongStep, match="can become nothing"):
        resume_run(by=owner, run_id=run.pk)


def test_no_rate_before_there_is_one(
    owner: Actor, segments: list[Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 10)
    run = start(by=owner)
    assert (progress(run).rate, progress(run).left) == (None, None)
    work(run)
    Chunk.objects.filter(index=0).update(lease_until=timezone.now() - timedelta(seconds=10))
    assert progress(run).rate == pytest.approx(25 * 2 / 3 / 10, rel=0.2)


def test_begun_anew_a_run_has_the_segments_that_came_meanwhile(owner: Actor, segments: list[Segment]) -> None:
    """Or what was scored live of them would be taken for older than the run, and go."""
    run = start(by=owner)
    cancel_run(by=owner, run_id=run.pk)
    came = assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    resumed = work(resume_run(by=owner, run_id=run.pk))
    assert (resumed.state, resumed.total) == ("finished", 26)
    assert StandingPlacement.objects.filter(segment_id=came.pk).exists()
    assert StandingPlacement.objects.count() == 26


def test_a_segment_that_went_while_a_run_went_on_stands_nowhere(
    owner: Actor, segments: list[Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK_SIZE", 10)
    run = start(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.all()[0].pk)
    assert claim is not None
    tasks.attempt(claim)
    gone = segments[3].pk
    segments[3].delete()
    assert work(run).state == "finished"
    assert not Placement.objects.filter(segment_id=gone).exists()
    assert StandingPlacement.objects.count() == 24


def test_what_was_set_aside_twice_is_scored_once(owner: Actor, segments: list[Segment]) -> None:
    """Resumed in vain and then not: every segment stands once, and no row of the run is there twice."""
    with poisoned(segments[7]):
        run = work(start(by=owner))
        run = work(resume_run(by=owner, run_id=run.pk))
    run = work(resume_run(by=owner, run_id=run.pk))
    of_run = Placement.objects.filter(run_id=run.pk).values_list("segment_id", flat=True)
    assert sorted(of_run) == [each.pk for each in segments]
    assert sorted(StandingPlacement.objects.values_list("segment_id", flat=True)) == sorted(of_run)
