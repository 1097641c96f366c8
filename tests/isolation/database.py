"""What the tests need of PostgreSQL itself: to see everything, to take a workspace away, to drop a wall."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Made by the superuser, so that the app's own connection can ask inside its own transaction.
# `last_used_at`: each call of a token notes its minute, which is not a change of anybody's data.
_FUNCTIONS = """
CREATE FUNCTION isolation_checksums() RETURNS TABLE (workspace bigint, checksum text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    RETURN QUERY
    SELECT rows.w, md5(string_agg(rows.line, E'\\n' ORDER BY rows.line)) FROM (
        {rows}
        UNION ALL SELECT w.id, to_jsonb(w)::text FROM connected_workspace w
        UNION ALL SELECT o.owner_id, to_jsonb(o)::text FROM matrix_scoringmodel o WHERE o.owner_id IS NOT NULL
        UNION ALL SELECT m.workspace_id, (to_jsonb(u) - 'last_login')::text
            FROM connected_user u JOIN connected_membership m ON m.user_id = u.id
    ) AS rows(w, line) GROUP BY rows.w;
END $$;
CREATE FUNCTION isolation_forget(forgotten bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET session_replication_role = replica AS $$
BEGIN
    {deletes}
    DELETE FROM matrix_scoringmodel WHERE owner_id = forgotten;
    DELETE FROM connected_workspace WHERE id = forgotten;
END $$;
"""


def as_login(name: str) -> BaseDatabaseWrapper:
    """A connection of its own to the same database, as another login."""
    wrapper = connections["owner"].copy()
    wrapper.settings_dict = {**connections["owner"].settings_dict, "USER": name}
    return wrapper


def tenant_tables(cursor: object) -> list[str]:
    """Every table with a ``workspace_id``, by the catalog and not by the models."""
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND NOT c.relispartition AND a.attname = 'workspace_id' AND NOT a.attisdropped ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]  # type: ignore[attr-defined]


def prepare() -> None:
    """Make the functions the tests call; needs the migrated database."""
    login = as_login("postgres")
    try:
        with login.cursor() as cursor:
            names = tenant_tables(cursor)
            rows = " UNION ALL ".join(
                f"SELECT t.workspace_id, '{name}' || (to_jsonb(t) - 'last_used_at')::text FROM {name} t"
                for name in names
            )
            deletes = "".join(f"DELETE FROM {name} WHERE workspace_id = forgotten;\n" for name in names)
            cursor.execute(_FUNCTIONS.format(rows=rows, deletes=deletes))
    finally:
        login.close()


def checksums() -> dict[int, str]:
    """One sum over every row of each workspace, as this transaction would leave them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace, checksum FROM isolation_checksums()")
        return dict(cursor.fetchall())


def written() -> int:
    """How many rows this transaction has written so far, taken back or not: while that stays, all stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
        )
        return int(cursor.fetchone()[0])


def forget(workspace_id: int) -> None:
    """Take a workspace out of the world, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT isolation_forget(%s)", [workspace_id])


def broken_keys() -> str:
    """What the commit of this transaction would refuse; empty when nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except Exception as error:
        return str(error)
    return ""


@contextmanager
def row_security_off() -> Iterator[None]:
    """The database's wall taken down, in this database only."""
    _all_tables("DISABLE ROW LEVEL SECURITY")
    try:
        yield
    finally:
        _all_tables("ENABLE ROW LEVEL SECURITY")


def _all_tables(change: str) -> None:
    with connections["owner"].cursor() as cursor:
        for name in [*tenant_tables(cursor), "connected_workspace", "matrix_scoringmodel"]:
            cursor.execute(f"ALTER TABLE {name} {change}")
