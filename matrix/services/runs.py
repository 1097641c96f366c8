"""Batch re-scoring as a ledger: the rows in PostgreSQL are the truth, the queue only carries ids.

A run and all its chunks are made in one transaction. A worker claims a chunk under a lease; scores
it and marks it done in one transaction; whoever finds no chunk waiting closes the run and puts it in
force. Whatever a lost message, a killed worker or a flushed queue leaves undone, the reaper publishes
again.

A large run over the whole workspace writes a generation: a table of its own, without keys or row-level
security while it is filled, sealed into ``matrix_placement`` when the run closes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from psycopg2.errors import LockNotAvailable

from connected.bulk import allow_seconds
from connected.permissions import Actor, edit_firm, must_edit
from connected.tenancy import in_workspace
from matrix import frames
from matrix.frames import cube, sums
from matrix.models import (
    CHUNK_STATES,
    ENDED,
    RUN_STATES,
    Change,
    Chunk,
    Generation,
    Run,
    Stale,
    Sums,
)
from matrix.permissions import edit_run
from matrix.queries import models
from matrix.queries.runs import came_in_force
from matrix.scoring import LAYOUT
from matrix.services.events import tell_of_run
from matrix.services.generations import of_generation
from matrix.services.placements import Placed, place
from matrix.services.proposals import settle
from matrix.services.splitting import alone, split_chunk

CHUNK_SIZE = 10_000
ATTEMPTS = 3
# By the database's clock. A chunk takes a second or two; a lease outlives any slow one.
LEASE = timedelta(seconds=10)
CHUNK_SECONDS = 8
# A run over so many segments gets a partition of its own; below, making one costs more than it saves.
GENERATION_FROM = 20_000
# Keys are made over all of a generation at once when it is sealed: seconds for millions.
SEAL_SECONDS = 80
# Pages add so many changes to the cube in a few milliseconds; more are folded in.
FOLD_FROM = 500
# A mark younger than this has a message on its way.
MARKED_AFTER = timedelta(seconds=5)
# The table of a large run that was cancelled is kept so long, for whoever resumes it.
RESUMABLE = timedelta(hours=1)
_NONE = Placed(0, 0)
# A chunk published but not claimed for this long is published again: its message is lost.
LOST_AFTER = timedelta(seconds=10)

_CUT = """
INSERT INTO matrix_chunk
    (workspace_id, run_id, index, low, high, size, state, attempts, placed, reason, published_at)
SELECT %s, %s, part, min(id), max(id), count(*), 'waiting', 0, 0, '', now()
FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part FROM connected_segment
      WHERE workspace_id = %s AND (%s::bigint IS NULL OR firm_id = %s)) AS cut
GROUP BY part
"""
# One UPDATE on the chunk's own columns: a second worker that waited for the row reads it afresh.
_CLAIM = """
UPDATE matrix_chunk c SET attempts = c.attempts + 1, lease_until = now() + make_interval(secs => %s)
FROM matrix_run r
WHERE r.workspace_id = c.workspace_id AND r.id = c.run_id AND r.state IN ('queued', 'running')
    AND c.workspace_id = %s AND c.id = %s AND c.state = 'waiting'
    AND (c.lease_until IS NULL OR c.lease_until < now())
