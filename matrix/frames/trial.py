"""A model tried on some of a workspace's segments, without writing anything."""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection

from connected.walls import HERE
from matrix.frames.journeys import derived_values
from matrix.frames.sheets import Counted, Scope, counted, read_answers
from matrix.models import ScoringModel
from matrix.queries import models
from matrix.scoring import Model, Scores, score, shifts

MOST: Final = 2000

# Evenly by key, so that the same segments are tried each time.
_SAMPLE: Final = f"""
SELECT id, every FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS every
    FROM connected_segment WHERE {HERE}
) s WHERE every <= %(most)s OR place * %(most)s / every > (place - 1) * %(most)s / every
"""


@dataclass(frozen=True)
class Trial:
    """What a model would change in ``tried`` of ``every`` segment: those that answer its questionnaire."""

    changes: dict[str, Any]
    tried: int
    every: int


def try_out(workspace_id: int, fork: Model, base: ScoringModel, most: int = MOST) -> Trial:
    """Score up to ``most`` segments under a fork and under its base. Needs the workspace context."""
    ids, every = _sample(most)
    core, questionnaire = models.parsed(base), models.questionnaire(base)
    answers, short, _ = read_answers(workspace_id, base.instrument_id, core.width, Scope(ids=ids))
    short_items = [questionnaire.positions[item.code] for item in questionnaire.short_items]
    known = counted(answers, short, core, short_items)
    before, after = (_scored(workspace_id, known, model) for model in (core, fork))
    return Trial(shifts(known.tally.ids, before, after), len(ids), every)


def _scored(workspace_id: int, known: Counted, model: Model) -> Scores:
    """Without confidence, which says nothing of where a segment goes."""
    derived = derived_values(workspace_id, model, known.tally.ids)
    plain = replace(model, confidence=None)
    return score(known.tally.hist, plain, known.tally.sheets, known.asked, derived)


def _sample(most: int) -> tuple[list[int], int]:
    """Ids of the segments to try, and how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, {"most": most})
        rows = cursor.fetchall()
    return [row[0] for row in rows], rows[0][1] if rows else 0
