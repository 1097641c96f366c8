"""A workshop's agreement on its page and in REST: what is told, to whom, and when nothing is."""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import Participant, Workshop
from assessments.services import (
    add_participant,
    drop_participant,
    move_workshop,
    save_answers,
    set_groups,
    start_workshop,
)
from connected.models import Role, Segment
from connected.permissions import Actor
from tests import factories
from tests.api import caller, read
from tests.matrix.test_pages import answer, page
from tests.matrix.worlds import GUEST

pytestmark = pytest.mark.django_db
BOARD, FRONT = {**GUEST, "R4": 4, "R10": 4}, {**GUEST, "R4": 1, "R10": 0}
TWO = ["board"] * 3 + ["front line"] * 4


def say(owner: Actor, workshop: Workshop, segment: int, person: Participant, said: Any) -> None:
    save_answers(
        by=owner,
        workshop_id=workshop.pk,
        participant_id=person.pk,
        segment_id=segment,
        answers=said,
    )


def room(
    owner: Actor, groups: Sequence[str] = TWO, state: str = "discussing", **more: Any
) -> tuple[Workshop, Segment]:
    """One sheet a person; the board sees R4 and R10 quite otherwise."""
    firm = factories.firm(owner)
    segment = factories.segment(owner, firm.pk)
    workshop = start_workshop(by=owner, firm_id=firm.pk, name="Workshop", **more)
    for place, group in enumerate(groups):
        person = add_participant(by=owner, workshop_id=workshop.pk, name=f"Person {place}", group=group)
        say(owner, workshop, segment.pk, person, BOARD if group == "board" else FRONT)
    if state != "collecting":
        workshop = move_workshop(by=owner, workshop_id=workshop.pk, state=state)
    return workshop, segment


def told(actor: Actor, workshop: Workshop, query: str = "") -> Any:
    return read(caller(actor), f"workshops/{workshop.pk}/agreement/{query}").json()


def gaps(found: Any) -> dict[str, Any]:
    return {each["item"]: each for each in found["gaps"]}


# --- What is told ---------------------------------------------------------------------------------


def test_alpha_comes_with_a_sentence_and_an_interval(owner: Actor) -> None:
    workshop, _ = room(owner)
    found = told(owner, workshop)
    assert found["people"] == 7
    assert found["alpha"]["low"] < found["alpha"]["value"] < found["alpha"]["high"] <= 1
    text = page(owner, "workshop-agreement", workshop.pk)
    assert found["said"][0] in text
    assert f"{found['alpha']['value']:.2f}".removeprefix("0") in text


def test_the_same_answers_give_the_same_interval(owner: Actor) -> None:
    workshop, _ = room(owner)
    assert told(owner, workshop)["alpha"] == told(owner, workshop)["alpha"]


def test_gaps_are_listed_widest_first_with_each_group_s_figures(owner: Actor) -> None:
    workshop, segment = room(owner)
    found = told(owner, workshop)
    assert [(each["name"], each["people"]) for each in found["groups"]] == [("front line", 4), ("board", 3)]
    assert [each["item"] for each in found["gaps"][:2]] == ["R10", "R4"]
    assert gaps(found)["R4"]["segment"] == segment.pk
    assert gaps(found)["R4"]["gap"] == 3.0
    assert gaps(found)["R4"]["views"] == [
        {"n": 4, "unknown": 0, "mean": 1.0, "median": 1.0},
        {"n": 3, "unknown": 0, "mean": 4.0, "median": 4.0},
    ]


def test_relationships_stand_side_by_side(owner: Actor) -> None:
    workshop, segment = room(owner)
    found = {each["relationship"]: each for each in told(owner, workshop)["relationships"]}
    assert found["RD"]["gap"] == 0.0
    front, board = found["CO"]["levels"]
    assert board - front == pytest.approx(found["CO"]["gap"])
    assert board > front
    assert found["CO"]["segment"] == segment.pk


def test_the_page_says_who_sees_it_differently(owner: Actor) -> None:
    workshop, segment = room(owner)
    text = page(owner, "workshop-agreement", workshop.pk)
    assert "Groups are a step or more apart on 2 of" in text
    assert "board say 4.0 and front line 0.0 of 4" in text
    one = page(owner, "workshop-agreement", workshop.pk, query=f"?segment={segment.pk}")
    assert one.count('<span class="id">R4</span>') == 1
    assert "Curated offering" in one


