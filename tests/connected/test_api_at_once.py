"""Calls that cross what another connection is doing: real connections and commits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.db import connection, connections
from django.test import Client

from connected.models import Firm, Touchpoint
from connected.permissions import Actor
from connected.services import make_token
from connected.tenancy import in_workspace
from tests import factories
from tests.locks import waited_for
from tests.stack import wait_for


@dataclass(frozen=True)
class Room:
    """A committed workspace with a firm and a segment, and a token that may write."""

    actor: Actor
    token: str
    firm: int
    segment: int

    def call(self, method: str, path: str, body: object) -> Any:
        """Over a connection of its own."""
        client = Client(headers={"Authorization": f"Token {self.token}"}, raise_request_exception=False)
        try:
            return client.generic(
                method, f"/api/v1/{path}", orjson.dumps(body), content_type="application/json"
            )
        finally:
            connections.close_all()

    @contextmanager
    def another(self, statement: str, pk: int) -> Iterator[Any]:
        """Another connection that has done this, in this workspace, and not committed it."""
        with closing(connection.copy()) as other:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(self.actor.workspace_id)])
                cursor.execute(statement, [pk])
                yield other

    def crossing(self, statement: str, pk: int, call: tuple[str, str, object]) -> Any:
        """The answer to a call that waits for what another commits."""
        with self.another(statement, pk) as other, ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self.call, *call)
            wait_for(lambda: answer.done() or waited_for(other), 20, "a call that waits")
            assert not answer.done()
            other.commit()
            return answer.result()


@pytest.fixture
def room(committed: None) -> Room:
    actor = factories.workspace()
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        firm = factories.firm(actor)
        segment = factories.segment(actor, firm.pk)
        _, text = make_token(by=actor, name="Script", scope="write")
    return Room(actor, text, firm.pk, segment.pk)


def test_what_names_a_segment_that_is_being_deleted_is_asked_to_come_again(room: Room) -> None:
    """The database misses the segment when the call commits."""
    made = {"segment": room.segment, "step": "request", "name": "Opens the app"}
    deleted = "DELETE FROM connected_segment WHERE id = %s"
    answer = room.crossing(deleted, room.segment, ("POST", "touchpoints/", made))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "nothing of this was saved" in answer.json()["detail"]
    assert room.call("POST", "touchpoints/", made).status_code in (400, 404, 422)
    with in_workspace(room.actor.workspace_id):
        assert not Touchpoint.objects.exists()


def test_a_change_of_what_is_being_deleted_finds_nothing(room: Room) -> None:
    deleted = "DELETE FROM connected_segment WHERE id = %s"
    change = ("PATCH", f"segments/{room.segment}/", {"customers": 5})
    assert room.crossing(deleted, room.segment, change).status_code == 404


def test_what_another_holds_for_long_is_no_database_that_is_away(room: Room) -> None:
    change = ("PATCH", f"firms/{room.firm}/", {"need": "Rest"})
    with room.another("SELECT FROM connected_firm WHERE id = %s FOR UPDATE", room.firm):
        answer = room.call(*change)
    assert answer.status_code == 503
    assert "Somebody changed the same at that moment" in answer.json()["detail"]
    assert room.call(*change).status_code == 200
    with in_workspace(room.actor.workspace_id):
        assert Firm.objects.get(pk=room.firm).need == "Rest"
