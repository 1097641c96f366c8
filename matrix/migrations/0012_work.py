"""Which workspaces have anything for the reaper, in one statement.

The reaper asks every few seconds. It used to enter each workspace with a dozen statements; now the database looks
into each by index, with its wall up as for anybody, and names those that have something.
"""

from django.db import migrations, models

from connected.walls import HERE

# Looks into the workspace that is set: a row for each kind of work. The times and sizes are the caller's.
HERE_WORK = f"""
CREATE FUNCTION matrix_work_here(layout integer, many integer, lost interval, marked interval, kept interval)
RETURNS TABLE (what text) LANGUAGE sql STABLE AS $$
    SELECT 'chunk' FROM matrix_chunk c JOIN matrix_run r ON r.workspace_id = c.workspace_id AND r.id = c.run_id
    WHERE c.{HERE} AND c.state = 'waiting'
        AND r.state IN ('queued', 'running')
        AND (c.published_at IS NULL OR c.published_at < statement_timestamp() - lost)
        AND (c.lease_until IS NULL OR c.lease_until < statement_timestamp())
    UNION ALL
    SELECT 'run' FROM matrix_run r WHERE r.{HERE} AND r.state IN ('queued', 'running')
        AND NOT EXISTS (SELECT FROM matrix_chunk c
            WHERE c.workspace_id = r.workspace_id AND c.run_id = r.id AND c.state = 'waiting')
    UNION ALL
    SELECT 'mark' FROM matrix_stale s WHERE s.{HERE} AND s.marked_at < statement_timestamp() - marked
        AND (s.retry_at IS NULL OR s.retry_at < statement_timestamp())
    UNION ALL
    SELECT 'table' FROM matrix_run r WHERE r.{HERE} AND r.generation > 0
        AND (r.decision = 'discarded'
            OR r.state IN ('cancelled', 'failed') AND r.finished_at < statement_timestamp() - kept)
        AND NOT EXISTS (SELECT FROM matrix_generation g
            WHERE g.workspace_id = r.workspace_id AND g.run_id = r.id)
    UNION ALL
    (SELECT 'change' FROM matrix_change f WHERE f.{HERE} ORDER BY f.id OFFSET many LIMIT 1)
    UNION ALL
    SELECT 'size' FROM (SELECT FROM matrix_resize e WHERE e.{HERE} ORDER BY e.id OFFSET many LIMIT 1) beyond
    WHERE NOT EXISTS (SELECT FROM matrix_sums s WHERE s.{HERE} AND s.chunk IS NOT NULL)
        AND NOT EXISTS (SELECT FROM matrix_run r
            WHERE r.{HERE} AND r.state IN ('queued', 'running') AND r.generation > 0)
    UNION ALL
    SELECT 'layout' FROM matrix_cube c WHERE c.{HERE} AND get_byte(substring(c.data FROM 1 FOR 1), 0) <> layout
$$;
"""
# The owner may list workspaces and nothing else; its own wall is forced, so each is looked into as itself.
WORKSPACES = """
CREATE FUNCTION matrix_workspaces_with_work(
    layout integer, many integer, lost interval, marked interval, kept interval
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    each bigint;
    before text := current_setting('app.workspace', true);
BEGIN
    FOR each IN SELECT w.id FROM connected_workspace w ORDER BY w.id LOOP
        PERFORM set_config('app.workspace', each::text, true);
        IF EXISTS (SELECT FROM matrix_work_here(layout, many, lost, marked, kept)) THEN
            RETURN NEXT each;
        END IF;
    END LOOP;
    PERFORM set_config('app.workspace', coalesce(before, ''), true);
END $$;
"""
RIGHTS = """
REVOKE ALL ON FUNCTION matrix_workspaces_with_work(integer, integer, interval, interval, interval) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        GRANT EXECUTE ON FUNCTION matrix_workspaces_with_work(integer, integer, interval, interval, interval)
            TO connected_app;
    END IF;
END $$;
"""
UNDO = """
DROP FUNCTION matrix_workspaces_with_work(integer, integer, interval, interval, interval);
DROP FUNCTION matrix_work_here(integer, integer, interval, interval, interval);
"""


class Migration(migrations.Migration):
    dependencies = [("matrix", "0011_sums")]

    operations = [
        migrations.AddIndex(
            model_name="chunk",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["workspace", "run"], name="chunk_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "running"))),
                fields=["workspace"],
                name="run_going",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("generation__gt", 0)), fields=["workspace"], name="run_with_table"
            ),
        ),
        migrations.RunSQL(HERE_WORK + WORKSPACES + RIGHTS, UNDO),
    ]
