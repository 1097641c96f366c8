"""The ledger of work: runs, their chunks, and what a live re-score has to take up."""

from django.db import models

from connected.models import Firm, Segment, Tenant, User
from connected.states import Transitions
from connected.walls import TenantKey
from matrix.models.versions import ScoringModel

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
