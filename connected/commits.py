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


def snapshot() -> str:
    """What this statement sees, ``low:high:running,...``; rows a later snapshot shows beyond it are new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])
