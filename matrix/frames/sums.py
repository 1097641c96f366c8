"""What a generation's placements add up to: summed chunk by chunk, kept in step by the log of sizes.

Sums hold the sizes that segments had in one snapshot. What was logged outside it is applied by whoever reads
them, so that nobody has to be held off while a run is counted.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from connected.walls import HERE
from matrix.frames.facts import COLUMNS, Block, facts_of, read_facts
from matrix.frames.sheets import Scope
from matrix.models import Resize, Run, Sums
from matrix.queries.models import present_cuts
from matrix.scoring import Cube, Facts

_MOMENT: Final = f"""
pg_current_xact_id()::text, coalesce((SELECT max(id) FROM matrix_resize WHERE {HERE}), 0),
pg_current_snapshot()::text
"""
# In one statement, so of one snapshot.
_SIZES: Final = f"""
SELECT {_MOMENT}, (
    SELECT string_agg(int8send(f.id) || float8send({COLUMNS["customers"][1]})
        || float8send({COLUMNS["revenue"][1]}) || int4send({COLUMNS["currency"][1]}), ''::bytea ORDER BY f.id)
    FROM connected_segment f WHERE {HERE} AND f.id BETWEEN %s AND %s
)
"""
_SIZE: Final = np.dtype([("id", ">i8"), ("customers", ">f8"), ("revenue", ">f8"), ("currency", ">i4")])
_SEEN: Final = "matrix_in_sums(e.id, e.transaction, {0}.last, {0}.own, {0}.seen)"
# Sums of a run with the rows of the log that they lack and that this moment has seen.
_LACKING: Final = f"""
    FROM matrix_sums s
    CROSS JOIN (SELECT %(last)s::bigint AS last, %(own)s::text::xid8 AS own, %(seen)s::text AS seen) now
    LEFT JOIN matrix_chunk c ON c.workspace_id = s.workspace_id AND c.id = s.chunk
    JOIN matrix_resize e ON e.workspace_id = s.workspace_id
        AND (s.chunk IS NULL OR e.segment BETWEEN c.low AND c.high)
    WHERE s.{HERE} AND s.run = %(run)s AND e.{HERE} AND {_SEEN.format("now")} AND NOT {_SEEN.format("s")}
"""
# A segment that went took its row along, unless the row was not to be seen yet: then it is there still.
CHANGED: Final = f"""(
    SELECT each.*, v.customers, v.revenue, v.currency, v.sign
    FROM (SELECT e.* {_LACKING}) e
    CROSS JOIN LATERAL (
        SELECT p.* FROM matrix_placement p
        WHERE p.{HERE} AND p.generation = %(run)s AND p.segment_id = e.segment
        UNION ALL
        SELECT (jsonb_populate_record(NULL::matrix_placement, d.facts)).* FROM matrix_departed d
        WHERE d.{HERE} AND d.generation = %(run)s AND d.segment = e.segment
    ) each
    CROSS JOIN LATERAL (VALUES
        (-1::smallint, e.was_customers, e.was_revenue, e.was_currency),
        (1::smallint, e.customers, e.revenue, e.currency)
    ) v(sign, customers, revenue, currency)
    WHERE NOT (e.gone AND v.sign > 0)
)"""
_FORGET: Final = f"""
DELETE FROM matrix_placement p USING (SELECT e.segment {_LACKING} AND e.gone) gone
WHERE p.{HERE} AND p.generation = %(run)s AND p.segment_id = gone.segment
"""
_WRITE: Final = """
INSERT INTO matrix_sums (workspace_id, run, chunk, own, last, seen, data)
VALUES (NULLIF(current_setting('app.workspace', true), '')::bigint, %s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, run, chunk)
    DO UPDATE SET own = excluded.own, last = excluded.last, seen = excluded.seen, data = excluded.data
