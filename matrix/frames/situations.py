"""What segments want in other situations than the routine one, against what they get today."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from assessments.instrument import SITUATIONS, Instrument
from connected.walls import HERE
from matrix.frames.placements import asked_of, derived_of, histogram
from matrix.models import StandingPlacement
from matrix.queries import models
from matrix.scoring import Outcome, outcome, score, situated

# The sheets a placement counts: see matrix.frames.sheets. Only those that say anything of this are told.
_SAID: Final = f"""
WITH counted AS (
    SELECT s.segment_id, s.wants, s.workshop_id,
        max(s.workshop_id) OVER (PARTITION BY s.segment_id) AS newest,
        row_number() OVER (
            PARTITION BY s.segment_id, s.workshop_id, s.participant_id ORDER BY s.round DESC
        ) AS nth
    FROM assessments_sheet s
    JOIN unnest(%s::bigint[], %s::bigint[]) AS p (segment_id, instrument_id) ON p.segment_id = s.segment_id
    JOIN assessments_workshop w ON w.workspace_id = s.workspace_id AND w.id = s.workshop_id
        AND w.instrument_id = p.instrument_id
    WHERE s.{HERE} AND NOT (w.reveal = 'blind' AND w.state IN ('preparing', 'collecting'))
)
SELECT segment_id, array_agg(wants::text) FROM counted
WHERE workshop_id = newest AND nth = 1 AND wants <> '{{}}'
GROUP BY segment_id
"""


@dataclass(frozen=True)
class Situated:
    """One situation of one segment: ``raters`` said something; ``outcome`` None where they are too few."""

    situation: str
    raters: int
    outcome: Outcome | None


def situations_of(standing: Iterable[StandingPlacement | None]) -> dict[int, tuple[Situated, ...]]:
    """By segment, the situations anybody answered for. One query; the placements' models at hand."""
    rows = {row.segment_id: row for row in standing if row is not None}
    if not rows:
        return {}
    instruments = [row.model.instrument_id for row in rows.values()]
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [list(rows), instruments])
        said = cursor.fetchall()
    found = {segment: _of(rows[segment], [json.loads(text) for text in texts]) for segment, texts in said}
    return {segment: each for segment, each in found.items() if each}


def _of(row: StandingPlacement, sheets: list[Mapping[str, Any]]) -> tuple[Situated, ...]:
    told = {situation: _told(models.questionnaire(row.model), situation, sheets) for situation in SITUATIONS}
    return tuple(
        Situated(situation, raters, _outcome(row, hist, raters))
        for situation, (hist, raters) in told.items()
        if raters
    )


def _told(
    questionnaire: Instrument, situation: str, sheets: list[Mapping[str, Any]]
) -> tuple[NDArray[np.uint16], int]:
    """Counts (items, 5) of what is wanted in a situation, where routine answers stand, and by how many."""
    hist, raters = np.zeros((len(questionnaire), 5), dtype=np.uint16), 0
    for sheet in sheets:
        known = [
            (questionnaire.positions[item.code.partition(".")[0]], sheet[item.code])
            for item in questionnaire.situated
            if item.situation == situation and sheet.get(item.code) is not None
        ]
        for position, value in known:
            hist[position, value] += 1
        raters += bool(known)
    return hist, raters


def _outcome(row: StandingPlacement, told: NDArray[np.uint16], raters: int) -> Outcome | None:
    model = models.parsed(row.model)
    if raters < model.minimum_raters:
        return None
    derived = derived_of(row)
    hist = situated(histogram(row), told, model)
    instead = None if derived is None else derived[None]
    return outcome(score(hist[None], model, np.array([row.raters]), asked_of(row), instead))


def told_of(routine: Outcome, others: Iterable[Situated]) -> dict[str, tuple[int, Outcome | None]]:
    """By situation, routine first, how many said something of it and what follows."""
    return {"": (routine.raters, routine)} | {each.situation: (each.raters, each.outcome) for each in others}
