"""The cube of a workspace: built from all its placements, kept as bytes, read with what changed since."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from connected.walls import HERE
from matrix.frames.facts import COLUMNS, facts_of, read_facts
from matrix.models import CubeState
from matrix.queries.models import present_cuts
from matrix.scoring import LAYOUT, Cube, Facts

STANDING: Final = """(
    SELECT p.*, s.customers, s.revenue, s.currency FROM matrix_standing p
    JOIN connected_segment s ON s.workspace_id = p.workspace_id AND s.id = p.segment_id
)"""
_CHANGED: Final = {**COLUMNS, "sign": ("i2", "f.sign")}
# One statement, so one moment: a cube and changes of different moments would count some twice.
_READ: Final = f"""
SELECT c.stamp, CASE WHEN c.stamp = ANY(%s::uuid[]) THEN NULL ELSE c.data END,
    c.segments + coalesce((SELECT sum(h.segments) FROM matrix_headcount h WHERE h.{HERE}), 0),
    (SELECT json_agg(t) FROM (
        SELECT {", ".join(f"{sql} AS {name}" for name, (_, sql) in _CHANGED.items())}
        FROM matrix_change f WHERE f.{HERE}
    ) t)
FROM matrix_cube c WHERE c.{HERE}
"""
_WRITE: Final = """
INSERT INTO matrix_cube (workspace_id, stamp, segments, data)
VALUES (NULLIF(current_setting('app.workspace', true), '')::bigint, %s, %s, %s)
ON CONFLICT (workspace_id) DO UPDATE SET stamp = excluded.stamp, segments = excluded.segments,
    data = excluded.data
"""
_COUNT_ANEW: Final = f"""
WITH gone AS (DELETE FROM matrix_headcount WHERE {HERE})
SELECT count(*) FROM connected_segment WHERE {HERE}
"""
_TAKE_HEADS: Final = f"""
WITH gone AS (DELETE FROM matrix_headcount WHERE {HERE} RETURNING segments)
SELECT coalesce(sum(segments), 0) FROM gone
"""


@dataclass(frozen=True)
class Whole:
    """Every placement in force of a workspace as sums, and how many segments it has."""

    cube: Cube
    segments: int


class _Summed:
    """A cube that grows block by block."""

    def __init__(self, cube: Cube | None = None) -> None:
        self.cube = Cube.empty() if cube is None else cube

    def add(self, facts: Facts, signs: NDArray[np.int16] | None = None) -> None:
        if signs is None:
            self.cube = self.cube.plus(Cube.of(facts))
            return
        # What joins goes first: a group that is empty in between would lose its sums.
        for sign in (1, -1):
            chosen = signs == sign
            part = Facts(**{name: values[chosen] for name, values in vars(facts).items()})
            self.cube = self.cube.plus(Cube.of(part), sign)


class _Cache:
    """The last cubes read, by stamp: unpacking one takes longer than all the rest of a page."""

    MOST: Final = 8

    def __init__(self) -> None:
        self.held: OrderedDict[UUID, Cube] = OrderedDict()
        self.lock = Lock()

    def known(self) -> dict[UUID, Cube]:
        with self.lock:
            return dict(self.held)

    def keep(self, stamp: UUID, cube: Cube) -> None:
        with self.lock:
            self.held.pop(stamp, None)
            self.held[stamp] = cube
            while len(self.held) > self.MOST:
                self.held.popitem(last=False)


_cache = _Cache()


def exists() -> bool:
    """Whether the workspace has a cube: a large run came in force. Needs the workspace context."""
    return CubeState.objects.exists()


def outdated() -> bool:
    """Whether the workspace's cube has sums of another layout, written by older or newer code."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT get_byte(data, 0) <> %s FROM matrix_cube WHERE {HERE}", [LAYOUT])
        return bool(cursor.fetchone() == (True,))


def recount() -> None:
    """Build the cube anew from all that stands. The caller holds off writers; needs the workspace context."""
    summed = _Summed()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM matrix_change WHERE {HERE}")
        cursor.execute(_COUNT_ANEW)
        segments = int(cursor.fetchone()[0])
        read_facts(STANDING, lambda facts, extra: summed.add(facts))
        cursor.execute(_WRITE, [uuid4(), segments, summed.cube.packed()])
        cursor.execute("SELECT set_config('app.counting', '', true)")


def hold_off() -> None:
    """Wait for whoever logs a change, let nobody else before this transaction ends, and log nothing itself.

    Until :func:`recount`, which counts what this transaction changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended("
            "'matrix.cube.' || current_setting('app.workspace', true), 0)), "
            "set_config('app.counting', 'off', true)"
        )


def fold() -> bool:
    """Take what changed into the cube. False where there is none. Needs the workspace context.

    One of another layout is counted anew instead.
    """
    if outdated():
        hold_off()
        recount()
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT segments, data FROM matrix_cube WHERE {HERE} FOR UPDATE")
        if (held := cursor.fetchone()) is None:
            return False
        summed = _Summed(Cube.unpacked(bytes(held[1])))
        read_facts(
            "gone",
            lambda facts, extra: summed.add(facts, extra["sign"]),
            before=f"WITH gone AS (DELETE FROM matrix_change WHERE {HERE} RETURNING *)",
            extra={"sign": _CHANGED["sign"]},
        )
        cursor.execute(_TAKE_HEADS)
        came = int(cursor.fetchone()[0])
        cursor.execute(_WRITE, [uuid4(), held[0] + came, summed.cube.packed()])
        return True


def read() -> Whole | None:
    """The cube with all that changed since; None where the workspace has none. Needs its context.

    One of another layout is none, until it has been counted anew.
    """
    known = _cache.known()
    with connection.cursor() as cursor:
        cursor.execute(_READ, [[str(stamp) for stamp in known]])
        found = cursor.fetchone()
    if found is None:
        return None
    stamp, data, segments, changes = found
    if data is not None and bytes(data[:1]) != bytes([LAYOUT]):
        return None
    cube = known[stamp] if data is None else Cube.unpacked(bytes(data))
    _cache.keep(stamp, cube)
    return Whole(_with(cube, changes) if changes else cube, int(segments))


def _with(cube: Cube, changes: list[dict[str, Any]]) -> Cube:
    columns = {
        name: np.array([row[name] for row in changes], dtype=kind) for name, (kind, _) in _CHANGED.items()
    }
    summed = _Summed(cube)
    summed.add(facts_of(columns, present_cuts()), columns["sign"])
    return summed.cube
