"""Rows to arrays and back: sheets out by binary COPY, placements in.

Binary COPY rows of fixed size are read with one ``np.frombuffer``: no Python object a cell. Unknown
answers travel as -1 and unknown scores as NaN; both are NULL on the other side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matrix.models import Placement, PlacementBase
from matrix.scoring import (
    ARCHITECTURES,
    CAPABILITIES,
    NONE_PRESENT,
    RELATIONSHIPS,
    Answers,
    Model,
    Scores,
    Tally,
    fingerprint,
    score,
    tally,
)

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
LEVELS: Final = 5
# Live re-scores write a handful of rows; from here on a temporary table and COPY are quicker.
MANY: Final = 200


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


# The newest workshop that has sheets for a segment counts, and in it each participant's last round.
# Answers of a blind workshop stay out until it is discussed: a placement must not give them away.
# Materialized, so that sheets are always read by their key range: with statistics gone stale after a
# large import the planner would begin at the workshops and read everything once a chunk.
_SHEETS: Final = """
COPY (
    WITH s AS MATERIALIZED (
        SELECT s.workspace_id, s.segment_id, s.workshop_id, s.participant_id, s.round, s.answers
        FROM assessments_sheet s
        WHERE s.workspace_id = {workspace} AND {scope} AND array_length(s.answers, 1) = {width}
    )
    SELECT s.segment_id, s.workshop_id, s.participant_id, (w.form = 'short')::int::smallint,
           array_replace(s.answers, NULL, -1::smallint)
    FROM s JOIN assessments_workshop w ON w.workspace_id = s.workspace_id AND w.id = s.workshop_id
    WHERE w.instrument_id = {instrument}
      AND NOT (w.reveal = 'blind' AND w.state IN ('preparing', 'collecting'))
    ORDER BY s.segment_id, s.workshop_id, s.participant_id, s.round
) TO STDOUT (FORMAT binary)
"""


def _sheet_dtype(width: int) -> np.dtype[Any]:
    element = np.dtype([("size", ">i4"), ("value", ">i2")])
    return np.dtype(
        [
            ("fields", ">i2"),
            ("segment_size", ">i4"), ("segment", ">i8"),
            ("workshop_size", ">i4"), ("workshop", ">i8"),
            ("participant_size", ">i4"), ("participant", ">i8"),
            ("short_size", ">i4"), ("short", ">i2"),
            ("array_size", ">i4"), ("array_head", ">i4", 5), ("answers", element, width),
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
) -> tuple[Answers, dict[int, bool]]:
    """The sheets that count in a scope, and per segment whether its workshop asked the short form."""
    where, values = _where(scope)
    statement = _SHEETS.format(workspace="%s", instrument="%s", scope=where, width="%s")
    out = BytesIO()
    with connection.cursor() as cursor:
        raw = cursor.cursor
        raw.copy_expert(raw.mogrify(statement, [workspace_id, *values, width, instrument_id]).decode(), out)
    rows = np.frombuffer(out.getbuffer()[len(_SIGNATURE) : -len(_TRAILER)], dtype=_sheet_dtype(width))
    rows = rows[_that_count(rows)]
    answers = Answers(rows["answers"]["value"].astype(np.int16), rows["segment"].astype(np.int64))
    return answers, dict(zip(answers.segments.tolist(), (rows["short"] > 0).tolist(), strict=True))


def _that_count(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Of rows sorted by segment, workshop, participant, round: last round, newest workshop."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    segment, workshop, participant = rows["segment"], rows["workshop"], rows["participant"]
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


def reckon(answers: Answers, shorts: dict[int, bool], model: Model, short_items: Sequence[int]) -> Scored:
    """Score what was read. Segments without one known answer are left out: they stand nowhere."""
    tallied = tally(answers, model)
    known = tallied.sheets > 0
    tallied = Tally(tallied.ids[known], tallied.hist[known], tallied.sheets[known])
    short = np.array([shorts[each] for each in tallied.ids.tolist()], dtype=bool)
    asked = asked_items(short, model.width, short_items)
    scores = score(tallied.hist, model, tallied.sheets, asked)
    marks = [
        fingerprint(row, model, int(raters), asking)
        for row, raters, asking in zip(tallied.hist, tallied.sheets, asked, strict=True)
    ]
    return Scored(tallied, scores, asked, short, marks)


def asked_items(short: NDArray[np.bool_], width: int, short_items: Sequence[int]) -> NDArray[np.bool_]:
    """(n, items): all items, or those of the short form."""
    asked = np.ones((len(short), width), dtype=bool)
    only = np.zeros(width, dtype=bool)
    only[list(short_items)] = True
    asked[short] = only
    return asked


def histogram(placement: PlacementBase) -> NDArray[np.uint16]:
    """The tally a placement was scored from, uint16 (items, 5)."""
    return np.frombuffer(bytes(placement.tally), dtype="<u2").astype(np.uint16).reshape(-1, LEVELS)


# --- Placements in ------------------------------------------------------------------------------

_FLOATS: Final = (
    ("rd", "co", "cb", "ae"),
    ("agree_rd", "agree_co", "agree_cb", "agree_ae"),
    ("pr", "rt", "mm", "cw", "pp"),
    ("want_rd", "want_co", "want_cb", "want_ae"),
)


def _mask(flags: NDArray[np.bool_]) -> NDArray[np.int16]:
    bits = np.left_shift(1, np.arange(flags.shape[1]))
    found: NDArray[np.int16] = (flags * bits).sum(axis=1).astype(np.int16)
    return found


def _columns(scored: Scored) -> dict[str, NDArray[Any]]:
    """Column name to array (n,), unknown as NaN; codes and quadrant as numbers, -1 and 0 unknown."""
    scores = scored.scores
    columns: dict[str, NDArray[Any]] = {"segment_id": scored.tally.ids}
    blocks = (scores.relationships, scores.relationship_agreement, scores.architectures, scores.wanted)
    for names, block in zip(_FLOATS, blocks, strict=True):
        columns |= {name: block[:, at] for at, name in enumerate(names)}
    tasks = dict(zip(CAPABILITIES, scores.capabilities.T, strict=True))
    columns |= {
        "identify": tasks["I"],
        "differentiate": tasks["D"],
        "interact": scores.interact,
        "customize": tasks["C"],
        "agreement": scores.agreement,
        "coverage": scores.coverage,
        "present": _mask(scores.present),
        "gates": _mask(scores.gate_met),
        "intrusive": _mask(scores.intrusive),
        "raters": scores.raters.astype(np.int32),
        "relationship_at": np.maximum(scores.primary, -1).astype(np.int16),
        "architecture_at": np.maximum(scores.primary_architecture, -1).astype(np.int16),
        "quadrant": scores.quadrant.astype(np.int16),
        "baseline": scores.primary == NONE_PRESENT,
        "scheduled_repeat": scores.scheduled_repeat,
        "mixed": scores.mixed,
        "split": scores.split,
        "interact_capped": scores.capped,
        "borderline": scores.borderline,
        "short": scored.short,
    }
    return columns


def write_placements(
    scored: Scored, *, workspace_id: int, model_id: int, run_id: int | None, now: Any
) -> int:
    """Insert one placement a segment; returns how many. ``now``: the database's time of the transaction."""
    if not len(scored.scores):
        return 0
    columns = _columns(scored)
    tallies = np.ascontiguousarray(scored.tally.hist, dtype="<u2")
    if len(scored.scores) < MANY:
        return _insert(scored, columns, tallies, workspace_id, model_id, run_id, now)
    return _copy(scored, columns, tallies, workspace_id, model_id, run_id, now)


