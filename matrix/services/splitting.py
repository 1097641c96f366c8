"""A chunk that cannot be scored, cut into smaller ones until what stands in the way is alone.

A poisoned segment, or one that kills its worker, costs a handful of small chunks and is then set aside by
itself; its neighbours are scored.
"""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from matrix.models import Chunk

# Tenths rather than halves: ten thousand segments come down to one in four steps, not fourteen, and
# each step may cost a worker.
PARTS: Final = 10

_CUT: Final = """
SELECT min(id), max(id), count(*) FROM (
    SELECT id, (row_number() OVER (ORDER BY id) - 1) * %(parts)s / count(*) OVER () AS part
    FROM connected_segment
    WHERE workspace_id = %(workspace)s AND id BETWEEN %(low)s AND %(high)s
        AND (%(firm)s::bigint IS NULL OR firm_id = %(firm)s)
) AS cut GROUP BY part ORDER BY part
"""


def split_chunk(chunk: Chunk) -> list[int]:
    """Make up to ten waiting chunks of one; the ids of all of them, or none when there is nothing to split.

    The first part keeps the chunk's own row: whoever holds an old claim to it finds the smaller range.
    Needs the chunk locked.
    """
    parts = _parts(chunk)
    if sum(count for *_, count in parts) <= 1:
        return []
    # Segments removed meanwhile still count as done: the run's total stays what it was.
    gone = chunk.size - sum(count for *_, count in parts)
    (low, high, count), *others = parts
    last = Chunk.objects.filter(run_id=chunk.run_id).order_by("-index").values_list("index", flat=True)[0]
    made = Chunk.objects.bulk_create(
        Chunk(
            workspace_id=chunk.workspace_id,
            run_id=chunk.run_id,
            index=last + place,
            low=low,
            high=high,
            size=count,
            reason=chunk.reason,
        )
        for place, (low, high, count) in enumerate(others, 1)
    )
    chunk.low, chunk.high, chunk.size, chunk.attempts = low, high, count + gone, 0
    chunk.lease_until = chunk.published_at = None
    chunk.save()
    return [chunk.pk, *(part.pk for part in made)]


def alone(chunk: Chunk) -> None:
    """Narrow a chunk of one segment to that segment, so that it is named. Needs the chunk locked."""
    for low, high, _ in _parts(chunk):
        chunk.low, chunk.high = low, high


def _parts(chunk: Chunk) -> Sequence[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CUT,
            {
                "parts": PARTS,
                "workspace": chunk.workspace_id,
                "low": chunk.low,
                "high": chunk.high,
                "firm": chunk.run.firm_id,
            },
        )
        return [(low, high, count) for low, high, count in cursor.fetchall()]
