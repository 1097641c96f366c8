"""REST of questionnaires, workshops, answers and the answers file."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook
from pytest_django import DjangoAssertNumQueries

from assessments.models import Participant, Sheet, Workshop
from assessments.services import add_participant, start_workshop
from connected.models import Firm, Role, Segment
from connected.permissions import Actor
from connected.tenancy import in_workspace
from tests import factories
from tests.api import caller, read, send

PROBLEM = "application/problem+json"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = "firm,segment,offering,participant,item,value\n"


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


@pytest.fixture
def segment(owner: Actor) -> Segment:
    return factories.segment(owner, factories.firm(owner).pk)


@pytest.fixture
def workshop(owner: Actor, segment: Segment) -> Workshop:
    return start_workshop(by=owner, firm_id=segment.firm_id, name="Spring")


def upload(client: Client, body: str | bytes, kind: str = "text/csv", query: str = "") -> Any:
    content = body.encode() if isinstance(body, str) else body
    return client.post(f"/api/v1/imports/answers/{query}", content, content_type=kind)


# --- Questionnaires and workshops ---------------------------------------------------------------


def test_a_questionnaire_is_read_with_its_items(client: Client) -> None:
    line = read(client, "instruments/").json()["results"][0]
    assert (line["code"], line["version"]) == ("cs-1", 1)
    body = read(client, f"instruments/{line['id']}/").json()
    assert len(body["definition"]["items"]) == 36
    assert send(client, "post", "instruments/", {}).status_code == 405


def test_a_workshop_is_started_with_its_participants(client: Client, segment: Segment) -> None:
    people = [{"name": "Ana", "group": "Sales"}, {"name": "Ben"}]
    made = send(
        client, "post", "workshops/", {"firm": segment.firm_id, "name": "Spring", "participants": people}
    )
    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["instrument"], body["round"]) == ("collecting", "cs-1", 1)
    assert [(each["name"], each["group"]) for each in body["participants"]] == [("Ana", "Sales"), ("Ben", "")]
    assert read(client, f"workshops/{body['id']}/").json() == body


def test_a_workshop_moves_only_where_the_table_says(client: Client, workshop: Workshop) -> None:
    path = f"workshops/{workshop.pk}/"
    assert send(client, "patch", path, {"state": "discussing"}).json()["state"] == "discussing"
    refused = send(client, "patch", path, {"state": "preparing"})
    assert (refused.status_code, refused["Content-Type"]) == (409, PROBLEM)
    assert "collecting, committed" in refused.json()["detail"]
    for body in ({"state": "lost"}, {"name": "x"}, {"state": "committed", "name": "x"}):
        assert send(client, "patch", path, body).status_code == 400
    assert send(client, "patch", path, {}).json()["state"] == "discussing"


def test_a_workshop_is_started_with_a_version_and_moved_to_another(client: Client, segment: Segment) -> None:
    body = {"firm": segment.firm_id, "name": "Spring", "instrument_version": 2}
    made = send(client, "post", "workshops/", body).json()
    assert made["instrument_version"] == 2
    path = f"workshops/{made['id']}/"
    both = {"instrument_version": 1, "state": "discussing"}
    moved = send(client, "patch", path, both).json()
    assert (moved["instrument_version"], moved["state"]) == (1, "discussing")
    refused = send(client, "patch", path, {"instrument_version": 2})
    assert (refused.status_code, refused["Content-Type"]) == (409, PROBLEM)
    assert "Collect again first" in refused.json()["detail"]
    assert read(client, path).json()["instrument_version"] == 1


def test_a_version_that_is_not_there_moves_nothing_at_all(client: Client, workshop: Workshop) -> None:
    refused = send(
        client, "patch", f"workshops/{workshop.pk}/", {"instrument_version": 7, "state": "discussing"}
    )
    assert refused.status_code == 400
    assert "v7" in str(refused.json())
    workshop.refresh_from_db()
    assert (workshop.state, workshop.instrument.version) == ("collecting", 1)
    body = {"firm": workshop.firm_id, "name": "Autumn", "instrument_version": 7}
    refused = send(client, "post", "workshops/", body)
    assert refused.status_code == 400
    assert "there are: 1, 2" in str(refused.json())


@pytest.mark.parametrize(
    "body", [{"name": "x"}, {"firm": 10**15, "name": "x"}, {"firm": 1, "name": "x", "form": "long"},
             {"firm": 1, "name": "x", "participants": [{"name": ""}]}, {"firm": 1, "participants": "Ana"}],
)  # fmt: skip
def test_a_workshop_that_cannot_be_is_refused(client: Client, body: dict[str, Any]) -> None:
    assert send(client, "post", "workshops/", body).status_code == 400
    assert not Workshop.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_workshops_cost_the_same_queries_however_many(
    client: Client,
    owner: Actor,
    segment: Segment,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for at in range(number):
        start_workshop(by=owner, firm_id=segment.firm_id, name=f"W{at}", participants=[("Ana", "")])
    with django_assert_num_queries(12):
        assert len(read(client, "workshops/").json()["results"]) == number


# --- Answers ------------------------------------------------------------------------------------


def answer(client: Client, where: Workshop, about: Segment, **body: Any) -> Any:
    return send(client, "post", f"workshops/{where.pk}/answers/", {"segment": about.pk, **body})


def test_answers_by_name_make_participant_and_sheet(
    client: Client, workshop: Workshop, segment: Segment
) -> None:
    answers = {"R1": 3, "A1": "MM", "R2": None}
    made = answer(client, workshop, segment, participant="Ana", answers=answers, evidence={"R1": "Seen"})
    assert made.status_code == 201
    body = made.json()
    assert body["answers"] == answers
    assert (body["participant_name"], body["evidence"], body["round"]) == ("Ana", {"R1": "Seen"}, 1)
    assert read(client, f"workshops/{workshop.pk}/answers/").json()["results"] == [body]


def test_other_items_stay_and_a_choice_is_taken_by_order(
    client: Client, workshop: Workshop, segment: Segment
) -> None:
    first = answer(client, workshop, segment, participant="Ana", answers={"R1": 3}).json()
    again = answer(client, workshop, segment, participant=first["participant"], answers={"A1": 5})
    assert again.status_code == 200
    assert again.json()["answers"] == {"R1": 3, "A1": "PP"}
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"answers": {"R1": 5}}, {"answers": {"R1": True}}, {"answers": {"R1": 1.5}},
        {"answers": {"A1": "XX"}},
        {"answers": {"Z9": 1}}, {"answers": {"R1": 10**30}}, {"answers": [1]}, {"answers": {"R1": {"a": 1}}},
        {"answers": {"R1": "a\0"}}, {"answers": {"R\0": 1}}, {"answers": {"A1": 0}},
        {"answers": {"R1": 1}, "evidence": {"R1": "a\0"}},
        {"answers": {"R1": 1}, "evidence": {"R1": "x" * 2001}},
        {"answers": {"R1": 1}, "evidence": {"Z9": "x"}}, {"answers": {f"R{i}": 1 for i in range(201)}},
        {"answers": {"R1": 1}, "segment": 10**15}, {"answers": {"R1": 1}, "participant": ""},
        {"answers": {"R1": 1}, "participant": 2**70}, {"answers": {"R1": 1}, "participant": {"name": "x"}},
        {"answers": {"R1": 1}, "notes": {}}, {},
    ],
)  # fmt: skip
def test_answers_that_cannot_be_are_refused_whole(
    client: Client, workshop: Workshop, segment: Segment, body: dict[str, Any]
) -> None:
    refused = answer(client, workshop, segment, **{"participant": "Ana", **body})
    assert (refused.status_code, refused["Content-Type"]) == (400, PROBLEM)
    assert not Sheet.objects.exists()
    assert not Participant.objects.exists()


def test_two_who_answer_one_item_are_told(client: Client, workshop: Workshop, segment: Segment) -> None:
    answer(client, workshop, segment, participant="Ana", answers={"R1": 3})
    late = answer(client, workshop, segment, participant="Ana", answers={"R1": 1}, expected={"R1": 2})
    assert (late.status_code, late.json()["current"]) == (409, [{"item": "R1", "value": 3}])


def test_a_choice_that_was_seen_is_told_by_its_code(
    client: Client, workshop: Workshop, segment: Segment
) -> None:
    first = answer(client, workshop, segment, participant="Ana", answers={"A1": "MM"}).json()
    assert first["answers"]["A1"] == "MM"
    mine = answer(client, workshop, segment, participant="Ana", answers={"A1": "PR"}, expected={"A1": "MM"})
    assert mine.status_code == 200, mine.content
    late = answer(client, workshop, segment, participant="Ana", answers={"A1": "CW"}, expected={"A1": "MM"})
    assert (late.status_code, late.json()["current"]) == (409, [{"item": "A1", "value": "PR"}])
    odd = answer(client, workshop, segment, participant="Ana", answers={"A1": "CW"}, expected={"R4": "zzz"})
    assert odd.status_code == 400
    assert "R4 takes" in odd.json()["errors"][0]["detail"]


def test_a_committed_workshop_takes_no_answers(client: Client, workshop: Workshop, segment: Segment) -> None:
    send(client, "patch", f"workshops/{workshop.pk}/", {"state": "committed"})
    assert answer(client, workshop, segment, participant="Ana", answers={"R1": 1}).status_code == 409


def test_a_blind_sheet_stays_with_its_participant(owner: Actor, client: Client, segment: Segment) -> None:
    blind = start_workshop(by=owner, firm_id=segment.firm_id, name="Blind", reveal="blind")
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    person = add_participant(by=owner, workshop_id=blind.pk, name="Mia", user_id=manager.user_id)
    mine, path = caller(manager), f"workshops/{blind.pk}/answers/"
    assert answer(mine, blind, segment, participant=person.pk, answers={"R1": 4}).status_code == 201
    assert len(read(mine, path).json()["results"]) == 1
    assert read(client, path).json()["results"] == []
    assert answer(client, blind, segment, participant="Mia", answers={"R1": 0}).status_code == 404
    send(client, "patch", f"workshops/{blind.pk}/", {"state": "discussing"})
    assert len(read(client, path).json()["results"]) == 1


def test_a_manager_reads_and_writes_nobody_elses_answers(
    owner: Actor, client: Client, workshop: Workshop, segment: Segment
) -> None:
    sheet = answer(client, workshop, segment, participant="Ana", answers={"R1": 4}).json()
    manager = caller(factories.member(owner, Role.MANAGER, (segment.firm_id,)))
    assert read(manager, f"workshops/{workshop.pk}/answers/").json()["results"] == []
    assert read(manager, f"workshops/{workshop.pk}/").json()["participants"] == []
    assert (
        answer(manager, workshop, segment, participant=sheet["participant"], answers={"R1": 0}).status_code
        == 404
    )
    assert answer(manager, workshop, segment, participant="New", answers={"R1": 0}).status_code == 403
    stranger = caller(factories.member(owner, Role.MANAGER))
    assert read(stranger, f"workshops/{workshop.pk}/answers/").status_code == 404


def test_a_read_token_saves_no_answers(owner: Actor, workshop: Workshop, segment: Segment) -> None:
    refused = answer(caller(owner, "read"), workshop, segment, participant="Ana", answers={"R1": 1})
    assert refused.status_code == 403
    assert not Participant.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_sheets_cost_the_same_queries_however_many(
    client: Client,
    workshop: Workshop,
    segment: Segment,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for at in range(number):
        answer(client, workshop, segment, participant=f"P{at}", answers={"R1": 1})
    with django_assert_num_queries(12):
        assert len(read(client, f"workshops/{workshop.pk}/answers/").json()["results"]) == number


# --- The answers file ---------------------------------------------------------------------------


def test_the_answers_file_is_taken_and_again_changes_nothing(client: Client) -> None:
    body = HEADER + "Uber,Riders,Rides,Ana,R1,4\nUber,Riders,Rides,Ana,A1,CW\nUber,Riders,Rides,Ben,R1,\n"
    first = upload(client, body)
    assert first.status_code == 201
    assert first.json().items() >= {
        "firms_created": 1, "segments_created": 1, "workshops_created": 1, "participants_created": 2,
        "sheets": 2, "answers": 3, "unchanged": 0,
    }.items()  # fmt: skip
    again = upload(client, body)
    assert (again.status_code, again.json()["answers"], again.json()["unchanged"]) == (201, 0, 3)


def test_a_workbook_is_taken_too(client: Client) -> None:
    book, content = Workbook(), BytesIO()
    for row in (HEADER.strip().split(","), ["Uber", "Riders", "Rides", "Ana", "R1", 4]):
        book.active.append(row)
    book.save(content)
    assert upload(client, content.getvalue(), WORKBOOK).status_code == 201


def test_every_bad_row_is_named_and_nothing_is_taken(client: Client) -> None:
    rows = ["Uber,Riders,Rides,Ana,R1,4", "Uber,Riders,Rides,Ana,R2,9", "Uber,Riders,Rides,Ana,Z9,1"]
    refused = upload(client, HEADER + "\n".join(rows))
    assert (refused.status_code, refused["Content-Type"]) == (422, PROBLEM)
    errors = refused.json()["errors"]
    assert [(each["row"], each["column"], each["value"]) for each in errors] == [
        (3, "value", "9"),
        (4, "item", "Z9"),
    ]
    assert all(each["reason"] for each in errors)
    assert not Firm.objects.exists()


def test_a_dry_run_counts_and_writes_nothing(client: Client) -> None:
    tried = upload(client, HEADER + "Uber,Riders,Rides,Ana,R1,4\n", query="?dry_run=true")
    assert (tried.status_code, tried.json()["answers"]) == (200, 1)
    assert not Firm.objects.exists()


@pytest.mark.parametrize("body", ["", "   ", "\x00", "firm,segment\n", HEADER, "a" * 100_000, '"'])
def test_a_file_that_is_no_answers_file_says_why(client: Client, body: str) -> None:
    refused = upload(client, body)
    assert (refused.status_code, refused["Content-Type"]) == (422, PROBLEM)
    assert refused.json()["errors"][0]["reason"]


def test_an_answers_file_keeps_its_manners(client: Client, owner: Actor) -> None:
    assert upload(client, "{}", "application/json").status_code == 415
    assert upload(client, b" " * (20 * 2**20 + 1), WORKBOOK).status_code == 413
    assert upload(client, HEADER, query="?dry_run=maybe").status_code == 400
    assert upload(caller(owner, "read"), HEADER).status_code == 403
    assert upload(Client(), HEADER).status_code == 401
    chunked = client.post(
        "/api/v1/imports/answers/", b"", content_type="text/csv", headers={"Transfer-Encoding": "chunked"}
    )
    assert chunked.status_code == 411


def test_another_workspace_has_no_workshop_here(workshop: Workshop, segment: Segment) -> None:
    stranger = factories.workspace()
    with in_workspace(stranger.workspace_id, user_id=stranger.user_id):
        client = caller(stranger)
        for path in (f"workshops/{workshop.pk}/", f"workshops/{workshop.pk}/answers/"):
            there, nowhere = read(client, path), read(client, path.replace(str(workshop.pk), "9999999"))
            assert (there.status_code, there.content) == (404, nowhere.content)
        assert answer(client, workshop, segment, participant="Ana", answers={"R1": 1}).status_code == 404
