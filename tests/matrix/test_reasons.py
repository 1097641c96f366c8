"""Why it changed and what would move it: on pages, in REST and as a file, from the same reckoning."""

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import matrix
from assessments.models import Participant, Workshop
from assessments.services import save_answer
from connected.models import Role, User
from connected.permissions import Actor
from connected.services import change_segment
from matrix.models import Placement, StandingPlacement
from matrix.services import rescore_stale
from tests import factories
from tests.api import caller, read
from tests.matrix.scoring.answers import INSTRUMENT
from tests.matrix.scoring.test_stranger import check
from tests.matrix.test_pages import answer, page, scored

pytestmark = pytest.mark.django_db


def standing(segment: int) -> StandingPlacement:
    return StandingPlacement.objects.get(segment_id=segment)


def answered(owner: Actor, segment: int, item: str, value: int) -> None:
    """Every participant changes one answer, and the segment is scored again."""
    workshop = Workshop.objects.get(firm__segments=segment)
    for participant in Participant.objects.filter(workshop=workshop):
        save_answer(
            by=owner,
            workshop_id=workshop.pk,
            participant_id=participant.pk,
            segment_id=segment,
            item=item,
            value=value,
        )
    rescore_stale(workspace_id=owner.workspace_id)


def moved(owner: Actor) -> tuple[int, Placement, StandingPlacement]:
    """A segment whose R8 fell from 3 to 1, with its placements before and after."""
    segment = scored(owner)
    before = Placement.objects.get(pk=standing(segment).pk)
    answered(owner, segment, "R8", 1)
    return segment, before, standing(segment)


# --- Receipt --------------------------------------------------------------------------------------


def test_a_stranger_reckons_the_placement_from_rest_alone(owner: Actor) -> None:
    segment = scored(owner)
    proof = read(caller(owner), f"placements/{standing(segment).pk}/receipt/").json()
    check(proof)
    assert {"run", "computed_at", "fingerprint", "model"} <= set(proof)


def test_page_rest_and_file_say_the_same(owner: Actor) -> None:
    segment = scored(owner)
    proof = read(caller(owner), f"placements/{standing(segment).pk}/receipt/").json()
    lines = list(csv.DictReader(answer(owner, "segment-receipt", segment).content.decode().splitlines()))
    exact = {
        (each["kind"], each["code"], line["item"]): line["points"]
        for each in proof["accounts"]
        for line in each["lines"]
    }
    filed = {
        (line["kind"], line["code"], line["item"]): float(line["points"]) if line["points"] else None
        for line in lines
        if line["item"] and line["kind"] not in ("gate", "cap")
    }
    assert filed == exact
    assert {line["fingerprint"] for line in lines} == {proof["fingerprint"]}
    text = page(owner, "segment", segment)
    level = next(each for each in proof["accounts"] if each["code"] == "RD")["score"]
    assert f'class="num" role="cell">{level * 100:.1f}</td>' in text
    assert proof["fingerprint"] in text


def test_lines_of_the_file_add_up_to_its_totals(owner: Actor) -> None:
    lines = list(
        csv.DictReader(answer(owner, "segment-receipt", scored(owner)).content.decode().splitlines())
    )
    sums: dict[tuple[str, str], float] = {}
    for line in lines:
        if line["item"] and line["points"] and line["kind"] != "gate":
            key = (line["kind"], line["code"])
            sums[key] = sums.get(key, 0.0) + float(line["points"])
    totals = {(line["kind"], line["code"]): line["points"] for line in lines if line["title"] == "Total"}
    assert sums == {key: float(points) for key, points in totals.items() if points}
    assert len(totals) == 17


