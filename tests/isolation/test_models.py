"""Scoring models a workspace published: told of nowhere else, by no name, number or parameter."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from matrix.models import ModelDraft, ScoringModel
from tests.isolation.calls import Answer
from tests.isolation.world import OURS, World

NEVER = 8_999_999


@pytest.fixture
def ours(inhabited: World, django_db_blocker: pytest.FixtureRequest) -> Iterator[Client]:
    """The owner of our workspace, signed in."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        client = Client()
        client.force_login(inhabited.users["our owner"])
        yield client


@pytest.fixture
def token(inhabited: World, ours: Client) -> Client:
    return Client(headers={"Authorization": f"Token {inhabited.tokens['write']}"})


def alike(client: Client, address: str, theirs: int, **more: Any) -> bool:
    """Whether an id of theirs is answered like one that never was."""
    answers = [client.get(address.format(pk), more) for pk in (theirs, NEVER)]
    said = [
        Answer(answer.status_code, answer.content.decode().replace(str(pk), "#")).steady
        for answer, pk in zip(answers, (theirs, NEVER), strict=True)
    ]
    return said[0] == said[1] and answers[0].status_code == 404


def test_the_page_of_theirs_is_like_one_that_never_was(ours: Client, inhabited: World) -> None:
    assert alike(ours, f"/w/{OURS}/settings/models/{{}}/", inhabited.realms["theirs"].ids["scoringmodel"])


def test_rest_knows_nothing_of_theirs(token: Client, inhabited: World) -> None:
    assert alike(token, "/api/v1/models/{}/", inhabited.realms["theirs"].ids["scoringmodel"])


def test_lists_name_our_own_and_not_theirs(ours: Client, token: Client) -> None:
    for client, address in ((ours, f"/w/{OURS}/settings/models/"), (token, "/api/v1/models/")):
        said = client.get(address).content.decode()
        assert ("emu-own" in said, "quokka" in said) == (True, False)


def test_comparing_with_theirs_is_like_comparing_with_nothing(ours: Client, inhabited: World) -> None:
    theirs = inhabited.realms["theirs"].ids["scoringmodel"]
    pages = [ours.get(f"/w/{OURS}/settings/models/2/", {"against": pk}) for pk in (theirs, NEVER)]
    assert {page.status_code for page in pages} == {200}
    assert all(b"quokka" not in page.content for page in pages)


def test_a_run_by_the_name_of_theirs_is_refused_without_a_word_of_it(token: Client) -> None:
    said = [
        token.post("/api/v1/runs/", {"model": name}, content_type="application/json")
        for name in ("quokka-own.v1", "nobody-own.v1")
    ]
    assert [answer.status_code for answer in said] == [400, 400]
    assert len({answer.content.replace(b"quokka", b"nobody") for answer in said}) == 1


def test_without_a_workspace_the_app_sees_shared_versions_only(ours: Client) -> None:
    assert set(ScoringModel._base_manager.values_list("owner", flat=True)) == {None}
    assert not ModelDraft._base_manager.exists()
