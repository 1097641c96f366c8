"""What became of each item between two versions of a questionnaire: the app only reads it, like the versions."""

import django.db.models.deletion
from django.db import migrations, models

READ_ONLY = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        REVOKE INSERT, UPDATE, DELETE ON assessments_crosswalk FROM connected_app;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_groups")]

    operations = [
        migrations.CreateModel(
            "Crosswalk",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("definition", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("loaded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ways_on",
                        to="assessments.instrument",
                    ),
                ),
                (
                    "after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ways_here",
                        to="assessments.instrument",
                    ),
                ),
            ],
            options={"ordering": ["before", "after"]},
        ),
        migrations.AddConstraint(
            "crosswalk", models.UniqueConstraint(fields=("before", "after"), name="crosswalk_once")
        ),
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]
