"""Segments that were deleted, and edits of what placements show of firms and segments, in the order of commits.

A deleted segment takes its moves along, so nobody who follows changes heard of it. It is written down whether it
had a placement or not: one that is just being placed is seen by others before this transaction ends.
"""

import django.db.models.deletion
from django.db import migrations, models

from connected.commits import TransactionId
from connected.walls import Wall

TOLD = """
CREATE FUNCTION matrix_tell_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matrix_gonesegment (workspace_id, segment, firm, gone_at, transaction)
    SELECT workspace_id, id, firm_id, clock_timestamp(), pg_current_xact_id() FROM gone;
    RETURN NULL;
END $$;
CREATE TRIGGER told_gone AFTER DELETE ON connected_segment REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_tell_gone();
"""
# Once a transaction, however many statements it has.
EDITED = """
CREATE FUNCTION matrix_log_edits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matrix_edit (workspace_id, transaction)
    SELECT DISTINCT fresh.workspace_id, pg_current_xact_id() FROM was JOIN fresh ON fresh.id = was.id
    WHERE (was.name, was.offering, was.situation, was.customers, was.revenue, was.currency)
        IS DISTINCT FROM
        (fresh.name, fresh.offering, fresh.situation, fresh.customers, fresh.revenue, fresh.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER edits_logged AFTER UPDATE ON connected_segment REFERENCING OLD TABLE AS was NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_log_edits();

CREATE FUNCTION matrix_log_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matrix_edit (workspace_id, transaction)
    SELECT DISTINCT fresh.workspace_id, pg_current_xact_id() FROM was JOIN fresh ON fresh.id = was.id
    WHERE was.name IS DISTINCT FROM fresh.name
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER names_logged AFTER UPDATE ON connected_firm REFERENCING OLD TABLE AS was NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_log_names();
"""
# What was written down stays as it is.
KEPT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        REVOKE UPDATE, DELETE ON matrix_gonesegment, matrix_edit FROM connected_app;
    END IF;
END $$
"""


def _workspace() -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="connected.workspace",
    )


def _id() -> models.BigAutoField:  # type: ignore[type-arg]
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("matrix", "0012_work")]

    operations = [
        migrations.CreateModel(
            name="GoneSegment",
            fields=[
                ("id", _id()),
                ("segment", models.BigIntegerField()),
                ("firm", models.BigIntegerField()),
                ("gone_at", models.DateTimeField()),
                ("transaction", TransactionId()),
                ("workspace", _workspace()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "transaction"], name="gone_commits"),
                    models.Index(fields=["workspace", "gone_at"], name="gone_times"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Edit",
            fields=[
                ("id", _id()),
                ("transaction", TransactionId()),
                ("workspace", _workspace()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "transaction"), name="edit_once")
                ],
            },
        ),
        Wall("gonesegment"),
        Wall("edit"),
        migrations.RunSQL(TOLD),
        migrations.RunSQL(EDITED),
        migrations.RunSQL(KEPT),
    ]
