"""Calling REST in tests the way a script does: by token, over the whole stack of middleware."""

from typing import Any

from django.test import Client

from connected.permissions import Actor
from connected.services import make_token


def caller(actor: Actor, scope: str = "write") -> Client:
    """A client that acts as this member. Must be called inside the workspace."""
    _, text = make_token(by=actor, name="Script", scope=scope)
    return Client(headers={"Authorization": f"Token {text}"})


def send(client: Client, method: str, path: str, body: Any) -> Any:
    """A call with a JSON body."""
    return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")


def read(client: Client, path: str) -> Any:
    return client.get(f"/api/v1/{path}")
