"""Answers to POSTs that named a key, kept so that asking again changes nothing."""

from django.db import models
from django.db.models.functions import Now

from connected.models.people import ApiToken
from connected.models.tenant import Tenant
from connected.walls import TenantKey


class KeptAnswer(Tenant):
    """The first answer to one ``Idempotency-Key`` of one token.

    ``request`` is the SHA-256 of method, address and body; ``body`` and ``kind`` (its content type) are
    what was answered. Written in the transaction of the work itself, so that neither is there alone.
    """

    token = TenantKey(ApiToken, on_delete=models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    location = models.TextField(blank=True)
    kind = models.CharField(max_length=80)
    body = models.BinaryField()
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "token", "key"], name="answer_kept_once"),
        ]
        indexes = [models.Index(fields=["workspace", "kept_at"], name="answer_kept_since")]
