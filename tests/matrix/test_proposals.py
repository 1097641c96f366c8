"""A run under another model changes nothing before it is approved; it can be discarded, or taken back."""

from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Sheet
from assessments.services import save_answers
from connected.models import Segment
from connected.permissions import Actor
from connected.states import WrongStep
from matrix.frames import cube
from matrix.models import Generation, Overlay, Placement, Run, Stale, StandingPlacement
from matrix.queries import models, past, placements, proposals
from matrix.services import (
    approve_run,
    discard_run,
    mark_stale,
    reap,
    rescore_stale,
    resume_run,
    roll_back,
    runs,
    start_run,
)
from tests.matrix.test_generations import table
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db
OLD, NEW = "cs-1.v1", "cs-1.v2"


@pytest.fixture(params=["small", "large"], autouse=True)
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small runs write beside live re-scores, large ones into a table of their own."""
    monkeypatch.setattr(runs, "GENERATION_FROM", 1 if request.param == "large" else 1_000)
    return str(request.param)


def live(by: Actor, *segments: Segment) -> None:
    mark_stale(workspace_id=by.workspace_id, segment_ids=[segment.pk for segment in segments])
    rescore_stale(workspace_id=by.workspace_id)


def answered(by: Actor, segment: Segment, **answers: int) -> None:
    sheet = Sheet.objects.filter(segment=segment).select_related("participant").latest("id")
    save_answers(
        by=by,
        workshop_id=sheet.participant.workshop_id,
        participant_id=sheet.participant_id,
        segment_id=segment.pk,
        answers=answers,
    )
    rescore_stale(workspace_id=by.workspace_id)


def standing() -> dict[int, tuple[Any, ...]]:
    rows = StandingPlacement.objects.select_related("model").order_by("segment_id")
    return {row.segment_id: (row.model.version, row.run_id, row.fingerprint) for row in rows}


@pytest.fixture
def segments(owner: Actor) -> list[Segment]:
    """Three segments in force under the old model."""
    found = [assessed(owner, [GUEST] * 3) for _ in range(3)]
    Stale.objects.all().delete()
    work_off(start_run(by=owner, model_code=OLD))
    return found


@pytest.fixture
def candidate(owner: Actor, segments: list[Segment]) -> Run:
    return work_off(start_run(by=owner, model_code=NEW))


def test_the_same_model_comes_in_force_directly(owner: Actor, segments: list[Segment]) -> None:
    run = work_off(start_run(by=owner))
    assert (run.decision, run.changes) == ("none", None)
    assert proposals.is_in_force(run)


def test_another_model_waits_and_changes_nothing(owner: Actor, segments: list[Segment]) -> None:
    before, pointers = standing(), Generation.objects.count()
    run = work_off(start_run(by=owner, model_code=NEW))
    assert (run.state, run.decision, standing(), Generation.objects.count()) == (
        "finished", "candidate", before, pointers,
    )  # fmt: skip
    assert Placement.objects.filter(run=run).count() == 3
    live(owner, segments[0])
    assert StandingPlacement.objects.get(segment=segments[0]).model.version == 1


def test_where_nothing_stands_any_model_comes_in_force(owner: Actor) -> None:
    assessed(owner, [GUEST])
    assert work_off(start_run(by=owner, model_code=OLD)).decision == "none"
    assert models.in_force().version == 1


def test_history_leaves_out_what_is_only_proposed(owner: Actor, candidate: Run) -> None:
    segment = StandingPlacement.objects.first().segment_id  # type: ignore[union-attr]
    assert not placements.history(segment).filter(run=candidate).exists()
    approve_run(by=owner, run_id=candidate.pk)
    assert placements.history(segment).filter(run=candidate).exists()


def test_approval_moves_all_at_once(owner: Actor, candidate: Run, size: str) -> None:
    run = approve_run(by=owner, run_id=candidate.pk)
    assert {row[:2] for row in standing().values()} == {(2, run.pk)}
    assert (run.decision, run.decided_by_id, models.in_force().version) == ("approved", owner.user_id, 2)
    assert cube.exists() == (size == "large")


def test_an_answer_newer_than_the_run_stays_and_is_scored_again_on_approval(
    owner: Actor, candidate: Run, segments: list[Segment]
) -> None:
    answered(owner, segments[0], R1=0)
    fresh = StandingPlacement.objects.get(segment=segments[0])
    approve_run(by=owner, run_id=candidate.pk)
    assert StandingPlacement.objects.get(segment=segments[0]).pk == fresh.pk
    assert [stale.segment_id for stale in Stale.objects.all()] == [segments[0].pk]
    rescore_stale(workspace_id=owner.workspace_id)
    again = StandingPlacement.objects.get(segment=segments[0])
    assert (again.model.version, again.rd) == (2, fresh.rd)


def test_a_discarded_run_keeps_its_record_and_loses_its_placements(owner: Actor, candidate: Run) -> None:
    before = standing()
    discard_run(by=owner, run_id=candidate.pk)
    reap()
    candidate.refresh_from_db()
    assert (candidate.decision, candidate.generation, table(candidate)) == ("discarded", 0, False)
    assert (candidate.changes or {})["segments"] == 3
    assert not Placement.objects.filter(run=candidate).exists()
    assert standing() == before


@pytest.mark.parametrize("verb", [approve_run, discard_run])
def test_what_is_no_candidate_cannot_be_decided(owner: Actor, candidate: Run, verb: Any) -> None:
    approve_run(by=owner, run_id=candidate.pk)
    with pytest.raises(WrongStep, match="proposal that is approved"):
        verb(by=owner, run_id=candidate.pk)


def test_the_past_knows_when_a_proposal_came_in_force(owner: Actor, candidate: Run) -> None:
    assert past.came_in_force(candidate) is None
    approved = approve_run(by=owner, run_id=candidate.pk)
    moment = past.came_in_force(approved)
    assert moment is not None
    roll_back(by=owner, run_id=Run.objects.earliest("id").pk)
    assert {row.run_id for row in past.stood(moment, None)} == {candidate.pk}
    assert {row.run_id for row in past.stood(timezone.now(), None)} == {Run.objects.earliest("id").pk}


def test_a_proposal_is_not_resumed(owner: Actor, candidate: Run) -> None:
    Run.objects.update(state="partial")
    with pytest.raises(WrongStep, match="is a proposal"):
        resume_run(by=owner, run_id=candidate.pk)


def test_rolling_back_brings_the_earlier_run_and_its_model(
    owner: Actor, candidate: Run, segments: list[Segment]
) -> None:
    before = standing()
    approve_run(by=owner, run_id=candidate.pk)
    first = Run.objects.earliest("id")
    roll_back(by=owner, run_id=first.pk)
    rescore_stale(workspace_id=owner.workspace_id)
    assert (standing(), models.in_force().version) == (before, 1)


@pytest.mark.parametrize("when", ["before", "after"])
def test_rolling_back_loses_no_answer(
    owner: Actor, candidate: Run, segments: list[Segment], when: str
) -> None:
    if when == "after":
        approve_run(by=owner, run_id=candidate.pk)
    answered(owner, segments[1], R1=0, R2=0, R3=0)
    if when == "before":
        # The next run has the answer and takes its overlay away.
        approve_run(by=owner, run_id=work_off(start_run(by=owner, model_code=NEW)).pk)
    live_rd = StandingPlacement.objects.get(segment=segments[1]).rd
    roll_back(by=owner, run_id=Run.objects.earliest("id").pk)
    assert StandingPlacement.objects.get(segment=segments[1]).rd == live_rd
    rescore_stale(workspace_id=owner.workspace_id)
    again = StandingPlacement.objects.get(segment=segments[1])
    assert (again.model.version, again.rd) == (1, live_rd)


def test_an_older_run_that_ends_later_loses_no_answer(owner: Actor, segments: list[Segment]) -> None:
    slow = start_run(by=owner)
    for chunk in slow.chunks.all():
        runs._place_chunk(chunk)
    answered(owner, segments[0], R1=0)
    rd = StandingPlacement.objects.get(segment=segments[0]).rd
    work_off(start_run(by=owner))
    slow.chunks.update(state="done")
    runs.close_run(workspace_id=owner.workspace_id, run_id=slow.pk)
    rescore_stale(workspace_id=owner.workspace_id)
    assert StandingPlacement.objects.get(segment=segments[0]).rd == rd


def test_only_a_whole_run_of_old_can_come_back(owner: Actor, candidate: Run) -> None:
    with pytest.raises(WrongStep, match="was in force before"):
        roll_back(by=owner, run_id=candidate.pk)
    with pytest.raises(WrongStep, match="already"):
        roll_back(by=owner, run_id=Run.objects.earliest("id").pk)


def test_a_firm_can_be_tried_alone(owner: Actor, segments: list[Segment]) -> None:
    run = work_off(start_run(by=owner, model_code=NEW, firm_id=segments[0].firm_id))
    assert (run.decision, (run.changes or {})["segments"]) == ("candidate", 1)
    approve_run(by=owner, run_id=run.pk)
    assert [row[0] for row in standing().values()] == [2, 1, 1]
    assert models.in_force().version == 1


def test_before_any_run_the_model_is_that_of_the_live_scores(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    live(owner, segment)
    Placement.objects.update(model=models.named(OLD))
    assert models.in_force().version == 1
    assert work_off(start_run(by=owner, model_code=NEW)).decision == "candidate"


def test_flows_are_counted_from_cell_to_cell(owner: Actor, candidate: Run, segments: list[Segment]) -> None:
    Placement.objects.filter(run=candidate, segment=segments[0]).update(
        primary_relationship="AE", primary_architecture="PR", quadrant=1, ae=1.0
    )
    row = StandingPlacement.objects.get(segment=segments[0])
    was = f"{row.primary_relationship}-{row.primary_architecture}"
    found = proposals.compare(candidate)
    assert {(each["from"], each["to"]): each["segments"] for each in found["cells"]} == {
        (was, was): 2,
        (was, "AE-PR"): 1,
    }
    assert (found["against"], found["segments"], found["unchanged"], found["cell_changed"]) == (OLD, 3, 2, 1)
    assert {"from": "Q4", "to": "Q1", "segments": 1} in found["quadrants"]
    (firm,) = proposals.touched(found)
    assert (firm.firm.pk, firm.changed, firm.segments) == (segments[0].firm_id, 1, 1)
    (mover,) = proposals.movers(found)
    assert (mover.segment, mover.becomes) == (segments[0], "AE-PR")
    assert mover.difference == pytest.approx(1.0 - (row.ae or 0))


def test_what_is_not_scored_and_what_stood_nowhere_are_said_apart(
    owner: Actor, candidate: Run, segments: list[Segment]
) -> None:
    Placement.objects.filter(run=candidate, segment=segments[0]).delete()
    Overlay.objects.create(
        workspace_id=owner.workspace_id, segment=segments[1], moved_at=candidate.created_at
    )
    found = proposals.compare(candidate)
    assert (found["segments"], found["not_scored"]) == (2, 1)
    assert [each["segments"] for each in found["cells"] if each["from"] == "nowhere"] == [1]
