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
# In place of the form: the workshop asked another questionnaire, or its answers are not to be seen.
_OTHER, _HIDDEN = 2, 3
# In place of each digit of a sheet that has not as many as there are items.
_ODD: Final = "~"


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


# Every sheet of a scope as the index has them: nothing is joined, sorted or of varied size. What another
# questionnaire was answered with has another length, in most cases.
_SHEETS: Final = """
COPY (
    SELECT s.segment_id, s.workshop_id, s.participant_id,
        CASE WHEN octet_length(s.digits) = {width} THEN s.digits ELSE repeat('{odd}', {width}) END
    FROM assessments_sheet s
    WHERE s.workspace_id = {workspace} AND {scope}
    ORDER BY s.segment_id, s.workshop_id, s.participant_id, s.round
) TO STDOUT (FORMAT binary)
"""
# Answers of a blind workshop stay out until it is discussed: a placement must not give them away.
_WORKSHOPS: Final = """
SELECT id, CASE WHEN instrument_id <> %s THEN {other} ELSE (form = 'short')::int END
FROM assessments_workshop
WHERE workspace_id = %s AND id = ANY(%s) AND NOT (reveal = 'blind' AND state IN ('preparing', 'collecting'))
"""


def _sheet_dtype(width: int) -> np.dtype[Any]:
    return np.dtype(
        [
            ("fields", ">i2"),
            ("segment_size", ">i4"), ("segment", ">i8"),
            ("workshop_size", ">i4"), ("workshop", ">i8"),
            ("participant_size", ">i4"), ("participant", ">i8"),
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
    statement = _SHEETS.format(workspace="%s", scope=where, width=int(width), odd=_ODD)
    out = BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cursor.cursor
        raw.copy_expert(raw.mogrify(statement, [workspace_id, *values]).decode(), out)
    rows = np.frombuffer(out.getbuffer()[len(SIGNATURE) : -len(TRAILER)], dtype=_sheet_dtype(width))
    # Whole columns: each comparison of a field of packed rows would gather it anew.
    names = ("segment", "workshop", "participant")
    segment, workshop, participant = (rows[name].astype(np.int64) for name in names)
    digits, asked = rows["digits"], _asked(workspace_id, instrument_id, workshop)
    there = (asked == _OTHER) | ((asked != _HIDDEN) & (digits[:, 0] != ord(_ODD)))
    if not there.all():
        segment, workshop, participant = segment[there], workshop[there], participant[there]
        digits, asked = digits[there], asked[there]
    counts = _that_count(segment, workshop, participant)
    elsewhere = np.unique(segment[counts & (asked == _OTHER)])
    counts &= asked != _OTHER
    if not counts.all():
        segment, digits, asked = segment[counts], digits[counts], asked[counts]
    # "0" to "5" are 48 to 53, "-" for an unknown answer is 45.
    values_of = np.maximum(digits.view(np.int8) - np.int8(ord("0")), np.int8(-1))
    return Answers(values_of, segment), asked > 0, elsewhere


def _asked(workspace_id: int, instrument_id: int, workshop: NDArray[np.int64]) -> NDArray[np.int8]:
    """What each of these workshops asked: 0 the full form, 1 the short one, _OTHER or _HIDDEN."""
    ids, place = np.unique(workshop, return_inverse=True)
    found = np.full(len(ids), _HIDDEN, dtype=np.int8)
    with connection.cursor() as cursor:
        cursor.execute(_WORKSHOPS.format(other=_OTHER), [instrument_id, workspace_id, ids.tolist()])
        for pk, asked in cursor.fetchall():
            found[np.searchsorted(ids, pk)] = asked
    of_each: NDArray[np.int8] = found[place]
    return of_each


def _that_count(
    segment: NDArray[np.int64], workshop: NDArray[np.int64], participant: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Of sheets in the order of segment, workshop, participant, round: the newest workshop that has any
    for a segment, and in it each participant's last round."""
    if not len(segment):
        return np.zeros(0, dtype=bool)
    new_segment = np.append(True, segment[1:] != segment[:-1])
    last_of_segment = np.append(np.flatnonzero(new_segment)[1:], len(segment)) - 1
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
