"""Nobody tidies a generation while it is filled, and whoever seals it holds it before anything else.

Autovacuum looks into a table that grows by thousands of rows a second, is in the way of whoever seals it, and can
wait in turn for what the sealing has changed of the table already: a deadlock, which ends the sealing. What it would
learn is learnt when the table is sealed; from then on it may come.
"""

from django.db import migrations

OPEN = """
CREATE OR REPLACE FUNCTION matrix_open_generation(run bigint) RETURNS void
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
         CONSTRAINT placement_of_generation CHECK (generation = %s AND run_id = %s AND workspace_id = %s))
         WITH (autovacuum_enabled = false)',
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
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', leaf);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        EXECUTE format('REVOKE ALL ON %I FROM connected_app', leaf);
    END IF;
    EXECUTE format('DROP TRIGGER in_own_workspace ON %I', leaf);
    EXECUTE format('CREATE UNIQUE INDEX %I ON %I (segment_id)', leaf || '_segment', leaf);
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', leaf);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', leaf);
    EXECUTE format('ALTER TABLE matrix_placement ATTACH PARTITION %I FOR VALUES IN (%s)', leaf, run);
    EXECUTE format('ANALYZE %I', leaf);
    EXECUTE format('ALTER TABLE %I RESET (autovacuum_enabled)', leaf);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("matrix", "0013_gone")]

    operations = [migrations.RunSQL(OPEN + SEAL, migrations.RunSQL.noop)]