def test_one_segment_can_be_asked_for_and_a_foreign_one_cannot(owner: Actor) -> None:
    workshop, segment = room(owner)
    other = factories.segment(owner, factories.firm(owner).pk)
    assert told(owner, workshop, f"?segment={segment.pk}")["gaps"] == told(owner, workshop)["gaps"]
    for wrong in (str(other.pk), "x", "99999999999999999999999"):
        assert "segment" in str(told(owner, workshop, f"?segment={wrong}"))
        assert read(caller(owner), f"workshops/{workshop.pk}/agreement/?segment={wrong}").status_code == 400


def test_a_manager_reads_the_same(owner: Actor) -> None:
    workshop, segment = room(owner)
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    assert told(manager, workshop) == told(owner, workshop)


def test_queries_do_not_grow(owner: Actor) -> None:
    workshop, segment = room(owner, state="collecting")
    with CaptureQueriesContext(connection) as one:
        answer(owner, "workshop-agreement", workshop.pk)
    for _ in range(3):
        more = factories.segment(owner, segment.firm_id)
        for person in Participant.objects.filter(workshop=workshop):
            say(owner, workshop, more.pk, person, GUEST)
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    with CaptureQueriesContext(connection) as four:
        answer(owner, "workshop-agreement", workshop.pk)
    assert len(four) <= len(one) + 1


# --- When nothing is told -------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["collecting", "discussing"])
def test_a_blind_workshop_tells_nothing_before_it_is_discussed(owner: Actor, state: str) -> None:
    workshop, _ = room(owner, state=state, reveal="blind")
    found = told(owner, workshop)
    shut = state == "collecting"
    assert (found["alpha"] is None) is shut
    assert (found["people"] == 0) is shut
    assert (found["gaps"] == []) is shut
    text = page(owner, "workshop-agreement", workshop.pk)
    assert ("nothing is told before the discussion" in text) is shut
    assert ('id="alpha"' in text) is not shut


def test_while_answers_come_in_groups_are_not_compared(owner: Actor) -> None:
    workshop, _ = room(owner, state="collecting")
    found = told(owner, workshop)
    assert found["alpha"] is not None
    assert (found["groups"], found["gaps"], found["relationships"]) == ([], [], [])
    assert "Groups are compared once the discussion begins" in page(owner, "workshop-agreement", workshop.pk)
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    move_workshop(by=owner, workshop_id=workshop.pk, state="collecting")
    assert told(owner, workshop)["gaps"] == []


def test_two_people_are_too_few(owner: Actor) -> None:
    workshop, _ = room(owner, ["board", "front line"])
    found = told(owner, workshop)
    assert found["alpha"] is None
    assert "from three on" in found["said"][0]
    assert "from three on" in page(owner, "workshop-agreement", workshop.pk)


def test_an_empty_workshop_has_its_page(owner: Actor) -> None:
    workshop, _ = room(owner, [])
    assert "Too few people" in page(owner, "workshop-agreement", workshop.pk)
    assert told(owner, workshop)["groups"] == []


# --- No difference tells of one or two ------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        (["board"] * 3 + ["front line"] * 3, [("board", 3), ("front line", 3)]),
        (["board"] * 4 + ["front line"] * 3 + ["customers"], [("board", 4), ("front line and others", 4)]),
        (["board"] * 4 + ["front line", "customers", ""], [("board", 4), ("others", 3)]),
        (["board"] * 5 + ["front line"] * 2, []),
        (["board"] * 2 + ["front line"] * 2 + ["customers"] * 2, []),
        ([""] * 6, []),
    ],
)
def test_groups_too_small_are_counted_together_or_nothing_is_shown(
    owner: Actor, groups: list[str], shown: list[tuple[str, int]]
) -> None:
    workshop, segment = room(owner, groups)
    found = told(owner, workshop)
    assert [(each["name"], each["people"]) for each in found["groups"]] == shown
    assert bool(found["gaps"]) is bool(shown)
    for each in found["gaps"]:
        ns = [view["n"] for view in each["views"]]
        total = len(groups)
        for some in range(len(ns) + 1):
            for chosen in combinations(ns, some):
                assert sum(chosen) not in (1, 2)
                assert total - sum(chosen) not in (1, 2)
    text = page(owner, "workshop-agreement", workshop.pk, query=f"?segment={segment.pk}" if shown else "")
    assert not re.search(r"median [^<]*n [12]\b", text)


