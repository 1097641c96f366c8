"""Placements in force as sums, and the log of what changed them.

Three triggers write the log, in the transaction of the change: a placement laid over a generation, a
segment's size edited, a segment gone. They run where a workspace has a cube, and hold off while one is
written: writers share a lock that the writing takes for itself.
"""

import django.db.models.deletion
from django.db import migrations, models

from connected.walls import HERE, Wall

PLACED = (
    "raters, present, baseline, mixed, borderline, primary_relationship, primary_architecture, quadrant, "
    "interact, customize, rd, co, cb, ae, agree_rd, agree_co, agree_cb, agree_ae"
)
OF_P = ", ".join(f"p.{name}" for name in PLACED.split(", "))
INTO = f"INSERT INTO matrix_change (workspace_id, sign, {PLACED}, customers, revenue, currency)"

COUNTED = f"""
CREATE FUNCTION matrix_counted() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('app.counting', true), '') = 'off' THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(
        hashtextextended('matrix.cube.' || current_setting('app.workspace', true), 0));
    RETURN EXISTS (SELECT FROM matrix_cube WHERE {HERE});
END $$;
"""

# What a segment stood on before anything was laid over it.
UNDER = f"""
    FROM fresh f
    JOIN matrix_placement p ON p.workspace_id = f.workspace_id AND p.segment_id = f.segment_id
        AND p.generation = (SELECT g.generation FROM matrix_generation g WHERE g.{HERE} ORDER BY g.id DESC LIMIT 1)
        AND p.run_id = (SELECT g.run_id FROM matrix_generation g WHERE g.{HERE} ORDER BY g.id DESC LIMIT 1)
    JOIN connected_segment s ON s.workspace_id = f.workspace_id AND s.id = f.segment_id
"""

OVERLAYS = f"""
CREATE FUNCTION matrix_count_laid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF matrix_counted() THEN
        {INTO} SELECT f.workspace_id, -1, {OF_P}, s.customers, s.revenue, s.currency {UNDER};
        {INTO} SELECT f.workspace_id, 1, {OF_P}, s.customers, s.revenue, s.currency
        FROM fresh f
        JOIN matrix_placement p ON p.workspace_id = f.workspace_id AND p.id = f.placement_id AND p.generation = 0
        JOIN connected_segment s ON s.workspace_id = f.workspace_id AND s.id = f.segment_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER counts_laid AFTER INSERT ON matrix_overlay REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_count_laid();

CREATE FUNCTION matrix_count_relaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF matrix_counted() THEN
        {INTO} SELECT f.workspace_id, f.sign, {OF_P}, s.customers, s.revenue, s.currency
        FROM (SELECT workspace_id, segment_id, placement_id, -1 AS sign FROM was
              UNION ALL SELECT workspace_id, segment_id, placement_id, 1 FROM fresh) f
        JOIN matrix_placement p ON p.workspace_id = f.workspace_id AND p.id = f.placement_id AND p.generation = 0
        JOIN connected_segment s ON s.workspace_id = f.workspace_id AND s.id = f.segment_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER counts_relaid AFTER UPDATE ON matrix_overlay REFERENCING OLD TABLE AS was NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_count_relaid();
"""

