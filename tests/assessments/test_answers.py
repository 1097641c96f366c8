"""Saving answers: what lands where, what is refused, and what two people do at once."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from assessments.models import Sheet
from assessments.queries import answers_of, instrument_of, progress
from assessments.services import (
    NOT_GIVEN,
    Conflict,
    Current,
    add_participant,
    move_workshop,
    save_answer,
)
from assessments.signals import answers_saved
from connected.models import Role
from connected.permissions import Actor
from connected.states import WrongStep
from tests import factories
from tests.assessments.world import World, world


@pytest.fixture
def room(owner: Actor) -> World:
    return world(owner)


def stored(room: World) -> dict[str, int | None]:
    return answers_of(
        instrument_of(room.workshop), Sheet.objects.filter(participant=room.participant).first()
    )


def test_the_first_answer_makes_the_sheet(room: World) -> None:
    sheet = room.save("R1", 3)
    assert (sheet.version, stored(room)) == (1, {"R1": 3})


def test_another_item_leaves_the_first_alone(room: World) -> None:
    room.save("R1", 3)
    sheet = room.save("C3", 0)
    assert (sheet.version, stored(room)) == (2, {"R1": 3, "C3": 0})


def test_do_not_know_is_an_answer_and_no_zero(room: World) -> None:
    room.save("R1", None)
    assert stored(room) == {"R1": None}


def test_do_not_know_replaces_a_value(room: World) -> None:
    room.save("R1", 4)
    room.save("R1", None)
    assert stored(room) == {"R1": None}


@pytest.mark.parametrize(("written", "kept"), [("MM", 3), ("pp", 5), (1, 1), ("2", 2), ("", None)])
def test_choices_are_kept_by_their_order(room: World, written: Any, kept: int | None) -> None:
    room.save("A1", written)
    assert stored(room) == {"A1": kept}


@pytest.mark.parametrize(
    ("item", "value"),
    [("R1", 5), ("R1", -1), ("R1", "PR"), ("A1", 0), ("A1", 6), ("A1", "XX"), ("R1", True), ("R1", 2.0)],
)
def test_a_value_the_item_does_not_take_is_named(room: World, item: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=f"{item} takes"):
        room.save(item, value)
    assert not Sheet.objects.exists()


def test_an_unknown_item_is_named(room: World) -> None:
    with pytest.raises(ValidationError, match="does not ask “Z9”"):
        room.save("Z9", 1)


def test_the_short_form_takes_only_its_items(owner: Actor) -> None:
    room = world(owner, form="short")
    room.save("R1", 2)
    with pytest.raises(ValidationError, match="does not ask “R2”"):
        room.save("R2", 2)


def test_many_answers_in_one_go_are_one_change(room: World) -> None:
    room.save("R2", 1)
    sheet = room.save_all(answers={"R1": 2, "A1": "CW", "I1": None}, evidence={"R1": " seen twice "})
    assert sheet.version == 2
    assert stored(room) == {"R1": 2, "R2": 1, "A1": 4, "I1": None}
    assert sheet.evidence == {"R1": "seen twice"}


def test_one_faulty_answer_saves_none(room: World) -> None:
    with pytest.raises(ValidationError):
        room.save_all(answers={"R1": 2, "R2": 9})
    assert stored(room) == {}


def test_evidence_is_merged_and_taken_away(room: World) -> None:
    room.save("R1", 2, evidence="order log")
    room.save("R2", 2, evidence="contract")
    assert room.save("R1", 3).evidence == {"R1": "order log", "R2": "contract"}
    assert room.save("R1", 3, evidence="").evidence == {"R2": "contract"}


def test_evidence_alone_answers_nothing(room: World) -> None:
    sheet = room.save_all(answers={}, evidence={"R1": "to be checked"})
    assert (stored(room), sheet.evidence) == ({}, {"R1": "to be checked"})


def test_nothing_makes_no_sheet(room: World) -> None:
    with pytest.raises(ValidationError, match="nothing to save"):
        room.save_all(answers={}, evidence={})
    assert not Sheet.objects.exists()


def test_evidence_has_an_end(room: World) -> None:
    with pytest.raises(ValidationError, match="evidence for R1"):
        room.save("R1", 2, evidence="x" * 2001)


# --- Two editors ---------------------------------------------------------------------------------


def test_the_first_of_two_editors_wins(room: World) -> None:
    room.save("R1", 3, expected={"R1": NOT_GIVEN})
    with pytest.raises(Conflict) as caught:
        room.save("R1", 1, expected={"R1": NOT_GIVEN})
    assert caught.value.current == (Current("R1", given=True, value=3),)
    assert stored(room) == {"R1": 3}


def test_the_second_may_insist_once_they_have_seen(room: World) -> None:
    room.save("R1", 3)
    room.save("R1", 1, expected={"R1": 3})
    assert stored(room) == {"R1": 1}


def test_do_not_know_is_told_from_not_answered(room: World) -> None:
    room.save("R1", None)
    with pytest.raises(Conflict) as caught:
        room.save("R1", 1, expected={"R1": NOT_GIVEN})
    assert caught.value.current[0].seen is None


def test_a_repeated_try_is_no_conflict(room: World) -> None:
    room.save("R1", 3, expected={"R1": NOT_GIVEN})
    room.save("R1", 3, expected={"R1": NOT_GIVEN})
    assert stored(room) == {"R1": 3}


def test_another_item_is_no_conflict(room: World) -> None:
    room.save("R1", 3, expected={"R1": NOT_GIVEN})
    room.save("R2", 3, expected={"R2": NOT_GIVEN})
    assert stored(room) == {"R1": 3, "R2": 3}


# --- When and for whom ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["discussing", "committed"])
def test_answers_are_taken_only_while_collecting(room: World, state: str) -> None:
    move_workshop(by=room.owner, workshop_id=room.workshop.pk, state=state)
    with pytest.raises(WrongStep, match=f"is {state}"):
        room.save("R1", 3)
    assert not Sheet.objects.exists()


def test_a_segment_of_another_firm_is_not_there(room: World) -> None:
    other = factories.segment(room.owner, factories.firm(room.owner).pk)
    with pytest.raises(Http404):
        room.save("R1", 3, segment_id=other.pk)


def test_a_participant_of_another_workshop_is_not_there(room: World) -> None:
    other = world(room.owner)
    with pytest.raises(Http404):
        room.save("R1", 3, participant_id=other.participant.pk)


def test_a_manager_does_not_answer_for_others(room: World) -> None:
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    with pytest.raises(Http404):
        room.save("R1", 3, by=manager)


def test_a_manager_who_takes_part_answers_for_themself(room: World) -> None:
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    mine = add_participant(by=room.owner, workshop_id=room.workshop.pk, name="M", user_id=manager.user_id)
    room.save("R1", 3, by=manager, participant_id=mine.pk)
    assert Sheet.objects.get().participant_id == mine.pk


def test_a_reading_hand_does_not_write(room: World) -> None:
    reader = Actor(**{**vars(room.owner), "may_write": False})
    with pytest.raises(PermissionDenied):
        room.save("R1", 3, by=reader)


def test_saving_announces_the_segment(room: World) -> None:
    heard: list[tuple[int, list[int]]] = []

    def listen(sender: Any, *, workspace_id: int, segment_ids: list[int], **rest: Any) -> None:
        heard.append((workspace_id, segment_ids))

    answers_saved.connect(listen)
    try:
        room.save("R1", 3)
    finally:
        answers_saved.disconnect(listen)
    assert heard == [(room.owner.workspace_id, [room.segment.pk])]


# --- How far it has come ----------------------------------------------------------------------------------


def of(room: World) -> tuple[int, int, int]:
    done = progress(room.workshop, [room.participant], [room.segment])[room.participant.pk, room.segment.pk]
    return done.asked, done.answered, done.unknown


def test_progress_counts_do_not_know_apart(room: World) -> None:
    room.save_all(answers={"R1": 3, "R2": None, "A1": "PR"})
    assert of(room) == (35, 2, 1)


@pytest.mark.parametrize(("permission", "asked"), [(None, 35), (1, 35), (2, 36), (4, 36)])
def test_safety_is_asked_only_with_standing_permission(
    room: World, permission: int | None, asked: int
) -> None:
    room.save("R10", permission)
    assert of(room)[0] == asked


def test_an_answer_no_longer_asked_is_kept_but_not_counted(room: World) -> None:
    room.save_all(answers={"R10": 3, "R12": 4})
    room.save("R10", 0)
    assert of(room) == (35, 1, 0)
    assert stored(room)["R12"] == 4


def test_the_short_form_asks_fourteen(owner: Actor) -> None:
    assert of(world(owner, form="short")) == (14, 0, 0)


def test_saving_costs_the_same_however_much_is_there(room: World, django_assert_max_num_queries: Any) -> None:
    room.save("R1", 3)
    with django_assert_max_num_queries(8):
        save_answer(**room.place, item="R2", value=2)
