"""The roles of roles.sql, on whichever server the app uses."""

from pathlib import Path
from typing import Any, Protocol

FOLDER = Path(__file__).parent
LEARN = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO connected_app;
    END IF;
END $$
"""
APP, OWNER, BACKUP = "connected_app", "connected_owner", "connected_backup"


class Cursor(Protocol):
    """A database cursor of psycopg2 or of Django."""

    def execute(self, query: str, /) -> Any: ...
    def fetchone(self) -> Any: ...


def may_make(cursor: Cursor) -> bool:
    """Whether this login may create roles."""
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    return bool(cursor.fetchone()[0])


def make(cursor: Cursor) -> None:
    """Make the three roles and give them their rights in the current database; harmless when done before."""
    cursor.execute((FOLDER / "roles.sql").read_text())


def exist(cursor: Cursor) -> bool:
    cursor.execute(f"SELECT count(*) = 1 FROM pg_roles WHERE rolname = '{APP}'")
    return bool(cursor.fetchone()[0])


def allow_app(cursor: Cursor) -> None:
    """Let the app role use every table this login makes from now on in the current database."""
    cursor.execute((FOLDER / "grants.sql").read_text())


def let_app_learn(cursor: Cursor) -> None:
    """Let the app role tell the planner what tables hold. Servers before 17 know no such right."""
    cursor.execute(LEARN)


def stands_above_walls(cursor: Cursor) -> bool:
    """Whether the current role, as it acts now, is free of row-level security."""
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return bool(cursor.fetchone()[0])
