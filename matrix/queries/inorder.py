"""Placements in order of their segments, as quick in a million as in a hundred.

Placements in force are a view over generations, and cannot be read in order without reading all of them.
Segments can: so a page takes segments in order, and the placements of that stretch.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Q, QuerySet

from connected.models import Segment

FIRST: Final = 1100
MOST: Final = 20_000


def stretches(
    found: "QuerySet[Any]", segments: "QuerySet[Segment]", at: int | None, *, back: bool = False
) -> Iterator["QuerySet[Any]"]:
    """Those of ``found`` after segment ``at``, or before it going ``back``, one stretch of segments each.

    ``segments``: those the rows may belong to. Stop taking stretches when a page is full.
    """
    order = "-segment_id" if back else "segment_id"
    for taken in _ids(segments, at, back=back):
        yield found.filter(_among(taken)).order_by(order)


def _among(ids: list[int]) -> Q:
    """Segments by their range where nearly all of it is wanted, else one by one."""
    low, high = min(ids), max(ids)
    if high - low < 4 * len(ids):
        return Q(segment_id__gte=low, segment_id__lte=high)
    return Q(segment_id__in=ids)


def _ids(segments: "QuerySet[Segment]", at: int | None, *, back: bool) -> Iterator[list[int]]:
    """Segment ids that follow each other, more each time while they do not fill a page."""
    ids = segments.order_by("-pk" if back else "pk").values_list("pk", flat=True)
    width = FIRST
    while True:
        ahead = ids if at is None else ids.filter(pk__lt=at) if back else ids.filter(pk__gt=at)
        taken = list(ahead[:width])
        if taken:
            yield taken
        if len(taken) < width:
            return
        at, width = taken[-1], min(width * 4, MOST)
