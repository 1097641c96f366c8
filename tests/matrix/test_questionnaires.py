"""Segments that answer different questionnaires, in one workspace: each is scored by a model of its own."""

from typing import Any

import pytest

from assessments.models import Instrument, Workshop
from assessments.services import add_participant, move_version, save_answers, start_workshop
from connected.models import Segment
from connected.permissions import Actor
from matrix.models import Placement, Run, ScoringModel, StandingPlacement
from matrix.queries import models
from matrix.queries.runs import progress
from matrix.services import (
    approve_run,
    fork_model,
    publish_draft,
    rescore_stale,
    save_draft,
    start_run,
)
from tests import factories
from tests.api import caller, read
from tests.matrix.test_runs import work_off
from tests.matrix.test_runs_pages import address, signed_in
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db

GONE = ("R7", "R9", "P6", "A4")
SECOND = {code: value for code, value in GUEST.items() if code not in GONE} | {"R13": 3, "P7": 2, "P8": 1}


def moved_on(by: Actor, firm_id: int | None = None, segment: Segment | None = None) -> Segment:
    """A segment whose newest workshop asks the second version, with one sheet."""
    firm_id = firm_id or (segment.firm_id if segment else factories.firm(by).pk)
    segment = segment or factories.segment(by, firm_id)
    workshop = start_workshop(by=by, firm_id=firm_id, name="Next")
    Workshop.objects.filter(pk=workshop.pk).update(instrument=Instrument.objects.get(code="cs-1", version=2))
    person = add_participant(by=by, workshop_id=workshop.pk, name="Rater")
    save_answers(
        by=by, workshop_id=workshop.pk, participant_id=person.pk, segment_id=segment.pk, answers=SECOND
    )
    return segment


def standing() -> dict[int, str]:
    rows = StandingPlacement.objects.select_related("model")
    return {row.segment_id: str(row.model) for row in rows}


def run(by: Actor, **given: object) -> Run:
    return work_off(start_run(by=by, **given))  # type: ignore[arg-type]


@pytest.fixture
def two(owner: Actor) -> tuple[Segment, Segment]:
    """One segment of each version, placed live."""
    found = moved_on(owner), assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    return found


def test_live_each_is_scored_by_the_model_of_its_questionnaire(two: tuple[Segment, Segment]) -> None:
    assert standing() == {two[0].pk: "cs-1-q2 v1", two[1].pk: "cs-1 v2"}


def test_a_workshop_that_moved_on_does_not_change_the_model_of_the_others(
    two: tuple[Segment, Segment],
) -> None:
    assert str(models.in_force()) == "cs-1 v2"


