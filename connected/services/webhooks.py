"""Webhooks: who is told of events, and putting an event on its way."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from connected import outgoing, signatures
from connected.models import DELIVERY_STATES, EVENTS, WEBHOOK_STATES, Delivery, Webhook
from connected.permissions import Actor, must_own, see_delivery, see_webhook

MOST: Final = 20
# How long the secret before still signs, after it was exchanged.
OVERLAP: Final = timedelta(hours=24)


@transaction.atomic
def add_webhook(*, by: Actor, url: str, events: Iterable[str], name: str = "") -> tuple[Webhook, str]:
    """A new webhook and its secret ``whsec_…``, which is shown once."""
    must_own(by)
    if Webhook.objects.count() >= MOST:
        raise ValidationError(f"A workspace has at most {MOST} webhooks: delete one that is not needed.")
    webhook = Webhook(workspace_id=by.workspace_id, created_by_id=by.user_id, nonce=secrets.token_hex(16))
    _save(webhook, {"url": url, "events": list(events), "name": name})
    return webhook, _secret(webhook.nonce)


@transaction.atomic
def change_webhook(*, by: Actor, webhook_id: int, **values: Any) -> Webhook:
    """Change ``name``, ``url``, ``events``, or the ``state``: disabled ones are sent nothing."""
    webhook = _held(by, webhook_id)
    state = values.pop("state", webhook.state)
    _save(webhook, values)
    if state != webhook.state:
        webhook.state = WEBHOOK_STATES.check(webhook.state, state)
        webhook.reason = f"Disabled by {by.name}." if state == "disabled" else ""
        webhook.failures, webhook.failing_since, webhook.resting_until = 0, None, None
        webhook.save()
    return webhook


@transaction.atomic
def rotate_secret(*, by: Actor, webhook_id: int) -> tuple[Webhook, str]:
    """A new secret, shown once. For :data:`OVERLAP` everything is signed with the old one as well."""
    webhook = _held(by, webhook_id)
    webhook.old_nonce, webhook.old_until = webhook.nonce, timezone.now() + OVERLAP
    webhook.nonce = secrets.token_hex(16)
    webhook.save()
    return webhook, _secret(webhook.nonce)


@transaction.atomic
def drop_webhook(*, by: Actor, webhook_id: int) -> None:
    """Delete a webhook with its log; what has not been sent is not sent."""
    _held(by, webhook_id).delete()


@transaction.atomic
def replay_delivery(*, by: Actor, webhook_id: int, delivery_id: int) -> Delivery:
    """Send an event once more, with the same id and a new row of attempts."""
    webhook = _held(by, webhook_id)
    see_delivery(by, webhook_id, delivery_id)
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    delivery.state = DELIVERY_STATES.check(delivery.state, "waiting")
    delivery.attempts, delivery.ended_at, delivery.lease_until = 0, None, None
    delivery.next_attempt_at = Now()
    delivery.save()
    delivery.refresh_from_db()
    # Somebody has a reason to think that it is heard again.
    Webhook.objects.filter(pk=webhook.pk).update(resting_until=None)
    return delivery


@transaction.atomic
def announce(*, workspace_id: int, kind: str, payload: Mapping[str, Any]) -> int:
    """Put an event on its way to every webhook that wants it; returns to how many.

    Call it in the transaction of what happened: both are kept, or neither. ``payload`` is what a receiver
    finds under ``data``, JSON. Needs the workspace context.
    """
    if kind not in EVENTS:
        raise LookupError(f"There is no event {kind}; there are {', '.join(EVENTS)}.")
    event, moment = f"msg_{uuid4().hex}", timezone.now().isoformat().replace("+00:00", "Z")
    sent = {"type": kind, "timestamp": moment, "data": payload}
    wanting = Webhook.objects.filter(state="active", events__contains=[kind]).values_list("pk", flat=True)
    made = Delivery.objects.bulk_create(
        Delivery(
            workspace_id=workspace_id,
            webhook_id=webhook_id,
            event=event,
            kind=kind,
            payload=sent,
            next_attempt_at=Now(),
        )
        for webhook_id in wanting
    )
    return len(made)


def keys_of(webhook: Webhook) -> list[bytes]:
    """What signs now: the secret, and the one before while both count."""
    nonces = [webhook.nonce]
    if webhook.old_until and webhook.old_until > timezone.now():
        nonces.append(webhook.old_nonce)
    return [_key(nonce) for nonce in nonces]


def _key(nonce: str) -> bytes:
    """32 bytes out of the server's key: who reads the database alone cannot sign."""
    return salted_hmac("connected.webhook", nonce, algorithm="sha256").digest()


def _secret(nonce: str) -> str:
    return signatures.written(_key(nonce))


def _held(by: Actor, webhook_id: int) -> Webhook:
    must_own(by)
    see_webhook(by, webhook_id)
    return Webhook.objects.select_for_update(no_key=True).get(pk=webhook_id)


def _save(webhook: Webhook, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(webhook, name, value.strip() if isinstance(value, str) else value)
    webhook.full_clean(validate_constraints=False)
    if "url" in values:
        try:
            outgoing.look(webhook.url, private=settings.WEBHOOKS_PRIVATE)
        except outgoing.Refused as refusal:
            raise ValidationError({"url": str(refusal)}) from refusal
    webhook.save()
