"""What came in force since: in the order of commits, or by the clock with room to spare."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from connected.commits import VisibleIn, began
from matrix.models import Edit, Generation, GoneSegment, Move, StandingPlacement

#: A row is dated when it is written and seen when its transaction ends, which takes less than this.
LONGEST: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Changes:
    """``run_id``: the run whose placements came in force as a whole, or None; ``moves``: those laid over.

    ``deleted``: segments that are no more, of all firms. ``until``: the snapshot these changes end with, or
    None for now.

    Rows are read after that snapshot. What has changed once more by then is left to whoever asks for what
    came after it: told here, as it stands now, it would be told twice.
    """

    run_id: int | None
    moves: "QuerySet[Move]"
    deleted: "QuerySet[GoneSegment]"
    until: str | None

    def placements(self) -> Q:
        """The condition for a placement in force that is new."""
        laid = Q(segment_id__in=self.moves.values("segment_id"))
        new = laid if self.run_id is None else laid | Q(run_id=self.run_id)
        if self.until is not None:
            later = Generation.objects.filter(_unseen(self.until))
            new &= ~Q(run_id__in=later.values("run_id"))
        return new & ~self._moved_again("segment_id")

    def _moved_again(self, segment: str) -> Q:
        if self.until is None:
            return Q(pk__in=())
        return Q(**{f"{segment}__in": Move.objects.filter(_unseen(self.until)).values("segment_id")})

    def segments(self) -> Q:
        """The condition for a segment that may have one."""
        return Q() if self.run_id is not None else Q(pk__in=self.moves.values("segment_id"))

    def gone(self) -> Q:
        """The condition for a segment whose placement was taken away: nobody's answers are left."""
        stands = StandingPlacement.objects.filter(segment_id=OuterRef("pk"))
        return Q(~Exists(stands), pk__in=self.moves.values("segment_id")) & ~self._moved_again("pk")


def between(since: str, until: str) -> Changes:
    """What a snapshot shows that an earlier one did not: every change once, whoever commits when."""
    new = _unseen(since) & Q(_seen(until))
    generations = Generation.objects.filter(_seen(until))
    return _changes(new, GoneSegment.objects.filter(new), generations, until)


def after(moment: datetime) -> Changes:
    """What was put in force after a time, or committed after it: up to :data:`LONGEST` earlier as well."""
    earliest = moment - LONGEST
    deleted = GoneSegment.objects.filter(gone_at__gt=earliest)
    return _changes(Q(moved_at__gt=earliest), deleted, Generation.objects.all(), None)


def still(snapshot: str) -> bool:
    """Whether placements in force, and what they show of firms and segments, are as a snapshot saw them."""
    new = _unseen(snapshot)
    return not any(log.objects.filter(new).exists() for log in (Move, Generation, GoneSegment, Edit))


def _changes(
    new: Q, deleted: "QuerySet[GoneSegment]", generations: "QuerySet[Generation]", until: str | None
) -> Changes:
    newest = generations.order_by("-id").values_list("pk", "run_id").first()
    switched = newest is not None and Generation.objects.filter(new, pk=newest[0]).exists()
    return Changes(newest[1] if newest and switched else None, Move.objects.filter(new), deleted, until)


def _unseen(snapshot: str) -> Q:
    return Q(transaction__gte=began(snapshot)) & ~Q(_seen(snapshot))


def _seen(snapshot: str) -> Any:
    return VisibleIn("transaction", snapshot)
