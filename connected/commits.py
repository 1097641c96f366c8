"""The order in which transactions commit, for those who ask what is new.

A clock cannot say it: a row written at noon may be committed, and so seen, a second later. A transaction's
number and a snapshot can (PostgreSQL manual, "Transaction ID and snapshot information functions").
"""

from typing import Any

from django.db import connection, models


class CurrentTransaction(models.Func):
    """The number of the running transaction."""

    function = "pg_current_xact_id"
    arity = 0


class TransactionId(models.Field):  # type: ignore[type-arg]
    """The transaction that wrote a row, as an ever growing whole number; ``xid8`` in PostgreSQL."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or hasattr(value, "resolve_expression") else str(value)


class VisibleIn(models.Func):
    """Whether what a transaction wrote is seen in a snapshot."""

    template = "pg_visible_in_snapshot(%(expressions)s::pg_snapshot)"
    output_field = models.BooleanField()

    def __init__(self, transaction: str, seen: str) -> None:
        super().__init__(models.F(transaction), models.Value(seen))


def began(seen: str) -> int:
    """The oldest transaction that was still running in a snapshot: older ones are all seen in it."""
    return int(seen.partition(":")[0])


def here() -> tuple[str, str]:
    """(database, snapshot): which database this is, and what this statement sees of it.

    A snapshot is ``low:high:running,...``; rows a later one shows beyond it are new. Numbers of transactions
    mean something in their own database only.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier || '/' || oid, pg_current_snapshot()::text "
            "FROM pg_control_system(), pg_database WHERE datname = current_database()"
        )
        database, snapshot = cursor.fetchone()
        return str(database), str(snapshot)
