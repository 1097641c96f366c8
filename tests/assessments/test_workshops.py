"""Workshops: starting, moving, who takes part."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from assessments.models import WORKSHOP_STATES, Participant, Sheet
from assessments.permissions import see_workshop, visible_workshops
from assessments.queries import instrument_of, items_of
from assessments.services import add_participant, drop_participant, move_workshop, start_workshop
from assessments.signals import answers_saved
from assessments.views.workshops import MOVES, STAGES
from connected.models import Role
from connected.permissions import Actor
from connected.states import WrongStep
from tests import factories
from tests.assessments.world import World, world


@pytest.fixture
def room(owner: Actor) -> World:
    return world(owner)


def announced(act: Any) -> list[list[int]]:
    """The segments that ``act`` announces as changed."""
    heard: list[list[int]] = []

    def listen(sender: Any, *, segment_ids: list[int], **rest: Any) -> None:
        heard.append(list(segment_ids))

    answers_saved.connect(listen)
    try:
        act()
    finally:
        answers_saved.disconnect(listen)
    return heard


def test_a_workshop_collects_from_the_start(room: World) -> None:
    assert (room.workshop.state, room.workshop.round) == ("collecting", 1)
    assert instrument_of(room.workshop).code == "cs-1"


def test_a_workshop_starts_with_its_people(owner: Actor) -> None:
    firm = factories.firm(owner)
    started = start_workshop(
        by=owner, firm_id=firm.pk, name="June", participants=[("Chef", "Kitchen"), ("Guest", "")]
    )
    people = Participant.objects.filter(workshop=started).values_list("name", "group")
    assert list(people) == [("Chef", "Kitchen"), ("Guest", "")]


def test_the_short_form_has_its_items(owner: Actor) -> None:
    codes = [item.code for item in items_of(world(owner, form="short").workshop)]
    assert codes == ["R1", "R4", "R8", "R10", "P1", "P2", "A1", "A2", "A5", "A6", "I1", "D1", "N3", "C1"]


@pytest.mark.parametrize("faulty", [{"name": " "}, {"form": "long"}, {"reveal": "half"}])
def test_a_faulty_workshop_is_refused(owner: Actor, faulty: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        world(owner, **faulty)
    assert set(caught.value.error_dict) == set(faulty)


def test_one_name_takes_part_once(room: World) -> None:
    with pytest.raises(ValidationError, match="already takes part"):
        add_participant(by=room.owner, workshop_id=room.workshop.pk, name=" Shift lead ")


def test_a_member_takes_part_once(room: World) -> None:
    place: dict[str, Any] = {"by": room.owner, "workshop_id": room.workshop.pk, "user_id": room.owner.user_id}
    add_participant(**place, name="Me")
    with pytest.raises(ValidationError, match="takes part already"):
        add_participant(**place, name="Me again")


def test_someone_from_elsewhere_has_no_account_here(room: World) -> None:
    stranger = factories.person("Stranger")
    with pytest.raises(ValidationError, match="Only members"):
        add_participant(by=room.owner, workshop_id=room.workshop.pk, name="S", user_id=stranger.pk)


def test_who_leaves_takes_their_sheets_along_and_the_segment_is_scored_anew(room: World) -> None:
    room.save("R1", 3)

    def leave() -> None:
        drop_participant(by=room.owner, workshop_id=room.workshop.pk, participant_id=room.participant.pk)

    assert announced(leave) == [[room.segment.pk]]
    assert not Sheet.objects.exists()


def test_only_people_of_the_workshop_leave_it(room: World) -> None:
    other = world(room.owner)
    with pytest.raises(Http404):
        drop_participant(by=room.owner, workshop_id=room.workshop.pk, participant_id=other.participant.pk)


@pytest.mark.parametrize(
    "way", [("discussing", "committed"), ("committed", "discussing", "collecting")], ids="-".join
)
def test_a_workshop_goes_its_way(room: World, way: tuple[str, ...]) -> None:
    for state in way:
        moved = move_workshop(by=room.owner, workshop_id=room.workshop.pk, state=state)
        assert moved.state == state


def test_a_step_that_is_not_in_the_table_is_refused(room: World) -> None:
    with pytest.raises(WrongStep, match="can become discussing, committed"):
        move_workshop(by=room.owner, workshop_id=room.workshop.pk, state="preparing")


def test_a_state_that_does_not_exist_is_refused(room: World) -> None:
    with pytest.raises(ValidationError, match="never “over”"):
        move_workshop(by=room.owner, workshop_id=room.workshop.pk, state="over")


@pytest.mark.parametrize(("reveal", "expected"), [("open", 0), ("blind", 1)])
def test_only_revealed_answers_change_a_placement(owner: Actor, reveal: str, expected: int) -> None:
    room = world(owner, reveal=reveal)
    room.save("R1", 3)
    moved = announced(lambda: move_workshop(by=owner, workshop_id=room.workshop.pk, state="discussing"))
    assert moved == [[room.segment.pk]] * expected


def test_every_state_has_words_for_its_moves() -> None:
    assert set(MOVES) == {(now, then) for now, follow in WORKSHOP_STATES.table.items() for then in follow}
    assert [state for state, _ in STAGES] == list(WORKSHOP_STATES.table)


# --- Who may -------------------------------------------------------------------------------------------


def test_a_manager_sees_workshops_of_granted_firms_only(room: World) -> None:
    other = world(room.owner)
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    assert list(visible_workshops(manager)) == [room.workshop]
    with pytest.raises(Http404):
        see_workshop(manager, other.workshop.pk)


@pytest.mark.parametrize("verb", [start_workshop, move_workshop, add_participant, drop_participant])
def test_a_manager_changes_nothing(room: World, verb: Any) -> None:
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    said: dict[Any, dict[str, Any]] = {
        start_workshop: {"firm_id": room.firm.pk, "name": "Mine"},
        move_workshop: {"workshop_id": room.workshop.pk, "state": "discussing"},
        add_participant: {"workshop_id": room.workshop.pk, "name": "Mine"},
        drop_participant: {"workshop_id": room.workshop.pk, "participant_id": room.participant.pk},
    }
    with pytest.raises(PermissionDenied):
        verb(by=manager, **said[verb])
