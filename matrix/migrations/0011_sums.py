"""What a large run's placements add up to, kept beside them, and the log that keeps it true.

A chunk sums up what it places with the segments' sizes of one snapshot. A size edited, or a segment gone, is
logged with its transaction: who reads the sums later applies what their snapshot had not seen. So nobody waits
while a run is counted, and the pointer moves in the time that the sums take to read.
"""

import django.db.models.deletion
from django.db import migrations, models

from connected.commits import CurrentTransaction, TransactionId
from connected.walls import HERE, Wall

# Sizes are logged with or without sums, under no lock: a chunk that began before must find it.
SIZES = """
CREATE FUNCTION matrix_log_sizes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matrix_resize (workspace_id, segment, gone, was_customers, was_revenue, was_currency,
        customers, revenue, currency)
    SELECT fresh.workspace_id, fresh.id, false, was.customers, was.revenue, was.currency,
        fresh.customers, fresh.revenue, fresh.currency
    FROM was JOIN fresh ON fresh.id = was.id
    WHERE (was.customers, was.revenue, was.currency)
        IS DISTINCT FROM (fresh.customers, fresh.revenue, fresh.currency);
    RETURN NULL;
END $$;
CREATE TRIGGER sizes_logged AFTER UPDATE ON connected_segment REFERENCING OLD TABLE AS was NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_log_sizes();
"""
# By its name before the trigger that removes the placements. matrix_counted waits for who puts a run in force,
# so that either this sees the run's table, or that run sees this log.
GONE = f"""
CREATE FUNCTION matrix_log_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM matrix_counted();
    INSERT INTO matrix_resize (workspace_id, segment, gone, was_customers, was_revenue, was_currency, currency)
    SELECT workspace_id, id, true, customers, revenue, currency, '' FROM gone;
    INSERT INTO matrix_departed (workspace_id, generation, segment, facts)
    SELECT p.workspace_id, p.generation, p.segment_id, to_jsonb(p) - 'tally' - 'derived' - 'fingerprint'
    FROM gone g JOIN matrix_placement p ON p.workspace_id = g.workspace_id AND p.segment_id = g.id
    WHERE p.generation = ANY(ARRAY(SELECT s.run FROM matrix_sums s WHERE s.{HERE} AND s.chunk IS NULL));
    RETURN NULL;
END $$;
CREATE TRIGGER gone_logged AFTER DELETE ON connected_segment REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_log_gone();
"""
# Whether what a row of the log says is in the sums already.
SEEN = """
CREATE FUNCTION matrix_in_sums(entry bigint, entered xid8, last bigint, own xid8, seen text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT entry <= last AND (entered = own OR pg_visible_in_snapshot(entered, seen::pg_snapshot))
$$;
"""
SEAL = """
CREATE OR REPLACE FUNCTION matrix_seal_generation(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET maintenance_work_mem = '256MB' AS $$
DECLARE
    here bigint := NULLIF(current_setting('app.workspace', true), '')::bigint;
    leaf text := format('matrix_placement_g%s', run);
BEGIN
    PERFORM FROM matrix_run r WHERE r.id = run AND r.workspace_id = here AND r.state IN ('queued', 'running');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a running run of this workspace', run;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        EXECUTE format('REVOKE ALL ON %I FROM connected_app', leaf);
    END IF;
    EXECUTE format('DROP TRIGGER in_own_workspace ON %I', leaf);
    EXECUTE format('CREATE UNIQUE INDEX %I ON %I (segment_id)', leaf || '_segment', leaf);
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', leaf);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', leaf);
    EXECUTE format('ALTER TABLE matrix_placement ATTACH PARTITION %I FOR VALUES IN (%s)', leaf, run);
    EXECUTE format('ANALYZE %I', leaf);
END $$;
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
    dependencies = [("matrix", "0010_own_models")]

    operations = [
        migrations.CreateModel(
            name="Sums",
            fields=[
                ("id", _id()),
                ("run", models.BigIntegerField()),
                ("chunk", models.BigIntegerField(null=True)),
                ("own", TransactionId()),
                ("last", models.BigIntegerField()),
                ("seen", models.TextField()),
                ("data", models.BinaryField()),
                ("workspace", _workspace()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "run", "chunk"), name="sums_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Resize",
            fields=[
                ("id", _id()),
                ("segment", models.BigIntegerField()),
                ("gone", models.BooleanField()),
                ("was_customers", models.BigIntegerField(null=True)),
                ("was_revenue", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("was_currency", models.CharField(max_length=3)),
                ("customers", models.BigIntegerField(null=True)),
                ("revenue", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("currency", models.CharField(max_length=3)),
                ("transaction", TransactionId(db_default=CurrentTransaction(), editable=False)),
                ("workspace", _workspace()),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["workspace", "id"], name="resize_order")],
            },
        ),
        migrations.CreateModel(
            name="Departed",
            fields=[
                ("id", _id()),
                ("generation", models.BigIntegerField()),
                ("segment", models.BigIntegerField()),
                ("facts", models.JSONField()),
                ("workspace", _workspace()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "generation", "segment"], name="departed_from")
                ],
            },
        ),
        Wall("sums"),
        Wall("resize"),
        Wall("departed"),
        migrations.RunSQL(SEEN),
        migrations.RunSQL(SIZES),
        migrations.RunSQL(GONE),
        migrations.RunSQL(SEAL),
    ]