def test_the_newest_workshop_counts_whatever_it_asked(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    moved_on(owner, segment=segment)
    rescore_stale(workspace_id=owner.workspace_id)
    assert standing() == {segment.pk: "cs-1-q2 v1"}


def test_a_run_loses_no_segment_that_answers_another_questionnaire(
    owner: Actor, two: tuple[Segment, Segment]
) -> None:
    done = run(owner)
    assert standing() == {two[0].pk: "cs-1-q2 v1", two[1].pk: "cs-1 v2"}
    assert set(StandingPlacement.objects.values_list("run_id", flat=True)) == {done.pk}


def test_a_run_says_how_many_answer_another_questionnaire(owner: Actor, two: tuple[Segment, Segment]) -> None:
    done = run(owner)
    assert (progress(done).placed, progress(done).elsewhere) == (2, 1)
    page = signed_in(owner).get(address(owner, "run", done.pk)).content.decode()
    assert "by another questionnaire" in page
    assert read(caller(owner), f"runs/{done.pk}/").json()["other_questionnaire"] == 1


def test_a_proposal_of_another_model_leaves_them_as_they_are(
    owner: Actor, two: tuple[Segment, Segment]
) -> None:
    run(owner)
    proposal = run(owner, model_code="cs-1.v1")
    assert (proposal.decision, (proposal.changes or {})["not_scored"]) == ("candidate", 0)
    approve_run(by=owner, run_id=proposal.pk)
    assert standing() == {two[0].pk: "cs-1-q2 v1", two[1].pk: "cs-1 v1"}


def test_a_questionnaire_keeps_the_model_it_was_last_scored_by(
    owner: Actor, two: tuple[Segment, Segment]
) -> None:
    run(owner)
    approve_run(by=owner, run_id=run(owner, model_code="cs-1.v1").pk)
    approve_run(by=owner, run_id=run(owner, model_code="cs-1-q2.v1").pk)
    assert (str(models.in_force()), standing()[two[1].pk]) == ("cs-1-q2 v1", "cs-1 v1")


def test_the_second_version_has_no_confidence_and_the_page_says_why(
    owner: Actor, two: tuple[Segment, Segment]
) -> None:
    placement = Placement.objects.get(segment=two[0])
    assert (placement.confidence_cell, placement.primary_relationship is not None) == (None, True)
    assert ScoringModel.objects.get(pk=placement.model_id).definition.get("confidence") is None
    page = signed_in(owner).get(address(owner, "segment", two[0].pk)).content.decode()
    assert "has not been calibrated" in page


def changed(by: Actor, segment: Segment) -> tuple[str, dict[str, Any]]:
    """The page and the body that say why the newest placement of a segment changed."""
    newest = Placement.objects.filter(segment=segment).latest("pk")
    page = signed_in(by).get(address(by, "segment-changes", segment.pk)).content.decode()
    return page, read(caller(by), f"placements/{newest.pk}/change/").json()


def test_a_history_breaks_where_another_questionnaire_begins(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    move_version(by=owner, workshop_id=Workshop.objects.get().pk, version=2)
    rescore_stale(workspace_id=owner.workspace_id)
    page = signed_in(owner).get(address(owner, "segment", segment.pk)).content.decode()
    line = "Questionnaire 1 → 2: 4 of 36 items not comparable"
    assert page.count(f"<strong>{line}.</strong>") == 1
    assert "Why did it change?" not in page.partition('id="history"')[2]
    said, body = changed(owner, segment)
    assert line in said
    assert (body["comparable"], body["incomparable_because"], body["scores"]) == (False, line, [])


def test_the_way_back_is_a_break_too(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    for version in (2, 1):
        rescore_stale(workspace_id=owner.workspace_id)
        move_version(by=owner, workshop_id=Workshop.objects.get().pk, version=version)
    rescore_stale(workspace_id=owner.workspace_id)
    page = signed_in(owner).get(address(owner, "segment", segment.pk)).content.decode()
    assert "Questionnaire 2 → 1: 4 of 36 items not comparable" in page


def test_models_that_score_alike_are_one_series(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    run(owner, model_code="cs-1.v1")
    approve_run(by=owner, run_id=run(owner, model_code="cs-1.v2").pk)
    page = signed_in(owner).get(address(owner, "segment", segment.pk)).content.decode()
    assert 'id="history"' in page
    assert 'class="broken"' not in page
    assert changed(owner, segment)[1]["comparable"]


def test_a_model_that_cuts_otherwise_draws_a_line_and_is_still_split(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    run(owner)
    draft = fork_model(by=owner, model_id=models.in_force().pk)
    draft = save_draft(by=owner, draft_id=draft.pk, version=1, values={"quadrant/cut": "1.6"})
    publish_draft(by=owner, draft_id=draft.pk, version=draft.version, code="parks", title="For parks")
    approve_run(by=owner, run_id=run(owner, model_code="parks.v1").pk)
    page = signed_in(owner).get(address(owner, "segment", segment.pk)).content.decode()
    assert "<strong>Model cs-1 v2 → parks v1: other cuts.</strong>" in page
    said, body = changed(owner, segment)
    assert "Questionnaire" not in said
    assert (body["comparable"], [step["kind"] for step in body["steps"]]) == (False, ["gates"])
