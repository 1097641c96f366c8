"""Live re-scoring: what an answer changed is marked in its transaction and scored soon after.

A segment that cannot be scored holds up no other: what failed together is tried in halves, down to the one
at fault, which is set aside with its reason and tried again later, alone.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg2.errors import LockNotAvailable, QueryCanceled

from connected.bulk import MANY, learn
from connected.tenancy import in_workspace
from matrix import frames
from matrix.models import ScoringModel, Stale
from matrix.queries import models
from matrix.services import events
from matrix.services.pointer import hold_pointer

# Segments of one transaction: short enough that an answer to one of them hardly waits.
BATCH = 1000
#: The tables a placement is written to that is laid over what stands.
LAID_OVER = ("matrix_placement_few", "matrix_overlay", "matrix_move")
# Milliseconds. A run that is put in force holds writers of its workspace off, for seconds where it is large:
# answers elsewhere do not wait for it. Who has put it in force wakes a worker for what was left.
PATIENCE = 250
# Characters kept of why a segment could not be scored.
REASON = 500

logger = logging.getLogger(__name__)

# DO UPDATE, not DO NOTHING: it locks a mark that is there already, so that the scorer leaves it for
# the next round instead of reading answers that are not committed yet. New answers may cure what could
# not be scored, so they are tried at once.
_MARK = """
INSERT INTO matrix_stale (workspace_id, segment_id, marked_at)
SELECT %s, id, now() FROM connected_segment WHERE workspace_id = %s AND id = ANY(%s) ORDER BY id
ON CONFLICT (workspace_id, segment_id) DO UPDATE SET marked_at = now(), retry_at = NULL
"""
_CLAIM = """
DELETE FROM matrix_stale WHERE id IN (
    SELECT id FROM matrix_stale WHERE workspace_id = %(workspace)s
        AND CASE WHEN %(ids)s::bigint[] IS NULL THEN attempts = 0 ELSE segment_id = ANY(%(ids)s) END
    ORDER BY segment_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
) RETURNING segment_id
"""
_DUE = """
SELECT segment_id FROM matrix_stale
WHERE workspace_id = %s AND (%s OR attempts > 0) AND (retry_at IS NULL OR retry_at < statement_timestamp())
ORDER BY segment_id LIMIT %s
"""
# Doubles from four seconds to some seventeen minutes.
_SET_ASIDE = """
UPDATE matrix_stale SET attempts = least(attempts, 100) + 1, reason = %s,
    retry_at = clock_timestamp() + make_interval(secs => 2 ^ least(attempts + 2, 10))
WHERE workspace_id = %s AND segment_id = %s
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
    """The same when journeys changed, if a model scores with what they say; returns whether.

    The one in force, or that of a run that may yet come in force: what changed since is scored again then.
    """
    try:
        derives = [models.parsed(model).derive for model in models.listening()]
    except LookupError:
        # No scoring model is loaded: nothing is placed, so nothing can be out of date.
        return False
    if not any(derive is not None and derive.used for derive in derives):
        return False
    mark_stale(workspace_id=workspace_id, segment_ids=segment_ids)
    return True


def rescore_stale(*, workspace_id: int, careful: bool = False) -> int:
    """Score every marked segment nobody else is scoring; returns how many. Many calls share the work.

    ``careful`` after a worker died over it: first one at a time, each set aside before it is tried, so that
    what kills a worker does so once more and not for ever.
    """
    total = _alone(workspace_id, warned=True) if careful else 0
    while (scored := _try(workspace_id, None)) is not None:
        total += scored
        if total >= MANY > total - scored:
            learn(*LAID_OVER)
    return total + _alone(workspace_id)


def _alone(workspace_id: int, *, warned: bool = False) -> int:
    """Score, one at a time, what was set aside and may be tried again; ``warned``: whatever is marked."""
    total = 0
    for segment_id in _due(workspace_id, warned):
        if warned:
            _set_aside(workspace_id, segment_id, "Its worker ended without a result.")
        total += _try(workspace_id, [segment_id]) or 0
    return total


def left_waiting(*, workspace_id: int) -> bool:
    """Whether marks are there that nobody has tried to score yet."""
    with in_workspace(workspace_id):
        return Stale.objects.filter(attempts=0).exists()


