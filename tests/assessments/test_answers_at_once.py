"""Two people who save two items of one sheet at once both keep theirs: real connections, real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from assessments.models import Participant, Sheet
from assessments.queries import answers_of, current_instrument, instrument_of
from assessments.services import NOT_GIVEN, Conflict, move_workshop, save_answer
from connected.services import make_token
from connected.states import WrongStep
from connected.tenancy import in_workspace
from tests import factories
from tests.assessments.world import World, world

EDITORS = 6


@pytest.fixture
def room(committed: None) -> World:
    """A workshop that other connections see."""
    actor = factories.workspace()
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        return world(actor)


def at_once(room: World, *acts: Callable[[], object]) -> list[object]:
    """Run each act in its own thread, connection and transaction; returns results, or what was raised."""

    def run(act: Callable[[], object]) -> object:
        try:
            with in_workspace(room.owner.workspace_id, user_id=room.owner.user_id):
                return act()
        except (Conflict, WrongStep) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def sheet(room: World) -> Sheet:
    with in_workspace(room.owner.workspace_id):
        return Sheet.objects.get(participant=room.participant)


def test_every_item_saved_at_once_is_kept(room: World) -> None:
    codes = [item.code for item in current_instrument().items]
    start = Barrier(EDITORS)

    def editor(number: int) -> Callable[[], object]:
        def act() -> None:
            start.wait()
            for code in codes[number::EDITORS]:
                with in_workspace(room.owner.workspace_id, user_id=room.owner.user_id):
                    save_answer(**room.place, item=code, value=number % 4 + 1)

        return act

    at_once(room, *(editor(number) for number in range(EDITORS)))
    kept = sheet(room)
    assert kept.given == [True] * len(codes)
    assert kept.answers == [place % EDITORS % 4 + 1 for place in range(len(codes))]
    assert kept.version == len(codes)


def test_control_reading_then_writing_loses_one(room: World) -> None:
    """What the single statement is for: the obvious way loses an answer under the same conditions."""
    with in_workspace(room.owner.workspace_id, user_id=room.owner.user_id):
        room.save("C3", 0)
    both_have_read = Barrier(2)

    def editor(position: int) -> Callable[[], object]:
        def act() -> None:
            mine = Sheet.objects.get(participant=room.participant)
            both_have_read.wait()
            mine.given[position] = True
            mine.save()

        return act

    at_once(room, editor(0), editor(1))
    assert sheet(room).given[:2].count(True) == 1


def test_of_many_editors_of_one_item_one_wins(room: World) -> None:
    start = Barrier(EDITORS)

    def editor(value: int) -> Callable[[], object]:
        def act() -> Sheet:
            start.wait()
            return save_answer(**room.place, item="A1", value=value, expected={"A1": NOT_GIVEN})

        return act

    results = at_once(room, *(editor(number % 5 + 1) for number in range(EDITORS)))
    saved = {result.answers[18] for result in results if isinstance(result, Sheet)}
    assert len(saved) == 1
    assert all(result.current[0].value in saved for result in results if isinstance(result, Conflict))
    assert answers_of(instrument_of(room.workshop), sheet(room))["A1"] in saved


def test_an_answer_is_in_before_the_move_or_refused_after_it(room: World) -> None:
    start = Barrier(2)

    def answering() -> int:
        start.wait()
        for count, item in enumerate(current_instrument().items):
            try:
                with in_workspace(room.owner.workspace_id, user_id=room.owner.user_id):
                    save_answer(**room.place, item=item.code, value=1)
            except WrongStep:
                return count
        return len(current_instrument())

    def moving() -> int:
        start.wait()
        move_workshop(by=room.owner, workshop_id=room.workshop.pk, state="discussing")
        return Sheet.objects.filter(participant=room.participant, given__contains=[True]).count()

    saved, _ = at_once(room, answering, moving)
    with in_workspace(room.owner.workspace_id):
        kept = Sheet.objects.filter(participant=room.participant).first()
    assert (sum(kept.given) if kept else 0) == saved


def test_a_new_name_that_several_calls_bring_at_once_takes_part_once(room: World) -> None:
    with in_workspace(room.owner.workspace_id, user_id=room.owner.user_id):
        _, token = make_token(by=room.owner, name="Script", scope="write")
    start, place = Barrier(EDITORS), room.place
    path = f"/api/v1/workshops/{place['workshop_id']}/answers/"
    body = {"participant": "Nia", "segment": place["segment_id"], "answers": {"R1": 1}}

    def call(_: int) -> int:
        client = Client(headers={"Authorization": f"Token {token}"})
        start.wait()
        try:
            return client.post(path, body, content_type="application/json").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(EDITORS) as pool:
        said = list(pool.map(call, range(EDITORS)))
    assert sorted(said) == [*[200] * (EDITORS - 1), 201]
    with in_workspace(room.owner.workspace_id):
        assert Participant.objects.filter(name="Nia").count() == 1
