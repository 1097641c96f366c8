"""Which placements are in force: the generation's pointer, and what lies over it."""

from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from matrix.frames import cube
from matrix.models import Generation, Overlay, Placement, Run
from matrix.queries.runs import came_in_force, overtaken
from matrix.services.generations import forget_gone

# A run over so many segments is worth counting anew; the log of a smaller one is folded in.
COUNT_FROM = 20_000

COPIED = [
    str(field.column)
    for field in Placement._meta.concrete_fields
    if field.attname not in ("id", "generation")
]

_OVERLAYS = """
INSERT INTO matrix_overlay (workspace_id, segment_id, placement_id, moved_at)
SELECT p.workspace_id, p.segment_id, p.id, clock_timestamp() FROM matrix_placement p
WHERE p.workspace_id = %(workspace)s AND p.run_id = %(run)s AND p.generation = 0
ON CONFLICT (workspace_id, segment_id) DO UPDATE
    SET placement_id = excluded.placement_id, moved_at = excluded.moved_at
    WHERE matrix_overlay.moved_at < %(began)s
"""
# What a resumed run has scored since its generation came in force, unless a live re-score is newer.
_OVERLAYS_AGAIN = """
INSERT INTO matrix_overlay (workspace_id, segment_id, placement_id, moved_at)
SELECT p.workspace_id, p.segment_id, p.id, clock_timestamp() FROM matrix_placement p
WHERE p.workspace_id = %(workspace)s AND p.run_id = %(run)s AND p.generation = 0
    AND NOT EXISTS (
        SELECT FROM matrix_generation g WHERE g.workspace_id = p.workspace_id AND g.moved_at > p.computed_at
    )
ON CONFLICT (workspace_id, segment_id) DO UPDATE
    SET placement_id = excluded.placement_id, moved_at = excluded.moved_at
    WHERE matrix_overlay.moved_at < (
        SELECT p.computed_at FROM matrix_placement p
        WHERE p.workspace_id = excluded.workspace_id AND p.id = excluded.placement_id AND p.generation = 0
    )
"""
# What stood in a failed range goes on standing: copied beside the generation and laid over it.
_KEPT = f"""
WITH kept AS (
    INSERT INTO matrix_placement (generation, {", ".join(COPIED)})
    SELECT 0, {", ".join(f"p.{name}" for name in COPIED)}
    FROM matrix_chunk c JOIN matrix_standing p
        ON p.workspace_id = c.workspace_id AND p.segment_id BETWEEN c.low AND c.high
    WHERE c.workspace_id = %(workspace)s AND c.run_id = %(run)s AND c.state = 'failed'
        AND p.generation <> 0
    RETURNING workspace_id, segment_id, id
)
INSERT INTO matrix_overlay (workspace_id, segment_id, placement_id, moved_at)
SELECT workspace_id, segment_id, id, clock_timestamp() FROM kept
UNION ALL
SELECT p.workspace_id, p.segment_id, p.id, clock_timestamp()
FROM matrix_chunk c JOIN matrix_standing p
    ON p.workspace_id = c.workspace_id AND p.segment_id BETWEEN c.low AND c.high
WHERE c.workspace_id = %(workspace)s AND c.run_id = %(run)s AND c.state = 'failed' AND p.generation = 0
ON CONFLICT (workspace_id, segment_id) DO NOTHING
"""  # noqa: S608 - names of columns


# What a resumed run scored after its generation was sealed is beside it.
_BESIDE = """
INSERT INTO matrix_overlay (workspace_id, segment_id, placement_id, moved_at)
SELECT DISTINCT ON (p.segment_id) p.workspace_id, p.segment_id, p.id, clock_timestamp()
FROM matrix_placement p
WHERE p.workspace_id = %(workspace)s AND p.run_id = %(run)s AND p.generation = 0
ORDER BY p.segment_id, p.id DESC
ON CONFLICT (workspace_id, segment_id) DO NOTHING
"""
# Laid since the run began, and taken away by a run that came in force in between.
_RELAID = """
INSERT INTO matrix_overlay (workspace_id, segment_id, placement_id, moved_at)
SELECT DISTINCT ON (m.segment_id) m.workspace_id, m.segment_id, m.placement, clock_timestamp()
FROM matrix_move m WHERE m.workspace_id = %(workspace)s AND m.moved_at >= %(began)s
ORDER BY m.segment_id, m.id DESC
ON CONFLICT (workspace_id, segment_id) DO NOTHING
"""
_OF_ANOTHER_MODEL = """
INSERT INTO matrix_stale (workspace_id, segment_id, marked_at)
SELECT o.workspace_id, o.segment_id, now() FROM matrix_overlay o
LEFT JOIN matrix_placement p
    ON p.workspace_id = o.workspace_id AND p.id = o.placement_id AND p.generation = 0
WHERE o.workspace_id = %(workspace)s AND p.model_id IS DISTINCT FROM %(model)s
ON CONFLICT (workspace_id, segment_id) DO NOTHING
"""
_POINTER = "SELECT pg_advisory_xact_lock{}(hashtextextended('matrix.pointer.' || %s, 0))"


def hold_pointer(workspace_id: int, *, shared: bool = False) -> None:
    """Until this transaction ends, what is in force moves for nobody else; ``shared``: for nobody at all."""
    with connection.cursor() as cursor:
        cursor.execute(_POINTER.format("_shared" if shared else ""), [str(workspace_id)])


def put_in_force(run: Run) -> None:
    """A whole run moves the generation's pointer; a firm's, or a small one with failures, lays its rows over.

    A live re-score newer than the run's start has seen at least as much, so it stays on top; where it
    was made under another model it is made again. What a run failed to score keeps its last placement.
    """
    again = run.generation > 0 and came_in_force(run)
    whole = run.firm_id is None and (run.generation > 0 or run.state == "finished" or run.decision != "none")
    # What is laid over row by row is in the cube's log; what moves with the pointer is not.
    moves = whole and not again
    recounted = run.total >= COUNT_FROM or (moves and (run.generation > 0 or cube.exists()))
    if recounted:
        cube.hold_off()
    if run.generation and not again:
        forget_gone(run)
    if again:
        _execute(_OVERLAYS_AGAIN, run)
    elif whole:
        _move_pointer(run)
    else:
        _execute(_OVERLAYS, run)
    if recounted:
        cube.recount()


def put_back_in_force(run: Run) -> None:
    """An earlier whole run once more. What was placed since it began lies over it, and is scored again where
    that was by another model.
    """
    recounted = run.generation > 0 or cube.exists()
    if recounted:
        cube.hold_off()
    _move_pointer(run)
    if run.generation:
        _execute(_BESIDE, run)
    if recounted:
        cube.recount()


def _move_pointer(run: Run) -> None:
    between = overtaken(run)
    Overlay.objects.filter(moved_at__lt=run.created_at).exclude(_failed(run)).delete()
    if run.state == "partial":
        _execute(_KEPT, run)
    Generation.objects.create(
        workspace_id=run.workspace_id, run=run, generation=run.generation, moved_at=Now()
    )
    if between:
        _execute(_RELAID, run)
    _execute(_OF_ANOTHER_MODEL, run)


def _execute(statement: str, run: Run) -> None:
    given: dict[str, Any] = {
        "workspace": run.workspace_id,
        "run": run.pk,
        "model": run.model_id,
        "began": run.created_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


def _failed(run: Run) -> Exists:
    """Overlays of segments in the ranges that the run could not score."""
    here = OuterRef("segment_id")
    return Exists(run.chunks.filter(state="failed", low__lte=here, high__gte=here))
