"""Migration operations that build the database's wall: row-level security and composite keys."""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# NULLIF, not CASE: this form costs nothing measurable and survives a reused connection.
HERE = "workspace_id = NULLIF(current_setting('app.workspace', true), '')::bigint"
MYSELF = "user_id = NULLIF(current_setting('app.user', true), '')::bigint"


class TenantKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key inside a workspace.

    PostgreSQL checks foreign keys with row-level security off, so the constraint is on
    ``(workspace_id, key)``; :class:`Wall` makes it in the migration that creates the table.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)  # Indexes lead with the workspace; models name theirs.
        super().__init__(to, on_delete, **kwargs)


class Wall(Operation):
    """Row-level security on a model's table and composite keys for its tenant foreign keys.

    ``policy`` is the SQL condition a row must meet to be seen or written.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, policy: str = HERE, check: str = HERE) -> None:
        self.model_name, self.policy, self.check = model_name, policy, check

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        for field in model._meta.local_fields:
            if isinstance(field, TenantKey):
                schema_editor.execute(_composite_key(table, field))
        schema_editor.execute(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY workspace ON {table} USING ({self.policy}) WITH CHECK ({self.check})"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        schema_editor.execute(
            f"DROP POLICY workspace ON {table};"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
        )
        for field in model._meta.local_fields:
            if isinstance(field, TenantKey):
                schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {_key_name(table, field)}")

    def describe(self) -> str:
        return f"Wall around {self.model_name}"

    @property
    def migration_name_fragment(self) -> str:
        return f"wall_{self.model_name.lower()}"


def _key_name(table: str, field: TenantKey) -> str:
    return f"{table}_{field.column}_tenant"


def _composite_key(table: str, field: TenantKey) -> str:
    target = field.related_model._meta.db_table
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {_key_name(table, field)} "
        f"FOREIGN KEY (workspace_id, {field.column}) REFERENCES {target} (workspace_id, id) "
        "DEFERRABLE INITIALLY DEFERRED"
    )
