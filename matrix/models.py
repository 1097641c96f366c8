"""Where each segment stands, and the runs that found it out."""

from django.db import models
from django_scopes import get_scope

from assessments.models import Instrument
from connected.commits import CurrentTransaction, TransactionId
from connected.models import Firm, Segment, Tenant, User, Workspace
from connected.states import Transitions
from connected.walls import TenantKey

RUN_STATES = Transitions(
    "run",
    {
        "queued": ("running", "finished", "cancelled"),
        "running": ("finished", "partial", "failed", "cancelled"),
        "finished": (),
        "partial": ("queued",),
        "failed": ("queued",),
        "cancelled": ("queued",),
    },
)
# A run in one of these does nothing, until it is resumed.
ENDED = frozenset({"finished", "partial", "failed", "cancelled"})

# What became of the placements of a run under another model than the one in force.
DECISIONS = Transitions(
    "proposal",
    {
        "none": ("candidate",),
        "candidate": ("approved", "discarded"),
        "approved": (),
        "discarded": (),
    },
)

CHUNK_STATES = Transitions(
    "chunk", {"waiting": ("done", "failed"), "done": ("waiting",), "failed": ("waiting",)}
)


class SharedOrOwn(models.Manager["ScoringModel"]):
    """The versions everyone has and, inside a workspace, those it published itself."""

    def get_queryset(self) -> "models.QuerySet[ScoringModel]":
        scope = get_scope()
        rows = super().get_queryset()
        if not scope.get("_enabled", True):
            return rows
        return rows.filter(models.Q(owner=None) | models.Q(owner_id=scope.get("workspace")))


class ScoringModel(models.Model):
    """One immutable version of loads, gates and cuts: shared by all workspaces, or ``owner``'s own.

    ``definition`` is the data file as loaded or published; :class:`matrix.scoring.Model` reads it. ``base``:
    the version an own one was forked from. The app can add a version of its workspace and change none.
    """

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="models")
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)
    owner = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    published_by = models.CharField(max_length=150, blank=True)

    objects = SharedOrOwn()

    class Meta:
        ordering = ["code", "version", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "code", "version"], name="model_version_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def name(self) -> str:
        """As runs and REST name it."""
        return f"{self.code}.v{self.version}"


class ModelDraft(Tenant):
    """A fork of a model that is still edited: what was typed, faults included.

    ``definition`` as :func:`matrix.scoring.forks.fork_of` gives it; ``version`` counts the savings.
    """

    base = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    definition = models.JSONField()
    version = models.IntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    edited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-edited_at", "-id"]
        indexes = [models.Index(fields=["workspace", "-edited_at"], name="draft_newest")]

    def __str__(self) -> str:
        return self.title


class Run(Tenant):
    """One batch re-scoring: of the whole workspace, or of one firm.

    ``generation``: the partition its placements are in, the run's own number for a large one, else 0.
    ``decision``: whether it is, or was, a proposal; ``changes`` what it would change, as
    :func:`matrix.queries.proposals.compare` found when it ended.
    """

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="+")
    firm = TenantKey(Firm, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, default="queued", choices=[(s, s) for s in RUN_STATES.table])
    total = models.IntegerField(default=0)
    generation = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    decision = models.CharField(max_length=10, default="none", choices=[(s, s) for s in DECISIONS.table])
    changes = models.JSONField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="run_tenant"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(RUN_STATES.table)), name="run_state_known"
            ),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="run_total_range"),
            models.CheckConstraint(
                condition=models.Q(decision__in=list(DECISIONS.table)), name="run_decision_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace"], condition=models.Q(state__in=("queued", "running")), name="run_going"
            ),
            models.Index(fields=["workspace"], condition=models.Q(generation__gt=0), name="run_with_table"),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"


class Chunk(Tenant):
    """A key range of a run: claimed under a lease, done exactly once.

    ``lease_until``: until when a worker holds it; of one that is done or failed, when that was.
    ``elsewhere``: how many of those ``placed`` answer another questionnaire than the run's model reads.
    """

    run = TenantKey(Run, on_delete=models.CASCADE, related_name="chunks")
    index = models.IntegerField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    size = models.IntegerField()
    state = models.CharField(max_length=8, default="waiting", choices=[(s, s) for s in CHUNK_STATES.table])
    attempts = models.SmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    placed = models.IntegerField(default=0)
    elsewhere = models.IntegerField(db_default=0)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "run", "index"], name="chunk_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(CHUNK_STATES.table)), name="chunk_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "run"], condition=models.Q(state="waiting"), name="chunk_waiting"
            )
        ]


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
    relationship. ``form``: which items were asked. ``tally`` holds the histogram of every item (uint16,
    items x 5 levels), so a receipt can be given exactly as long as the placement is kept; ``derived`` what
    the touchpoints said where the model takes that (float32 an item, NaN where the answers count).
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


class Stale(Tenant):
    """A segment whose answers changed since it was scored: the truth behind the queued re-score.

    One that could not be scored is set aside: tried ``attempts`` times, alone, ``reason`` the last time, and
    again from ``retry_at`` on (null: at once).
    """

    segment = TenantKey(Segment, on_delete=models.DO_NOTHING, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)
    attempts = models.SmallIntegerField(db_default=0)
    reason = models.TextField(blank=True, db_default="")
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "segment"], name="stale_once")]


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


class StandingPlacement(PlacementBase):
    """The placements in force, one a segment: a view over generations and overlays. Read only."""

    # A view follows its tables by itself; deleting from it would fail.
    workspace = models.ForeignKey("connected.Workspace", on_delete=models.DO_NOTHING, related_name="+")
    segment = TenantKey(Segment, on_delete=models.DO_NOTHING, related_name="+")
    run = TenantKey(Run, on_delete=models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False
        db_table = "matrix_standing"


__all__ = [
    "CHUNK_STATES",
    "DECISIONS",
    "ENDED",
    "RUN_STATES",
    "Change",
    "Chunk",
    "CubeState",
    "Departed",
    "Edit",
    "Generation",
    "GoneSegment",
    "Headcount",
    "ModelDraft",
    "Move",
    "Overlay",
    "Placement",
    "PlacementBase",
    "Resize",
    "Run",
    "ScoringModel",
    "Stale",
    "StandingPlacement",
    "Sums",
]
