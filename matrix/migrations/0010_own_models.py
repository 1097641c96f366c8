"""Workspaces publish models of their own: seen by nobody else, added by the app and changed by nobody."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from connected.walls import HERE, Wall

OWN = HERE.replace("workspace_id", "owner_id")
# What refers to a model refers to one that may be seen: foreign keys are checked with the wall down.
SEEN = f"{HERE} AND EXISTS (SELECT FROM matrix_scoringmodel m WHERE m.id = {{model}})"

# Not forced, so that whoever migrates, the tables' owner, can load shared versions.
RAISE = f"""
ALTER TABLE matrix_scoringmodel ENABLE ROW LEVEL SECURITY;
CREATE POLICY shared_or_own ON matrix_scoringmodel FOR SELECT USING (owner_id IS NULL OR {OWN});
CREATE POLICY publish ON matrix_scoringmodel FOR INSERT WITH CHECK ({OWN});
ALTER POLICY workspace ON matrix_run WITH CHECK ({SEEN.format(model="matrix_run.model_id")});
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        GRANT INSERT ON matrix_scoringmodel TO connected_app;
    END IF;
END $$
"""
LOWER = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        REVOKE INSERT ON matrix_scoringmodel FROM connected_app;
    END IF;
END $$;
ALTER POLICY workspace ON matrix_run WITH CHECK ({HERE});
DROP POLICY publish ON matrix_scoringmodel;
DROP POLICY shared_or_own ON matrix_scoringmodel;
ALTER TABLE matrix_scoringmodel DISABLE ROW LEVEL SECURITY;
"""


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("matrix", "0009_elsewhere"),
        ("connected", "0004_webhooks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions("scoringmodel", {"ordering": ["code", "version", "id"]}),
        migrations.AddField(
            "scoringmodel",
            "owner",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="connected.workspace",
            ),
        ),
        migrations.AddField(
            "scoringmodel",
            "base",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="matrix.scoringmodel",
            ),
        ),
        migrations.AddField("scoringmodel", "note", models.TextField(blank=True, default=""), False),
        migrations.AddField(
            "scoringmodel", "published_by", models.CharField(blank=True, default="", max_length=150), False
        ),
        migrations.RemoveConstraint("scoringmodel", "model_version_once"),
        migrations.AddConstraint(
            "scoringmodel",
            models.UniqueConstraint(
                fields=("owner", "code", "version"), name="model_version_once", nulls_distinct=False
            ),
        ),
        migrations.CreateModel(
            name="ModelDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("definition", models.JSONField()),
                ("version", models.IntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("edited_at", models.DateTimeField(auto_now=True)),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matrix.scoringmodel",
                    ),
                ),
                ("created_by", _person()),
                ("edited_by", _person()),
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
                "ordering": ["-edited_at", "-id"],
                "indexes": [models.Index(fields=["workspace", "-edited_at"], name="draft_newest")],
            },
        ),
        Wall("modeldraft", check=SEEN.format(model="matrix_modeldraft.base_id")),
        migrations.RunSQL(RAISE, LOWER),
    ]
