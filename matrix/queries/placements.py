"""Placements in force and of old, limited to what the actor may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from connected.models import Segment
from matrix.models import Placement, PlacementBase, Stale, StandingPlacement
from matrix.scoring import ARCHITECTURES, RELATIONSHIPS

BITS = {code: 1 << place for place, code in enumerate(RELATIONSHIPS)}


def codes(mask: int) -> list[str]:
    """The relationships of a bit mask, in the matrix's order."""
    return [code for code, bit in BITS.items() if mask & bit]


def standing(firms: frozenset[int] | None) -> "QuerySet[StandingPlacement]":
    """Placements in force, one a segment, of these firms (None: all of the workspace). No tallies."""
    rows = StandingPlacement.objects.select_related("segment__firm", "model").defer("tally")
    return rows if firms is None else rows.filter(segment__firm_id__in=firms)


def located() -> Q:
    """The condition for a placed segment, as `matrix.findings.facts.placed` reads it from an outcome."""
    gets = Q(primary_relationship__isnull=False) | Q(baseline=True)
    return gets & (Q(primary_architecture__isnull=False) | Q(mixed=True))


def history(segment_id: int) -> "QuerySet[Placement]":
    """Every placement a segment ever had, newest first; not those only proposed. No tallies."""
    rows = Placement.objects.filter(segment_id=segment_id).exclude(proposed())
    return rows.select_related("model").defer("tally").order_by("-id")


def proposed() -> Q:
    """The condition for a placement of a run that is not in force, nor ever was: readable as its own only."""
    return Q(run__decision__in=("candidate", "discarded"))


def in_cell(cell: str) -> Q:
    """The condition for ``CO-MM``: that relationship present in that primary architecture.

    Raises ValueError in words for a cell there is not.
    """
    row, column = place_of(cell)
    masks = [mask for mask in range(16) if mask & (1 << row)]
    return Q(primary_architecture=list(ARCHITECTURES)[column], present__in=masks)


def place_of(cell: str) -> tuple[int, int]:
    """Row and column of ``CO-MM``, capitals aside. Raises ValueError in words for a cell there is not."""
    relationship, _, architecture = cell.upper().partition("-")
    if relationship not in BITS or architecture not in ARCHITECTURES:
        raise ValueError(
            f"A cell is a relationship and an architecture, such as CO-MM: {', '.join(BITS)} and "
            f"{', '.join(ARCHITECTURES)}."
        )
    return list(BITS).index(relationship), list(ARCHITECTURES).index(architecture)


def cells(placement: PlacementBase) -> list[tuple[str, str, float]]:
    """(relationship, architecture, level 0-1) of every cell a placement occupies; none when mixed."""
    if placement.primary_architecture is None:
        return []
    return [
        (code, placement.primary_architecture, level)
        for code in codes(placement.present)
        if (level := getattr(placement, code.lower())) is not None
    ]


def waiting(segment_ids: Iterable[int]) -> set[int]:
    """Those of the segments whose answers changed since they were scored, and will be in a moment."""
    marked = Stale.objects.filter(segment_id__in=segment_ids, attempts=0)
    return set(marked.values_list("segment_id", flat=True))


@dataclass(frozen=True)
class Mark:
    """A segment's answers changed since it was scored. ``reason``: why it could not be, if tried."""

    reason: str
    retry_at: datetime | None


def mark_of(segment_id: int) -> Mark | None:
    """The mark of one segment; None when its placement is up to date. One query."""
    found = Stale.objects.filter(segment_id=segment_id).values_list("reason", "retry_at").first()
    return Mark(*found) if found else None


def unplaced(firms: frozenset[int] | None) -> "QuerySet[Segment]":
    """Segments that stand nowhere yet."""
    rows = Segment.objects.exclude(pk__in=StandingPlacement.objects.values("segment_id")).select_related(
        "firm"
    )
    return rows if firms is None else rows.filter(firm_id__in=firms)
