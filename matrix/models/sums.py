"""Placements in force as sums, and what changed since they were summed up."""

from django.db import models

from connected.commits import CurrentTransaction, TransactionId
from connected.models import Tenant


class CubeState(Tenant):
    """All placements in force of a workspace as sums (:class:`matrix.scoring.Cube`), its segments counted.

    What changed since is in :class:`Change` and :class:`Headcount`; folding takes it in. ``stamp`` differs
    for each writing, so that a process may keep what it has read.
    """

    stamp = models.UUIDField()
    segments = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "matrix_cube"
        constraints = [models.UniqueConstraint(fields=["workspace"], name="cube_once")]


class Change(Tenant):
    """A placement that joined (``sign`` 1) or left (-1) those in force since the cube was written.

    With its segment's sizes at that moment. Written by the database itself, in the transaction of the change.
    """

    sign = models.SmallIntegerField()
    raters = models.IntegerField()
    present = models.SmallIntegerField()
    baseline = models.BooleanField()
    mixed = models.BooleanField()
    borderline = models.BooleanField(null=True)
    primary_relationship = models.CharField(max_length=2, null=True)
    primary_architecture = models.CharField(max_length=2, null=True)
    quadrant = models.SmallIntegerField(null=True)
    interact = models.FloatField(null=True)
    customize = models.FloatField(null=True)
    rd = models.FloatField(null=True)
    co = models.FloatField(null=True)
    cb = models.FloatField(null=True)
    ae = models.FloatField(null=True)
    agree_rd = models.FloatField(null=True)
    agree_co = models.FloatField(null=True)
    agree_cb = models.FloatField(null=True)
    agree_ae = models.FloatField(null=True)
    customers = models.BigIntegerField(null=True)
    revenue = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    want_rd = models.FloatField(null=True)
    want_co = models.FloatField(null=True)
    want_cb = models.FloatField(null=True)
    want_ae = models.FloatField(null=True)
    intrusive = models.SmallIntegerField(null=True)
    model_id = models.BigIntegerField(null=True)
    confidence_cell = models.FloatField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["workspace", "id"], name="change_order")]


class Headcount(Tenant):
    """Segments that came (or went, negative) since the cube was written."""

    segments = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["workspace"], name="headcount_of_workspace")]


class Sums(Tenant):
    """What the placements of a run's generation add up to (:class:`matrix.scoring.Cube`), by chunk or in all.

    With the sizes that segments had in the snapshot ``seen``, in which the log of sizes went up to ``last``;
    ``own`` is the transaction that wrote it. ``chunk`` null: of the whole sealed generation.
    """

    run = models.BigIntegerField()
    chunk = models.BigIntegerField(null=True)
    own = TransactionId()
    last = models.BigIntegerField()
    seen = models.TextField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "run", "chunk"], name="sums_once", nulls_distinct=False
            )
        ]


class Resize(Tenant):
    """A segment whose size was edited, or that went (``gone``). Written by the database itself.

    Kept until the sums of every generation have taken it in.
    """

    segment = models.BigIntegerField()
    gone = models.BooleanField()
    was_customers = models.BigIntegerField(null=True)
    was_revenue = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    was_currency = models.CharField(max_length=3)
    customers = models.BigIntegerField(null=True)
    revenue = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    transaction = TransactionId(db_default=CurrentTransaction(), editable=False)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["workspace", "id"], name="resize_order")]


class Departed(Tenant):
    """What a sealed generation said of a segment that went, until its sums have taken that in.

    ``facts``: the placement's columns without its tally, as :class:`Placement` has them.
    """

    generation = models.BigIntegerField()
    segment = models.BigIntegerField()
    facts = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "generation", "segment"], name="departed_from")]
