"""The log of changes knows what a segment wants, and how sure its cell is.

Cubes written before count neither: they are of another layout, and are counted anew by the reaper.
"""

from django.db import migrations, models

from connected.walls import HERE

PLACED = (
    "raters, present, baseline, mixed, borderline, primary_relationship, primary_architecture, quadrant, "
    "interact, customize, rd, co, cb, ae, agree_rd, agree_co, agree_cb, agree_ae, "
    "want_rd, want_co, want_cb, want_ae, intrusive, model_id, confidence_cell"
)
OF_P = ", ".join(f"p.{name}" for name in PLACED.split(", "))
INTO = f"INSERT INTO matrix_change (workspace_id, sign, {PLACED}, customers, revenue, currency)"

# What a segment stood on before anything was laid over it.
UNDER = f"""
    FROM fresh f
    JOIN matrix_placement p ON p.workspace_id = f.workspace_id AND p.segment_id = f.segment_id
        AND p.generation = (SELECT g.generation FROM matrix_generation g WHERE g.{HERE} ORDER BY g.id DESC LIMIT 1)
        AND p.run_id = (SELECT g.run_id FROM matrix_generation g WHERE g.{HERE} ORDER BY g.id DESC LIMIT 1)
    JOIN connected_segment s ON s.workspace_id = f.workspace_id AND s.id = f.segment_id
"""

LAID = f"""
CREATE OR REPLACE FUNCTION matrix_count_laid() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION matrix_count_relaid() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

SEGMENTS = f"""
CREATE OR REPLACE FUNCTION matrix_count_sizes() RETURNS trigger LANGUAGE plpgsql AS $$
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


class Migration(migrations.Migration):
    dependencies = [("matrix", "0007_proposals")]

    operations = [
        *(
            migrations.AddField("change", name, models.FloatField(null=True))
            for name in ("want_rd", "want_co", "want_cb", "want_ae", "confidence_cell")
        ),
        migrations.AddField("change", "intrusive", models.SmallIntegerField(null=True)),
        migrations.AddField("change", "model_id", models.BigIntegerField(null=True)),
        migrations.RunSQL(LAID),
        migrations.RunSQL(SEGMENTS),
    ]
