"""Pages as a member sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connected.models import User
from connected.permissions import Actor

# Session, person, membership, grants' scope, and raising and lowering both walls, savepoints included.
SHELL_QUERIES = 11


class Browser:
    """A signed-in member; addresses by route name."""

    def __init__(self, actor: Actor) -> None:
        self.actor, self.client = actor, Client()
        self.client.force_login(User.objects.get(pk=actor.user_id or 0))

    def at(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.actor.workspace_slug, *args])

    def get(self, name: str, *args: object, query: str = "", **headers: str) -> Any:
        return self.client.get(self.at(name, *args) + query, headers=headers)

    def post(self, name: str, *args: object, data: dict[str, Any] | None = None, htmx: bool = False) -> Any:
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.post(self.at(name, *args), data or {}, headers=headers)

    def after(self, answer: Any, *, htmx: bool = False) -> Any:
        """The page an answer leads to, as a browser asks for it."""
        assert answer.status_code == 302
        return self.client.get(answer.headers["Location"], headers={"HX-Request": "true"} if htmx else {})


@pytest.fixture
def browse() -> Callable[[Actor], Browser]:
    return Browser
