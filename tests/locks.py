"""Who waits for whom in the database: for tests that cross two connections on purpose."""

from typing import Any

_WAITED_FOR = (
    "SELECT EXISTS (SELECT FROM pg_locks w WHERE NOT w.granted"
    " AND pg_backend_pid() = ANY(pg_blocking_pids(w.pid)))"
)


def waited_for(connection: Any) -> bool:
    """Whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR)
        return bool(cursor.fetchone()[0])
