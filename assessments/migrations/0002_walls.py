"""Row-level security, and the range of answers."""

from django.db import migrations

from connected.walls import Wall

READ_ONLY = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        REVOKE INSERT, UPDATE, DELETE ON assessments_instrument FROM connected_app;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial"), ("connected", "0002_walls")]

    operations = [
        Wall("workshop"),
        Wall("participant"),
        Wall("sheet"),
        # Null elements pass: a comparison with null is not false.
        migrations.RunSQL(
            "ALTER TABLE assessments_sheet ADD CONSTRAINT sheet_answers_range "
            "CHECK (0 <= ALL (answers) AND 5 >= ALL (answers))",
            "ALTER TABLE assessments_sheet DROP CONSTRAINT sheet_answers_range",
        ),
        # Versions are loaded by whoever migrates; the app only reads them.
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]
