"""The database's wall as PostgreSQL's own catalog tells it: no table is outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django_scopes import scopes_disabled

from connected.models import Firm, Tenant
from connected.tenancy import in_workspace
from connected.walls import TenantKey
from tests.isolation.database import tenant_tables
from tests.isolation.world import World, kind_of, tenant_models

# Versions everyone shares. A workspace may add a scoring model of its own, and change none.
FORBIDDEN = [
    (table, right)
    for table in ("assessments_instrument", "assessments_crosswalk", "matrix_scoringmodel")
    for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
    if (table, right) != ("matrix_scoringmodel", "INSERT")
]
KEYED = [m for m in tenant_models() if any(isinstance(field, TenantKey) for field in m._meta.local_fields)]


@pytest.fixture
def cursor(inhabited: World, django_db_blocker: pytest.FixtureRequest) -> Iterator[Any]:
    """The app's own connection, outside any workspace."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as found:  # type: ignore[attr-defined]
        yield found
        transaction.set_rollback(True)


@contextmanager
def _refused(by: str) -> Iterator[None]:
    """The database refuses what the block does, and the test goes on."""
    with pytest.raises(DatabaseError, match=by), transaction.atomic():
        yield


def _names(cursor: Any, statement: str) -> list[str]:
    cursor.execute(statement)
    return [row[0] for row in cursor.fetchall()]


def test_every_table_with_a_workspace_is_a_tenant_model(cursor: Any) -> None:
    assert tenant_tables(cursor) == sorted(model._meta.db_table for model in tenant_models())


def test_row_security_is_enabled_and_forced_with_a_policy(cursor: Any) -> None:
    open_tables = _names(
        cursor,
        "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') "
        "AND (relname = 'connected_workspace' OR EXISTS (SELECT FROM pg_attribute a "
        "     WHERE a.attrelid = c.oid AND a.attname = 'workspace_id')) "
        "AND NOT (relrowsecurity AND relforcerowsecurity "
        "     AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'))",
    )
    assert open_tables == []


def test_every_tenant_table_has_an_index_that_leads_with_the_workspace(cursor: Any) -> None:
    slow = _names(
        cursor,
        "SELECT c.relname FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS "
        "(SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum)",
    )
    assert slow == []


def test_keys_between_tenant_tables_carry_the_workspace(cursor: Any) -> None:
    bare = _names(
        cursor,
        "SELECT conname FROM pg_constraint k "
        "JOIN pg_attribute mine ON mine.attrelid = k.conrelid AND mine.attname = 'workspace_id' "
        "JOIN pg_attribute theirs ON theirs.attrelid = k.confrelid AND theirs.attname = 'workspace_id' "
        "WHERE k.contype = 'f' AND NOT (mine.attnum = ANY(k.conkey) AND theirs.attnum = ANY(k.confkey))",
    )
    assert bare == []


def test_every_key_of_a_tenant_model_has_its_constraint(cursor: Any) -> None:
    there = set(_names(cursor, "SELECT conname FROM pg_constraint WHERE contype = 'f'"))
    wanted = {
        f"{model._meta.db_table}_{field.column}_tenant"
        for model in tenant_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantKey)
    }
    assert wanted
    assert wanted <= there


def test_every_key_to_a_tenant_model_is_a_tenant_key() -> None:
    bare = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and issubclass(field.related_model, Tenant)
        and not isinstance(field, TenantKey)
    ]
    assert bare == []


def test_no_many_to_many_table_hides_from_the_walls() -> None:
    hidden = [
        model.__name__
        for model in apps.get_models(include_auto_created=True)
        if model._meta.auto_created
        and any(issubclass(f.related_model, Tenant) for f in model._meta.local_fields if f.related_model)
    ]
    assert hidden == []


def test_views_ask_as_whoever_asks_them(cursor: Any) -> None:
    own = _names(
        cursor,
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace "
        "AND NOT coalesce('security_invoker=true' = ANY(reloptions), false)",
    )
    assert own == []


def test_the_app_serves_as_a_role_the_walls_bind(cursor: Any) -> None:
    cursor.execute(
        "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
        "has_schema_privilege('public', 'CREATE') FROM pg_roles WHERE rolname = current_user"
    )
    assert cursor.fetchone() == ("connected_app", False, False, False, False, False)


def test_the_app_owns_nothing(cursor: Any) -> None:
    assert _names(cursor, "SELECT relname FROM pg_class WHERE relowner = 'connected_app'::regrole") == []


@pytest.mark.parametrize(("table", "right"), FORBIDDEN)
def test_versions_cannot_be_written_by_the_app(cursor: Any, table: str, right: str) -> None:
    cursor.execute("SELECT has_table_privilege(%s, %s)", [table, right])
    assert cursor.fetchone() == (False,)


def test_the_app_may_truncate_nothing(cursor: Any) -> None:
    statement = (
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND has_table_privilege(oid, 'TRUNCATE')"
    )
    assert _names(cursor, statement) == []


def test_only_known_functions_run_above_the_walls(cursor: Any) -> None:
    above = _names(
        cursor,
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace "
        "AND proname NOT LIKE 'isolation_%'",
    )
    assert sorted(above) == [
        "connected_workspaces",
        "matrix_drop_generation",
        "matrix_open_generation",
        "matrix_seal_generation",
        "matrix_workspaces_with_work",
    ]


def test_without_a_workspace_there_are_no_rows(cursor: Any) -> None:
    tables = [*tenant_tables(cursor), "connected_workspace", "matrix_standing"]
    assert [name for name in tables if _names(cursor, f"SELECT 1 FROM {name} LIMIT 1")] == []


def test_with_no_right_workspace_there_are_no_rows(cursor: Any) -> None:
    cursor.execute("SELECT set_config('app.workspace', '8000000', true), set_config('app.user', '8', true)")
    assert [name for name in tenant_tables(cursor) if _names(cursor, f"SELECT 1 FROM {name} LIMIT 1")] == []


@pytest.fixture
def ours(inhabited: World, cursor: Any) -> Iterator[World]:
    with in_workspace(inhabited.workspaces["our"]):
        yield inhabited


@pytest.fixture
def theirs(inhabited: World, cursor: Any) -> Iterator[World]:
    with in_workspace(inhabited.workspaces["their"]):
        yield inhabited


def test_a_row_for_another_workspace_is_refused(ours: World) -> None:
    with scopes_disabled(), _refused("row-level security"):
        Firm.objects.create(workspace_id=ours.workspaces["their"], name="Intruder")


def test_a_row_cannot_be_moved_into_another_workspace(ours: World) -> None:
    with scopes_disabled(), _refused("row-level security"):
        Firm.objects.update(workspace_id=ours.workspaces["their"])


def test_rows_of_another_workspace_are_neither_changed_nor_deleted(ours: World) -> None:
    with scopes_disabled():
        rows = Firm.objects.filter(workspace_id=ours.workspaces["their"])
        assert rows.update(name="Taken") == 0
        assert rows._raw_delete("default") == 0


@pytest.mark.parametrize("model", KEYED)
def test_a_key_cannot_point_into_another_workspace(theirs: World, model: type[models.Model]) -> None:
    """Row-level security does not see what a foreign key refers to; the composite key does."""
    field = next(field for field in model._meta.local_fields if isinstance(field, TenantKey))
    foreign = theirs.realms["granted"].ids[kind_of(field.related_model)]
    row = model._default_manager.filter(pk=theirs.realms["theirs"].ids[kind_of(model)])
    with _refused("_tenant"):
        assert row.update(**{field.attname: foreign}) == 1
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
