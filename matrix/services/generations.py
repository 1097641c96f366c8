"""The tables that large runs fill: made, sealed, dropped; and rid of segments that went meanwhile."""

from typing import Final

from django.db import connection

from connected.models import Segment
from matrix.frames import sums
from matrix.models import Run

_GONE: Final = """
DELETE FROM matrix_placement p WHERE p.workspace_id = %s AND p.generation = %s
    AND NOT EXISTS (
        SELECT FROM connected_segment s WHERE s.workspace_id = p.workspace_id AND s.id = p.segment_id
    )
"""


def of_generation(verb: str, run: Run) -> None:
    """``open``, ``seal`` or ``drop`` the table a large run fills."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT matrix_{verb}_generation(%s)", [run.generation])


def forget_gone(run: Run) -> None:
    """Remove what the run placed of segments that went while it did; the table was not yet theirs to clear.

    Call it when the table is sealed and whoever removes segments is held off, so that none goes in between.
    With sums that is what taking the log into them does; else every segment is looked at.
    """
    if sums.settled(run.generation) is not None:
        return
    last = run.chunks.order_by("-high").values_list("high", flat=True)[0]
    if Segment.objects.filter(pk__lte=last).count() == run.total:
        return
    with connection.cursor() as cursor:
        cursor.execute(_GONE, [run.workspace_id, run.generation])
