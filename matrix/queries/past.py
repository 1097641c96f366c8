"""Where the segments stood: generations and moves are kept, so any moment can be read again."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from matrix.models import Generation, Move, Placement, Run


def stood(moment: datetime, firms: frozenset[int] | None) -> "QuerySet[Placement]":
    """The placements in force then, one a segment, of these firms (None: all). No tallies.

    Segments that are gone today are not among them.
    """
    rows = Placement.objects.select_related("segment__firm", "model").defer("tally", "derived")
    rows = _in_force(rows, moment)
    return rows if firms is None else rows.filter(segment__firm_id__in=firms)


def _in_force(rows: "QuerySet[Placement]", moment: datetime) -> "QuerySet[Placement]":
    """What was laid over last, and else what the newest run had placed."""
    newest = Generation.objects.filter(moved_at__lte=moment).select_related("run").order_by("-id").first()
    moves = Move.objects.filter(segment_id=OuterRef("segment_id"), moved_at__lte=moment)
    if newest is not None:
        moves = moves.filter(_survived(newest.run))
    # One segment's newest move, by index; all moves there ever were may be many.
    last = moves.order_by("-id")
    rows = rows.alias(move=Subquery(last.values("pk")[:1]), laid=Subquery(last.values("placement")[:1]))
    over = Q(generation=0, pk=F("laid"))
    if newest is None:
        return rows.filter(over)
    return rows.filter(over | Q(generation=newest.generation, run_id=newest.run_id, move=None))


def _survived(run: Run) -> Q:
    """Moves a run left in force: those since it began, and where it could not score."""
    failed = run.chunks.filter(state="failed").values_list("low", "high")
    ranges = (Q(segment_id__gte=low, segment_id__lte=high) for low, high in failed)
    return reduce(or_, ranges, Q(moved_at__gte=run.created_at))


def came_in_force(run: Run) -> datetime | None:
    """When a run's placements did; None where they never have."""
    if run.state not in ("finished", "partial") or run.decision in ("candidate", "discarded"):
        return None
    if switch := Generation.objects.filter(run=run).order_by("-id").first():
        return switch.moved_at
    laid = Placement.objects.filter(run=run, generation=0)
    moves = Move.objects.filter(
        segment_id__in=laid.values("segment_id"), placement__in=laid.values("pk")
    ).aggregate(last=Max("moved_at"))
    return moves["last"] or run.finished_at