def _value(value: Any) -> Any:
    plain = value.item()
    return None if isinstance(plain, float) and plain != plain else plain


def _code(index: int, codes: Sequence[str]) -> str | None:
    return codes[index] if index >= 0 else None


def _insert(
    scored: Scored,
    columns: dict[str, NDArray[Any]],
    tallies: NDArray[Any],
    workspace_id: int,
    model_id: int,
    run_id: int | None,
    now: Any,
) -> int:
    rows = []
    for at in range(len(scored.scores)):
        values = {name: _value(column[at]) for name, column in columns.items()}
        values["primary_relationship"] = _code(values.pop("relationship_at"), list(RELATIONSHIPS))
        values["primary_architecture"] = _code(values.pop("architecture_at"), list(ARCHITECTURES))
        values["quadrant"] = values["quadrant"] or None
        values["borderline"] = values["borderline"] if values["quadrant"] else None
        values["form"] = "short" if values.pop("short") else "full"
        rows.append(
            Placement(
                workspace_id=workspace_id,
                model_id=model_id,
                run_id=run_id,
                computed_at=now,
                fingerprint=scored.fingerprints[at],
                tally=tallies[at].tobytes(),
                **values,
            )
        )
    return len(Placement.objects.bulk_create(rows))


_KINDS: Final = {"i8": "bigint", "i4": "integer", "i2": "smallint", "f8": "double precision"}


