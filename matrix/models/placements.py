"""Where each segment stands: what runs and live re-scores wrote, and which of it is in force."""

from django.db import models

from connected.commits import CurrentTransaction, TransactionId
from connected.models import Segment, Tenant
from connected.walls import TenantKey
from matrix.models.runs import Run
from matrix.models.versions import ScoringModel


def _within(name: str, field: str, low: float, high: float) -> models.CheckConstraint:
    """A range that also keeps out NaN and infinity: one NaN poisons every average."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__gte": low, f"{field}__lte": high}), name=f"placement_{name}_range"
    )


SHARES = ("rd", "co", "cb", "ae", "pr", "rt", "mm", "cw", "pp")
WANTS = ("want_rd", "want_co", "want_cb", "want_ae")
AGREES = ("agree_rd", "agree_co", "agree_cb", "agree_ae")
TASKS = ("identify", "differentiate", "interact", "customize")


class PlacementBase(Tenant):
    """A segment's scored position. Null is "not known", never 0.

    Intensities and vote shares 0-1, capabilities 0-4. ``present``, ``gates`` (met) and ``intrusive`` are
    bit masks over RD=1, CO=2, CB=4, AE=8. ``baseline``: known, and none present ("buy what we have").
    ``mixed``: no architecture leads; ``split``: suggest splitting the offering. ``agree_*`` 0-1 per
    relationship. ``form``: which items were asked. ``tally`` holds the histogram of every item (items
    x 5 levels; uint8, or uint16 where any count is above 255), so a receipt can be given exactly as long as
    the placement is kept; ``derived`` what the touchpoints said where the model takes that (float32 an item,
    NaN where the answers count).
    The database itself removes placements with their segment.
    """

    segment = TenantKey(Segment, on_delete=models.DO_NOTHING, related_name="+")
    generation = models.BigIntegerField(default=0)
    run = TenantKey(Run, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    rd = models.FloatField(null=True)
    co = models.FloatField(null=True)
    cb = models.FloatField(null=True)
    ae = models.FloatField(null=True)
    present = models.SmallIntegerField(default=0)
    gates = models.SmallIntegerField(default=15)
    baseline = models.BooleanField(default=False)
    agree_rd = models.FloatField(null=True)
    agree_co = models.FloatField(null=True)
    agree_cb = models.FloatField(null=True)
    agree_ae = models.FloatField(null=True)
    scheduled_repeat = models.BooleanField(default=False)
    primary_relationship = models.CharField(max_length=2, null=True)
    pr = models.FloatField(null=True)
    rt = models.FloatField(null=True)
    mm = models.FloatField(null=True)
    cw = models.FloatField(null=True)
    pp = models.FloatField(null=True)
    primary_architecture = models.CharField(max_length=2, null=True)
    mixed = models.BooleanField(default=False)
    split = models.BooleanField(default=False)
    identify = models.FloatField(null=True)
    differentiate = models.FloatField(null=True)
    interact = models.FloatField(null=True)
    customize = models.FloatField(null=True)
    interact_capped = models.BooleanField(default=False)
    quadrant = models.SmallIntegerField(null=True)
    borderline = models.BooleanField(null=True)
    want_rd = models.FloatField(null=True)
    want_co = models.FloatField(null=True)
    want_cb = models.FloatField(null=True)
    want_ae = models.FloatField(null=True)
    intrusive = models.SmallIntegerField(default=0)
    confidence_cell = models.FloatField(null=True)
    confidence_quadrant = models.FloatField(null=True)
    agreement = models.FloatField(null=True)
    coverage = models.FloatField()
    raters = models.IntegerField()
    form = models.CharField(max_length=5, default="full")
    fingerprint = models.CharField(max_length=32)
    tally = models.BinaryField()
    derived = models.BinaryField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        abstract = True


class Placement(PlacementBase):
    """An immutable row of one run's generation, or of one live re-score (``run`` null).

    Partitioned by generation: 0 holds live re-scores and small runs, each large run has its own. Keys and
    indexes belong to the partitions (migration 0003).
    """

    class Meta:
        constraints = [
            *(_within(name, name, 0, 1) for name in SHARES + WANTS + AGREES),
            *(_within(name, name, 0, 4) for name in TASKS),
            *(
                _within(name, name, 0, 1)
                for name in ("confidence_cell", "confidence_quadrant", "agreement", "coverage")
            ),
            models.CheckConstraint(
                condition=models.Q(quadrant__range=(1, 4)), name="placement_quadrant_range"
            ),
            models.CheckConstraint(
                condition=models.Q(present__range=(0, 15)), name="placement_present_range"
            ),
            models.CheckConstraint(condition=models.Q(raters__gte=1), name="placement_has_raters"),
        ]


class Overlay(Tenant):
    """The placement in force for one segment where a live re-score is newer than the generation.

    Always one of generation 0. ``placement`` null means the segment has no answers any more, so it stands
    nowhere. Every change of it is logged as a :class:`Move`.
    """

    segment = TenantKey(Segment, on_delete=models.DO_NOTHING, related_name="+")
    placement = TenantKey(Placement, on_delete=models.DO_NOTHING, null=True, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "segment"], name="overlay_once")]


class Move(Tenant):
    """A placement laid over a generation, in the order of commits. Written by the database itself."""

    segment = TenantKey(Segment, on_delete=models.DO_NOTHING, related_name="+")
    placement = models.BigIntegerField(null=True)
    moved_at = models.DateTimeField()
    transaction = TransactionId()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["workspace", "transaction"], name="move_commits"),
            models.Index(fields=["workspace", "segment", "-id"], name="move_of_segment"),
            models.Index(fields=["workspace", "moved_at"], name="move_times"),
        ]


class Generation(Tenant):
    """When which run's placements came in force in a workspace: the newest row is the pointer."""

    run = TenantKey(Run, on_delete=models.CASCADE, related_name="+")
    generation = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField()
    transaction = TransactionId(db_default=CurrentTransaction(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "-id"], name="generation_newest")]


class StandingPlacement(PlacementBase):
    """The placements in force, one a segment: a view over generations and overlays. Read only."""

    # A view follows its tables by itself; deleting from it would fail.
    workspace = models.ForeignKey("connected.Workspace", on_delete=models.DO_NOTHING, related_name="+")
    segment = TenantKey(Segment, on_delete=models.DO_NOTHING, related_name="+")
    run = TenantKey(Run, on_delete=models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False
        db_table = "matrix_standing"
