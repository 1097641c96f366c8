"""A field there is not, or a value of another type than the schema names, is refused by name."""

from typing import Any

import pytest
from django.test import Client

from connected.permissions import Actor
from tests import factories
from tests.api import caller, send


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 7),
        ("name", True),
        ("customers", "7"),
        ("customers", 7.0),
        ("customers", True),
        ("revenue", 12.5),
        ("consent", 0),
        ("firm", "1"),
    ],
)
def test_a_segment_of_other_types_is_refused(owner: Actor, field: str, value: Any) -> None:
    body = {"firm": factories.firm(owner).pk, "name": "Riders", "currency": "EUR", field: value}
    refused = send(caller(owner), "post", "segments/", body)
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("field", "value"), [("identified", "yes"), ("signature", 1), ("importance", "4"), ("date", 20260101)]
)
def test_a_touchpoint_of_other_types_is_refused(owner: Actor, field: str, value: Any) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    body = {"segment": segment.pk, "step": "request", "name": "Opens the app", field: value}
    refused = send(caller(owner), "post", "touchpoints/", body)
    assert refused.json()["errors"][0]["field"] == field


def test_a_place_inside_a_list_is_named(owner: Actor) -> None:
    people = [{"name": "Ana"}, {"name": 7}]
    body = {"firm": factories.firm(owner).pk, "name": "Spring", "participants": people}
    refused = send(caller(owner), "post", "workshops/", body)
    assert refused.json()["errors"] == [{"field": "participants[1].name", "detail": "Not a valid string."}]


def test_a_field_inside_a_list_that_there_is_not_is_named(owner: Actor) -> None:
    body = {"firm": factories.firm(owner).pk, "name": "Spring", "participants": [{"name": "Ana", "grp": ""}]}
    refused = send(caller(owner), "post", "workshops/", body)
    (place,) = refused.json()["errors"]
    assert place["field"] == "participants[0].grp"
    assert "Known: name, group" in place["detail"]


def test_what_was_read_can_be_sent_back(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    client: Client = caller(owner)
    path = f"segments/{segment.pk}/"
    found = client.get(f"/api/v1/{path}").json()
    assert send(client, "put", path, found).status_code == 200
