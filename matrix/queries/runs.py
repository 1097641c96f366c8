"""How far a run has come."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from matrix.models import RUN_STATES, Run


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
    sums = run.chunks.aggregate(
        done=Sum("size", filter=Q(state="done"), default=0),
        failed=Sum("size", filter=Q(state="failed"), default=0),
        placed=Sum("placed", default=0),
        broken=Count("pk", filter=Q(state="failed")),
    )
    seconds = ((run.finished_at or timezone.now()) - run.created_at).total_seconds()
    rate = sums["done"] / seconds if sums["done"] and seconds > 0 else None
    running = run.state not in RUN_STATES.final
    remaining = run.total - sums["done"] - sums["failed"]
    left = timedelta(seconds=round(remaining / rate)) if rate and running else None
    reasons = tuple(run.chunks.filter(state="failed").values_list("reason", flat=True)[:5]) if sums["broken"] else ()
    return Progress(run.total, sums["done"], sums["failed"], sums["placed"], rate, left, running, reasons)
