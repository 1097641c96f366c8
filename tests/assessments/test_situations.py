"""What a segment wants in other situations: answered beside the questionnaire, by the same rules."""

import csv
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from assessments.instrument import SITUATIONS, canonical
from assessments.models import Sheet
from assessments.queries import current_instrument, instrument_of, progress, wants_in, wants_of
from assessments.services import NOT_GIVEN, Conflict, save_all
from assessments.services.exports import export_rows, header_of
from assessments.services.imports import import_answers
from assessments.tables import read_table
from connected.permissions import Actor
from tests.api import caller, send
from tests.assessments.world import World, client_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(owner: Actor) -> World:
    return world(owner)


def wanted(room: World) -> dict[str, int | None]:
    sheet = Sheet.objects.filter(participant=room.participant).first()
    return wants_in(instrument_of(room.workshop), sheet)


def test_six_wants_are_asked_for_each_situation() -> None:
    found = current_instrument().situated
    assert [item.code for item in found[:2]] == ["P1.urgent", "P2.urgent"]
    assert len(found) == 6 * len(SITUATIONS)
    assert found[0].position == len(current_instrument())


def test_a_question_keeps_the_code_of_its_routine() -> None:
    instrument = current_instrument()
    assert {item.routine for item in instrument.situated} == {f"P{place}" for place in range(1, 7)}
    assert [item.routine for item in instrument.items] == [item.code for item in instrument.items]


@pytest.mark.parametrize(
    ("written", "code"), [("r4", "R4"), ("p1.Urgent", "P1.urgent"), ("P1.high-stakes", "P1.high_stakes")]
)
def test_codes_are_read_however_they_are_written(written: str, code: str) -> None:
    assert canonical(written) == code


def test_the_short_form_asks_fewer(owner: Actor) -> None:
    assert {item.code for item in wants_of(world(owner, form="short").workshop)} == {
        f"{item}.{situation}" for item in ("P1", "P2") for situation in SITUATIONS
    }


def test_an_answer_is_kept_beside_the_others(room: World) -> None:
    room.save("P1", 1)
    sheet = room.save("P1.urgent", 4)
    assert (sheet.version, sheet.answers[sheet.given.index(True)], wanted(room)) == (2, 1, {"P1.urgent": 4})


def test_do_not_know_is_an_answer(room: World) -> None:
    room.save("P1.urgent", None)
    assert wanted(room) == {"P1.urgent": None}


def test_two_items_keep_each_other(room: World) -> None:
    room.save("P1.urgent", 4)
    room.save("P2.high_stakes", 0)
    assert wanted(room) == {"P1.urgent": 4, "P2.high_stakes": 0}