RETURNING c.attempts, c.run_id
"""


@transaction.atomic
def start_run(*, by: Actor, model_code: str | None = None, firm_id: int | None = None) -> Run:
    """A new run over the workspace, or one firm, under a model (the one in force by default).

    Raises LookupError naming the models there are. Publish its chunks on commit with
    :func:`matrix.tasks.publish_run`.
    """
    must_edit(by)
    model = models.named(model_code) if model_code else models.in_force()
    if firm_id is not None:
        edit_firm(by, firm_id)
    run = Run.objects.create(
        workspace_id=by.workspace_id, model=model, firm_id=firm_id, created_by_id=by.user_id
    )
    with connection.cursor() as cursor:
        # The database's clock: overlays are compared with it, and workers' clocks may differ.
        cursor.execute(
            "UPDATE matrix_run SET created_at = clock_timestamp() WHERE id = %s RETURNING created_at",
            [run.pk],
        )
        run.created_at = cursor.fetchone()[0]
    cut(run)
    if not run.total:
        run.state, run.finished_at = RUN_STATES.check(run.state, "finished"), timezone.now()
    elif firm_id is None and run.total >= GENERATION_FROM:
        run.generation = run.pk
        of_generation("open", run)
    run.save()
    if run.state in ENDED:
        tell_of_run(run)
    return run


def cut(run: Run) -> None:
    """Cut the segments there are now into chunks, in place of those there were; sets the total."""
    Sums.objects.filter(run=run.pk).delete()
    run.chunks.all().delete()
    scope = run.workspace_id, run.firm_id, run.firm_id
    with connection.cursor() as cursor:
        cursor.execute(_CUT, [run.workspace_id, run.pk, CHUNK_SIZE, *scope])
    run.total = sum(run.chunks.values_list("size", flat=True))


@transaction.atomic
def cancel_run(*, by: Actor, run_id: int) -> Run:
    """Stop a run; what it had placed is never put in force."""
    edit_run(by, run_id)
    run = Run.objects.select_for_update().get(pk=run_id)
    run.state = RUN_STATES.check(run.state, "cancelled")
    run.reason, run.finished_at = f"Cancelled by {by.name}.", timezone.now()
    run.save()
    tell_of_run(run)
    return run


@dataclass(frozen=True)
class Claim:
    """One worker's right to one chunk: valid while ``attempt`` is the chunk's latest."""

    workspace_id: int
    chunk_id: int
    attempt: int


def claim_chunk(*, workspace_id: int, chunk_id: int) -> Claim | None:
    """Take a waiting chunk nobody holds, or None. One that broke its workers each time is set aside."""
    with in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE.total_seconds(), workspace_id, chunk_id])
        if (claimed := cursor.fetchone()) is None:
            return None
        attempt, run_id = claimed
        if attempt > ATTEMPTS:
            chunk = Chunk.objects.select_related("run").get(pk=chunk_id)
            reason = chunk.reason or f"Its worker ended {ATTEMPTS} times without a result."
            _set_aside(chunk, reason)
        else:
            Run.objects.filter(pk=run_id, state="queued").update(state="running")
    if attempt <= ATTEMPTS:
        return Claim(workspace_id, chunk_id, attempt)
    close_run(workspace_id=workspace_id, run_id=run_id)
    return None


class _RunOver(Exception):
    """The run was cancelled while the chunk was scored: what was written goes."""


def score_claimed(*, claim: Claim) -> int:
    """Score a claimed chunk: placements and ledger row in one transaction, or neither.

    Returns how many segments were placed; 0 when the claim or the run is over.
    """
    try:
        with in_workspace(claim.workspace_id):
            _within(CHUNK_SECONDS)
            chunk = _held(claim)
            if chunk is None or chunk.run.state in ENDED:
                return 0
            found = _place_chunk(chunk)
            if not _still_runs(chunk.run_id):
                raise _RunOver
            _finish_chunk(chunk, "done", found)
    except _RunOver:
        return 0
    close_run(workspace_id=claim.workspace_id, run_id=chunk.run_id)
    return found.placed


def _place_chunk(chunk: Chunk) -> Placed:
    run = chunk.run
    scope = frames.Scope(low=chunk.low, high=chunk.high, firm_id=run.firm_id)
    # A sealed generation takes no more: what is scored when it is resumed lies over it.
    generation = 0 if run.generation and came_in_force(run) else run.generation
    summing = frames.Summing.over(scope) if generation else None
    placed = place(
        workspace_id=chunk.workspace_id,
        model=run.model,
        scope=scope,
        run_id=run.pk,
        generation=generation,
        summing=summing,
    )
    if summing is not None:
        summing.save(run.pk, chunk.pk)
    return placed


def _within(seconds: int) -> None:
    """Give the statements of this transaction so long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])


