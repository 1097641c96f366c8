"""Many rows at once: COPY into a temporary table, then one statement.

Row-level security forbids COPY straight into a table it guards, and it is the one thing that stays in
force here: every statement below runs as the app's role inside the workspace.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

logger = logging.getLogger(__name__)
#: So many rows at once change what the planner must know of a table.
MANY: Final = 500
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def allow_seconds(seconds: int) -> None:
    """Let this transaction take longer than a page's may: a statement, a wait for others, a pause."""
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with connection.cursor() as cursor:
        for limit in limits:
            cursor.execute("SELECT set_config(%s, %s, true)", [limit, f"{seconds}s"])


def learn_after(rows: int, *tables: str) -> None:
    """Tell the planner what these tables hold as soon as this transaction commits, if it wrote many rows.

    Left to the server, it learns of them up to a minute later, and until then takes every row for one of a
    kind: what pages and REST ask for would take seconds instead of milliseconds.
    """
    if rows >= MANY:
        transaction.on_commit(partial(learn, *tables))


def learn(*tables: str) -> None:
    """The same at once. Where the server does not let the app do so, it goes on in its own time."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(tables)}")
    except DatabaseError as error:
        logger.warning("not analysed: %s: %s", ", ".join(tables), error)


def draw_ids(model: type[models.Model], count: int) -> list[int]:
    """As many new primary keys, so that rows of several tables can refer to each other before any exists."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def stage(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
    """A temporary table of this transaction, filled by COPY. ``columns``: name to SQL type, trusted."""
    made = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    _fill(name, f"CREATE TEMP TABLE {name} ({made}) ON COMMIT DROP", rows)


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    skip_existing: bool = False,
) -> int:
    """Insert rows of a model and return how many. ``columns`` are attribute names such as ``firm_id``.

    Fields that are not named get the model's default, times the present. No signals, no validation.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.generated}
    given = [fields[name] for name in columns]
    rest = [field for name, field in fields.items() if name not in columns and not field.primary_key]
    _stage_like(model, given, rows)
    conflict = "ON CONFLICT DO NOTHING" if skip_existing else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({_names([*given, *rest])}) "  # noqa: S608 - names of the model
            f"SELECT {', '.join([_names(given), *['%s'] * len(rest)])} FROM staged_rows {conflict}",
            [_default(field) for field in rest],
        )
        written = int(cursor.rowcount)
    learn_after(written, model._meta.db_table)
    return written


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Set columns of rows that exist and return how many. The first column is ``id``."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = [fields[name] for name in columns]
    _stage_like(model, given, rows)
    sets = [f'"{field.column}" = staged_rows."{field.column}"' for field in given[1:]]
    sets += [
        f'"{field.column}" = clock_timestamp()'
        for field in fields.values()
        if getattr(field, "auto_now", False)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} AS kept SET {', '.join(sets)} "  # noqa: S608 - names of the model
            "FROM staged_rows WHERE kept.id = staged_rows.id"
        )
        return int(cursor.rowcount)


def _names(fields: Sequence["models.Field[Any, Any]"]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _default(field: "models.Field[Any, Any]") -> Any:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return timezone.now()
    return field.get_db_prep_save(field.get_default(), connection)


def _stage_like(
    model: type[models.Model], given: Sequence["models.Field[Any, Any]"], rows: Iterable[Sequence[object]]
) -> None:
    _fill(
        "staged_rows",
        f"CREATE TEMP TABLE staged_rows ON COMMIT DROP AS "  # noqa: S608 - names of the model
        f"SELECT {_names(given)} FROM {model._meta.db_table} WITH NO DATA",
        rows,
    )


def _fill(name: str, create: str, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(create)
        # Django's cursor hands this call on as it is, and so would what the database refuses.
        with connection.wrap_database_errors:
            cursor.copy_expert(f"COPY {name} FROM STDIN", Lines(map(_line, rows)))
        # Without figures the planner takes a fresh temporary table for tiny.
        cursor.execute(f"ANALYZE {name}")


class Lines:
    """Lines as a file that is read once: what COPY takes in does not stand in memory as a whole."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._rest = lines, ""

    def read(self, size: int) -> str:
        """At least one line's rest, at most ``size`` characters; empty at the end."""
        while len(self._rest) < size and (more := "".join(islice(self._lines, 500))):
            self._rest += more
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def readline(self) -> str:
        return self.read(8192)


def _line(row: Sequence[object]) -> str:
    return "\t".join(map(_text, row)) + "\n"


def _text(value: object) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)
