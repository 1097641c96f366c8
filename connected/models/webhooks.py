"""Who is told of what happens, and every telling."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from connected.models.people import User
from connected.models.tenant import Tenant
from connected.states import Transitions
from connected.walls import TenantKey

# Kind of event to when it happens, for pages and docs.
EVENTS = {
    "placement.changed": "Saved answers have placed segments anew",
    "run.finished": "A batch run has ended",
}
WEBHOOK_STATES = Transitions("webhook", {"active": ("disabled",), "disabled": ("active",)})
DELIVERY_STATES = Transitions(
    "delivery",
    {"waiting": ("delivered", "failed"), "delivered": ("waiting",), "failed": ("waiting",)},
)


def known_events(events: list[str]) -> None:
    """Raise :class:`ValidationError` unless these are kinds of events, each once."""
    if not events or len(set(events)) < len(events) or set(events) - set(EVENTS):
        raise ValidationError(f"Give one or more of {', '.join(EVENTS)}, each once.")


class Webhook(Tenant):
    """An address that is told of events.

    The secret is not kept: it is made of ``nonce`` and the server's key. The one before counts until
    ``old_until``. ``failures`` in a row since ``failing_since``; nothing is sent before ``resting_until``.
    """

    name = models.CharField(max_length=80, blank=True)
    url = models.CharField("address", max_length=500)
    events = ArrayField(models.CharField(max_length=40), validators=[known_events])
    state = models.CharField(max_length=8, default="active", choices=[(s, s) for s in WEBHOOK_STATES.table])
    reason = models.TextField(blank=True)
    nonce = models.CharField(max_length=32)
    old_nonce = models.CharField(max_length=32, blank=True)
    old_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="webhook_tenant"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(WEBHOOK_STATES.table)), name="webhook_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(events__contained_by=list(EVENTS)) & models.Q(events__len__gt=0),
                name="webhook_events_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.url


class Delivery(Tenant):
    """One event on its way to one webhook: outbox before, log after.

    ``event`` is the id a receiver sees, the same at every attempt; ``payload`` what is sent; ``status`` and
    ``reply`` what was answered last, ``reason`` why it did not count.
    """

    webhook = TenantKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    state = models.CharField(max_length=9, default="waiting", choices=[(s, s) for s in DELIVERY_STATES.table])
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    reply = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "webhook", "event"], name="delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(DELIVERY_STATES.table)), name="delivery_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "webhook", "next_attempt_at"],
                name="delivery_due",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=["workspace", "webhook", "-id"], name="delivery_log"),
            models.Index(fields=["workspace", "created_at"], name="delivery_age"),
        ]
