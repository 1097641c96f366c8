"""Moving a workshop to another version of its questionnaire, and what its sheets said before."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from connected.walls import TenantKey, Wall

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def workspace() -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="connected.workspace",
    )


def version() -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessments.instrument"
    )


def inside(to: str, related_name: str = "+") -> TenantKey:
    return TenantKey(on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=to)


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0007_situations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "Upgrade",
            [
                ("id", KEY),
                ("workspace", workspace()),
                ("workshop", inside("assessments.workshop", "upgrades")),
                ("before", version()),
                ("after", version()),
                ("sheets", models.IntegerField()),
                ("carried", models.IntegerField()),
                ("kept", models.IntegerField()),
                ("returned", models.IntegerField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["workspace", "workshop", "-id"], name="upgrade_of_workshop")
                ],
            },
        ),
        migrations.CreateModel(
            "KeptSheet",
            [
                ("id", KEY),
                ("workspace", workspace()),
                ("workshop", inside("assessments.workshop")),
                ("participant", inside("assessments.participant")),
                ("segment", inside("connected.segment")),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("instrument", version()),
                (
                    "answers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), size=None
                    ),
                ),
                (
                    "given",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BooleanField(), size=None),
                ),
                ("evidence", models.JSONField(blank=True, default=dict)),
                ("wants", models.JSONField(blank=True, default=dict)),
                ("version", models.IntegerField(default=0)),
                (
                    "kept_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "participant", "segment", "round", "instrument"),
                        name="kept_sheet_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answers__len", models.F("given__len"))),
                        name="kept_sheet_arrays_match",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["workspace", "workshop", "instrument"], name="kept_sheet_of_workshop"
                    ),
                    models.Index(fields=["workspace", "segment"], name="kept_sheet_of_segment"),
                ],
            },
        ),
        Wall("upgrade"),
        Wall("keptsheet"),
    ]