def test_an_item_that_only_two_of_a_group_know_is_nowhere(owner: Actor) -> None:
    workshop, segment = room(owner, state="collecting")
    person = Participant.objects.filter(workshop=workshop, group="board").first()
    assert person is not None
    say(owner, workshop, segment.pk, person, {"R4": None})
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    assert "R4" not in gaps(told(owner, workshop))
    one = page(owner, "workshop-agreement", workshop.pk, query=f"?segment={segment.pk}")
    assert '<span class="id">R4</span>' not in one


def test_groups_stay_once_the_discussion_has_begun(owner: Actor) -> None:
    workshop, _ = room(owner)
    person = Participant.objects.filter(workshop=workshop).latest("pk")
    for state in ("discussing", "collecting", "committed"):
        if state != "discussing":
            move_workshop(by=owner, workshop_id=workshop.pk, state=state)
        with pytest.raises(ValidationError, match="stay as they were"):
            set_groups(by=owner, workshop_id=workshop.pk, groups={person.pk: "board"})
        with pytest.raises(ValidationError, match="stay as they were"):
            add_participant(by=owner, workshop_id=workshop.pk, name="Late", group="board")


def test_a_workshop_discussed_before_groups_were_closed_keeps_its_groups_too(owner: Actor) -> None:
    workshop, _ = room(owner)
    Workshop.objects.update(groups_closed_at=None)
    person = Participant.objects.filter(workshop=workshop).latest("pk")
    with pytest.raises(ValidationError, match="stay as they were"):
        set_groups(by=owner, workshop_id=workshop.pk, groups={person.pk: "board"})
    move_workshop(by=owner, workshop_id=workshop.pk, state="collecting")
    with pytest.raises(ValidationError, match="stay as they were"):
        set_groups(by=owner, workshop_id=workshop.pk, groups={person.pk: "board"})


def test_one_who_joins_later_is_in_no_group_and_keeps_items_back(owner: Actor) -> None:
    workshop, segment = room(owner)
    move_workshop(by=owner, workshop_id=workshop.pk, state="collecting")
    late = [add_participant(by=owner, workshop_id=workshop.pk, name=f"Late {place}") for place in range(3)]
    say(owner, workshop, segment.pk, late[0], {"R4": 0})
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    found = told(owner, workshop)
    assert [each["people"] for each in found["groups"]] == [4, 3]
    assert "R4" not in gaps(found)
    assert "R10" in gaps(found)
    move_workshop(by=owner, workshop_id=workshop.pk, state="collecting")
    for person in late[1:]:
        say(owner, workshop, segment.pk, person, {"R4": 0})
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    assert gaps(told(owner, workshop))["R4"]["views"][0]["n"] == 4


def test_who_is_removed_later_takes_the_comparison_along(owner: Actor) -> None:
    workshop, _ = room(owner)
    idle = add_participant(by=owner, workshop_id=workshop.pk, name="Without a sheet")
    drop_participant(by=owner, workshop_id=workshop.pk, participant_id=idle.pk)
    assert told(owner, workshop)["gaps"]
    person = Participant.objects.filter(workshop=workshop).latest("pk")
    drop_participant(by=owner, workshop_id=workshop.pk, participant_id=person.pk)
    found = told(owner, workshop)
    assert (found["groups"], found["gaps"]) == ([], [])
    assert found["alpha"] is not None
    assert "someone was removed" in page(owner, "workshop-agreement", workshop.pk)


def test_groups_can_be_set_until_then(owner: Actor) -> None:
    workshop, _ = room(owner, ["", "", "", "board", "board", "board"], state="collecting")
    people = list(Participant.objects.filter(workshop=workshop, group=""))
    set_groups(by=owner, workshop_id=workshop.pk, groups={each.pk: " front   line " for each in people})
    assert set(Participant.objects.filter(workshop=workshop).values_list("group", flat=True)) == {
        "board",
        "front line",
    }
    assert move_workshop(by=owner, workshop_id=workshop.pk, state="discussing").groups_closed_at
    assert [each["name"] for each in told(owner, workshop)["groups"]] == ["board", "front line"]
