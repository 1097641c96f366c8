"""The sheet's page, and the door that saves each tap."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.models import Sheet
from assessments.queries import answers_of, instrument_of
from assessments.services import NOT_GIVEN, add_participant, move_workshop
from connected.models import Role
from connected.permissions import Actor
from connected.services import add_segment
from tests import factories
from tests.assessments.world import World, client_of, world

MOBILE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}


@pytest.fixture
def room(owner: Actor) -> World:
    return world(owner)


@pytest.fixture
def client(room: World) -> Client:
    return client_of(room.owner)


def stored(room: World) -> dict[str, int | None]:
    return answers_of(
        instrument_of(room.workshop), Sheet.objects.filter(participant=room.participant).first()
    )


def shown(page: str) -> list[str]:
    """Codes of the questions that are not hidden."""
    found = re.findall(r'<fieldset class="q" id="q-(\w+)"[^>]*?( hidden)?>', page)
    return [code for code, hidden in found if not hidden]


def get(client: Client, room: World, query: str = "", **headers: Any) -> str:
    return client.get(room.sheet_path() + query, **headers).content.decode()


# --- The page -----------------------------------------------------------------------------------------


def test_paper_is_typed_from_a_list_on_a_laptop(client: Client, room: World) -> None:
    assert len(shown(get(client, room))) == 35


def test_a_phone_shows_one_question_a_screen(client: Client, room: World) -> None:
    assert shown(get(client, room, headers=MOBILE)) == ["R1"]


def test_ones_own_sheet_shows_one_question_a_screen(room: World) -> None:
    mine = add_participant(by=room.owner, workshop_id=room.workshop.pk, name="Me", user_id=room.owner.user_id)
    path = room.path(f"{room.workshop.pk}/sheets/{mine.pk}/{room.segment.pk}/")
    assert shown(client_of(room.owner).get(path).content.decode()) == ["R1"]


def test_it_opens_at_the_first_open_question(client: Client, room: World) -> None:
    room.save_all(answers={"R1": 2, "R2": None})
    page = get(client, room, "?view=steps")
    assert shown(page) == ["R3"]
    assert "3 of 35" in page


def test_a_link_leads_to_a_question(client: Client, room: World) -> None:
    assert shown(get(client, room, "?view=steps&q=P3")) == ["P3"]


@pytest.mark.parametrize("wanted", ["R12", "Z9", "", "<b>"])
def test_a_question_that_is_not_asked_leads_to_the_first_open_one(
    client: Client, room: World, wanted: str
) -> None:
    assert shown(get(client, room, f"?view=steps&q={wanted}")) == ["R1"]


def test_the_follow_up_appears_with_its_reason(client: Client, room: World) -> None:
    assert "R12" not in shown(get(client, room))
    room.save("R10", 2)
    assert "R12" in shown(get(client, room))


def test_a_complete_sheet_opens_at_its_end(client: Client, owner: Actor) -> None:
    short = world(owner, form="short")
    short.save_all(answers={item.code: 1 for item in instrument_of(short.workshop).short_items})
    page = get(client_of(owner), short, "?view=steps")
    assert (shown(page), "That is all." in page) == ([], True)


def test_the_page_shows_what_is_stored(client: Client, room: World) -> None:
    room.save("R1", 3, evidence="Log & ledger")
    page = get(client, room)
    assert '<input type="radio" name="R1" value="3" checked>' in page
    assert 'data-item="R1" data-seen="3"' in page
    assert "Log &amp; ledger</textarea>" in page


def test_the_page_costs_the_same_however_many_segments(client: Client, room: World) -> None:
    def count() -> int:
        get(client, room)
        with CaptureQueriesContext(connection) as caught:
            get(client, room)
        return len(caught)

    once = count()
    factories.segment(room.owner, room.firm.pk)
    factories.segment(room.owner, room.firm.pk)
    room.save("R1", 3)
    assert count() == once


@pytest.mark.parametrize("state", ["discussing", "committed"])
def test_a_closed_workshop_is_read_only(client: Client, room: World, state: str) -> None:
    move_workshop(by=room.owner, workshop_id=room.workshop.pk, state=state)
    page = get(client, room)
    assert "data-locked" in page
    assert "disabled" in page


@pytest.mark.parametrize("query", ["", "?view=steps"])
def test_a_segment_of_another_firm_is_a_404(client: Client, room: World, query: str) -> None:
    other = factories.segment(room.owner, factories.firm(room.owner).pk)
    path = room.path(f"{room.workshop.pk}/sheets/{room.participant.pk}/{other.pk}/")
    assert client.get(path + query).status_code == 404


def test_a_sheet_names_its_segment_so_that_it_is_not_taken_for_another(room: World) -> None:
    twin = add_segment(
        by=room.owner, firm_id=room.firm.pk, name=room.segment.name, offering="Hire", situation="Away"
    )
    path = room.path(f"{room.workshop.pk}/sheets/{room.participant.pk}/{twin.pk}/")
    client = client_of(room.owner)
    assert '<p class="of">Hire · Away</p>' in client.get(path + "?view=list").content.decode()
    assert f"{twin.name}, Hire · Away, as it is today" in client.get(path + "?view=steps").content.decode()
    assert f"Next: B, {twin.name}, Hire · Away" in get(client, room, "?view=list")


# --- Without script: a plain form ------------------------------------------------------------------------


def post(client: Client, room: World, query: str = "", **form: str) -> Any:
    return client.post(
        room.sheet_path() + query, {key.replace("__", "."): value for key, value in form.items()}
    )


def test_a_plain_form_saves_and_goes_on(client: Client, room: World) -> None:
    answer = post(client, room, "?view=steps", R1="3", was__R1=NOT_GIVEN, note__R1="Log", at="R1", go="next")
    assert answer["Location"] == f"{room.sheet_path()}?view=steps&q=R2"
    assert stored(room) == {"R1": 3}
    assert Sheet.objects.get().evidence == {"R1": "Log"}


def test_going_on_knows_the_answer_just_given(client: Client, room: World) -> None:
    answer = post(client, room, "?view=steps", R10="3", was__R10=NOT_GIVEN, at="R11", go="next")
    assert answer["Location"].endswith("q=R12")


@pytest.mark.parametrize(
    ("at", "go", "target"), [("R2", "back", "R1"), ("R1", "back", "R1"), ("C3", "next", "done")]
)
def test_back_and_next_stay_within_the_sheet(
    client: Client, room: World, at: str, go: str, target: str
) -> None:
    assert post(client, room, "?view=steps", at=at, go=go)["Location"].endswith(f"q={target}")


def test_a_plain_form_changes_only_what_its_sender_changed(client: Client, room: World) -> None:
    room.save("R1", 3, evidence="Theirs")
    post(client, room, R1="1", was__R1="1", note__R1="", R2="2", was__R2=NOT_GIVEN)
    assert stored(room) == {"R1": 3, "R2": 2}
    assert Sheet.objects.get().evidence == {"R1": "Theirs"}


def test_a_plain_form_that_clashes_saves_the_rest_and_says_so(client: Client, room: World) -> None:
    room.save("R1", 3)
    answer = client.post(
        room.sheet_path(), {"R1": "1", "was.R1": NOT_GIVEN, "R2": "2", "was.R2": NOT_GIVEN}, follow=True
    )
    assert stored(room) == {"R1": 3, "R2": 2}
    assert "R1: someone else answered 3; your 1 was not saved." in answer.content.decode()


def test_a_plain_form_can_say_do_not_know(client: Client, room: World) -> None:
    post(client, room, R1="", was__R1=NOT_GIVEN)
    assert stored(room) == {"R1": None}


@pytest.mark.parametrize("form", [{"R1": "9"}, {"R1": "2", "was.R1": "x"}])
def test_a_form_nobody_was_given_saves_nothing(client: Client, room: World, form: dict[str, str]) -> None:
    answer = client.post(room.sheet_path(), form, follow=True)
    assert "Not saved" in answer.content.decode()
    assert stored(room) == {}


# --- Each tap ---------------------------------------------------------------------------------------


def tap(client: Client, room: World, **said: str) -> Any:
    return client.post(room.sheet_path("answer/"), said)


def test_a_tap_is_saved(client: Client, room: World) -> None:
    answer = tap(client, room, item="R1", value="3", expected=NOT_GIVEN)
    assert (answer.status_code, answer.json()) == (200, {"version": 1, "asks": 1})
    assert stored(room) == {"R1": 3}


def test_a_tap_sent_twice_is_saved_once(client: Client, room: World) -> None:
    for _ in range(2):
        assert tap(client, room, item="R1", value="3", expected=NOT_GIVEN).status_code == 200
    assert stored(room) == {"R1": 3}


@pytest.mark.parametrize(("there", "current"), [(3, "3"), (None, "")])
def test_a_clash_answers_with_what_stands(
    client: Client, room: World, there: int | None, current: str
) -> None:
    room.save("R1", there)
    answer = tap(client, room, item="R1", value="1", expected=NOT_GIVEN)
    assert (answer.status_code, answer.json()["current"]) == (409, {"R1": current})
    assert stored(room) == {"R1": there}


def test_a_note_alone_is_saved(client: Client, room: World) -> None:
    assert tap(client, room, item="R1", note="Seen").status_code == 200
    assert (stored(room), Sheet.objects.get().evidence) == ({}, {"R1": "Seen"})


def test_a_closed_workshop_answers_why_and_nothing_current(client: Client, room: World) -> None:
    move_workshop(by=room.owner, workshop_id=room.workshop.pk, state="discussing")
    answer = tap(client, room, item="R1", value="3", expected=NOT_GIVEN)
    assert answer.status_code == 409
    assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"item": "R1", "value": "7"},
        {"item": "Z9", "value": "1"},
        {"item": "R1", "value": "1", "expected": "NaN"},
        {"item": "R1", "value": "1", "expected": "1" * 9999},
        {"item": "R1", "value": "٣"},
        {"item": "R1", "note": "x" * 2001},
    ],
)
def test_nonsense_is_a_400_in_words(client: Client, room: World, said: dict[str, str]) -> None:
    answer = tap(client, room, **said)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert stored(room) == {}


def test_a_tap_needs_the_token_of_the_page(room: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client_of(room.owner).cookies
    assert tap(strict, room, item="R1", value="3").status_code == 403
    assert stored(room) == {}


def test_a_manager_cannot_tap_for_others(room: World) -> None:
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    assert tap(client_of(manager), room, item="R1", value="3").status_code == 404
    assert stored(room) == {}


# --- All that waited on a device ------------------------------------------------------------------------


def several(client: Client, room: World, **said: dict[str, Any]) -> Any:
    return tap(client, room, **{name: json.dumps(each) for name, each in said.items()})


def test_all_that_waited_is_saved_at_once(client: Client, room: World) -> None:
    answer = several(
        client,
        room,
        answers={"R1": "3", "R2": "", "A1": "5"},
        expected={"R1": NOT_GIVEN, "R2": NOT_GIVEN},
        evidence={"R3": "Seen"},
    )
    assert (answer.status_code, answer.json()) == (200, {"version": 1, "asks": 1})
    assert stored(room) == {"R1": 3, "R2": None, "A1": 5}
    assert Sheet.objects.get().evidence == {"R3": "Seen"}


def test_a_clash_among_several_saves_none_and_names_each(client: Client, room: World) -> None:
    room.save_all(answers={"R1": 3, "R2": None})
    seen = dict.fromkeys(("R1", "R2", "R3"), NOT_GIVEN)
    answer = several(client, room, answers={"R1": "1", "R2": "1", "R3": "1"}, expected=seen)
    assert (answer.status_code, answer.json()["current"]) == (409, {"R1": "3", "R2": ""})
    assert stored(room) == {"R1": 3, "R2": None}


@pytest.mark.parametrize(
    "said",
    [
        {"answers": "7"},
        {"answers": "{"},
        {"answers": "[" * 9999},
        {"answers": '{"R1": 3}'},
        {"answers": '{"R1": "3", "R2": "9"}'},
        {"answers": '{"R1": "3"}', "expected": '{"R1": "x"}'},
        {"answers": '{"R1": "3"}', "evidence": '["R1"]'},
    ],
)
def test_nonsense_among_several_saves_none(client: Client, room: World, said: dict[str, str]) -> None:
    assert tap(client, room, **said).status_code == 400
    assert stored(room) == {}
