"""Answers become placements: the live path and what it reads."""

from typing import Any

import numpy as np
import pytest

from assessments.models import Participant, Sheet, Workshop
from assessments.services import drop_participant, move_workshop, save_answer, start_workshop
from connected.permissions import Actor
from matrix import frames
from matrix.models import Overlay, Placement, Stale, StandingPlacement
from matrix.queries import models
from matrix.queries.placements import codes, standing
from matrix.scoring import receipt
from matrix.services import rescore_stale
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


def placed(actor: Actor, segment_id: int) -> StandingPlacement:
    rescore_stale(workspace_id=actor.workspace_id)
    return StandingPlacement.objects.get(segment_id=segment_id)


def test_a_saved_answer_marks_its_segment_in_the_same_transaction(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    assert list(Stale.objects.values_list("segment_id", flat=True)) == [segment.pk]


def test_scoring_clears_the_mark_and_places_the_segment(owner: Actor) -> None:
    placement = placed(owner, assessed(owner, [GUEST] * 3).pk)
    assert (codes(placement.present), placement.primary_architecture, placement.quadrant) == (
        ["RD", "CO", "CB"],
        "PR",
        4,
    )
    assert not Stale.objects.exists()


def test_nothing_marked_is_nothing_to_do(owner: Actor) -> None:
    assert rescore_stale(workspace_id=owner.workspace_id) == 0


def test_a_second_score_is_a_new_row_and_the_old_one_stays(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3)
    first = placed(owner, segment.pk)
    participant = Participant.objects.first()
    assert participant is not None
    save_answer(
        by=owner, workshop_id=participant.workshop_id, participant_id=participant.pk,
        segment_id=segment.pk, item="R8", value=0,
    )  # fmt: skip
    second = placed(owner, segment.pk)
    assert second.pk != first.pk
    assert Placement.objects.filter(segment=segment).count() == 2
    assert second.cb is not None
    assert first.cb is not None
    assert second.cb < first.cb


def test_unknown_is_null_never_zero(owner: Actor) -> None:
    placement = placed(owner, assessed(owner, [{"R1": 4, "R2": 4, "R3": 4}]).pk)
    assert placement.rd == 1.0
    assert (placement.co, placement.pr, placement.interact, placement.quadrant) == (None, None, None, None)


def test_agreement_needs_three_raters(owner: Actor) -> None:
    assert placed(owner, assessed(owner, [GUEST] * 2).pk).agreement is None
    assert placed(owner, assessed(owner, [GUEST] * 3).pk).agreement == 1.0


def test_a_segment_that_loses_its_answers_stands_nowhere(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    placed(owner, segment.pk)
    participant = Participant.objects.get()
    drop_participant(by=owner, workshop_id=participant.workshop_id, participant_id=participant.pk)
    rescore_stale(workspace_id=owner.workspace_id)
    assert not StandingPlacement.objects.filter(segment=segment).exists()
    assert Overlay.objects.get(segment=segment).placement_id is None


def test_answers_of_a_blind_workshop_count_only_once_discussed(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3)
    Workshop.objects.update(reveal="blind")
    rescore_stale(workspace_id=owner.workspace_id)
    assert not StandingPlacement.objects.filter(segment=segment).exists()
    move_workshop(by=owner, workshop_id=Workshop.objects.get().pk, state="discussing")
    assert placed(owner, segment.pk).raters == 3


def test_the_newest_workshop_with_sheets_counts(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3)
    newer = start_workshop(
        by=owner, firm_id=segment.firm_id, name="A year later", participants=[("Solo", "")]
    )
    start_workshop(by=owner, firm_id=segment.firm_id, name="Nobody answered yet", participants=[("Late", "")])
    solo = Participant.objects.get(name="Solo")
    save_answer(
        by=owner, workshop_id=newer.pk, participant_id=solo.pk, segment_id=segment.pk, item="R1", value=0
    )  # fmt: skip
    assert placed(owner, segment.pk).raters == 1


def test_of_several_rounds_the_last_counts(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    sheet = Sheet.objects.get()
    Sheet.objects.create(
        workspace_id=sheet.workspace_id, workshop=sheet.workshop, participant=sheet.participant,
        segment=segment, round=2, answers=[0, *sheet.answers[1:]], given=sheet.given,
    )  # fmt: skip
    placement = placed(owner, segment.pk)
    assert placement.raters == 1
    assert frames.histogram(placement)[0].tolist() == [1, 0, 0, 0, 0]


def test_a_sheet_with_answers_missing_at_its_end_is_not_there(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    sheet = Sheet.objects.get()
    Sheet.objects.create(
        workspace_id=sheet.workspace_id, workshop=sheet.workshop, participant=sheet.participant,
        segment=segment, round=2, answers=[0, *sheet.answers[1:-1]], given=sheet.given[:-1],
    )  # fmt: skip
    placement = placed(owner, segment.pk)
    assert frames.histogram(placement)[0].tolist() == [0, 0, 0, 0, 1]


def test_the_short_form_is_covered_by_its_own_items(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    Workshop.objects.update(form="short")
    asked = {item.code for item in models.questionnaire(models.in_force()).short_items}
    sheet = Sheet.objects.get()
    positions = models.questionnaire(models.in_force()).positions
    for code, position in positions.items():
        if code not in asked:
            sheet.answers[position], sheet.given[position] = None, False
    sheet.save()
    placement = placed(owner, segment.pk)
    assert (placement.form, placement.coverage) == ("short", 1.0)


def test_the_receipt_of_a_kept_tally_gives_the_placement_again(owner: Actor) -> None:
    segment = assessed(owner, [GUEST, {**GUEST, "R7": 0}, {**GUEST, "N1": None}])
    placement = Placement.objects.get(pk=placed(owner, segment.pk).pk)
    proof = receipt(frames.histogram(placement), models.parsed(placement.model), placement.raters)
    assert proof.fingerprint == placement.fingerprint
    assert proof.account("relationship", "CB").score == placement.cb
    assert proof.cap.after == placement.interact


def columns(rows: Any) -> list[dict[str, Any]]:
    skip = {"id", "run_id", "computed_at"}
    return [
        {name: bytes(value) if name == "tally" else value for name, value in row.items() if name not in skip}
        for row in rows.values().order_by("segment_id")
    ]


def test_few_rows_and_many_are_written_alike(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for answers in (
        [GUEST] * 3,
        [{"R1": 4}],
        [{**GUEST, "A1": 4, "A2": 5, "R10": 4, "R12": 3}] * 2,
        [{"A1": None}],
    ):
        assessed(owner, answers)
    rescore_stale(workspace_id=owner.workspace_id)
    few = columns(Placement.objects)
    Stale.objects.bulk_create(
        Stale(workspace_id=owner.workspace_id, segment_id=row["segment_id"]) for row in few
    )
    last = Placement.objects.order_by("-id").values_list("id", flat=True)[0]
    monkeypatch.setattr(frames.placements, "MANY", 1)
    rescore_stale(workspace_id=owner.workspace_id)
    assert len(few) == 3
    assert columns(Placement.objects.filter(pk__gt=last)) == few


@pytest.mark.parametrize("many", [1, 1000], ids=["copied", "inserted"])
def test_more_raters_than_a_byte_counts_take_two_each(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    segments = [assessed(owner, [GUEST]), assessed(owner, [GUEST])]
    crowd = Sheet.objects.get(segment=segments[1])
    people = Participant.objects.bulk_create(
        Participant(workspace_id=owner.workspace_id, workshop=crowd.workshop, name=f"Rater {at}")
        for at in range(1, 301)
    )
    Sheet.objects.bulk_create(
        Sheet(
            workspace_id=owner.workspace_id, workshop=crowd.workshop, participant=person,
            segment=segments[1], answers=crowd.answers, given=crowd.given,
        )
        for person in people
    )  # fmt: skip
    monkeypatch.setattr(frames.placements, "MANY", many)
    rescore_stale(workspace_id=owner.workspace_id)
    kept = [StandingPlacement.objects.get(segment=segment) for segment in segments]
    assert [len(bytes(placement.tally)) for placement in kept] == [36 * 5, 36 * 5 * 2]
    assert [frames.histogram(placement)[0].tolist() for placement in kept] == [
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 301],
    ]


def test_standing_limits_to_granted_firms(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    placed(owner, segment.pk)
    assert standing(frozenset()).count() == 0
    assert standing(frozenset({segment.firm_id})).count() == 1


def test_bytes_of_the_tally_are_counts_an_item(owner: Actor) -> None:
    placement = placed(owner, assessed(owner, [GUEST, GUEST]).pk)
    counts = frames.histogram(placement)
    assert counts.shape == (36, 5)
    assert np.array_equal(counts[0], [0, 0, 0, 0, 2])
