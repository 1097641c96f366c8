"""Placements in partitions: one for every large run, one for all that is small or live.

A large run's partition (a *generation*) is filled as a table of its own that the app may only insert
into, and becomes part of ``matrix_placement`` when it is whole. The functions below do what the app's
role may not: make, seal and drop such tables, for a run of the workspace it speaks for.
"""

import django.db.models.deletion
from django.db import migrations, models

import connected.walls
from connected.commits import CurrentTransaction, TransactionId
from connected.walls import HERE, Wall

PARTITIONED = f"""
DROP VIEW matrix_standing;

ALTER TABLE matrix_placement RENAME TO matrix_placement_few;
CREATE SEQUENCE matrix_placement_id_new AS bigint;
-- Not from max(id): row-level security shows the owner no rows, and every id would be given twice.
SELECT setval('matrix_placement_id_new', (SELECT last_value FROM matrix_placement_id_seq));
ALTER TABLE matrix_placement_few
    ALTER COLUMN id DROP IDENTITY,
    ADD COLUMN generation bigint NOT NULL DEFAULT 0,
    ADD COLUMN derived bytea;
ALTER SEQUENCE matrix_placement_id_new RENAME TO matrix_placement_id_seq;
ALTER TABLE matrix_placement_few ALTER COLUMN id SET DEFAULT nextval('matrix_placement_id_seq');

CREATE TABLE matrix_placement (LIKE matrix_placement_few INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY LIST (generation);
ALTER SEQUENCE matrix_placement_id_seq OWNED BY matrix_placement.id;
ALTER TABLE matrix_placement ATTACH PARTITION matrix_placement_few FOR VALUES IN (0);
ALTER TABLE matrix_placement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace ON matrix_placement USING ({HERE}) WITH CHECK ({HERE});
"""

# Three branches, so that each reads one partition by its key: what lies over is always in the small
# partition, and the generation's number stands as a value.
STANDING = f"""
CREATE VIEW matrix_standing WITH (security_invoker = true) AS
SELECT p.* FROM matrix_overlay o
    JOIN matrix_placement p
        ON p.workspace_id = o.workspace_id AND p.id = o.placement_id AND p.segment_id = o.segment_id
        AND p.generation = 0
    WHERE o.{HERE}
UNION ALL
SELECT p.* FROM matrix_placement p
    WHERE p.{HERE}
    AND p.generation = (SELECT g.generation FROM matrix_generation g WHERE g.{HERE} ORDER BY g.id DESC LIMIT 1)
    AND p.run_id = (SELECT g.run_id FROM matrix_generation g WHERE g.{HERE} ORDER BY g.id DESC LIMIT 1)
    AND NOT EXISTS (
        SELECT 1 FROM matrix_overlay o WHERE o.workspace_id = p.workspace_id AND o.segment_id = p.segment_id
    )
"""

OPEN = """
CREATE FUNCTION matrix_open_generation(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here bigint := NULLIF(current_setting('app.workspace', true), '')::bigint;
    leaf text := format('matrix_placement_g%s', run);
BEGIN
    PERFORM FROM matrix_run r WHERE r.id = run AND r.workspace_id = here AND r.state = 'queued';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a queued run of this workspace', run;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE matrix_placement INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
         CONSTRAINT placement_of_generation CHECK (generation = %s AND run_id = %s AND workspace_id = %s))',
        leaf, run, run, here);
    EXECUTE format(
        'CREATE TRIGGER in_own_workspace BEFORE INSERT ON %I FOR EACH STATEMENT
         EXECUTE FUNCTION matrix_in_own_workspace(%s)', leaf, here);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', leaf);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        EXECUTE format('REVOKE ALL ON %I FROM connected_app', leaf);
        EXECUTE format('GRANT INSERT ON %I TO connected_app', leaf);
    END IF;
END $$;

-- The wall of a table that COPY fills: no row goes in from another workspace.
CREATE FUNCTION matrix_in_own_workspace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('app.workspace', true) IS DISTINCT FROM TG_ARGV[0] THEN
        RAISE EXCEPTION 'placements of another workspace' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
"""

