"""Sending events: one claimed at a time, outside any transaction, and noted in one of its own."""

import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from connected import outgoing, signatures
from connected.models import DELIVERY_STATES, WEBHOOK_STATES, Delivery, Webhook
from connected.queries import workspaces
from connected.services.webhooks import keys_of
from connected.tenancy import in_workspace

MINUTE, HOUR = 60, 3600
# Seconds from a failed attempt to the next; after the last of them an event has failed.
DELAYS: Final = (5, 30, 2 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
# So much later at most, that many events do not come back at once.
JITTER: Final = 0.2
# A webhook that fails rests, so that it does not hold up others; seconds at most.
LONGEST_REST: Final = 5 * MINUTE
# One that has failed so often in a row and for so long is disabled.
GIVE_UP: Final = (10, timedelta(days=3))
# Longer than any attempt takes: whoever holds a claim beyond it has died.
LEASE: Final = 2 * outgoing.TOTAL
LOGGED: Final = timedelta(days=30)
GONE: Final = 410

# The oldest event that is due, of a webhook that nobody is sending to: one at a time each, in their order.
# The conditions on the delivery's own columns are read afresh when another claim was quicker.
_CLAIM: Final = """
WITH free AS (
    SELECT w.id FROM connected_webhook w
    WHERE w.workspace_id = %(workspace)s AND w.state = 'active' AND w.id <> ALL(%(besides)s)
        AND (w.resting_until IS NULL OR w.resting_until <= statement_timestamp())
        AND NOT EXISTS (SELECT FROM connected_delivery d WHERE d.workspace_id = w.workspace_id
            AND d.webhook_id = w.id AND d.state = 'waiting' AND d.lease_until > statement_timestamp())
        AND EXISTS (SELECT FROM connected_delivery d WHERE d.workspace_id = w.workspace_id
            AND d.webhook_id = w.id AND d.state = 'waiting' AND d.next_attempt_at <= statement_timestamp())
    ORDER BY w.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE connected_delivery c
SET attempts = c.attempts + 1, lease_until = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE c.workspace_id = %(workspace)s AND c.state = 'waiting' AND c.next_attempt_at <= statement_timestamp()
    AND (c.lease_until IS NULL OR c.lease_until <= statement_timestamp())
    AND c.id = (
        SELECT d.id FROM connected_delivery d JOIN free ON free.id = d.webhook_id
        WHERE d.workspace_id = %(workspace)s AND d.state = 'waiting'
            AND d.next_attempt_at <= statement_timestamp()
        ORDER BY d.next_attempt_at, d.id LIMIT 1
    )
RETURNING c.id, c.attempts
"""


@dataclass(frozen=True)
class Parcel:
    """One attempt, ready to be sent: valid while ``attempt`` is the delivery's latest."""

    workspace_id: int
    webhook_id: int
    delivery_id: int
    attempt: int
    url: str
    event: str
    body: bytes
    keys: tuple[bytes, ...]


def send_due(*, seconds: float = 40) -> int:
    """Send what is due in every workspace, in turns, until nothing is or time is up; returns how many."""
    deadline, sent, found = time.monotonic() + seconds, 0, True
    while found:
        found = False
        for workspace_id in workspaces().values():
            seen: list[int] = []
            while (parcel := claim_delivery(workspace_id=workspace_id, besides=seen)) is not None:
                send(parcel=parcel)
                seen.append(parcel.webhook_id)
                sent, found = sent + 1, True
                if time.monotonic() > deadline:
                    return sent
    return sent


def claim_delivery(*, workspace_id: int, besides: Collection[int] = ()) -> Parcel | None:
    """Take the next event that is due for a webhook not in ``besides``, or None."""
    with in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"workspace": workspace_id, "besides": list(besides), "lease": LEASE})
        if (claimed := cursor.fetchone()) is None:
            return None
        delivery = Delivery.objects.select_related("webhook").get(pk=claimed[0])
        return Parcel(
            workspace_id=workspace_id,
            webhook_id=delivery.webhook_id,
            delivery_id=delivery.pk,
            attempt=claimed[1],
            url=delivery.webhook.url,
            event=delivery.event,
            body=orjson.dumps(delivery.payload),
            keys=tuple(keys_of(delivery.webhook)),
        )


def send(*, parcel: Parcel) -> bool:
    """One attempt: signed, sent, and what came of it noted. True when the receiver has taken it."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Connected-Webhooks/1",
        **signatures.headers(parcel.keys, parcel.event, int(time.time()), parcel.body),
    }
    try:
        reply = outgoing.post(parcel.url, parcel.body, headers, private=settings.WEBHOOKS_PRIVATE)
    except (outgoing.Refused, outgoing.Unreachable) as error:
        return _note(parcel, None, str(error))
    taken = 200 <= reply.status < 300
    return _note(parcel, reply, "" if taken else f"It answered {reply.status}: only 2xx counts as taken.")


def _note(parcel: Parcel, reply: outgoing.Reply | None, reason: str) -> bool:
    with in_workspace(parcel.workspace_id):
        webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=parcel.webhook_id).first()
        delivery = (
            Delivery.objects.select_for_update()
            .filter(pk=parcel.delivery_id, state="waiting", attempts=parcel.attempt)
            .first()
        )
        if webhook is None or delivery is None:
            return not reason  # Deleted or sent again meanwhile.
        delivery.status, delivery.reply = (reply.status, reply.excerpt) if reply else (None, "")
        delivery.reason, delivery.lease_until = reason, None
        if reason:
            _failed(delivery, webhook)
        else:
            _end(delivery, "delivered")
            webhook.failures, webhook.failing_since, webhook.resting_until = 0, None, None
        delivery.save()
        webhook.save()
        return not reason


def _failed(delivery: Delivery, webhook: Webhook) -> None:
    now = timezone.now()
    if delivery.attempts > len(DELAYS):
        _end(delivery, "failed")
    else:
        wait = DELAYS[delivery.attempts - 1] * (1 + random.random() * JITTER)  # noqa: S311 - no secret
        delivery.next_attempt_at = Now() + timedelta(seconds=wait)  # By the database's clock.
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    rest = min(DELAYS[0] * 2 ** min(webhook.failures - 1, 10), LONGEST_REST)
    webhook.resting_until = Now() + timedelta(seconds=rest)
    times, since = GIVE_UP
    if delivery.status == GONE:
        _disable(webhook, "It answered 410: it wants no more events.")
    elif webhook.failures >= times and now - webhook.failing_since >= since:
        day = f"{webhook.failing_since:%-d %B %Y}"
        _disable(webhook, f"{webhook.failures} attempts failed in a row since {day}. {delivery.reason}")


def _disable(webhook: Webhook, reason: str) -> None:
    webhook.state = WEBHOOK_STATES.check("active", "disabled")
    webhook.reason = reason


def _end(delivery: Delivery, state: str) -> None:
    delivery.state = DELIVERY_STATES.check(delivery.state, state)
    delivery.ended_at = timezone.now()


def drop_old_deliveries() -> int:
    """Delete log entries that are old enough, in every workspace; returns how many."""
    dropped = 0
    for workspace_id in workspaces().values():
        with in_workspace(workspace_id):
            dropped += Delivery.objects.filter(created_at__lt=Now() - LOGGED).delete()[0]
    return dropped
