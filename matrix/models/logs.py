"""What left, and what was edited, so that who follows changes is told."""

from django.db import models

from connected.commits import TransactionId
from connected.models import Tenant


class GoneSegment(Tenant):
    """A segment that was deleted, so that who follows changes is told. Written by the database itself, once.

    ``firm`` says to whom it may be told; there may be neither any more.
    """

    segment = models.BigIntegerField()
    firm = models.BigIntegerField()
    gone_at = models.DateTimeField()
    transaction = TransactionId()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "transaction"], name="gone_commits"),
            models.Index(fields=["workspace", "gone_at"], name="gone_times"),
        ]


class Edit(Tenant):
    """A transaction that changed what placements show of firms and segments: names and sizes.

    Written by the database itself.
    """

    transaction = TransactionId()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "transaction"], name="edit_once")]
