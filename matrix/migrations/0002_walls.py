"""Row-level security, and the view of placements in force."""

from django.db import migrations

from connected.walls import HERE, Wall

# The workspace stands here as a value and not as a join, so that PostgreSQL finds one generation's
# rows by their key whatever it guesses about the others.
STANDING = f"""
CREATE VIEW matrix_standing WITH (security_invoker = true) AS
SELECT p.* FROM matrix_overlay o
    JOIN matrix_placement p
        ON p.workspace_id = o.workspace_id AND p.id = o.placement_id AND p.segment_id = o.segment_id
UNION ALL
SELECT p.* FROM matrix_placement p
    WHERE p.{HERE}
    AND p.run_id = (SELECT g.run_id FROM matrix_generation g WHERE g.{HERE})
    AND NOT EXISTS (
        SELECT 1 FROM matrix_overlay o WHERE o.workspace_id = p.workspace_id AND o.segment_id = p.segment_id
    )
"""


READ_ONLY = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        REVOKE INSERT, UPDATE, DELETE ON matrix_scoringmodel FROM connected_app;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("matrix", "0001_initial"), ("assessments", "0002_walls")]

    operations = [
        Wall("run"),
        Wall("chunk"),
        Wall("placement"),
        Wall("overlay"),
        Wall("generation"),
        Wall("stale"),
        migrations.RunSQL(STANDING, "DROP VIEW matrix_standing"),
        # Versions are loaded by whoever migrates; the app only reads them.
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]
