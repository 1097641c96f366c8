"""The cube of a workspace: built from all its placements, kept as bytes, read with what changed since."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np
from django.db import connection

from connected.walls import HERE
from matrix.frames import sums
from matrix.frames.facts import COLUMNS, facts_of, read_facts
from matrix.frames.sums import Signed
from matrix.models import CubeState, Generation
from matrix.queries.models import present_cuts
from matrix.scoring import LAYOUT, Cube

STANDING: Final = """(
    SELECT p.*, s.customers, s.revenue, s.currency FROM matrix_standing p
    JOIN connected_segment s ON s.workspace_id = p.workspace_id AND s.id = p.segment_id
)"""
_CHANGED: Final = {**COLUMNS, "sign": ("i2", "f.sign")}
# One statement, so one moment: a cube and changes of different moments would count some twice.
_READ: Final = f"""
SELECT c.stamp, since.many, since.newest,
    c.segments + coalesce((SELECT sum(h.segments) FROM matrix_headcount h WHERE h.{HERE}), 0),
    CASE WHEN c.stamp <> ALL(%(stamps)s::uuid[]) THEN c.data END,
    CASE WHEN format('%%s %%s %%s', c.stamp, since.many, since.newest) <> ALL(%(states)s::text[]) THEN (
        SELECT json_agg(t) FROM (
            SELECT {", ".join(f"{sql} AS {name}" for name, (_, sql) in _CHANGED.items())}
            FROM matrix_change f WHERE f.{HERE}
        ) t
    ) END
FROM matrix_cube c CROSS JOIN LATERAL (
    SELECT count(*) AS many, coalesce(max(f.id), 0) AS newest FROM matrix_change f WHERE f.{HERE}
) since
WHERE c.{HERE}
"""
_WRITE: Final = """
INSERT INTO matrix_cube (workspace_id, stamp, segments, data)
VALUES (NULLIF(current_setting('app.workspace', true), '')::bigint, %s, %s, %s)
ON CONFLICT (workspace_id) DO UPDATE SET stamp = excluded.stamp, segments = excluded.segments,
    data = excluded.data
"""
# Where segments were counted before, only who came and went since is: a count of a million takes longer than
# all else that is done while writers are held off.
_COUNT_HEADS: Final = f"""
WITH gone AS (DELETE FROM matrix_headcount WHERE {HERE} RETURNING segments)
SELECT coalesce(
    (SELECT segments FROM matrix_cube WHERE {HERE}) + (SELECT coalesce(sum(segments), 0) FROM gone),
    (SELECT count(*) FROM connected_segment WHERE {HERE}))
"""
# What lies over a generation: its own rows leave the sums, those laid over them join.
_OVERLAID: Final = """(
    SELECT p.*, s.customers, s.revenue, s.currency, -1::smallint AS sign FROM matrix_overlay o
    JOIN matrix_placement p ON p.workspace_id = o.workspace_id AND p.segment_id = o.segment_id
        AND p.generation = %(run)s
    JOIN connected_segment s ON s.workspace_id = o.workspace_id AND s.id = o.segment_id
    UNION ALL
    SELECT p.*, s.customers, s.revenue, s.currency, 1::smallint FROM matrix_overlay o
    JOIN matrix_placement p ON p.workspace_id = o.workspace_id AND p.id = o.placement_id
        AND p.segment_id = o.segment_id AND p.generation = 0
    JOIN connected_segment s ON s.workspace_id = o.workspace_id AND s.id = o.segment_id
)"""
_TAKE_HEADS: Final = f"""
WITH gone AS (DELETE FROM matrix_headcount WHERE {HERE} RETURNING segments)
SELECT coalesce(sum(segments), 0) FROM gone
"""


@dataclass(frozen=True)
class Whole:
    """Every placement in force of a workspace as sums, and how many segments it has."""

    cube: Cube
    segments: int


@dataclass(frozen=True)
class _Held:
    """A cube as written, and as it was with the ``many`` changes up to ``newest``.

    While a stamp stands rows of the log only join, so that so many of them are always the same ones.
    """

    written: Cube
    many: int
    newest: int
    whole: Cube


class _Cache:
    """The last cubes read, by stamp: unpacking one takes longer than all the rest of a page."""

    MOST: Final = 8

    def __init__(self) -> None:
        self.held: OrderedDict[UUID, _Held] = OrderedDict()
        self.lock = Lock()

    def known(self) -> dict[UUID, _Held]:
        with self.lock:
            return dict(self.held)

    def keep(self, stamp: UUID, held: _Held) -> None:
        with self.lock:
            self.held.pop(stamp, None)
            self.held[stamp] = held
            while len(self.held) > self.MOST:
                self.held.popitem(last=False)

    def clear(self) -> None:
        with self.lock:
            self.held.clear()


_cache = _Cache()


def forget() -> None:
    """As in a process that has read no cube yet: for whoever measures or tests that."""
    _cache.clear()


def exists() -> bool:
    """Whether the workspace has a cube: a large run came in force. Needs the workspace context."""
    return CubeState.objects.exists()


def outdated() -> bool:
    """Whether the workspace's cube has sums of another layout, written by older or newer code."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT get_byte(data, 0) <> %s FROM matrix_cube WHERE {HERE}", [LAYOUT])
        return bool(cursor.fetchone() == (True,))


def recount() -> None:
    """Write the cube of all that stands now. The caller holds off writers; needs the workspace context.

    From the sums of the generation in force and what lies over it; where it has none, by counting everything.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM matrix_change WHERE {HERE}")
        cube = _of_generation()
        cube = counted() if cube is None else cube
        cursor.execute(_COUNT_HEADS)
        cursor.execute(_WRITE, [uuid4(), int(cursor.fetchone()[0]), cube.packed()])
        cursor.execute("SELECT set_config('app.counting', '', true)")


def counted() -> Cube:
    """Every placement in force, read and summed: seconds for a million. Needs the workspace context."""
    summed = Signed(Cube.empty())
    read_facts(STANDING, summed.join)
    return summed.cube


def _of_generation() -> Cube | None:
    """The sums of the generation in force with what lies over it."""
    newest = Generation.objects.first()
    if newest is None or not newest.generation or (cube := sums.settled(newest.generation)) is None:
        return None
    summed = Signed(cube)
    read_facts(_OVERLAID, summed.add, values={"run": newest.generation}, extra={"sign": ("i2", "f.sign")})
    return summed.cube


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
        summed = Signed(Cube.unpacked(bytes(held[1])))
        read_facts(
            "gone",
            summed.add,
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
    states = [f"{stamp} {held.many} {held.newest}" for stamp, held in known.items()]
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"stamps": [str(stamp) for stamp in known], "states": states})
        found = cursor.fetchone()
    if found is None:
        return None
    stamp, many, newest, segments, data, changes = found
    if data is not None and bytes(data[:1]) != bytes([LAYOUT]):
        return None
    before = known.get(stamp)
    if before is None or (before.many, before.newest) != (many, newest):
        written = Cube.unpacked(bytes(data)) if before is None else before.written
        before = _Held(written, many, newest, _with(written, changes) if changes else written)
    _cache.keep(stamp, before)
    return Whole(before.whole, int(segments))


def _with(cube: Cube, changes: list[dict[str, Any]]) -> Cube:
    columns = {
        name: np.array([row[name] for row in changes], dtype=kind) for name, (kind, _) in _CHANGED.items()
    }
    summed = Signed(cube)
    summed.add(facts_of(columns, present_cuts()), columns)
    return summed.cube