def _due(workspace_id: int, everything: bool) -> list[int]:
    with in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(_DUE, [workspace_id, everything, BATCH])
        return [row[0] for row in cursor.fetchall()]


def _try(workspace_id: int, ids: Sequence[int] | None) -> int | None:
    """Score a batch of what is marked, or these; in halves where that fails. How many; None: none to do."""
    claimed: list[int] = []
    asked = {"workspace": workspace_id, "ids": list(ids) if ids else None, "most": BATCH}
    try:
        with in_workspace(workspace_id), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE}ms"])
            # So that no score under one model lands after the pointer moved to another's.
            hold_pointer(workspace_id, shared=True)
            model = models.in_force()
            cursor.execute(_CLAIM, asked)
            claimed = [row[0] for row in cursor.fetchall()]
            if claimed:
                _rescore(workspace_id, model, claimed)
        return len(claimed) or None
    except Exception as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return None
        if not claimed or _passing(error):
            raise
        if len(claimed) > 1:
            middle = len(claimed) // 2
            return sum(_try(workspace_id, part) or 0 for part in (claimed[:middle], claimed[middle:]))
        logger.exception("segment %s of workspace %s is set aside", claimed[0], workspace_id)
        _set_aside(workspace_id, claimed[0], f"{type(error).__name__}: {error}")
        return 0


def _passing(error: Exception) -> bool:
    """Whether no segment is at fault: a connection cut, a deadlock. For a statement too slow one may be."""
    odd = isinstance(error, OperationalError | InterfaceError)
    return odd and not isinstance(error.__cause__, QueryCanceled)


def _set_aside(workspace_id: int, segment_id: int, reason: str) -> None:
    with in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(_SET_ASIDE, [reason[:REASON], workspace_id, segment_id])


def _rescore(workspace_id: int, model: ScoringModel, claimed: list[int]) -> None:
    stood, since = events.standing_before(claimed), _now()
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        before = cursor.fetchone()[0]
        place(workspace_id=workspace_id, model=model, scope=frames.Scope(ids=claimed), run_id=None)
        # Nobody else scores a claimed segment, so what is newer is what was just written.
        cursor.execute(_LAY_OVER, [workspace_id, claimed, workspace_id, before])
    events.tell_of_placements(workspace_id=workspace_id, segment_ids=claimed, before=stood, since=since)


class Placed(NamedTuple):
    """How many segments were placed, and how many of them by the model of another questionnaire."""

    placed: int
    elsewhere: int


def place(
    *,
    workspace_id: int,
    model: ScoringModel,
    scope: frames.Scope,
    run_id: int | None,
    generation: int = 0,
    summing: frames.Summing | None = None,
) -> Placed:
    """Score the segments of a scope and write their placements, of which ``summing`` takes note.

    Needs the workspace context. The same path serves one saved answer and a chunk of a batch. A segment
    whose newest workshop asked another questionnaire is scored by the model of that one.
    """
    placed, others = _place(workspace_id, model, scope, run_id, generation, summing)
    elsewhere = 0
    for other in models.of_other_questionnaires(model, others):
        within = frames.Scope(ids=others)
        elsewhere += _place(workspace_id, other, within, run_id, generation, summing)[0]
    return Placed(placed + elsewhere, elsewhere)


def _place(
    workspace_id: int,
    model: ScoringModel,
    scope: frames.Scope,
    run_id: int | None,
    generation: int,
    summing: frames.Summing | None,
) -> tuple[int, list[int]]:
    """How many were placed, and the segments that answer another questionnaire."""
    core, questionnaire = models.parsed(model), models.questionnaire(model)
    answers, short, others = frames.read_answers(workspace_id, model.instrument_id, core.width, scope)
    short_items = [questionnaire.positions[item.code] for item in questionnaire.short_items]
    counted = frames.counted(
        answers, short, core, short_items, partial(frames.derived_values, workspace_id, core)
    )
    into = frames.Generation(workspace_id, model.pk, run_id, generation, _now())
    return frames.place_counted(counted, core, into, summing), others.tolist()


def _now() -> datetime:
    """The database's time: clocks of workers may differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
