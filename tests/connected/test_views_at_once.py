"""Two people who save one form in the same instant: real connections and commits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from connected.models import Firm, User
from connected.permissions import Actor
from connected.tenancy import in_workspace
from tests import factories
from tests.locks import waited_for
from tests.stack import wait_for

SHOWED = '{"name": "Acme", "industry": "", "need": "", "refuses": ""}'


@dataclass(frozen=True)
class Open:
    """A firm, committed, whose form somebody has open."""

    actor: Actor
    user: User
    firm: int

    def save(self, **typed: str) -> Any:
        """The form, over a connection of its own."""
        client = Client()
        client.force_login(self.user)
        data = {"name": "Acme", "industry": "", "need": "", "refuses": "", **typed, "was": SHOWED}
        try:
            return client.post(f"/w/{self.actor.workspace_slug}/firms/{self.firm}/edit/", data)
        finally:
            connections.close_all()

    def save_amid(self, another: dict[str, str], **typed: str) -> Any:
        """The same while another's save is written but not committed."""
        with ThreadPoolExecutor(1) as pool:
            with in_workspace(self.actor.workspace_id):
                Firm.objects.filter(pk=self.firm).update(**another)
                answer = pool.submit(self.save, **typed)
                wait_for(lambda: answer.done() or waited_for(connection), 20, "a save that waits")
                assert not answer.done()
            return answer.result()

    def says(self) -> tuple[str, str]:
        with in_workspace(self.actor.workspace_id):
            row = Firm.objects.get(pk=self.firm)
            return row.need, row.refuses


@pytest.fixture
def opened(committed: None) -> Open:
    actor = factories.workspace()
    assert actor.user_id is not None
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        return Open(actor, User.objects.get(pk=actor.user_id), factories.firm(actor, "Acme").pk)


def test_what_another_saves_in_the_same_instant_is_asked_about(opened: Open) -> None:
    answer = opened.save_amid({"need": "Theirs"}, need="Mine")
    assert answer.status_code == 422
    assert "It says “Theirs” now" in answer.content.decode()
    assert opened.says() == ("Theirs", "")


def test_another_field_is_saved_beside_it(opened: Open) -> None:
    answer = opened.save_amid({"need": "Theirs"}, refuses="Mine")
    assert answer.status_code == 302
    assert opened.says() == ("Theirs", "Mine")
