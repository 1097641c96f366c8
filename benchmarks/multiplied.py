"""A portfolio made larger by copying its rows inside the database: a million segments in a minute or two."""

from typing import Any, Final

from django.db import connections

from assessments.models import Participant, Sheet, Workshop
from connected.models import Firm, Segment
from connected.permissions import Actor
from connected.tenancy import database_context, in_workspace

_TABLES: Final = tuple(model._meta.db_table for model in (Firm, Segment, Workshop, Participant, Sheet))
_SHIFTED: Final = ("id", "firm_id", "workshop_id", "participant_id", "segment_id")
_COLUMNS: Final = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
_KEYS: Final = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass
"""


def multiply(actor: Actor, times: int) -> None:
    """As many times the segments there are, each copy with firms, sheets and names of its own.

    In a database that is thrown away: foreign keys are taken off and put back unproven, for checking them
    a row at a time would take longer than all else.
    """
    with (
        database_context(workspace=actor.workspace_id, using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute("SELECT set_config('statement_timeout', '0', true)")
        tops = []
        for table in _TABLES:
            # Of all workspaces, which row-level security does not show.
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)", [table]
            )
            tops.append(int(cursor.fetchone()[0]))
        for table in _TABLES:
            cursor.execute(_KEYS, [table])
            keys = cursor.fetchall()
            for name, _ in keys:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute(_copied(table, _names(cursor, table)), [max(tops), times - 1])
            for name, definition in keys:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition} NOT VALID')
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(_TABLES)}")


def _names(cursor: Any, table: str) -> list[str]:
    cursor.execute(_COLUMNS, [table])
    return [f'"{row[0]}"' for row in cursor.fetchall()]


def _copied(table: str, names: list[str]) -> str:
    taken = {f'"{name}"': f"t.{name} + copy.n * here.step" for name in _SHIFTED}
    if table == Firm._meta.db_table:
        taken['"name"'] = "t.name || ' (copy ' || copy.n || ')'"
    listed = ", ".join(taken.get(name, f"t.{name}") for name in names)
    return (
        f"WITH here(step, copies) AS (VALUES (%s::bigint, %s::bigint)) "
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {listed} "
        f"FROM here CROSS JOIN LATERAL generate_series(1, here.copies) AS copy(n) CROSS JOIN {table} t "
        "ORDER BY copy.n, t.id"
    )


def count(actor: Actor) -> int:
    """Segments of the workspace."""
    with in_workspace(actor.workspace_id):
        return int(Segment.objects.count())