def _copy(
    scored: Scored,
    columns: dict[str, NDArray[Any]],
    tallies: NDArray[Any],
    workspace_id: int,
    model_id: int,
    run_id: int | None,
    now: Any,
) -> int:
    """Through a temporary table: COPY cannot fill a table with row-level security, INSERT … SELECT can."""
    plain = {
        name: column.astype(np.int16) if column.dtype == bool else column for name, column in columns.items()
    }
    types = {name: column.dtype.str[1:] for name, column in plain.items()}
    marks = np.array([bytes.fromhex(mark) for mark in scored.fingerprints], dtype="V8")
    layout: list[Any] = [("fields", ">i2")]
    for name, kind in types.items():
        layout += [(f"{name}#", ">i4"), (name, f">{kind}")]
    layout += [("mark#", ">i4"), ("mark", "V8"), ("tally#", ">i4"), ("tally", f"V{tallies[0].nbytes}")]
    rows = np.empty(len(scored.scores), dtype=layout)
    rows["fields"] = len(types) + 2
    for name, column in (
        *plain.items(),
        ("mark", marks),
        ("tally", tallies.reshape(len(rows), -1).view(f"V{tallies[0].nbytes}")[:, 0]),
    ):
        rows[f"{name}#"] = rows.dtype[name].itemsize
        rows[name] = column
    definition = ", ".join(f"{name} {_KINDS[kind]}" for name, kind in types.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE fresh ({definition}, mark bytea, tally bytea) ON COMMIT DROP")
        cursor.cursor.copy_expert(
            "COPY fresh FROM STDIN (FORMAT binary)", BytesIO(_SIGNATURE + rows.tobytes() + _TRAILER)
        )
        cursor.execute(
            _INSERT, [workspace_id, model_id, run_id, now, list(RELATIONSHIPS), list(ARCHITECTURES)]
        )
        written = cursor.rowcount
        cursor.execute("DROP TABLE fresh")
    return int(written)


_SAME: Final = (
    "segment_id", "present", "gates", "intrusive", "raters", "coverage", "tally",
)  # fmt: skip
_KNOWN: Final = (
    *(name for names in _FLOATS for name in names),
    *("identify", "differentiate", "interact", "customize", "agreement"),
)
_TRUTHS: Final = ("baseline", "scheduled_repeat", "mixed", "split", "interact_capped")
_INSERT: Final = f"""
INSERT INTO matrix_placement (workspace_id, model_id, run_id, computed_at,
    primary_relationship, primary_architecture, quadrant, borderline, form, fingerprint,
    {", ".join(_SAME + _KNOWN + _TRUTHS)})
SELECT %s, %s, %s, %s,
    (%s::varchar[])[relationship_at + 1], (%s::varchar[])[architecture_at + 1], NULLIF(quadrant, 0),
    CASE WHEN quadrant > 0 THEN borderline = 1 END, CASE short WHEN 1 THEN 'short' ELSE 'full' END,
    encode(mark, 'hex'),
    {", ".join(_SAME)}, {", ".join(f"NULLIF({name}, 'NaN')" for name in _KNOWN)},
    {", ".join(f"{name} = 1" for name in _TRUTHS)}
FROM fresh
"""  # noqa: S608 - names of columns, from the constants above
