"""Pages of workshops, as someone with a browser meets them."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.forms import counts_words
from assessments.models import Participant, Workshop
from assessments.services import add_participant, move_workshop, start_workshop
from connected.models import Role
from connected.permissions import Actor
from connected.services import add_segment
from tests import factories
from tests.assessments.world import World, client_of, world


@pytest.fixture
def room(owner: Actor) -> World:
    return world(owner)


def queries(actor: Actor, path: str) -> int:
    client = client_of(actor)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_an_empty_list_teaches_and_offers_the_next_step(owner: Actor) -> None:
    page = client_of(owner).get(f"/w/{owner.workspace_slug}/workshops/").content.decode()
    assert "No workshop yet" in page
    assert f'href="/w/{owner.workspace_slug}/firms/"' in page


def test_the_list_costs_the_same_for_one_and_three(owner: Actor) -> None:
    path = world(owner).path()
    once = queries(owner, path)
    for _ in range(2):
        world(owner).save("R1", 2)
    assert queries(owner, path) == once


def test_the_list_counts_people_and_sheets(room: World) -> None:
    add_participant(by=room.owner, workshop_id=room.workshop.pk, name="Second")
    factories.segment(room.owner, room.firm.pk)
    room.save("R1", 2)
    page = client_of(room.owner).get(room.path()).content.decode()
    assert ">1 of 4<" in page


def test_the_list_narrows_to_a_firm(room: World) -> None:
    other = world(room.owner)
    page = client_of(room.owner).get(f"{room.path()}?firm={room.firm.pk}").content.decode()
    assert room.path(f"{room.workshop.pk}/") in page
    assert other.path(f"{other.workshop.pk}/") not in page


def test_a_grid_costs_the_same_for_one_and_three(room: World) -> None:
    path = room.path(f"{room.workshop.pk}/")
    once = queries(room.owner, path)
    for name in ("Second", "Third"):
        add_participant(by=room.owner, workshop_id=room.workshop.pk, name=name)
        factories.segment(room.owner, room.firm.pk)
    room.save("R1", 2)
    assert queries(room.owner, path) == once


def test_the_grid_counts_do_not_know_apart(room: World) -> None:
    room.save_all(answers={"R1": 3, "R2": None})
    page = client_of(room.owner).get(room.path(f"{room.workshop.pk}/")).content.decode()
    assert "<b>2</b> of 35<small>1 not known</small>" in page


def test_a_workshop_is_started_from_the_form(owner: Actor) -> None:
    firm = factories.firm(owner)
    form = {
        "name": "June",
        "form": "short",
        "reveal": "blind",
        "people": "Chef, Kitchen\n\nGuest",
        "join": "on",
        "instrument_version": "1",
    }
    answer = client_of(owner).post(f"/w/{owner.workspace_slug}/firms/{firm.pk}/workshops/new/", form)
    started = Workshop.objects.get()
    assert answer["Location"] == f"/w/{owner.workspace_slug}/workshops/{started.pk}/"
    assert (started.form, started.reveal) == ("short", "blind")
    people = Participant.objects.values_list("name", "group", "user_id")
    assert list(people) == [("Chef", "Kitchen", None), ("Guest", "", None), (owner.name, "", owner.user_id)]


def test_a_workshop_can_start_with_a_version_asked_by_choice(owner: Actor) -> None:
    path = f"/w/{owner.workspace_slug}/firms/{factories.firm(owner).pk}/workshops/new/"
    page = client_of(owner).get(path).content.decode()
    assert "Version 2. CS-1 with one question at a time" in page
    client_of(owner).post(path, {"name": "June", "form": "full", "reveal": "open", "instrument_version": "2"})
    assert Workshop.objects.get().instrument.version == 2


@pytest.mark.parametrize(
    ("asked", "words"), [({1: 36, 2: 36}, "36"), ({1: 36, 2: 38}, "36 in version 1, 38 in version 2")]
)
def test_how_many_questions_there_are_is_said_by_version_where_they_differ(
    asked: dict[int, int], words: str
) -> None:
    assert counts_words(asked) == words


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ("Chef\nChef, Kitchen", "Line 2: “Chef” is there twice"),
        (", Kitchen", "Line 1 has a group but no name"),
        ("x" * 121, "Line 1 is too long"),
    ],
)
def test_a_faulty_line_is_named_and_nothing_is_started(owner: Actor, people: str, reason: str) -> None:
    firm = factories.firm(owner)
    form = {"name": "June", "form": "full", "reveal": "open", "people": people, "instrument_version": "1"}
    answer = client_of(owner).post(f"/w/{owner.workspace_slug}/firms/{firm.pk}/workshops/new/", form)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not Workshop.objects.exists()


def test_someone_is_added_by_name(room: World) -> None:
    client_of(room.owner).post(room.path(f"{room.workshop.pk}/participants/"), {"name": "Chef", "group": "K"})
    assert Participant.objects.filter(name="Chef", group="K", user=None).exists()


def test_someone_with_an_account_is_added_without_typing(room: World) -> None:
    consultant = factories.member(room.owner)
    path = room.path(f"{room.workshop.pk}/participants/")
    client_of(room.owner).post(path, {"user_id": str(consultant.user_id)})
    assert Participant.objects.get(user__isnull=False).name == consultant.name


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "Shift lead"}, {"user_id": "0"}])
def test_a_refused_addition_says_why_on_the_page(room: World, form: dict[str, str]) -> None:
    answer = client_of(room.owner).post(room.path(f"{room.workshop.pk}/participants/"), form)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert Participant.objects.count() == 1


def test_a_refused_move_says_what_would_be_allowed(room: World) -> None:
    client = client_of(room.owner)
    answer = client.post(room.path(f"{room.workshop.pk}/move/"), {"state": "preparing"}, follow=True)
    assert "it can become discussing, committed" in answer.content.decode()


def moves(page: Any) -> set[str]:
    return set(re.findall(r'name="state" value="(\w+)"', page.content.decode()))


def test_the_page_offers_exactly_the_moves_of_the_table(room: World) -> None:
    client, path = client_of(room.owner), room.path(f"{room.workshop.pk}/")
    assert moves(client.get(path)) == {"discussing", "committed"}
    client.post(f"{path}move/", {"state": "committed"})
    assert moves(client.get(path)) == {"discussing"}


def test_a_manager_is_offered_nothing_to_change(room: World) -> None:
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    page = client_of(manager).get(room.path(f"{room.workshop.pk}/"))
    assert moves(page) == set()
    assert "/participants/" not in page.content.decode()
    assert "/sheets/" not in page.content.decode()


def test_a_manager_who_takes_part_finds_their_sheet(room: World) -> None:
    manager = factories.member(room.owner, Role.MANAGER, firms=(room.firm.pk,))
    mine = add_participant(by=room.owner, workshop_id=room.workshop.pk, name="M", user_id=manager.user_id)
    page = client_of(manager).get(room.path(f"{room.workshop.pk}/")).content.decode()
    assert f"/sheets/{mine.pk}/" in page
    assert f"/sheets/{room.participant.pk}/" not in page


@pytest.mark.parametrize("tail", ["move/", "participants/", "participants/{person}/drop/"])
def test_what_changes_something_is_never_a_get(room: World, tail: str) -> None:
    path = room.path(f"{room.workshop.pk}/{tail.format(person=room.participant.pk)}")
    assert client_of(room.owner).get(path).status_code == 405


def test_a_firm_without_segments_is_sent_to_make_one(owner: Actor) -> None:
    firm = factories.firm(owner)
    started = start_workshop(by=owner, firm_id=firm.pk, name="Early")
    page = client_of(owner).get(f"/w/{owner.workspace_slug}/workshops/{started.pk}/").content.decode()
    assert f"/firms/{firm.pk}/segments/new/" in page


def test_many_segments_come_in_pages_without_a_finding_about_a_part(room: World) -> None:
    for _ in range(12):
        factories.segment(room.owner, room.firm.pk)
    client, path = client_of(room.owner), room.path(f"{room.workshop.pk}/")
    first, second = client.get(path).content.decode(), client.get(f"{path}?segments=2").content.decode()
    assert "Who answers what" in first
    assert [page.count("cellsheet none") for page in (first, second)] == [12, 1]


def test_segments_of_one_name_are_told_apart(room: World) -> None:
    add_segment(
        by=room.owner, firm_id=room.firm.pk, name=room.segment.name, offering="Hire", situation="Away"
    )
    page = client_of(room.owner).get(room.path(f"{room.workshop.pk}/")).content.decode()
    assert page.count("<small>Hire · Away</small>") == 2  # The head of the column, and each cell on a phone.
    assert f"Shift lead, {room.segment.name} (B)" in page


def test_the_number_of_questions_says_why_it_differs(room: World) -> None:
    page = client_of(room.owner).get(room.path(f"{room.workshop.pk}/")).content.decode()
    assert "35 or 36 questions: one follows from R10" in page


# --- Groups ---------------------------------------------------------------------------------------


def test_groups_are_set_for_everyone_at_once(owner: Actor) -> None:
    room = world(owner)
    client, path = client_of(owner), room.path(f"{room.workshop.pk}/")
    text = client.get(path).content.decode()
    assert f'id="group-{room.participant.pk}" name="group" value="Front line"' in text
    assert '<option value="customers">' in text
    client.post(f"{path}groups/", {"participant": room.participant.pk, "group": "board"})
    room.participant.refresh_from_db()
    assert room.participant.group == "board"
    assert "1 board" in client.get(path).content.decode()


def test_once_discussed_the_page_offers_no_groups_and_refuses_them(owner: Actor) -> None:
    room = world(owner)
    move_workshop(by=owner, workshop_id=room.workshop.pk, state="discussing")
    client, path = client_of(owner), room.path(f"{room.workshop.pk}/")
    text = client.get(path).content.decode()
    assert 'name="group"' not in text
    said = client.post(f"{path}groups/", {"participant": room.participant.pk, "group": "board"}, follow=True)
    assert "Groups stay as they were" in said.content.decode()
    room.participant.refresh_from_db()
    assert room.participant.group == "Front line"


def test_a_group_of_someone_else_s_workshop_cannot_be_set(owner: Actor) -> None:
    room, other = world(owner), world(owner)
    answer = client_of(owner).post(
        room.path(f"{room.workshop.pk}/groups/"), {"participant": other.participant.pk, "group": "board"}
    )
    assert answer.status_code == 404


def test_a_group_that_is_too_long_is_refused(owner: Actor) -> None:
    room = world(owner)
    path = room.path(f"{room.workshop.pk}/groups/")
    said = client_of(owner).post(path, {"participant": room.participant.pk, "group": "x" * 61}, follow=True)
    assert "60 characters" in said.content.decode()
