"""Webhooks: who is told, what is sent, and what becomes of it when nobody takes it."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, transaction
from django.http import Http404
from django.utils import timezone
from pytest_django import Settings

from connected.api.docs import GUIDE
from connected.models import Delivery, Role, Webhook
from connected.permissions import Actor
from connected.services import (
    add_webhook,
    announce,
    change_webhook,
    claim_delivery,
    drop_old_deliveries,
    drop_webhook,
    replay_delivery,
    rotate_secret,
    send,
    send_due,
)
from connected.services.deliveries import DELAYS, GIVE_UP, LEASE
from connected.states import WrongStep
from connected.tenancy import in_workspace
from tests import factories
from tests.receiver import Receiver, receiving, silent, status

BOTH = ("placement.changed", "run.finished")
DATA = {"run": 7, "state": "finished", "name": "Größe"}


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        yield found


@pytest.fixture
def hook(owner: Actor, receiver: Receiver) -> Webhook:
    return add_webhook(by=owner, url=receiver.url, events=BOTH)[0]


def told(hook: Webhook) -> Delivery:
    """One event, attempted once."""
    announce(workspace_id=hook.workspace_id, kind="run.finished", payload=DATA)
    attempt(hook)
    return hook.deliveries.latest("id")


def attempt(hook: Webhook) -> None:
    """Send what waits, however long it would have waited."""
    Webhook.objects.filter(pk=hook.pk).update(resting_until=None)
    Delivery.objects.filter(state="waiting").update(next_attempt_at=timezone.now() - timedelta(hours=1))
    parcel = claim_delivery(workspace_id=hook.workspace_id)
    assert parcel is not None
    send(parcel=parcel)
    hook.refresh_from_db()


def test_an_event_arrives_signed_as_the_specification_says(owner: Actor, receiver: Receiver) -> None:
    hook, secret = add_webhook(by=owner, url=receiver.url, events=BOTH)
    delivery = told(hook)
    heard = receiver.heard[0]
    assert heard.signed_by(secret)
    assert heard.headers["webhook-id"] == delivery.event
    assert heard.headers["content-type"] == "application/json"
    said = json.loads(heard.body)
    assert (said["type"], said["data"]) == ("run.finished", DATA)
    assert said["timestamp"].endswith("Z")


def test_the_time_signed_is_that_of_the_attempt(hook: Webhook, receiver: Receiver) -> None:
    told(hook)
    sent = int(receiver.heard[0].headers["webhook-timestamp"])
    assert abs(sent - timezone.now().timestamp()) < 60


def test_another_secret_does_not_fit(hook: Webhook, owner: Actor, receiver: Receiver) -> None:
    """The negative control of the signature."""
    _, other = add_webhook(by=owner, url=receiver.url, events=["placement.changed"])
    told(hook)
    assert not receiver.heard[0].signed_by(other)


def test_what_was_taken_is_in_the_log(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(202, b"thanks")
    delivery = told(hook)
    assert (delivery.state, delivery.status, delivery.reply) == ("delivered", 202, "thanks")
    assert (delivery.attempts, delivery.reason) == (1, "")
    assert delivery.ended_at is not None


def test_the_check_of_the_guide_takes_ours_and_nothing_else(owner: Actor, receiver: Receiver) -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    said: dict[str, Any] = {}
    exec(next(block for block in blocks if "def is_ours" in block), said)
    hook, secret = add_webhook(by=owner, url=receiver.url, events=BOTH)
    told(hook)
    headers, body = receiver.heard[0].headers, receiver.heard[0].body
    assert said["is_ours"](headers, body, secret)
    assert not said["is_ours"](headers, body + b" ", secret)
    assert not said["is_ours"]({**headers, "webhook-timestamp": "1700000000"}, body, secret)


def test_while_secrets_are_exchanged_both_sign(owner: Actor, receiver: Receiver) -> None:
    hook, old = add_webhook(by=owner, url=receiver.url, events=BOTH)
    _, new = rotate_secret(by=owner, webhook_id=hook.pk)
    told(hook)
    assert old != new
    assert receiver.heard[0].signed_by(old)
    assert receiver.heard[0].signed_by(new)


def test_after_the_overlap_only_the_new_secret_signs(owner: Actor, receiver: Receiver) -> None:
    hook, old = add_webhook(by=owner, url=receiver.url, events=BOTH)
    _, new = rotate_secret(by=owner, webhook_id=hook.pk)
    Webhook.objects.update(old_until=timezone.now())
    told(hook)
    assert not receiver.heard[0].signed_by(old)
    assert receiver.heard[0].signed_by(new)


def test_the_database_alone_does_not_know_the_secret(owner: Actor, receiver: Receiver) -> None:
    hook, secret = add_webhook(by=owner, url=receiver.url, events=BOTH)
    kept = str(Webhook.objects.filter(pk=hook.pk).values().get())
    assert secret.removeprefix("whsec_") not in kept


def test_only_who_wants_an_event_gets_it(owner: Actor, receiver: Receiver) -> None:
    hook, _ = add_webhook(by=owner, url=receiver.url, events=["placement.changed"])
    assert announce(workspace_id=owner.workspace_id, kind="run.finished", payload={}) == 0
    assert announce(workspace_id=owner.workspace_id, kind="placement.changed", payload={}) == 1
    assert hook.deliveries.count() == 1


def test_an_unknown_event_is_a_mistake_of_ours(owner: Actor) -> None:
    with pytest.raises(LookupError, match=r"run\.finished"):
        announce(workspace_id=owner.workspace_id, kind="run.ended", payload={})


def test_an_event_is_taken_back_with_what_it_told_of(hook: Webhook) -> None:
    with transaction.atomic():
        announce(workspace_id=hook.workspace_id, kind="run.finished", payload={})
        transaction.set_rollback(True)
    assert not hook.deliveries.exists()


@pytest.mark.parametrize("code", [302, 400, 404, 500, 503])
def test_whatever_is_not_2xx_is_tried_again_later(hook: Webhook, receiver: Receiver, code: int) -> None:
    receiver.answer = status(code, b"no")
    before = timezone.now()
    delivery = told(hook)
    assert (delivery.state, delivery.status, delivery.reply) == (
        "waiting",
        code if code > 199 else None,
        "no" if code > 199 else "",
    )
    assert delivery.next_attempt_at - before >= timedelta(seconds=DELAYS[0])
    assert delivery.next_attempt_at - timezone.now() <= timedelta(seconds=DELAYS[0] * 1.2)


def test_the_same_event_keeps_its_id_from_attempt_to_attempt(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(500)
    told(hook)
    receiver.answer = status(200)
    attempt(hook)
    assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == 1
    assert len({heard.body for heard in receiver.heard}) == 1
    assert hook.deliveries.get().state == "delivered"


def test_each_wait_is_longer_and_in_the_end_it_has_failed(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(500)
    delivery, waits = told(hook), []
    while delivery.state == "waiting":
        waits.append(delivery.next_attempt_at - timezone.now())
        attempt(hook)
        delivery.refresh_from_db()
    assert waits == sorted(waits)
    assert len(waits) == len(DELAYS)
    assert delivery.state == "failed"
    assert delivery.reason == "It answered 500: only 2xx counts as taken."


def test_a_failed_event_is_sent_again_by_hand(hook: Webhook, owner: Actor, receiver: Receiver) -> None:
    receiver.answer = status(500)
    delivery = told(hook)
    Delivery.objects.update(state="failed")
    receiver.answer = status(200)
    replay_delivery(by=owner, webhook_id=hook.pk, delivery_id=delivery.pk)
    assert send_due() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 1)


def test_one_that_waits_is_not_sent_again_by_hand(hook: Webhook, owner: Actor) -> None:
    announce(workspace_id=hook.workspace_id, kind="run.finished", payload={})
    with pytest.raises(WrongStep):
        replay_delivery(by=owner, webhook_id=hook.pk, delivery_id=hook.deliveries.get().pk)


def test_one_that_fails_rests_and_holds_up_nobody(hook: Webhook, owner: Actor, receiver: Receiver) -> None:
    receiver.answer = status(500)
    told(hook)
    other, _ = add_webhook(by=owner, url=receiver.url, events=BOTH)
    receiver.answer = status(200)
    announce(workspace_id=hook.workspace_id, kind="run.finished", payload={})
    assert send_due() == 1
    assert other.deliveries.get().state == "delivered"


def test_failures_in_a_row_over_days_disable_a_webhook(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(500)
    told(hook)
    times, since = GIVE_UP
    Webhook.objects.update(failures=times, failing_since=timezone.now() - since - timedelta(minutes=1))
    attempt(hook)
    assert hook.state == "disabled"
    assert "attempts failed in a row since" in hook.reason
    assert "It answered 500" in hook.reason


def test_failures_of_one_evening_do_not(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(500)
    told(hook)
    Webhook.objects.update(failures=1000, failing_since=timezone.now() - timedelta(hours=10))
    attempt(hook)
    assert hook.state == "active"


def test_a_success_ends_the_row(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(500)
    told(hook)
    receiver.answer = status(200)
    attempt(hook)
    assert (hook.failures, hook.failing_since, hook.resting_until) == (0, None, None)


def test_one_that_is_gone_is_disabled_at_once(hook: Webhook, receiver: Receiver) -> None:
    receiver.answer = status(410)
    told(hook)
    assert (hook.state, hook.reason) == ("disabled", "It answered 410: it wants no more events.")


def test_a_disabled_webhook_is_told_nothing_until_it_is_active_again(
    hook: Webhook, owner: Actor, receiver: Receiver
) -> None:
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={})
    change_webhook(by=owner, webhook_id=hook.pk, state="disabled")
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={})
    assert send_due() == 0
    change_webhook(by=owner, webhook_id=hook.pk, state="active")
    assert send_due() == 1
    assert len(receiver.heard) == 1


def test_a_deleted_webhook_takes_its_log_along(hook: Webhook, owner: Actor) -> None:
    told(hook)
    drop_webhook(by=owner, webhook_id=hook.pk)
    assert not Delivery.objects.exists()


def test_the_log_is_kept_for_a_month(hook: Webhook) -> None:
    told(hook)
    told(hook)
    old = hook.deliveries.earliest("id")
    Delivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    drop_old_deliveries()
    assert not Delivery.objects.filter(pk=old.pk).exists()
    assert hook.deliveries.count() == 1


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://127.0.0.1/", "https://localhost/", "nowhere"]
)
def test_what_nothing_is_sent_to_is_refused_beside_its_field(owner: Actor, url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_webhook(by=owner, url=url, events=BOTH)
    assert set(refusal.value.message_dict) == {"url"}


def test_it_is_refused_at_sending_whatever_was_saved(
    hook: Webhook, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOKS_PRIVATE = False
    Webhook.objects.update(url=receiver.url.replace("http:", "https:"))
    delivery = told(hook)
    assert "not on the public internet" in delivery.reason
    assert receiver.heard == []


@pytest.mark.parametrize("events", [[], ["run.ended"], ["run.finished", "run.finished"]])
def test_events_are_those_there_are(owner: Actor, events: list[str]) -> None:
    with pytest.raises(ValidationError, match="events"):
        add_webhook(by=owner, url="https://example.com/", events=events)


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.MANAGER])
def test_only_owners_have_webhooks(hook: Webhook, owner: Actor, role: str) -> None:
    other = factories.member(owner, role)
    with pytest.raises(PermissionDenied):
        add_webhook(by=other, url="https://example.com/", events=BOTH)
    with pytest.raises(PermissionDenied):
        rotate_secret(by=other, webhook_id=hook.pk)


def test_a_webhook_of_another_workspace_does_not_exist(hook: Webhook) -> None:
    stranger = factories.workspace()
    with in_workspace(stranger.workspace_id), pytest.raises(Http404):
        rotate_secret(by=stranger, webhook_id=hook.pk)


# --- With commits: other connections, other threads --------------------------------------------------------


@pytest.fixture
def listening(committed: None, settings: Settings) -> Iterator[tuple[Webhook, Receiver]]:
    """A webhook and a receiver that other connections see."""
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        actor = factories.workspace()
        with in_workspace(actor.workspace_id, user_id=actor.user_id):
            hook, _ = add_webhook(by=actor, url=found.url, events=BOTH)
        yield hook, found
        with in_workspace(actor.workspace_id, user_id=actor.user_id):
            drop_webhook(by=actor, webhook_id=hook.pk)


def _announced(hook: Webhook, count: int) -> None:
    with in_workspace(hook.workspace_id):
        for number in range(count):
            announce(workspace_id=hook.workspace_id, kind="run.finished", payload={"run": number})


def _at_once(workers: int) -> None:
    start = Barrier(workers)

    def work(number: int) -> Any:
        start.wait()
        try:
            return send_due(seconds=20)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


def test_many_senders_send_each_event_once_and_in_order(listening: tuple[Webhook, Receiver]) -> None:
    hook, receiver = listening
    _announced(hook, 20)
    while True:
        _at_once(4)
        with in_workspace(hook.workspace_id):
            if not hook.deliveries.filter(state="waiting").exists():
                break
    runs = [json.loads(heard.body)["data"]["run"] for heard in receiver.heard]
    assert runs == list(range(20))


def test_a_sender_that_died_is_followed_by_another(listening: tuple[Webhook, Receiver]) -> None:
    hook, receiver = listening
    _announced(hook, 1)
    assert claim_delivery(workspace_id=hook.workspace_id) is not None
    assert send_due() == 0
    with in_workspace(hook.workspace_id):
        Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert send_due() == 1
    assert len(receiver.heard) == 1


def test_who_comes_back_after_the_lease_changes_nothing(listening: tuple[Webhook, Receiver]) -> None:
    hook, receiver = listening
    _announced(hook, 1)
    late = claim_delivery(workspace_id=hook.workspace_id)
    assert late is not None
    with in_workspace(hook.workspace_id):
        Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    send_due()
    receiver.answer = status(500)
    send(parcel=late)
    with in_workspace(hook.workspace_id):
        assert hook.deliveries.get().state == "delivered"


def test_no_transaction_is_open_while_a_receiver_thinks(listening: tuple[Webhook, Receiver]) -> None:
    hook, receiver = listening
    receiver.answer = lambda handler: (silent(0.5)(handler), status(200)(handler))[1]
    _announced(hook, 1)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(_send_and_close)
        while not receiver.heard:
            pass
        with in_workspace(hook.workspace_id):
            assert Webhook.objects.select_for_update(nowait=True).get().pk == hook.pk
        assert sending.result() == 1


def _send_and_close() -> int:
    try:
        return send_due()
    finally:
        connections.close_all()


def test_a_lease_outlives_the_longest_attempt() -> None:
    assert LEASE >= 2 * 15
