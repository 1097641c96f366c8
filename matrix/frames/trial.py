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

_FIRST: Final = f"SELECT id FROM connected_segment WHERE {HERE} ORDER BY id LIMIT %(most)s"

# At even places between the lowest and the highest key the next there is: as many looks into an index as are
# tried, however many segments there are, and the same ones each time.
_SPREAD: Final = f"""
WITH ends AS (SELECT min(id) AS low, max(id) AS high FROM connected_segment WHERE {HERE})
SELECT DISTINCT found.id
FROM ends, generate_series(0, %(most)s - 1) AS place, LATERAL (
    SELECT id FROM connected_segment
    WHERE {HERE} AND id >= low + (high - low) * place / greatest(%(most)s - 1, 1) ORDER BY id LIMIT 1
) found ORDER BY found.id
"""


@dataclass(frozen=True)
class Trial:
    """What a model would change in ``tried`` segments; ``whole``: these are all there are."""

    changes: dict[str, Any]
    tried: int
    whole: bool


def try_out(workspace_id: int, fork: Model, base: ScoringModel, most: int = MOST) -> Trial:
    """Score up to ``most`` segments under a fork and under its base. Needs the workspace context."""
    ids, whole = _sample(most)
    core, questionnaire = models.parsed(base), models.questionnaire(base)
    answers, short, _ = read_answers(workspace_id, base.instrument_id, core.width, Scope(ids=ids))
    short_items = [questionnaire.positions[item.code] for item in questionnaire.short_items]
    known = counted(answers, short, core, short_items)
    before, after = (_scored(workspace_id, known, model) for model in (core, fork))
    return Trial(shifts(known.tally.ids, before, after), len(ids), whole)


def _scored(workspace_id: int, known: Counted, model: Model) -> Scores:
    """Without confidence, which says nothing of where a segment goes."""
    derived = derived_values(workspace_id, model, known.tally.ids)
    plain = replace(model, confidence=None)
    return score(known.tally.hist, plain, known.tally.sheets, known.asked, derived)


def _sample(most: int) -> tuple[list[int], bool]:
    """Ids of the segments to try, ascending, and whether they are all there are."""
    first = _ids(_FIRST, most + 1)
    return (first, True) if len(first) <= most else (_ids(_SPREAD, most), False)


def _ids(statement: str, most: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"most": most})
        return [row[0] for row in cursor.fetchall()]
