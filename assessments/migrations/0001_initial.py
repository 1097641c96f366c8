import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import connected.walls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("connected", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Instrument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                ("version", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=120)),
                ("definition", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("loaded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["code", "version"],
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version"), name="instrument_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("group", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            },
        ),
        migrations.CreateModel(
            name="Workshop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preparing", "preparing"),
                            ("collecting", "collecting"),
                            ("discussing", "discussing"),
                            ("committed", "committed"),
                        ],
                        default="collecting",
                        max_length=12,
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[("full", "Full"), ("short", "Short")], default="full", max_length=5
                    ),
                ),
                (
                    "reveal",
                    models.CharField(
                        choices=[("open", "Open to facilitators"), ("blind", "Blind until discussed")],
                        default="open",
                        max_length=5,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "firm",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="workshops",
                        to="connected.firm",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assessments.instrument",
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
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
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
                ("version", models.IntegerField(default=1)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "participant",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sheets",
                        to="assessments.participant",
                    ),
                ),
                (
                    "segment",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sheets",
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
                (
                    "workshop",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sheets",
                        to="assessments.workshop",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="participant",
            name="workshop",
            field=connected.walls.TenantKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="assessments.workshop",
            ),
        ),
        migrations.AddIndex(
            model_name="workshop",
            index=models.Index(fields=["workspace", "firm", "-id"], name="workshop_of_firm"),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="workshop_tenant"),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["preparing", "collecting", "discussing", "committed"])),
                name="workshop_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["full", "short"])), name="workshop_form_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(("reveal__in", ["open", "blind"])), name="workshop_reveal_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__gte", 1)), name="workshop_round_from_one"
            ),
        ),
        migrations.AddIndex(
            model_name="sheet",
            index=models.Index(fields=["workspace", "participant", "round"], name="sheet_of_participant"),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="sheet_tenant"),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.UniqueConstraint(
                fields=("workspace", "segment", "workshop", "participant", "round"), name="sheet_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__gte", 1)), name="sheet_round_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("answers__len", models.F("given__len"))), name="sheet_arrays_match"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="participant_tenant"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("workspace", "workshop", "name"),
                name="participant_once",
                violation_error_message="Someone of that name already takes part.",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="participant_has_name"
            ),
        ),
    ]
