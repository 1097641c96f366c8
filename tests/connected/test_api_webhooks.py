"""REST of webhooks: the secret once, the log, and who may."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from connected.models import Delivery, KeptAnswer, Role
from connected.permissions import Actor
from connected.services import announce, send_due
from tests import factories
from tests.api import caller, read, send
from tests.receiver import Receiver, receiving, status


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        yield found


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


@pytest.fixture
def made(client: Client, receiver: Receiver) -> Any:
    answer = send(client, "post", "webhooks/", {"url": receiver.url, "events": ["run.finished"]})
    assert answer.status_code == 201
    return answer.json()


def test_the_secret_is_in_the_first_answer_and_nowhere_else(client: Client, made: Any) -> None:
    assert made["secret"].startswith("whsec_")
    for path in ("webhooks/", f"webhooks/{made['id']}/"):
        assert "whsec_" not in read(client, path).content.decode()


def test_a_secret_is_not_kept_under_a_key(client: Client, receiver: Receiver) -> None:
    body = {"url": receiver.url, "events": ["run.finished"]}
    first, again = (
        client.post(
            "/api/v1/webhooks/", body, content_type="application/json", headers={"Idempotency-Key": "one"}
        )
        for _ in range(2)
    )
    assert first.json()["secret"] is not None
    assert again.json() == {**first.json(), "secret": None}
    assert b"whsec_" not in bytes(KeptAnswer.objects.get().body)


def test_an_exchanged_secret_is_another_one(
    client: Client, made: Any, owner: Actor, receiver: Receiver
) -> None:
    rotated = client.post(f"/api/v1/webhooks/{made['id']}/rotate/").json()
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={})
    send_due()
    assert rotated["secret"] != made["secret"]
    assert receiver.heard[0].signed_by(rotated["secret"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": ["run.finished"]}, "url"),
        ({"url": "https://10.0.0.1/", "events": ["run.finished"]}, "url"),
        ({"url": "https://example.com/", "events": ["run.ended"]}, "events[0]"),
        ({"url": "https://example.com/", "events": []}, "events"),
        ({"url": "https://example.com/", "events": ["run.finished"], "secret": "x"}, "secret"),
    ],
)
def test_what_is_wrong_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    answer = send(client, "post", "webhooks/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith(field.split("[")[0])


def test_a_webhook_is_changed_disabled_and_deleted(client: Client, made: Any) -> None:
    path = f"webhooks/{made['id']}/"
    changed = send(client, "patch", path, {"events": ["placement.changed"], "state": "disabled"}).json()
    assert (changed["events"], changed["state"]) == (["placement.changed"], "disabled")
    assert changed["reason"].startswith("Disabled by")
    assert client.delete(f"/api/v1/{path}").status_code == 204
    assert read(client, path).status_code == 404


def test_the_log_tells_what_was_answered_and_sends_again(
    client: Client, made: Any, owner: Actor, receiver: Receiver
) -> None:
    receiver.answer = status(500, b"no")
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={"run": 7})
    send_due()
    path = f"webhooks/{made['id']}/deliveries/"
    (line,) = read(client, path).json()["results"]
    assert (line["state"], line["status"], line["reply"], line["attempts"]) == ("waiting", 500, "no", 1)
    assert read(client, f"{path}{line['id']}/").json()["payload"]["data"] == {"run": 7}
    assert client.post(f"/api/v1/{path}{line['id']}/replay/").status_code == 409
    Delivery.objects.update(state="failed")
    assert client.post(f"/api/v1/{path}{line['id']}/replay/").status_code == 202
    receiver.answer = status(204)
    send_due()
    assert read(client, f"{path}?state=delivered").json()["results"][0]["event"] == line["event"]


def test_a_delivery_is_found_under_its_own_webhook_only(
    client: Client, made: Any, owner: Actor, receiver: Receiver
) -> None:
    other = send(client, "post", "webhooks/", {"url": receiver.url, "events": ["placement.changed"]}).json()
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={})
    delivery = Delivery.objects.get().pk
    assert read(client, f"webhooks/{other['id']}/deliveries/{delivery}/").status_code == 404


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.MANAGER])
def test_webhooks_are_the_owners(owner: Actor, made: Any, role: str) -> None:
    other = caller(factories.member(owner, role))
    assert read(other, "webhooks/").status_code == 403
    assert send(other, "post", "webhooks/", {}).status_code == 403


def test_a_reading_token_of_an_owner_looks(owner: Actor, made: Any) -> None:
    reader = caller(owner, scope="read")
    assert read(reader, "webhooks/").status_code == 200
    assert send(reader, "post", "webhooks/", {}).status_code == 403


def test_a_workspace_has_so_many_and_no_more(client: Client, receiver: Receiver) -> None:
    body = {"url": receiver.url, "events": ["run.finished"]}
    codes = [send(client, "post", "webhooks/", body).status_code for _ in range(21)]
    assert codes == [201] * 20 + [400]
