"""How far a run has come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import F

from connected.models import Segment
from matrix.models import ENDED, Chunk, Generation, Overlay, Run


@dataclass(frozen=True)
class Progress:
    """Segments of a run: ``done`` and ``failed`` of ``total``, ``placed`` of those done, and ``elsewhere``
    of these: they answer another questionnaire, and were placed by the model of that one.

    ``rate`` segments a second and ``left``, the time to go; None while too little is known.
    """

    total: int
    done: int
    failed: int
    placed: int
    elsewhere: int
    rate: float | None
    left: timedelta | None
    running: bool
    reasons: tuple[str, ...]

    @property
    def remaining(self) -> int:
        return self.total - self.done - self.failed

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 means all of it."""
        return 100 if not self.total else (self.done + self.failed) * 100 // self.total


def progress(run: Run) -> Progress:
    """How far one run has come."""
    return progress_of([run.pk])(run)


# Rates come from when chunks ended, by the database's clock, over the last minute in which any did: a run
# that waited in the queue, or was taken up again, says how quick it is now.
_PROGRESS: Final = """
WITH ended AS (
    SELECT run_id, size, state, placed, elsewhere, lease_until AS at,
        max(lease_until) FILTER (WHERE state = 'done') OVER (PARTITION BY run_id) AS last
    FROM matrix_chunk WHERE run_id = ANY(%s)
), marked AS (
    SELECT *, state = 'done' AND at > last - interval '1 minute' AS recent FROM ended
)
SELECT run_id, coalesce(sum(size) FILTER (WHERE state = 'done'), 0),
    coalesce(sum(size) FILTER (WHERE state = 'failed'), 0), coalesce(sum(placed), 0),
    coalesce(sum(elsewhere), 0),
    sum(size) FILTER (WHERE recent), count(*) FILTER (WHERE recent),
    extract(epoch FROM max(at) FILTER (WHERE recent) - min(at) FILTER (WHERE recent))
FROM marked GROUP BY run_id
"""


def progress_of(run_ids: Sequence[int]) -> Callable[[Run], Progress]:
    """How far several runs have come, in two queries; ask the result for each."""
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, [list(run_ids)])
        sums = {row[0]: row[1:] for row in cursor.fetchall()}
    reasons: dict[int, list[str]] = {}
    failed = Chunk.objects.filter(run_id__in=run_ids, state="failed").order_by("run_id", "index")
    for run_id, reason in failed.values_list("run_id", "reason")[:1000]:
        reasons.setdefault(run_id, []).append(reason)
    return lambda run: _progress(run, sums.get(run.pk, _NOTHING), reasons.get(run.pk, []))


_NOTHING: Final = (0, 0, 0, 0, None, 0, None)


def _progress(run: Run, sums: Sequence[Any], reasons: Sequence[str]) -> Progress:
    done, failed, placed, elsewhere, recent, chunks, seconds = sums
    # Between the first of these chunks and the last all but one were scored.
    rate = float(recent) * (chunks - 1) / chunks / float(seconds) if chunks > 1 and seconds else None
    running = run.state not in ENDED
    left = timedelta(seconds=round((run.total - done - failed) / rate)) if rate and running else None
    why = tuple(dict.fromkeys(reasons))[:5]
    return Progress(run.total, done, failed, placed, elsewhere, rate, left, running, why)


@dataclass(frozen=True)
class SetAside:
    """A segment a run could not score, and why."""

    segment: Segment
    reason: str


def set_aside(run: Run, most: int = 100) -> list[SetAside]:
    """The first segments that a run could not score."""
    failed = Chunk.objects.filter(run_id=run.pk, state="failed", low=F("high")).order_by("low")
    reasons = dict(failed.values_list("low", "reason")[:most])
    found = Segment.objects.filter(pk__in=reasons).select_related("firm").order_by("pk")
    return [SetAside(segment, reasons[segment.pk]) for segment in found]


def anything_placed() -> bool:
    """Whether any segment stands anywhere, in a workspace without a run."""
    return Overlay.objects.exists()


def came_in_force(run: Run) -> bool:
    """Whether a whole run has been put in force, so that its generation is sealed."""
    return Generation.objects.filter(run_id=run.pk).exists()


def overtaken(run: Run) -> bool:
    """Whether another run was put in force after this one began."""
    return Generation.objects.filter(moved_at__gt=run.created_at).exclude(run_id=run.pk).exists()
