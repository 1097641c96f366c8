"""The heaviest segments of one cell, found by the index on sizes and not by reading the cell."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from connected.walls import HERE
from matrix.scoring import Weight

MOST: Final = 11
_AMONG: Final = (1_000, 50_000)
_SIZES: Final = {Weight.CUSTOMERS: "s.customers", Weight.REVENUE: "s.revenue"}


@dataclass(frozen=True)
class Heavy:
    """A segment with what it weighs; `level` 0-1."""

    id: int
    name: str
    firm: str
    weight: float
    level: float


def largest(relationship: str, architecture: str, by: Weight) -> list[Heavy]:
    """The segments of a column that weigh most among those with a level in this row, heaviest first.

    Empty where all weigh alike, or by sheets: there nobody stands out.
    """
    if by not in _SIZES:
        return []
    column, size = relationship.lower(), _SIZES[by]
    # The heaviest of all first, each looked up by its key: joined the plain way, the planner would read the
    # whole generation. A column that few stand in is found among more of them.
    statement = f"""
        SELECT s.id, s.name, f.name, {size}::double precision, p.level
        FROM (
            SELECT s.id, s.name, s.firm_id, s.workspace_id, s.customers, s.revenue FROM connected_segment s
            WHERE s.{HERE} AND {size} IS NOT NULL
            ORDER BY s.workspace_id, {size} DESC NULLS LAST, s.id LIMIT %s
        ) s
        CROSS JOIN LATERAL (
            SELECT p.{column} AS level
            FROM matrix_standing p
            WHERE p.workspace_id = s.workspace_id AND p.segment_id = s.id AND p.primary_architecture = %s
                AND p.{column} IS NOT NULL
            LIMIT 1
        ) p
        JOIN connected_firm f ON f.workspace_id = s.workspace_id AND f.id = s.firm_id
        ORDER BY {size} DESC NULLS LAST, s.id LIMIT {MOST}
    """  # noqa: S608 - names of columns, from the vocabulary
    found: list[Heavy] = []
    with connection.cursor() as cursor:
        for among in _AMONG:
            cursor.execute(statement, [among, architecture])
            found = [Heavy(*row) for row in cursor.fetchall()]
            if len(found) == MOST:
                break
    return found