SEAL = """
CREATE FUNCTION matrix_seal_generation(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

DROP = """
CREATE FUNCTION matrix_drop_generation(run bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here bigint := NULLIF(current_setting('app.workspace', true), '')::bigint;
    leaf text := format('matrix_placement_g%s', run);
BEGIN
    PERFORM FROM matrix_run r WHERE r.id = run AND r.workspace_id = here
        AND r.state NOT IN ('queued', 'running')
        AND NOT EXISTS (SELECT FROM matrix_generation g WHERE g.workspace_id = here AND g.generation = run);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not an ended run of this workspace that never was in force', run;
    END IF;
    IF to_regclass('public.' || quote_ident(leaf)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE %I', leaf);
    RETURN true;
END $$;
"""

RIGHTS = """
REVOKE ALL ON FUNCTION matrix_open_generation(bigint), matrix_seal_generation(bigint),
    matrix_drop_generation(bigint) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        GRANT EXECUTE ON FUNCTION matrix_open_generation(bigint), matrix_seal_generation(bigint),
            matrix_drop_generation(bigint) TO connected_app;
    END IF;
END $$
"""

# Whatever lays a placement over a generation is written down in the order of commits, and a segment
# that goes takes along what was said of it: by sets, however many go at once.
FOLLOWED = """
CREATE FUNCTION matrix_log_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matrix_move (workspace_id, segment_id, placement, moved_at, transaction)
    SELECT workspace_id, segment_id, placement_id, moved_at, pg_current_xact_id() FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER moves_laid AFTER INSERT ON matrix_overlay REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_log_moves();
CREATE TRIGGER moves_changed AFTER UPDATE ON matrix_overlay REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_log_moves();

CREATE FUNCTION matrix_forget_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM matrix_overlay o USING gone g WHERE o.workspace_id = g.workspace_id AND o.segment_id = g.id;
    DELETE FROM matrix_move m USING gone g WHERE m.workspace_id = g.workspace_id AND m.segment_id = g.id;
    DELETE FROM matrix_stale s USING gone g WHERE s.workspace_id = g.workspace_id AND s.segment_id = g.id;
    DELETE FROM matrix_placement p USING gone g WHERE p.workspace_id = g.workspace_id AND p.segment_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER placements_follow AFTER DELETE ON connected_segment REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION matrix_forget_segments();
"""


def _follows(model: str) -> migrations.AlterField:
    """The database removes these rows with their segment, by :data:`FOLLOWED`."""
    return migrations.AlterField(
        model,
        "segment",
        connected.walls.TenantKey(
            on_delete=django.db.models.deletion.DO_NOTHING,
            db_constraint=False,
            db_index=False,
            related_name="+",
            to="connected.segment",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("matrix", "0002_walls"), ("connected", "0002_walls")]

    operations = [
        migrations.AddField("run", "generation", models.BigIntegerField(default=0)),
        migrations.AddField("generation", "generation", models.BigIntegerField(default=0)),
        migrations.AddField(
            "generation", "transaction", TransactionId(db_default=CurrentTransaction(), editable=False)
        ),
        migrations.RemoveConstraint("generation", "generation_once"),
        migrations.AddIndex(
            "generation", models.Index(fields=["workspace", "-id"], name="generation_newest")
        ),
        migrations.AlterModelOptions("generation", {"ordering": ["-id"]}),
        migrations.CreateModel(
            name="Move",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("placement", models.BigIntegerField(null=True)),
                ("moved_at", models.DateTimeField()),
                ("transaction", TransactionId()),
                (
                    "segment",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="connected.segment",
                    ),
                ),
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
                "indexes": [
                    models.Index(fields=["workspace", "transaction"], name="move_commits"),
                    models.Index(fields=["workspace", "segment", "-id"], name="move_of_segment"),
                ],
            },
        ),
        Wall("move"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(PARTITIONED),
                migrations.RunSQL(STANDING),
                migrations.RunSQL(OPEN),
                migrations.RunSQL(SEAL),
                migrations.RunSQL(DROP),
                migrations.RunSQL(RIGHTS),
                migrations.RunSQL(FOLLOWED),
            ],
            state_operations=[
                migrations.AddField("placement", "generation", models.BigIntegerField(default=0)),
                migrations.AddField("placement", "derived", models.BinaryField(null=True)),
                migrations.RemoveConstraint("placement", "placement_tenant"),
                migrations.RemoveConstraint("placement", "placement_once_a_run"),
                migrations.RemoveIndex("placement", "placement_history"),
                _follows("placement"),
                _follows("overlay"),
                _follows("stale"),
                migrations.AlterField(
                    "overlay",
                    "placement",
                    connected.walls.TenantKey(
                        null=True,
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="matrix.placement",
                    ),
                ),
            ],
        ),
    ]