def test_a_segment_without_placement_has_no_file(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    assert answer(owner, "segment-receipt", segment.pk).status_code == 404


# --- Why did it change? ---------------------------------------------------------------------------


def test_the_page_says_what_turned_and_why(owner: Actor) -> None:
    segment, before, after = moved(owner)
    text = page(owner, "segment-changes", segment, query=f"?before={before.pk}&after={after.pk}")
    assert "Coach behavior is no longer present because the mean of R8 fell from 3.0 to 1.0" in text
    assert "The answer to R8 turned it." in text


def test_parts_on_the_page_add_up_to_the_differences(owner: Actor) -> None:
    segment, before, after = moved(owner)
    text = page(owner, "segment-changes", segment, query=f"?before={before.pk}&after={after.pk}")
    found = re.findall(r'data-l="(total|adds)">([^<]+)<', text)
    totals: list[Decimal] = []
    adds: list[Decimal] = []
    sums: list[Decimal] = []
    for kind, words in [*found, ("total", "0")]:
        value = Decimal(words.replace("−", "-"))
        if kind == "total":
            sums.append(sum(adds, Decimal(0)))
            totals.append(value)
            adds = []
        else:
            adds.append(value)
    assert len(totals) > 3
    assert sums[1:] == totals[:-1]


def test_the_history_leads_to_the_change(owner: Actor) -> None:
    segment, before, _ = moved(owner)
    text = page(owner, "segment", segment)
    assert f"{reverse('segment-changes', args=[owner.workspace_slug, segment])}?before={before.pk}" in text
    assert text.count("Why did it change?") == 1


def test_without_being_told_the_last_two_are_compared(owner: Actor) -> None:
    segment, *_ = moved(owner)
    assert "fell from 3.0 to 1.0" in page(owner, "segment-changes", segment)


def test_a_first_placement_has_nothing_before_it(owner: Actor) -> None:
    assert "This is its first placement" in page(owner, "segment-changes", scored(owner))
    bare = factories.segment(owner, factories.firm(owner).pk)
    assert "Not placed yet, so nothing has changed." in page(owner, "segment-changes", bare.pk)


@pytest.mark.parametrize("query", ["?before=99999999", "?after=x", "?before=9" + "9" * 30])
def test_placements_there_are_not_are_no_page(owner: Actor, query: str) -> None:
    assert answer(owner, "segment-changes", scored(owner), query=query).status_code == 404


def test_a_placement_of_another_segment_is_no_page(owner: Actor) -> None:
    one, other = scored(owner), scored(owner)
    assert answer(owner, "segment-changes", one, query=f"?before={standing(other).pk}").status_code == 404


def test_rest_splits_the_difference_exactly(owner: Actor) -> None:
    _, before, after = moved(owner)
    found = read(caller(owner), f"placements/{after.pk}/change/?before={before.pk}").json()
    assert [(step["kind"], step["item"]) for step in found["steps"]] == [("answer", "R8")]
    for score in found["scores"]:
        if score["parts"] is not None:
            assert sum(score["parts"]) == score["after"] - score["before"]
    labels = {(label["name"], label["code"]): label for label in found["labels"]}
    assert labels["present", "CB"]["because"][0]["line_after"] == 2.0
    assert (found["before"]["placement"], found["after"]["placement"]) == (before.pk, after.pk)


def test_rest_without_an_earlier_one_is_empty(owner: Actor) -> None:
    found = read(caller(owner), f"placements/{standing(scored(owner)).pk}/change/").json()
    assert (found["before"], found["steps"], found["scores"]) == (None, [], [])


@pytest.mark.parametrize("before", ["x", "99999999", "9" * 30])
def test_rest_refuses_what_is_no_placement_of_it(owner: Actor, before: str) -> None:
    response = read(caller(owner), f"placements/{standing(scored(owner)).pk}/change/?before={before}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "before"


# --- What would move it ---------------------------------------------------------------------------


def test_the_page_shows_today_then_and_what_earns_it(owner: Actor) -> None:
    text = page(owner, "segment-moves", scored(owner, R8=1), query="?to=CB-PR")
    assert "would move it to Coach behavior × connected producer" in text
    assert "the customer’s own data" in text
    assert "at Recognize." in text
    assert text.count('aria-current="true"') == 1


def test_a_target_there_is_not_is_said_in_words(owner: Actor) -> None:
    assert "Give a cell such as CO-MM" in page(owner, "segment-moves", scored(owner), query="?to=XX")


def test_without_a_target_it_is_what_they_want_most(owner: Actor) -> None:
    text = page(owner, "segment-moves", scored(owner, P1=4, P5=4, R8=1))
    assert '<option value="CB-PR" selected>' in text


def test_an_unplaced_segment_has_nothing_to_move(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    assert "nothing to move" in page(owner, "segment-moves", segment.pk)


def test_consent_refused_blocks_the_recommendation(owner: Actor) -> None:
    segment = scored(owner, R8=1)
    change_segment(by=owner, segment_id=segment, consent="no")
    text = page(owner, "segment-moves", segment, query="?to=CB-PR")
    assert "Blocked for lack of consent: Coach behavior" in text
    assert "does not consent" in text
    found = read(caller(owner), f"placements/{standing(segment).pk}/moves/?to=CB-PR").json()
    assert (found["reached"], found["barred"], found["moves"]) == ("barred", ["CB"], [])


def test_htmx_gets_the_part_and_keeps_inside(owner: Actor) -> None:
    segment = scored(owner)
    client = Client()
    client.force_login(User.objects.get(pk=owner.user_id or 0))
    address = reverse("segment-moves", args=[owner.workspace_slug, segment])
    text = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith('<div id="ways"')
    assert text.count('hx-target="#ways"') == 20 + 4 + 1


def test_the_segment_asks_on_demand(owner: Actor) -> None:
    segment = scored(owner)
    address = reverse("segment-moves", args=[owner.workspace_slug, segment])
    text = page(owner, "segment", segment)
    assert f'hx-get="{address}" hx-trigger="toggle once"' in text
    assert f'<a href="{address}">' in text


def test_rest_names_the_moves_and_their_texts(owner: Actor) -> None:
    segment = scored(owner)
    found = read(caller(owner), f"placements/{standing(segment).pk}/moves/?to=cb-pr").json()
    assert (found["target"], found["reached"], found["exact"]) == ("CB-PR", "found", True)
    assert found["then"]["primary_relationship"] == "CB"
    assert all(move["earned_by"] and move["where"] for move in found["moves"])
    assert found["steps"] == sum(move["steps"] for move in found["moves"])


def test_rest_refuses_a_target_there_is_not(owner: Actor) -> None:
    response = read(caller(owner), f"placements/{standing(scored(owner)).pk}/moves/?to=Q9")
    assert response.status_code == 400
    assert "CO-MM" in response.json()["errors"][0]["detail"]


def test_a_manager_without_the_firm_sees_none_of_it(owner: Actor) -> None:
    segment = scored(owner)
    other = factories.firm(owner, "Other").pk
    manager = factories.member(owner, Role.MANAGER, (other,))
    for name in ("segment-changes", "segment-moves", "segment-receipt"):
        assert answer(manager, name, segment).status_code == 404
    for what in ("change", "moves", "receipt"):
        assert read(caller(manager), f"placements/{standing(segment).pk}/{what}/").status_code == 404


def test_every_item_has_its_texts() -> None:
    """Each level of each scale, each choice; wants say why they are not the firm's."""
    from_file = json.loads((Path(matrix.__file__).parent / "data/earns/cs-1.v1.json").read_text())["items"]
    for item in INSTRUMENT.items:
        kept = from_file[item.code]
        assert kept["where"]
        if item.is_choice:
            assert set(kept["choices"]) == {choice.code for choice in item.choices}
        elif "want" not in kept:
            assert {"1", "2", "3", "4"} <= set(kept["levels"])
    assert {code for code, kept in from_file.items() if "want" in kept} == {f"P{n}" for n in range(1, 7)}