SEGMENTS = f"""
CREATE FUNCTION matrix_count_sizes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM was JOIN fresh ON fresh.id = was.id
        WHERE (was.customers, was.revenue, was.currency)
            IS DISTINCT FROM (fresh.customers, fresh.revenue, fresh.currency)
    ) OR NOT matrix_counted() THEN
        RETURN NULL;
    END IF;
    {INTO} SELECT s.workspace_id, s.sign, {OF_P}, s.customers, s.revenue, s.currency
    FROM (SELECT was.*, -1 AS sign FROM was UNION ALL SELECT fresh.*, 1 FROM fresh) s
    JOIN matrix_standing p ON p.workspace_id = s.workspace_id AND p.segment_id = s.id;
    RETURN NULL;
END $$;
CREATE TRIGGER counts_sizes AFTER UPDATE ON connected_segment REFERENCING OLD TABLE AS was NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_count_sizes();

-- Kept with or without a cube, and under no lock: what is not committed is not counted either.
CREATE FUNCTION matrix_count_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matrix_headcount (workspace_id, segments)
    SELECT workspace_id, count(*) FROM fresh GROUP BY workspace_id;
    RETURN NULL;
END $$;
CREATE TRIGGER counts_new AFTER INSERT ON connected_segment REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_count_new();

CREATE OR REPLACE FUNCTION matrix_forget_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF matrix_counted() THEN
        {INTO} SELECT s.workspace_id, -1, {OF_P}, s.customers, s.revenue, s.currency
        FROM gone s JOIN matrix_standing p ON p.workspace_id = s.workspace_id AND p.segment_id = s.id;
    END IF;
    INSERT INTO matrix_headcount (workspace_id, segments)
    SELECT workspace_id, -count(*) FROM gone GROUP BY workspace_id;
    DELETE FROM matrix_overlay o USING gone g WHERE o.workspace_id = g.workspace_id AND o.segment_id = g.id;
    DELETE FROM matrix_move m USING gone g WHERE m.workspace_id = g.workspace_id AND m.segment_id = g.id;
    DELETE FROM matrix_stale s USING gone g WHERE s.workspace_id = g.workspace_id AND s.segment_id = g.id;
    DELETE FROM matrix_placement p USING gone g WHERE p.workspace_id = g.workspace_id AND p.segment_id = g.id;
    RETURN NULL;
END $$;
"""

# The largest segments of a workspace, and the segments of one column, without reading all.
LARGEST = """
CREATE INDEX segment_by_customers ON connected_segment (workspace_id, customers DESC NULLS LAST, id);
CREATE INDEX segment_by_revenue ON connected_segment (workspace_id, revenue DESC NULLS LAST, id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("connected", "0002_walls"),
        ("matrix", "0003_generations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sign", models.SmallIntegerField()),
                ("raters", models.IntegerField()),
                ("present", models.SmallIntegerField()),
                ("baseline", models.BooleanField()),
                ("mixed", models.BooleanField()),
                ("borderline", models.BooleanField(null=True)),
                ("primary_relationship", models.CharField(max_length=2, null=True)),
                ("primary_architecture", models.CharField(max_length=2, null=True)),
                ("quadrant", models.SmallIntegerField(null=True)),
                ("interact", models.FloatField(null=True)),
                ("customize", models.FloatField(null=True)),
                ("rd", models.FloatField(null=True)),
                ("co", models.FloatField(null=True)),
                ("cb", models.FloatField(null=True)),
                ("ae", models.FloatField(null=True)),
                ("agree_rd", models.FloatField(null=True)),
                ("agree_co", models.FloatField(null=True)),
                ("agree_cb", models.FloatField(null=True)),
                ("agree_ae", models.FloatField(null=True)),
                ("customers", models.BigIntegerField(null=True)),
                ("revenue", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="connected.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["workspace", "id"], name="change_order")],
            },
        ),
        migrations.CreateModel(
            name="CubeState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stamp", models.UUIDField()),
                ("segments", models.BigIntegerField()),
                ("data", models.BinaryField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="connected.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "matrix_cube",
                "constraints": [models.UniqueConstraint(fields=("workspace",), name="cube_once")],
            },
        ),
        migrations.CreateModel(
            name="Headcount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("segments", models.BigIntegerField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="connected.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace"], name="headcount_of_workspace")],
            },
        ),
        Wall("change"),
        Wall("cubestate"),
        Wall("headcount"),
        migrations.RunSQL(COUNTED),
        migrations.RunSQL(OVERLAYS),
        migrations.RunSQL(SEGMENTS),
        migrations.RunSQL(LARGEST),
    ]
