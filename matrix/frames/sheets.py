"""Sheets out of the database, as arrays, and scored.

Binary COPY rows of fixed size are read with one ``np.frombuffer``: no Python object a cell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matrix.scoring import Answers, Model, Scores, Tally, fingerprints, score, tally

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER: Final = b"\xff\xff"
# In place of the form: the sheet answers another questionnaire.
OTHER: Final = 2


@dataclass(frozen=True)
class Scope:
    """Which segments to read: a key range (of one firm, perhaps), or named ids."""

    low: int = 0
    high: int = 2**63 - 1
    firm_id: int | None = None
    ids: Sequence[int] | None = None


@dataclass(frozen=True)
class Scored:
    """Scores of n segments with what proves them: ``tally`` and ``asked`` (n, items), in order of ids."""

    tally: Tally
    scores: Scores
    asked: NDArray[np.bool_]
    short: NDArray[np.bool_]
    fingerprints: list[str]
    derived: NDArray[np.float64] | None = None


# The newest workshop that has sheets for a segment counts, and in it each participant's last round.
# Answers of a blind workshop stay out until it is discussed: a placement must not give them away.
# Sheets of another questionnaire are there, blank, to say that the newest workshop asked it.
# Materialized, so that sheets are always read by their key range: with statistics gone stale after a
# large import the planner would begin at the workshops and read everything once a chunk.
_SHEETS: Final = """
COPY (
    WITH s AS MATERIALIZED (
        SELECT s.workspace_id, s.segment_id, s.workshop_id, s.participant_id, s.round, s.digits
        FROM assessments_sheet s
        WHERE s.workspace_id = {workspace} AND {scope}
    )
    SELECT s.segment_id, s.workshop_id, s.participant_id,
        CASE WHEN w.instrument_id <> {instrument} THEN {other} ELSE (w.form = 'short')::int END::smallint,
        CASE WHEN w.instrument_id <> {instrument} THEN repeat('-', {width}) ELSE s.digits END
    FROM s JOIN assessments_workshop w ON w.workspace_id = s.workspace_id AND w.id = s.workshop_id
    WHERE (w.instrument_id <> {instrument} OR length(s.digits) = {width})
      AND NOT (w.reveal = 'blind' AND w.state IN ('preparing', 'collecting'))
    ORDER BY s.segment_id, s.workshop_id, s.participant_id, s.round
) TO STDOUT (FORMAT binary)
"""


def _sheet_dtype(width: int) -> np.dtype[Any]:
    return np.dtype(
        [
            ("fields", ">i2"),
            ("segment_size", ">i4"), ("segment", ">i8"),
            ("workshop_size", ">i4"), ("workshop", ">i8"),
            ("participant_size", ">i4"), ("participant", ">i8"),
            ("short_size", ">i4"), ("short", ">i2"),
            ("digits_size", ">i4"), ("digits", "u1", width),
        ]
    )  # fmt: skip


def _where(scope: Scope) -> tuple[str, list[Any]]:
    if scope.ids is not None:
        return "s.segment_id = ANY(%s)", [list(scope.ids)]
    where, values = "s.segment_id BETWEEN %s AND %s", [scope.low, scope.high]
    if scope.firm_id is not None:
        where += (
            " AND s.segment_id IN (SELECT id FROM connected_segment"
            " WHERE workspace_id = s.workspace_id AND firm_id = %s)"
        )
        values.append(scope.firm_id)
    return where, values


def read_answers(
    workspace_id: int, instrument_id: int, width: int, scope: Scope
) -> tuple[Answers, NDArray[np.bool_], NDArray[np.int64]]:
    """The sheets that count in a scope, by segment, and of each whether its workshop asked the short form.

    Last the ids of segments whose newest workshop asked another questionnaire: theirs are not among them.
    """
    where, values = _where(scope)
    whole = {"instrument": int(instrument_id), "width": int(width), "other": OTHER}
    statement = _SHEETS.format(workspace="%s", scope=where, **whole)
    out = BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cursor.cursor
        raw.copy_expert(raw.mogrify(statement, [workspace_id, *values]).decode(), out)
    rows = np.frombuffer(out.getbuffer()[len(SIGNATURE) : -len(TRAILER)], dtype=_sheet_dtype(width))
    counts = _that_count(rows)
    rows = rows if counts.all() else rows[counts]
    others = rows["short"] == OTHER
    elsewhere = np.unique(rows["segment"][others]).astype(np.int64)
    rows = rows[~others] if len(elsewhere) else rows
    # "0" to "5" are 48 to 53, "-" for an unknown answer is 45.
    values_of = np.maximum(rows["digits"].view(np.int8) - np.int8(ord("0")), np.int8(-1))
    return Answers(values_of, rows["segment"].astype(np.int64)), rows["short"] > 0, elsewhere


def _that_count(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Of rows sorted by segment, workshop, participant, round: last round, newest workshop."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    # Whole columns first: each comparison of a field of packed rows would gather it anew.
    segment, workshop, participant = (
        rows[name].astype(np.int64) for name in ("segment", "workshop", "participant")
    )
    new_segment = np.append(True, segment[1:] != segment[:-1])
    last_of_segment = np.append(np.flatnonzero(new_segment)[1:], len(rows)) - 1
    newest = workshop[last_of_segment][np.cumsum(new_segment) - 1]
    last_round = np.append(
        (segment[1:] != segment[:-1])
        | (workshop[1:] != workshop[:-1])
        | (participant[1:] != participant[:-1]),
        True,
    )
    counts: NDArray[np.bool_] = (workshop == newest) & last_round
    return counts


@dataclass(frozen=True)
class Counted:
    """What n segments are scored from, in order of ids: all that the database says, and no score yet."""

    tally: Tally
    asked: NDArray[np.bool_]
    short: NDArray[np.bool_]
    derived: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.tally.ids)

    def part(self, span: slice) -> "Counted":
        held = Tally(self.tally.ids[span], self.tally.hist[span], self.tally.sheets[span])
        derived = None if self.derived is None else self.derived[span]
        return Counted(held, self.asked[span], self.short[span], derived)

    def scored(self, model: Model) -> Scored:
        held = self.tally
        scores = score(held.hist, model, held.sheets, self.asked, self.derived)
        marks = fingerprints(held.hist, model, held.sheets, self.asked, self.derived)
        return Scored(held, scores, self.asked, self.short, marks, self.derived)


def counted(
    answers: Answers,
    short: NDArray[np.bool_],
    model: Model,
    short_items: Sequence[int],
    derive: Callable[[NDArray[np.int64]], NDArray[np.float64] | None] = lambda ids: None,
) -> Counted:
    """Count what was read. Segments without one known answer are left out: they stand nowhere.

    ``short`` (sheets,), alike for all sheets of a segment: whether only the short form was asked.
    ``derive``: for segment ids (n,) the values (n, items) that stand in for answers, NaN where none does;
    None when the model takes none.
    """
    tallied = tally(answers, model)
    asked_short = np.zeros(len(tallied.ids), dtype=bool)
    asked_short[np.searchsorted(tallied.ids, answers.segments)] = short
    known = tallied.sheets > 0
    if not known.all():
        tallied = Tally(tallied.ids[known], tallied.hist[known], tallied.sheets[known])
        asked_short = asked_short[known]
    asked = asked_items(asked_short, model.width, short_items)
    return Counted(tallied, asked, asked_short, derive(tallied.ids))


def reckon(
    answers: Answers,
    short: NDArray[np.bool_],
    model: Model,
    short_items: Sequence[int],
    derive: Callable[[NDArray[np.int64]], NDArray[np.float64] | None] = lambda ids: None,
) -> Scored:
    """Count and score what was read, all at once."""
    return counted(answers, short, model, short_items, derive).scored(model)


def asked_items(short: NDArray[np.bool_], width: int, short_items: Sequence[int]) -> NDArray[np.bool_]:
    """(n, items): all items, or those of the short form."""
    asked = np.ones((len(short), width), dtype=bool)
    only = np.zeros(width, dtype=bool)
    only[list(short_items)] = True
    asked[short] = only
    return asked
