"""Touchpoints out of the database, as arrays, and what they say in place of answers."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matrix.frames.sheets import SIGNATURE, TRAILER
from matrix.scoring import STATED, Model, Touchpoints, derived

# From here on a key range is read whole and what was not asked for left out. Above the number of segments
# that a draft is tried on: those lie far apart, and all between them would be read.
_MANY: Final = 2500
_YES_NO: Final = ("identified", "carries_context")


def _code(name: str) -> str:
    """A column as the place of its word, -1 for silence; the words are the core's own constants."""
    if name in _YES_NO:
        return f"coalesce(t.{name}::int, -1)::smallint"
    words = ", ".join(f"'{word}'" for word in STATED[name])
    return f"(coalesce(array_position(ARRAY[{words}], t.{name}::text), 0) - 1)::smallint"


_TOUCHPOINTS: Final = f"""
COPY (
    SELECT t.segment_id, t.signature::int::smallint, {", ".join(_code(name) for name in STATED)}
    FROM connected_touchpoint t WHERE t.workspace_id = {{workspace}} AND {{scope}}
) TO STDOUT (FORMAT binary)
"""
_ROW: Final = np.dtype(
    [("fields", ">i2"), ("segment_size", ">i4"), ("segment", ">i8")]
    + [
        part
        for name in ("signature", *STATED)
        for part in ((f"{name}_size", ">i4"), (name, ">i2"))
    ]
)  # fmt: skip


def derived_values(workspace_id: int, model: Model, ids: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """For segments (n,), ascending, the values (n, items) that stand in for answers, NaN where none does.

    None, and nothing read, when the model scores with answers throughout. Needs the workspace context.
    """
    if model.derive is None or not model.derive.used or not len(ids):
        return None
    return derived(read_touchpoints(workspace_id, ids), model.derive, model.width)


def read_touchpoints(workspace_id: int, ids: NDArray[np.int64]) -> Touchpoints:
    """The journeys of segments (n,), ascending, as arrays."""
    rows = _rows(workspace_id, ids)
    segment = rows["segment"].astype(np.int64)
    owner = np.minimum(np.searchsorted(ids, segment), len(ids) - 1)
    wanted = ids[owner] == segment
    codes = {name: rows[name][wanted].astype(np.int8) for name in STATED}
    return Touchpoints(owner[wanted].astype(np.int64), codes, rows["signature"][wanted] > 0, len(ids))


def _rows(workspace_id: int, ids: NDArray[np.int64]) -> NDArray[Any]:
    scope, values = _where(ids)
    statement = _TOUCHPOINTS.format(workspace="%s", scope=scope)
    out = BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cursor.cursor
        raw.copy_expert(raw.mogrify(statement, [workspace_id, *values]).decode(), out)
    return np.frombuffer(out.getbuffer()[len(SIGNATURE) : -len(TRAILER)], dtype=_ROW)


def _where(ids: NDArray[np.int64]) -> tuple[str, Sequence[Any]]:
    if len(ids) < _MANY:
        return "t.segment_id = ANY(%s)", [ids.tolist()]
    return "t.segment_id BETWEEN %s AND %s", [int(ids[0]), int(ids[-1])]