"""
# A run that goes on may have read sizes already that nobody sees before its chunk ends.
_PRUNE: Final = f"""
WITH known AS (
    DELETE FROM matrix_resize e WHERE e.{HERE}
        AND NOT EXISTS (
            SELECT FROM matrix_run r WHERE r.{HERE} AND r.generation > 0 AND r.state IN ('queued', 'running'))
        AND NOT EXISTS (SELECT FROM matrix_sums s WHERE s.{HERE} AND NOT {_SEEN.format("s")})
    RETURNING segment
)
DELETE FROM matrix_departed d USING known k WHERE d.{HERE} AND d.segment = k.segment
"""


@dataclass(frozen=True)
class Moment:
    """What a statement had seen: its transaction, the last row of the log, and its snapshot."""

    own: str
    last: int
    seen: str

    @classmethod
    def now(cls) -> "Moment":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_MOMENT}")
            return cls(*cursor.fetchone())


@dataclass(frozen=True)
class Summing:
    """Sums of what is being placed in a range of segments, with their sizes of one moment."""

    moment: Moment
    sizes: NDArray[Any]
    blocks: list[Block] = field(default_factory=list)

    @classmethod
    def over(cls, scope: Scope) -> "Summing":
        with connection.cursor() as cursor:
            cursor.execute(_SIZES, [scope.low, scope.high])
            own, last, seen, packed = cursor.fetchone()
        return cls(Moment(own, last, seen), np.frombuffer(bytes(packed or b""), dtype=_SIZE))

    def add(self, columns: Block) -> None:
        """Placements as they are written, by name of the column, ``row`` and ``column`` as in the facts.

        A segment without a size here has gone.
        """
        ids = self.sizes["id"].astype(np.int64)
        place = np.searchsorted(ids, columns["segment_id"])
        there = np.isin(columns["segment_id"], ids)
        held = self.sizes[place[there]]
        found: Block = {}
        for name, (kind, _) in COLUMNS.items():
            values = held[name] if name in _OF_SEGMENT else columns[_NAMES.get(name, name)][there]
            found[name] = values.astype(kind)
        self.blocks.append(found)

    def save(self, run: int, chunk: int) -> None:
        cube = Cube.empty()
        if self.blocks:
            whole = {name: np.concatenate([block[name] for block in self.blocks]) for name in COLUMNS}
            cube = Cube.of(facts_of(whole, present_cuts()))
        _write(run, chunk, self.moment, cube)


_NAMES: Final = {"mask": "present", "model": "model_id"}
_OF_SEGMENT: Final = ("customers", "revenue", "currency")


def join(run: int, chunks: int) -> None:
    """The sums of a sealed generation from those of its so many ``chunks``; none where one is missing."""
    rows = Sums.objects.filter(run=run, chunk__isnull=False)
    moment, cubes = Moment.now(), [_cube(bytes(row)) for row in rows.values_list("data", flat=True)]
    if len(cubes) == chunks and all(cube is not None for cube in cubes):
        summed = Cube.empty()
        for cube in cubes:
            summed = summed.plus(cube)  # type: ignore[arg-type]
        _write(run, None, moment, _corrected(run, summed, moment))
    rows.delete()


def settled(run: int) -> Cube | None:
    """The sums of a sealed generation as of now, rid of segments that went; None where there are none.

    Needs the workspace context. Sums of another layout are none.
    """
    row = Sums.objects.select_for_update().filter(run=run, chunk=None).first()
    cube = _cube(bytes(row.data)) if row else None
    if cube is None:
        return None
    moment = Moment.now()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT {_LACKING})", _given(run, moment))
        if not cursor.fetchone()[0]:
            return cube
    cube = _corrected(run, cube, moment)
    _write(run, None, moment, cube)
    return cube


def untidy(most: int) -> bool:
    """Whether more rows of the log than this may go: none while chunks of a run have sums of their own."""
    if Sums.objects.filter(chunk__isnull=False).exists():
        return False
    going = Run.objects.filter(state__in=("queued", "running"), generation__gt=0)
    return Resize.objects.all()[most:].exists() and not going.exists()


def tidy() -> None:
    """Take the log into the sums of every sealed generation, and forget what all of them have."""
    for run in Sums.objects.filter(chunk=None).values_list("run", flat=True):
        settled(run)
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE)


def _corrected(run: int, cube: Cube, moment: Moment) -> Cube:
    summed, given = Signed(cube), _given(run, moment)
    with connection.cursor() as cursor:
        read_facts(CHANGED, summed.add, values=given, extra={"sign": ("i2", "f.sign")})
        cursor.execute(_FORGET, given)
    return summed.cube


class Signed:
    """A cube that what joins is added to, and what leaves taken from: blocks with their ``sign``, 1 or -1."""

    def __init__(self, cube: Cube) -> None:
        self.cube = cube

    def join(self, facts: Facts, extra: Block) -> None:
        """All of a block joins."""
        self.cube = self.cube.plus(Cube.of(facts))

    def add(self, facts: Facts, extra: Block) -> None:
        # What joins goes first: a group that is empty in between would lose its sums.
        for sign in (1, -1):
            chosen = extra["sign"] == sign
            part = Facts(**{name: values[chosen] for name, values in vars(facts).items()})
            self.cube = self.cube.plus(Cube.of(part), sign)


def _given(run: int, moment: Moment) -> dict[str, Any]:
    return {"run": run, **vars(moment)}


def _cube(data: bytes) -> Cube | None:
    try:
        return Cube.unpacked(data)
    except ValueError:
        return None


def _write(run: int, chunk: int | None, moment: Moment, cube: Cube) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [run, chunk, moment.own, moment.last, moment.seen, cube.packed()])
