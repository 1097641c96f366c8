"""Lists in one POST: all of them or none, every bad item named, and as fast as statements for all allow."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connected.models import Firm, Role, Segment, Touchpoint
from connected.permissions import Actor
from tests import factories
from tests.api import caller, read, send


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


@pytest.fixture
def firm(owner: Actor) -> Firm:
    return factories.firm(owner)


def bad(answer: Any) -> list[tuple[int, str]]:
    assert answer.status_code == 422, answer.content[:300]
    assert answer.json()["count"] == len(answer.json()["errors"])
    return [(each["index"], each["field"]) for each in answer.json()["errors"]]


def test_firms_of_a_list_are_made_in_its_order(client: Client) -> None:
    made = send(client, "post", "firms/", [{"name": "Uber"}, {"name": "Lyft", "industry": "Travel"}])
    assert made.status_code == 201
    names = [read(client, f"firms/{pk}/").json()["name"] for pk in made.json()["ids"]]
    assert (made.json()["count"], names) == (2, ["Uber", "Lyft"])


def test_one_of_a_list_is_what_one_alone_would_be(client: Client, firm: Firm) -> None:
    body = {"firm": firm.pk, "name": " Riders ", "customers": 5, "revenue": "12.50", "currency": "EUR"}
    body |= {"offering": "X", "situation": "tab\tand \\ and \n line", "consent": "yes", "source": "Report"}
    alone = send(client, "post", "segments/", body).json()
    (pk,) = send(client, "post", "segments/", [{**body, "name": "Others"}]).json()["ids"]
    listed = read(client, f"segments/{pk}/").json()
    differ = {"id", "name", "created_at", "updated_at"}
    assert {k: v for k, v in listed.items() if k not in differ} == {
        k: v for k, v in alone.items() if k not in differ
    }


def test_a_touchpoint_of_a_list_too(client: Client, owner: Actor, firm: Firm) -> None:
    segment = factories.segment(owner, firm.pk)
    body = {"segment": segment.pk, "step": "request", "name": "Opens the app", "identified": True, "pain": 0}
    alone = send(client, "post", "touchpoints/", body).json()
    made = send(client, "post", "touchpoints/", [body, {**body, "position": 7}, body]).json()["ids"]
    listed = [read(client, f"touchpoints/{pk}/").json() for pk in made]
    assert [alone["position"], *(each["position"] for each in listed)] == [0, 1, 7, 8]
    differ = {"id", "position", "created_at", "updated_at"}
    assert {k: v for k, v in listed[0].items() if k not in differ} == {
        k: v for k, v in alone.items() if k not in differ
    }


def test_with_one_bad_item_nothing_is_made_and_each_is_named(client: Client, firm: Firm) -> None:
    items = [
        {"firm": firm.pk, "name": "Good"},
        {"firm": firm.pk, "name": ""},
        {"firm": firm.pk, "name": "Odd", "customers": -1, "consent": "perhaps"},
        {"firm": firm.pk, "name": "Odd", "colour": "red"},
    ]
    found = bad(send(client, "post", "segments/", items))
    assert {index for index, _ in found} <= {1, 2, 3}
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "A" * 121}, "name"),
        ({"name": "A", "customers": -1}, "customers"),
        ({"name": "A", "customers": "5"}, "customers"),
        ({"name": "A", "revenue": "1.00"}, "currency"),
        ({"name": "A", "firm": 10**12}, "firm"),
        ({"name": "A", "colour": "red"}, "colour"),
        ({"name": "gOOD"}, "name"),
        ({"name": "THERE"}, "name"),
    ],
)
def test_what_is_wrong_is_named_by_place_and_field(
    client: Client, owner: Actor, firm: Firm, item: dict[str, Any], field: str
) -> None:
    factories.segment(owner, firm.pk, "There")
    items = [{"firm": firm.pk, "name": "Good"}, {"firm": firm.pk, **item}]
    assert bad(send(client, "post", "segments/", items)) == [(1, field)]
    assert Segment.objects.count() == 1


@pytest.mark.parametrize("odd", [[1], ["x"], [None], [[]]])
def test_an_item_that_is_no_object_is_named(client: Client, odd: list[Any]) -> None:
    assert bad(send(client, "post", "firms/", odd))[0][0] == 0


def test_firms_there_are_and_firms_named_twice_are_refused(client: Client) -> None:
    send(client, "post", "firms/", {"name": "Uber"})
    items = [{"name": "Uber"}, {"name": "Lyft"}, {"name": "Lyft"}]
    assert bad(send(client, "post", "firms/", items)) == [(0, "name"), (2, "name")]


def test_a_touchpoint_of_a_segment_that_is_not_there(client: Client) -> None:
    items = [{"segment": 10**12, "step": "request", "name": "Opens the app"}]
    assert bad(send(client, "post", "touchpoints/", items)) == [(0, "segment")]


def test_a_firm_of_another_workspace_is_not_there(client: Client, firm: Firm) -> None:
    stranger = factories.workspace()
    with factories.in_workspace(stranger.workspace_id, user_id=stranger.user_id):
        theirs = factories.firm(stranger)
    items = [{"firm": theirs.pk, "name": "Riders"}]
    assert bad(send(client, "post", "segments/", items)) == [(0, "firm")]


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_list_has_so_many_items(client: Client, count: int) -> None:
    answer = send(client, "post", "firms/", [{"name": str(place)} for place in range(count)])
    assert answer.status_code == 400
    assert "1 to 10000" in answer.json()["errors"][0]["detail"]


def test_managers_make_none(owner: Actor, firm: Firm) -> None:
    manager = caller(factories.member(owner, Role.MANAGER, (firm.pk,)))
    assert send(manager, "post", "segments/", [{"firm": firm.pk, "name": "A"}]).status_code == 403


def test_a_list_under_a_key_is_made_once(client: Client, firm: Firm) -> None:
    items = [{"firm": firm.pk, "name": "A"}, {"firm": firm.pk, "name": "B"}]
    first, again = (
        client.post(
            "/api/v1/segments/", items, content_type="application/json", headers={"Idempotency-Key": "one"}
        )
        for _ in range(2)
    )
    assert first.content == again.content
    assert Segment.objects.count() == 2


def items_of(firm: int, count: int) -> list[dict[str, Any]]:
    return [{"firm": firm, "name": f"Segment {place}", "offering": "Offering"} for place in range(count)]


def test_many_cost_no_more_statements_than_few(client: Client, firm: Firm) -> None:
    read(client, "firms/")  # The token notes its minute.
    counts = []
    for count in (2, 50):
        Segment.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            send(client, "post", "segments/", items_of(firm.pk, count))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_ten_thousand_in_one_call(
    client: Client, firm: Firm, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    answer = send(client, "post", "segments/", items_of(firm.pk, 10_000))
    seconds = time.monotonic() - began
    record_property("measured", f"segments of a list: {10_000 / seconds:,.0f} a second")
    assert answer.json()["count"] == Segment.objects.count() == 10_000
    assert seconds < 60


def test_touchpoints_of_ten_thousand(
    client: Client, owner: Actor, firm: Firm, record_property: Callable[[str, object], None]
) -> None:
    segment = factories.segment(owner, firm.pk)
    item = {"segment": segment.pk, "step": "request", "name": "Opens the app"}
    began = time.monotonic()
    send(client, "post", "touchpoints/", [item] * 10_000)
    record_property("measured", f"touchpoints of a list: {10_000 / (time.monotonic() - began):,.0f} a second")
    positions = Touchpoint.objects.order_by("id").values_list("position", flat=True)
    assert list(positions) == list(range(10_000))