@pytest.mark.parametrize(
    ("item", "value", "words"),
    [
        ("P1.urgent", 5, "P1.urgent takes 0-4"),
        ("P1.calm", 1, "does not ask"),
        ("R1.urgent", 1, "does not ask"),
    ],
)
def test_what_cannot_be_is_refused(room: World, item: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        room.save(item, value)
    assert not Sheet.objects.exists()


def test_they_do_not_count_as_asked(room: World) -> None:
    room.save("P1.urgent", 4)
    found = progress(room.workshop, [room.participant], [room.segment])
    assert found[room.participant.pk, room.segment.pk].given == 0


def test_a_sheet_seen_otherwise_is_a_conflict(room: World) -> None:
    room.save("P1.urgent", 4)
    with pytest.raises(Conflict) as refused:
        room.save("P1.urgent", 2, expected={"P1.urgent": NOT_GIVEN})
    assert [(each.item, each.given, each.value) for each in refused.value.current] == [("P1.urgent", True, 4)]
    assert wanted(room) == {"P1.urgent": 4}


def test_the_same_answer_again_is_none(room: World) -> None:
    room.save("P1.urgent", None)
    room.save("P1.urgent", None, expected={"P1.urgent": NOT_GIVEN})
    assert wanted(room) == {"P1.urgent": None}


def test_what_was_seen_may_be_changed(room: World) -> None:
    room.save("P1.urgent", 4)
    room.save("P1.urgent", 2, expected={"P1.urgent": 4})
    assert wanted(room) == {"P1.urgent": 2}


def test_a_list_of_answers_takes_them(room: World) -> None:
    item = {
        "participant": room.participant.pk,
        "segment": room.segment.pk,
        "answers": {"P1": 1, "P1.urgent": 4, "P2.urgent": None},
    }
    first = save_all(by=room.owner, workshop_id=room.workshop.pk, items=[item])
    again = save_all(by=room.owner, workshop_id=room.workshop.pk, items=[item])
    assert (first.answers, again.answers, again.unchanged, again.sheets) == (3, 0, 3, 0)
    assert wanted(room) == {"P1.urgent": 4, "P2.urgent": None}


def file_of(rows: list[str]) -> bytes:
    head = "firm,segment,offering,participant,item,value\n"
    return (head + "".join(f"Acme,Guests,Park,Ana,{row}\n" for row in rows)).encode()


def taken(owner: Actor, rows: list[str]) -> Any:
    return import_answers(by=owner, table=read_table(file_of(rows)))


def test_a_file_takes_them_and_the_same_again_changes_nothing(owner: Actor) -> None:
    first = taken(owner, ["P1,1", "P1.urgent,4", "p2.High-Stakes,"])
    again = taken(owner, ["P1,1", "P1.urgent,4", "p2.High-Stakes,"])
    changed = taken(owner, ["P1.urgent,3"])
    assert (first.answers, again.answers, again.unchanged, changed.changed) == (3, 0, 3, 1)
    assert Sheet.objects.get().wants == {"P1.urgent": 3, "P2.high_stakes": None}


def test_what_goes_out_comes_in_again(owner: Actor) -> None:
    taken(owner, ["R1,2", "P1.urgent,4", "P2.high_stakes,"])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header_of("answers"))
    writer.writerows(export_rows(by=owner, what="answers"))
    assert "P1.urgent,4" in out.getvalue()
    again = import_answers(by=owner, table=read_table(out.getvalue().encode()))
    assert (again.answers, again.unchanged) == (0, 3)


def test_the_page_shows_them_folded_and_saves_them(room: World) -> None:
    client = client_of(room.owner)
    said = {"item": "P1.urgent", "value": "4", "expected": NOT_GIVEN}
    assert client.post(room.sheet_path("answer/"), said).json()["version"] == 1
    refused = client.post(room.sheet_path("answer/"), said | {"value": "2"})
    assert (refused.status_code, refused.json()["current"]) == (409, {"P1.urgent": "4"})
    page = client.get(room.sheet_path() + "?view=list").content.decode()
    assert 'id="beside-urgent"' in page
    assert "In an urgent situation" in page


def test_without_script_one_walks_through_a_situation(room: World) -> None:
    client = client_of(room.owner)
    said = {"at": "P6.urgent", "go": "next", "P6.urgent": "3", "was.P6.urgent": NOT_GIVEN}
    answer = client.post(room.sheet_path() + "?view=steps", said)
    assert answer["Location"].endswith("q=done")
    assert wanted(room) == {"P6.urgent": 3}


def test_a_segment_of_one_situation_is_asked_about_that_one(room: World) -> None:
    room.segment.situation = "Urgent"
    room.segment.save()
    page = client_of(room.owner).get(room.sheet_path() + "?view=list").content.decode()
    assert "beside-urgent" not in page


def test_rest_tells_and_takes_them(room: World) -> None:
    body = {
        "participant": room.participant.pk,
        "segment": room.segment.pk,
        "answers": {"P1.urgent": 4, "R1": 2},
    }
    sent = send(caller(room.owner), "post", f"workshops/{room.workshop.pk}/answers/", body)
    assert sent.status_code == 201
    assert sent.json()["answers"] == {"R1": 2, "P1.urgent": 4}
