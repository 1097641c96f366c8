"""Answers of many sheets in one call: all of them or none, and every bad one named."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from assessments.models import Participant, Sheet, Workshop
from assessments.queries import answers_of, instrument_of
from assessments.services import add_participant, start_workshop
from assessments.signals import answers_saved
from connected.models import Role, Segment
from connected.permissions import Actor
from tests import factories
from tests.api import caller, send

Send = Callable[..., Any]


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


@pytest.fixture
def segment(owner: Actor) -> Segment:
    return factories.segment(owner, factories.firm(owner).pk)


@pytest.fixture
def workshop(owner: Actor, segment: Segment) -> Workshop:
    return start_workshop(by=owner, firm_id=segment.firm_id, name="Spring")


@pytest.fixture
def save(client: Client, workshop: Workshop) -> Send:
    def save(*items: dict[str, Any], by: Client = client) -> Any:
        return send(by, "post", f"workshops/{workshop.pk}/answers/", list(items))

    return save


def line(segment: Segment, item: str, value: int | str | None, **more: Any) -> dict[str, Any]:
    return {"participant": "Ana", "segment": segment.pk, "item": item, "value": value, **more}


def stored(name: str = "Ana") -> dict[str, int | None]:
    sheet = Sheet.objects.select_related("workshop").get(participant__name=name)
    return answers_of(instrument_of(sheet.workshop), sheet)


def wrong(answer: Any) -> list[tuple[int, str]]:
    assert answer.status_code == 422
    return [(each["index"], each["field"]) for each in answer.json()["errors"]]


def test_single_answers_become_sheets(save: Send, segment: Segment) -> None:
    answer = save(line(segment, "R1", 3), line(segment, "A1", "MM"), line(segment, "R2", None))
    assert answer.status_code == 200
    assert answer.json() == {
        "count": 3, "participants_created": 1, "sheets": 1, "answers": 3, "changed": 0, "unchanged": 0
    }  # fmt: skip
    assert stored() == {"R1": 3, "R2": None, "A1": 3}


def test_a_list_may_be_of_sheets(save: Send, segment: Segment) -> None:
    sheets = [
        {"participant": name, "segment": segment.pk, "answers": {"R1": at, "A1": "PP"}}
        for at, name in enumerate(("Ana", "Ben"))
    ]
    assert save(*sheets).json()["sheets"] == 2
    assert [stored(name) for name in ("Ana", "Ben")] == [{"R1": 0, "A1": 5}, {"R1": 1, "A1": 5}]


def test_the_same_again_changes_nothing(save: Send, segment: Segment) -> None:
    save(line(segment, "R1", 3))
    again = save(line(segment, "R1", 3)).json()
    assert (again["sheets"], again["answers"], again["unchanged"]) == (0, 0, 1)
    assert Sheet.objects.get().version == 1


def test_other_answers_of_a_sheet_stay(save: Send, segment: Segment) -> None:
    save(line(segment, "R1", 3), line(segment, "R2", 2))
    assert save(line(segment, "R1", 4)).json()["changed"] == 1
    assert stored() == {"R1": 4, "R2": 2}


def test_evidence_is_kept_and_taken_away(save: Send, segment: Segment) -> None:
    save(line(segment, "R1", 3, evidence=" Seen "), line(segment, "R2", 3, evidence="Heard"))
    save(line(segment, "R1", 3, evidence=""))
    assert Sheet.objects.get().evidence == {"R2": "Heard"}


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"value": 5}, "value"), ({"value": "XX"}, "value"), ({"item": "Z9"}, "item"),
        ({"value": True}, "value"), ({"value": 1.5}, "value"), ({"value": 10**30}, "value"),
        ({"segment": 10**9}, "segment"), ({"participant": 10**9}, "participant"),
        ({"participant": "  "}, "participant"), ({"expected": {}}, "expected"),
        ({"evidence": "x" * 2001}, "evidence"), ({"evidence": "a\0"}, "evidence"),
    ],
)  # fmt: skip
def test_one_bad_answer_saves_none(save: Send, segment: Segment, bad: dict[str, Any], field: str) -> None:
    assert wrong(save(line(segment, "R1", 3), {**line(segment, "R2", 3), **bad})) == [(1, field)]
    assert not Participant.objects.exists()


def test_every_bad_one_is_named(save: Send, segment: Segment) -> None:
    answer = save(line(segment, "R1", 9), line(segment, "R2", 1), line(segment, "Z1", 1))
    assert wrong(answer) == [(0, "value"), (2, "item")]


def test_two_answers_to_one_item_contradict(save: Send, segment: Segment) -> None:
    answer = save(line(segment, "R1", 3), line(segment, "R1", 4))
    assert wrong(answer) == [(1, "value")]
    assert "Item 0 of this list" in answer.json()["errors"][0]["detail"]


def test_a_sheet_that_says_nothing_is_refused(save: Send, segment: Segment) -> None:
    assert wrong(save({"participant": "Ana", "segment": segment.pk, "answers": {}})) == [(0, "answers")]


def test_a_segment_of_another_firm_is_refused(save: Send, owner: Actor, segment: Segment) -> None:
    elsewhere = factories.segment(owner, factories.firm(owner).pk)
    assert wrong(save(line(elsewhere, "R1", 3))) == [(0, "segment")]


@pytest.mark.parametrize("items", [[], [{"item": "R1"}] * 10_001])
def test_a_list_of_none_or_too_many_is_refused(save: Send, items: list[dict[str, Any]]) -> None:
    assert save(*items).status_code == 400


def test_a_closed_workshop_takes_no_list(
    save: Send, client: Client, workshop: Workshop, segment: Segment
) -> None:
    send(client, "patch", f"workshops/{workshop.pk}/", {"state": "committed"})
    assert save(line(segment, "R1", 3)).status_code == 409


def test_blind_answers_are_not_written_over(owner: Actor, client: Client, segment: Segment) -> None:
    blind = start_workshop(by=owner, firm_id=segment.firm_id, name="Blind", reveal="blind")
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    mia = add_participant(by=owner, workshop_id=blind.pk, name="Mia", user_id=manager.user_id)
    path = f"workshops/{blind.pk}/answers/"
    for who in ("Mia", mia.pk):
        assert wrong(send(client, "post", path, [line(segment, "R1", 3, participant=who)])) == [
            (0, "participant")
        ]
    assert (
        send(caller(manager), "post", path, [line(segment, "R1", 3, participant=mia.pk)]).status_code == 200
    )


def test_a_manager_answers_for_nobody_else_and_learns_of_nobody(
    owner: Actor, save: Send, segment: Segment
) -> None:
    save(line(segment, "R1", 3))
    manager = caller(factories.member(owner, Role.MANAGER, (segment.firm_id,)))
    told = [
        save(line(segment, "R1", 0, participant=who), by=manager).json()["errors"][0]["detail"]
        for who in ("Ana", "Nobody", Participant.objects.get().pk)
    ]
    assert told == ["There is no such participant."] * 3
    assert stored() == {"R1": 3}


def test_the_segments_are_announced_once(save: Send, owner: Actor, segment: Segment) -> None:
    other = factories.segment(owner, segment.firm_id, "Other")
    heard: list[list[int]] = []

    def hear(segment_ids: list[int], **kwargs: Any) -> None:
        heard.append(segment_ids)

    answers_saved.connect(hear)
    try:
        save(line(other, "R1", 3), line(segment, "R1", 3), line(segment, "R2", 3))
    finally:
        answers_saved.disconnect(hear)
    assert heard == [sorted([segment.pk, other.pk])]


@pytest.mark.parametrize("count", [2, 200])
def test_many_cost_the_queries_of_few(
    save: Send, segment: Segment, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    items = [line(segment, "R1", at % 5, participant=f"P{at}") for at in range(count)]
    save(items[0])
    with django_assert_num_queries(39):
        assert save(*items).status_code == 200
