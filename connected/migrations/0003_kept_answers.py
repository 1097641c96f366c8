"""Answers kept under the key their caller gave."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import connected.walls
from connected.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("connected", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("request", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("location", models.TextField(blank=True)),
                ("kind", models.CharField(max_length=80)),
                ("body", models.BinaryField()),
                ("kept_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "token",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_answers",
                        to="connected.apitoken",
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
                "indexes": [models.Index(fields=["workspace", "kept_at"], name="answer_kept_since")],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "token", "key"), name="answer_kept_once")
                ],
            },
        ),
        Wall("keptanswer"),
    ]
