"""Calls with one key at once: real threads, connections and commits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from connected.models import Touchpoint
from connected.permissions import Actor, actor_of
from connected.queries import live_token
from connected.services import hold_key, make_token
from connected.tenancy import in_workspace
from tests import factories

CALLERS = 6


@dataclass(frozen=True)
class Room:
    """A committed workspace: other connections see it. ``token`` may write; ``segment`` is empty."""

    actor: Actor
    token: str
    segment: int

    def call(self, **headers: str) -> Any:
        """One touchpoint more, over a connection of its own."""
        client = Client(headers={"Authorization": f"Token {self.token}", **headers})
        body = {"segment": self.segment, "step": "request", "name": "Opens the app"}
        try:
            return client.post("/api/v1/touchpoints/", body, content_type="application/json")
        finally:
            connections.close_all()

    def at_once(self, **headers: str) -> list[Any]:
        start = Barrier(CALLERS)

        def act(number: int) -> Any:
            start.wait()
            return self.call(**headers)

        with ThreadPoolExecutor(CALLERS) as pool:
            return list(pool.map(act, range(CALLERS)))

    def count(self) -> int:
        with in_workspace(self.actor.workspace_id):
            return Touchpoint.objects.count()


@pytest.fixture
def room(committed: None) -> Room:
    actor = factories.workspace()
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        segment = factories.segment(actor, factories.firm(actor).pk)
        _, text = make_token(by=actor, name="Script", scope="write")
    return Room(actor, text, segment.pk)


def test_of_many_calls_at_once_one_is_done(room: Room) -> None:
    answers = room.at_once(**{"Idempotency-Key": "one"})
    done = {answer.content for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(done) == 1
    assert room.count() == 1


def test_without_a_key_each_is_done(room: Room) -> None:
    """The negative control: it is the key that holds the others back."""
    room.at_once()
    assert room.count() == CALLERS


def test_while_the_first_runs_the_second_is_told_so_and_may_ask_again(room: Room) -> None:
    with in_workspace(room.actor.workspace_id):
        token = live_token(room.token.split("_")[1])
        assert token is not None
        hold_key(by=actor_of(token.membership, token), key="one", request="x")
        with ThreadPoolExecutor(1) as pool:
            busy = pool.submit(room.call, **{"Idempotency-Key": "one"}).result()
    assert busy.status_code == 409
    assert busy["Retry-After"] == "1"
    assert "still running" in busy.json()["detail"]
    assert room.call(**{"Idempotency-Key": "one"}).status_code == 201