def _still_runs(run_id: int) -> bool:
    """Whether the run goes on; if so it cannot be cancelled or closed before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM matrix_run WHERE id = %s FOR SHARE", [run_id])
        found = cursor.fetchone()
    return found is not None and found[0] not in ENDED


def _held(claim: Claim) -> Chunk | None:
    """The chunk if the claim still holds, locked: a zombie with an expired lease must not write."""
    return (
        Chunk.objects.select_for_update(of=("self",))
        .select_related("run__model__instrument")
        .filter(pk=claim.chunk_id, state="waiting", attempts=claim.attempt)
        .first()
    )


def fail_chunk(*, claim: Claim, reason: str, passing: bool = False) -> list[int]:
    """Note why an attempt failed. Returns the chunks to publish at once.

    A ``passing`` failure is not the chunk's fault: it is tried again as it is. Any other is cut down until
    what cannot be scored is alone, and has failed after as many attempts.
    """
    with in_workspace(claim.workspace_id):
        chunk = _held(claim)
        if chunk is None or chunk.run.state in ENDED:
            return []
        chunk.reason, chunk.lease_until = reason, None
        if claim.attempt >= ATTEMPTS or not (passing or chunk.size == 1):
            parts = _set_aside(chunk, reason)
        else:
            parts = [chunk.pk]
            chunk.save()
        Chunk.objects.filter(pk__in=parts).update(published_at=Now())
    close_run(workspace_id=claim.workspace_id, run_id=chunk.run_id)
    return parts


def _set_aside(chunk: Chunk, reason: str) -> list[int]:
    """Cut a chunk down, or fail the one segment that is left of it; returns the parts."""
    chunk.reason = reason
    if parts := split_chunk(chunk):
        return parts
    alone(chunk)
    _finish_chunk(chunk, "failed", reason=reason)
    return []


def _finish_chunk(chunk: Chunk, state: str, found: Placed = _NONE, *, reason: str = "") -> None:
    chunk.state = CHUNK_STATES.check(chunk.state, state)
    chunk.placed, chunk.elsewhere, chunk.reason = found.placed, found.elsewhere, reason
    chunk.save()
    Chunk.objects.filter(pk=chunk.pk).update(lease_until=Now())


def close_run(*, workspace_id: int, run_id: int) -> bool:
    """With no chunk waiting: seal the run's generation, end the run, put it in force. Whether it ended.

    In a transaction after the last chunk's own; a run whose closer was killed is found by the reaper.
    """
    with in_workspace(workspace_id):
        allow_seconds(SEAL_SECONDS)
        waiting = Chunk.objects.filter(run_id=run_id, state="waiting")
        if waiting.exists():
            return False
        run = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run_id)
        if run.state in ENDED or waiting.exists():
            return False
        counts = run.chunks.aggregate(
            done=Count("pk", filter=Q(state="done")), failed=Count("pk", filter=Q(state="failed"))
        )
        state = "finished" if not counts["failed"] else "partial" if counts["done"] else "failed"
        if run.generation and state != "failed" and not came_in_force(run):
            of_generation("seal", run)
            sums.join(run.pk, counts["done"])
        if run.state == "queued":
            run.state = RUN_STATES.check(run.state, "running")
        run.state, run.finished_at = RUN_STATES.check(run.state, state), timezone.now()
        run.save()
        if state != "failed":
            settle(run)
        tell_of_run(run)
        return True


@dataclass(frozen=True)
class Lost:
    """What the reaper found undone in one workspace: ``run_ids`` have no chunk waiting, yet go on."""

    workspace_id: int
    chunk_ids: list[int]
    run_ids: list[int]
    stale: bool
    unfolded: bool

    @property
    def found(self) -> bool:
        return bool(self.chunk_ids or self.run_ids or self.stale or self.unfolded)


def fold_changes(*, workspace_id: int) -> bool:
    """Take what changed into the workspace's cube; False where it has none, or is being counted anew."""
    try:
        with in_workspace(workspace_id), connection.cursor() as cursor:
            _within(SEAL_SECONDS)
            # Live scoring does not wait for it; the reaper asks again.
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            folded = cube.fold()
            sums.tidy()
            return folded
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise


def reap() -> list[Lost]:
    """Find chunks, runs and marks whose message is lost, in every workspace; one reaper at a time.

    Deadlines are by the database's clock. What is found is marked as published again. Only workspaces that
    the database says have work are entered: one statement looks into all of them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('connected.reap'))")
        if not cursor.fetchone()[0]:
            return []
        bounds: list[Any] = [LAYOUT, FOLD_FROM, LOST_AFTER, MARKED_AFTER, RESUMABLE]
        cursor.execute("SELECT matrix_workspaces_with_work(%s, %s, %s, %s, %s)", bounds)
        found = [_lost_in(workspace_id) for (workspace_id,) in cursor.fetchall()]
        return [lost for lost in found if lost.found]


def _lost_in(workspace_id: int) -> Lost:
    with in_workspace(workspace_id):
        lost = Chunk.objects.filter(
            Q(published_at__isnull=True) | Q(published_at__lt=Now() - LOST_AFTER),
            Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
            state="waiting",
            run__state__in=("queued", "running"),
        )
        chunk_ids = list(lost.values_list("pk", flat=True))
        Chunk.objects.filter(pk__in=chunk_ids).update(published_at=Now())
        waiting = Chunk.objects.filter(run=OuterRef("pk"), state="waiting")
        over = Run.objects.filter(~Exists(waiting), state__in=("queued", "running"))
        stale = Stale.objects.filter(
            Q(retry_at=None) | Q(retry_at__lt=Now()), marked_at__lt=Now() - MARKED_AFTER
        ).exists()
        _drop_unused()
        long = Change.objects.all()[FOLD_FROM:].exists() or sums.untidy(FOLD_FROM)
        unfolded = long or cube.outdated()
        return Lost(workspace_id, chunk_ids, list(over.values_list("pk", flat=True)), stale, unfolded)


def _drop_unused() -> None:
    """Remove the tables of large runs that were discarded, or ended unused and nobody resumes them."""
    unused = Q(state__in=("cancelled", "failed"), finished_at__lt=Now() - RESUMABLE)
    runs = Run.objects.filter(unused | Q(decision="discarded"), generation__gt=0)
    for run in runs.exclude(pk__in=Generation.objects.values("run_id")):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # A chunk that still writes holds the table: the next round will do.
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
                of_generation("drop", run)
                Sums.objects.filter(run=run.pk).delete()
                Run.objects.filter(pk=run.pk).update(generation=0)
                if run.decision != "discarded":
                    run.chunks.filter(state="done").update(state="waiting", placed=0, lease_until=None)
        except OperationalError:
            continue
