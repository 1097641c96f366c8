"""How far a run has come."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from matrix.models import RUN_STATES, Chunk, Run


@dataclass(frozen=True)
class Progress:
    """Segments of a run: ``done`` and ``failed`` of ``total``, ``placed`` of those done.

    ``rate`` segments a second and ``left``, the time to go; None while too little is known.
    """

    total: int
    done: int
    failed: int
    placed: int
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


def progress_of(run_ids: Sequence[int]) -> Callable[[Run], Progress]:
    """How far several runs have come, in two queries; ask the result for each."""
    rows = Chunk.objects.filter(run_id__in=run_ids)
    sums = {
        row["run_id"]: row
        for row in rows.values("run_id").annotate(
            done=Sum("size", filter=Q(state="done"), default=0),
            failed=Sum("size", filter=Q(state="failed"), default=0),
            placed_all=Sum("placed", default=0),
        )
    }
    reasons: dict[int, list[str]] = {}
    for run_id, reason in rows.filter(state="failed").values_list("run_id", "reason").order_by("index"):
        reasons.setdefault(run_id, []).append(reason)
    return lambda run: _progress(run, sums.get(run.pk), reasons.get(run.pk, []))


def _progress(run: Run, sums: Mapping[str, Any] | None, reasons: Sequence[str]) -> Progress:
    done, failed, placed = (sums["done"], sums["failed"], sums["placed_all"]) if sums else (0, 0, 0)
    seconds = ((run.finished_at or timezone.now()) - run.created_at).total_seconds()
    rate = done / seconds if done and seconds > 0 else None
    running = run.state not in RUN_STATES.final
    left = timedelta(seconds=round((run.total - done - failed) / rate)) if rate and running else None
    return Progress(run.total, done, failed, placed, rate, left, running, tuple(dict.fromkeys(reasons))[:5])
