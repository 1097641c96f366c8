"""What a candidate would change: its placements beside those in force."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from django.db import connection

from connected.models import Firm, Segment
from connected.walls import HERE
from matrix.models import Generation, Run
from matrix.queries import models

MOST: Final = 20

_CELL: Final = """CASE
    WHEN {p}.segment_id IS NULL THEN 'nowhere'
    WHEN {p}.baseline THEN 'baseline'
    WHEN {p}.primary_relationship IS NULL OR {p}.primary_architecture IS NULL AND NOT {p}.mixed THEN 'unknown'
    WHEN {p}.mixed THEN 'mixed'
    ELSE {p}.primary_relationship || '-' || {p}.primary_architecture END"""
_MOVED: Final = " + ".join(f"coalesce(abs(f.{code} - s.{code}), 0)" for code in ("rd", "co", "cb", "ae"))
# One join, held, and read for each count: a million segments in a few seconds.
_COMPARE: Final = f"""
WITH fresh AS (
    SELECT p.* FROM matrix_placement p WHERE p.{HERE} AND p.generation = %(generation)s AND p.run_id = %(run)s
), beside AS MATERIALIZED (
    SELECT f.segment_id, f.segment_id IS NULL AS unscored, {_CELL.format(p="s")} AS was,
        {_CELL.format(p="f")} AS becomes, s.quadrant AS was_in, f.quadrant AS comes_in,
        s.segment_id IS NOT NULL AND f.present <> s.present AS others, {_MOVED} AS moved
    FROM fresh f FULL JOIN (
        SELECT p.* FROM matrix_standing p WHERE %(firm)s::bigint IS NULL OR p.segment_id IN (
            SELECT id FROM connected_segment WHERE {HERE} AND firm_id = %(firm)s)
    ) s ON s.segment_id = f.segment_id
), scored AS (
    SELECT *, was <> becomes OR was_in IS DISTINCT FROM comes_in AS changed FROM beside WHERE NOT unscored
), moving AS (
    SELECT * FROM scored WHERE was <> 'nowhere' AND moved > 1e-9 ORDER BY moved DESC, segment_id LIMIT {MOST}
), by_firm AS (
    SELECT g.firm_id, count(*) AS changed FROM scored c JOIN connected_segment g ON g.id = c.segment_id
    WHERE c.changed AND g.{HERE} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}
)
SELECT json_build_object(
    'segments', (SELECT count(*) FROM scored),
    'not_scored', (SELECT count(*) FROM beside WHERE unscored),
    'unchanged', (SELECT count(*) FROM scored WHERE NOT changed AND NOT others),
    'cell_changed', (SELECT count(*) FROM scored WHERE was <> becomes),
    'quadrant_changed', (SELECT count(*) FROM scored WHERE was_in IS DISTINCT FROM comes_in),
    'present_changed', (SELECT count(*) FROM scored WHERE others),
    'cells', (SELECT coalesce(json_agg(t), '[]') FROM (
        SELECT was AS from, becomes AS to, count(*) AS segments
        FROM scored GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2) t),
    'quadrants', (SELECT coalesce(json_agg(t), '[]') FROM (
        SELECT 'Q' || was_in AS from, 'Q' || comes_in AS to, count(*) AS segments
        FROM scored GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2) t),
    'movers', (SELECT coalesce(json_agg(t), '[]') FROM (
        SELECT segment_id AS segment, was AS from, becomes AS to, 'Q' || was_in AS from_quadrant,
            'Q' || comes_in AS to_quadrant, moved AS difference
        FROM moving ORDER BY moved DESC, segment_id) t),
    'firms', (SELECT coalesce(json_agg(t), '[]') FROM (
        SELECT b.firm_id AS firm, b.changed,
            (SELECT count(*) FROM connected_segment g WHERE g.{HERE} AND g.firm_id = b.firm_id) AS segments
        FROM by_firm b ORDER BY b.changed DESC, b.firm_id) t)
)
"""  # noqa: S608 - nothing but names of columns


def compare(run: Run) -> dict[str, Any]:
    """What the placements of a run would change, against those in force now. Needs the workspace context.

    Counts of segments; ``cells`` and ``quadrants`` from, to, how many, those that stay included (null: a
    quadrant not known); the ``movers`` whose levels differ most, summed; the ``firms`` with most changes.
    """
    against = models.in_force()
    with connection.cursor() as cursor:
        given = {"generation": run.generation, "run": run.pk, "firm": run.firm_id}
        cursor.execute(_COMPARE, given)
        found: Any = cursor.fetchone()[0]
    changes: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return {"against": f"{against.code}.v{against.version}"} | changes


def is_in_force(run: Run) -> bool:
    """Whether the generation's pointer is on this run."""
    return run_in_force() == run.pk


def run_in_force() -> int | None:
    """The run over the whole workspace that the placements in force come from."""
    newest = Generation.objects.first()
    return newest.run_id if newest else None


@dataclass(frozen=True)
class Stood:
    """When a run over the whole workspace came in force last, and ended to be: ``back`` by rolling back."""

    since: datetime
    until: datetime | None
    back: bool


def stood() -> dict[int, Stood]:
    """By run, for those that are or were in force."""
    rows = list(Generation.objects.order_by("pk").values_list("run_id", "moved_at"))
    found: dict[int, Stood] = {}
    for (run_id, since), after in zip_longest(rows, rows[1:]):
        later, until = after or (run_id, None)
        found[run_id] = Stood(since, until, later in found and later < run_id)
    return found


@dataclass(frozen=True)
class Mover:
    """A segment whose levels would differ most, by ``difference`` in all (0-4)."""

    segment: Segment
    was: str
    becomes: str
    was_in: str | None
    comes_in: str | None
    difference: float

    @property
    def points(self) -> float:
        """The difference as pages print levels: 100 for a whole one."""
        return self.difference * 100


@dataclass(frozen=True)
class Touched:
    """A firm with segments in another cell or quadrant: ``changed`` of ``segments``."""

    firm: Firm
    changed: int
    segments: int


def movers(changes: Mapping[str, Any]) -> list[Mover]:
    """The largest movers that are still there."""
    held = Segment.objects.select_related("firm").in_bulk([row["segment"] for row in changes["movers"]])
    return [
        Mover(
            held[row["segment"]],
            row["from"],
            row["to"],
            row["from_quadrant"],
            row["to_quadrant"],
            row["difference"],
        )
        for row in changes["movers"]
        if row["segment"] in held
    ]


def touched(changes: Mapping[str, Any]) -> list[Touched]:
    """The firms with most changes that are still there."""
    held = Firm.objects.in_bulk([row["firm"] for row in changes["firms"]])
    return [
        Touched(held[row["firm"]], row["changed"], row["segments"])
        for row in changes["firms"]
        if row["firm"] in held
    ]
