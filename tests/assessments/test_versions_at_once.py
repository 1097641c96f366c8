"""A workshop moves to another version while others answer, or move it too: real connections, real commits."""

from threading import Event

from django.db import connection

from assessments.models import Upgrade, Workshop
from assessments.queries import answers_of, instrument_of
from assessments.services import move_version, save_answers, save_from_page
from connected.tenancy import in_workspace
from tests.assessments.test_answers_at_once import at_once, room, sheet
from tests.assessments.world import World
from tests.locks import waited_for
from tests.stack import wait_for

__all__ = ["room"]

# At the place of R9 in version 1 there is R11 in version 2.
FIRST = {"R1": 4, "R9": 2, "A1": 1}


def answered(room: World) -> None:
    with in_workspace(room.owner.workspace_id, user_id=room.owner.user_id):
        room.save_all(answers=FIRST)


def moved(room: World) -> Upgrade | None:
    return move_version(by=room.owner, workshop_id=room.workshop.pk, version=2)


def said(room: World) -> dict[str, int | None]:
    with in_workspace(room.owner.workspace_id):
        instrument = instrument_of(Workshop.objects.get(pk=room.workshop.pk))
        return answers_of(instrument, sheet(room))


def test_an_answer_on_its_way_lands_on_its_question(room: World) -> None:
    """Saved by the places of version 1 while the workshop moves, it would land on another question."""
    answered(room)
    held = Event()

    def mover() -> None:
        moved(room)
        held.set()
        wait_for(lambda: waited_for(connection), 20, "another that waits")

    def answerer() -> None:
        held.wait(20)
        save_answers(**room.place, answers={"C3": 1, "A1": 3})

    at_once(room, mover, answerer)
    assert said(room) == {"R1": 4, "A1": 3, "C3": 1}


def test_one_from_an_open_page_to_a_question_that_goes_is_kept(room: World) -> None:
    answered(room)
    held = Event()

    def mover() -> None:
        moved(room)
        held.set()
        wait_for(lambda: waited_for(connection), 20, "another that waits")

    def answerer() -> object:
        held.wait(20)
        return save_from_page(**room.place, answers={"R9": 4, "C3": 1}, evidence={}, expected={})

    _, saved = at_once(room, mover, answerer)
    assert getattr(saved, "kept", ()) == ("R9",)
    assert said(room) == {"R1": 4, "A1": 1, "C3": 1}


def test_two_who_move_it_at_once_move_it_once(room: World) -> None:
    answered(room)
    results = at_once(room, *[lambda: moved(room)] * 2)
    assert sorted(each is None for each in results) == [False, True]
    assert said(room) == {"R1": 4, "A1": 1}
