"""Live re-scoring: what an answer changed is marked in its transaction and scored soon after."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from connected.tenancy import in_workspace
from matrix import frames
from matrix.models import ScoringModel
from matrix.queries import models
from matrix.services import events

# Segments of one transaction: short enough that an answer to one of them hardly waits.
BATCH = 1000

# DO UPDATE, not DO NOTHING: it locks a mark that is there already, so that the scorer leaves it for
# the next round instead of reading answers that are not committed yet.
_MARK = """
INSERT INTO matrix_stale (workspace_id, segment_id, marked_at)
SELECT %s, id, now() FROM connected_segment WHERE workspace_id = %s AND id = ANY(%s) ORDER BY id
ON CONFLICT (workspace_id, segment_id) DO UPDATE SET marked_at = now()
"""
_CLAIM = """
DELETE FROM matrix_stale WHERE id IN (
    SELECT id FROM matrix_stale WHERE workspace_id = %s ORDER BY segment_id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING segment_id
"""
_LAY_OVER = """
INSERT INTO matrix_overlay (workspace_id, segment_id, placement_id, moved_at)
SELECT %s, given.segment_id, p.id, clock_timestamp()
FROM unnest(%s::bigint[]) AS given(segment_id)
LEFT JOIN matrix_placement p
    ON p.workspace_id = %s AND p.segment_id = given.segment_id AND p.run_id IS NULL AND p.id > %s
    AND p.generation = 0
ON CONFLICT (workspace_id, segment_id) DO UPDATE
    SET placement_id = excluded.placement_id, moved_at = excluded.moved_at
"""
# Numbers drawn so far, whoever drew them: what is written now gets higher ones.
_LAST = "SELECT last_value - (NOT is_called)::int FROM matrix_placement_id_seq"


@transaction.atomic
def mark_stale(*, workspace_id: int, segment_ids: Sequence[int]) -> None:
    """Remember that these segments' answers changed. Needs the workspace context."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [workspace_id, workspace_id, list(segment_ids)])


def mark_journeys(*, workspace_id: int, segment_ids: Sequence[int]) -> bool:
    """The same when journeys changed, if the model in force scores with what they say; returns whether."""
    try:
        derive = models.parsed(models.in_force()).derive
    except LookupError:
        # No scoring model is loaded: nothing is placed, so nothing can be out of date.
        return False
    if derive is None or not derive.used:
        return False
    mark_stale(workspace_id=workspace_id, segment_ids=segment_ids)
    return True


def rescore_stale(*, workspace_id: int) -> int:
    """Score every marked segment nobody else is scoring; returns how many. Many calls share the work."""
    total = 0
    while scored := _rescore_batch(workspace_id):
        total += scored
    return total


def _rescore_batch(workspace_id: int) -> int:
    with in_workspace(workspace_id), connection.cursor() as cursor:
        # The end of a large run holds writers off for seconds.
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute(_CLAIM, [workspace_id, BATCH])
        claimed = [row[0] for row in cursor.fetchall()]
        if claimed:
            stood, since = events.standing_before(claimed), _now()
            cursor.execute(_LAST)
            before = cursor.fetchone()[0]
            place(
                workspace_id=workspace_id,
                model=models.in_force(),
                scope=frames.Scope(ids=claimed),
                run_id=None,
            )
            # Nobody else scores a claimed segment, so what is newer is what was just written.
            cursor.execute(_LAY_OVER, [workspace_id, claimed, workspace_id, before])
            events.tell_of_placements(
                workspace_id=workspace_id, segment_ids=claimed, before=stood, since=since
            )
        return len(claimed)


def place(
    *, workspace_id: int, model: ScoringModel, scope: frames.Scope, run_id: int | None, generation: int = 0
) -> int:
    """Score the segments of a scope and write their placements; returns how many were placed.

    Needs the workspace context. The same path serves one saved answer and a chunk of a batch.
    """
    core, questionnaire = models.parsed(model), models.questionnaire(model)
    answers, short = frames.read_answers(workspace_id, model.instrument_id, core.width, scope)
    short_items = [questionnaire.positions[item.code] for item in questionnaire.short_items]
    scored = frames.reckon(
        answers, short, core, short_items, partial(frames.derived_values, workspace_id, core)
    )
    return frames.write_placements(
        scored, frames.Generation(workspace_id, model.pk, run_id, generation, _now())
    )


def _now() -> datetime:
    """The database's time: clocks of workers may differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
