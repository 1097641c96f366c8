import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import connected.walls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("assessments", "0002_walls"),
        ("connected", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StandingPlacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rd", models.FloatField(null=True)),
                ("co", models.FloatField(null=True)),
                ("cb", models.FloatField(null=True)),
                ("ae", models.FloatField(null=True)),
                ("present", models.SmallIntegerField(default=0)),
                ("gates", models.SmallIntegerField(default=15)),
                ("baseline", models.BooleanField(default=False)),
                ("agree_rd", models.FloatField(null=True)),
                ("agree_co", models.FloatField(null=True)),
                ("agree_cb", models.FloatField(null=True)),
                ("agree_ae", models.FloatField(null=True)),
                ("scheduled_repeat", models.BooleanField(default=False)),
                ("primary_relationship", models.CharField(max_length=2, null=True)),
                ("pr", models.FloatField(null=True)),
                ("rt", models.FloatField(null=True)),
                ("mm", models.FloatField(null=True)),
                ("cw", models.FloatField(null=True)),
                ("pp", models.FloatField(null=True)),
                ("primary_architecture", models.CharField(max_length=2, null=True)),
                ("mixed", models.BooleanField(default=False)),
                ("split", models.BooleanField(default=False)),
                ("identify", models.FloatField(null=True)),
                ("differentiate", models.FloatField(null=True)),
                ("interact", models.FloatField(null=True)),
                ("customize", models.FloatField(null=True)),
                ("interact_capped", models.BooleanField(default=False)),
                ("quadrant", models.SmallIntegerField(null=True)),
                ("borderline", models.BooleanField(null=True)),
                ("want_rd", models.FloatField(null=True)),
                ("want_co", models.FloatField(null=True)),
                ("want_cb", models.FloatField(null=True)),
                ("want_ae", models.FloatField(null=True)),
                ("intrusive", models.SmallIntegerField(default=0)),
                ("confidence_cell", models.FloatField(null=True)),
                ("confidence_quadrant", models.FloatField(null=True)),
                ("agreement", models.FloatField(null=True)),
                ("coverage", models.FloatField()),
                ("raters", models.IntegerField()),
                ("form", models.CharField(default="full", max_length=5)),
                ("fingerprint", models.CharField(max_length=32)),
                ("tally", models.BinaryField()),
                ("computed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "matrix_standing",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ScoringModel",
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
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="models",
                        to="assessments.instrument",
                    ),
                ),
            ],
            options={
                "ordering": ["code", "version"],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("finished", "finished"),
                            ("partial", "partial"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
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
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="connected.firm",
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
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matrix.scoringmodel",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rd", models.FloatField(null=True)),
                ("co", models.FloatField(null=True)),
                ("cb", models.FloatField(null=True)),
                ("ae", models.FloatField(null=True)),
                ("present", models.SmallIntegerField(default=0)),
                ("gates", models.SmallIntegerField(default=15)),
                ("baseline", models.BooleanField(default=False)),
                ("agree_rd", models.FloatField(null=True)),
                ("agree_co", models.FloatField(null=True)),
                ("agree_cb", models.FloatField(null=True)),
                ("agree_ae", models.FloatField(null=True)),
                ("scheduled_repeat", models.BooleanField(default=False)),
                ("primary_relationship", models.CharField(max_length=2, null=True)),
                ("pr", models.FloatField(null=True)),
                ("rt", models.FloatField(null=True)),
                ("mm", models.FloatField(null=True)),
                ("cw", models.FloatField(null=True)),
                ("pp", models.FloatField(null=True)),
                ("primary_architecture", models.CharField(max_length=2, null=True)),
                ("mixed", models.BooleanField(default=False)),
                ("split", models.BooleanField(default=False)),
                ("identify", models.FloatField(null=True)),
                ("differentiate", models.FloatField(null=True)),
                ("interact", models.FloatField(null=True)),
                ("customize", models.FloatField(null=True)),
                ("interact_capped", models.BooleanField(default=False)),
                ("quadrant", models.SmallIntegerField(null=True)),
                ("borderline", models.BooleanField(null=True)),
                ("want_rd", models.FloatField(null=True)),
                ("want_co", models.FloatField(null=True)),
                ("want_cb", models.FloatField(null=True)),
                ("want_ae", models.FloatField(null=True)),
                ("intrusive", models.SmallIntegerField(default=0)),
                ("confidence_cell", models.FloatField(null=True)),
                ("confidence_quadrant", models.FloatField(null=True)),
                ("agreement", models.FloatField(null=True)),
                ("coverage", models.FloatField()),
                ("raters", models.IntegerField()),
                ("form", models.CharField(default="full", max_length=5)),
                ("fingerprint", models.CharField(max_length=32)),
                ("tally", models.BinaryField()),
                ("computed_at", models.DateTimeField()),
                (
                    "segment",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                (
                    "run",
                    connected.walls.TenantKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="matrix.run",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matrix.scoringmodel",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stale",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("marked_at", models.DateTimeField(auto_now_add=True)),
                (
                    "segment",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
        ),
        migrations.CreateModel(
            name="Overlay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moved_at", models.DateTimeField()),
                (
                    "segment",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                (
                    "placement",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="matrix.placement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "segment"), name="overlay_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Generation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moved_at", models.DateTimeField()),
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
                    "run",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="matrix.run",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace",), name="generation_once")],
            },
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.IntegerField()),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("size", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("done", "done"), ("failed", "failed")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("placed", models.IntegerField(default=0)),
                ("reason", models.TextField(blank=True)),
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
                    "run",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="matrix.run",
                    ),
                ),
            ],
            options={
                "ordering": ["index"],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "run", "index"), name="chunk_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "done", "failed"])),
                        name="chunk_state_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="scoringmodel",
            constraint=models.UniqueConstraint(fields=("code", "version"), name="model_version_once"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="run_tenant"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["queued", "running", "finished", "partial", "failed", "cancelled"])
                ),
                name="run_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="run_total_range"),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["workspace", "segment", "-id"], name="placement_history"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="placement_tenant"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("run__isnull", False)),
                fields=("workspace", "run", "segment"),
                name="placement_once_a_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("rd__gte", 0), ("rd__lte", 1)), name="placement_rd_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("co__gte", 0), ("co__lte", 1)), name="placement_co_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("cb__gte", 0), ("cb__lte", 1)), name="placement_cb_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("ae__gte", 0), ("ae__lte", 1)), name="placement_ae_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("pr__gte", 0), ("pr__lte", 1)), name="placement_pr_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("rt__gte", 0), ("rt__lte", 1)), name="placement_rt_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("mm__gte", 0), ("mm__lte", 1)), name="placement_mm_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("cw__gte", 0), ("cw__lte", 1)), name="placement_cw_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("pp__gte", 0), ("pp__lte", 1)), name="placement_pp_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("want_rd__gte", 0), ("want_rd__lte", 1)), name="placement_want_rd_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("want_co__gte", 0), ("want_co__lte", 1)), name="placement_want_co_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("want_cb__gte", 0), ("want_cb__lte", 1)), name="placement_want_cb_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("want_ae__gte", 0), ("want_ae__lte", 1)), name="placement_want_ae_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("agree_rd__gte", 0), ("agree_rd__lte", 1)),
                name="placement_agree_rd_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("agree_co__gte", 0), ("agree_co__lte", 1)),
                name="placement_agree_co_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("agree_cb__gte", 0), ("agree_cb__lte", 1)),
                name="placement_agree_cb_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("agree_ae__gte", 0), ("agree_ae__lte", 1)),
                name="placement_agree_ae_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("identify__gte", 0), ("identify__lte", 4)),
                name="placement_identify_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("differentiate__gte", 0), ("differentiate__lte", 4)),
                name="placement_differentiate_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("interact__gte", 0), ("interact__lte", 4)),
                name="placement_interact_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("customize__gte", 0), ("customize__lte", 4)),
                name="placement_customize_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidence_cell__gte", 0), ("confidence_cell__lte", 1)),
                name="placement_confidence_cell_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidence_quadrant__gte", 0), ("confidence_quadrant__lte", 1)),
                name="placement_confidence_quadrant_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreement__gte", 0), ("agreement__lte", 1)),
                name="placement_agreement_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("coverage__gte", 0), ("coverage__lte", 1)),
                name="placement_coverage_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("quadrant__range", (1, 4))), name="placement_quadrant_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("present__range", (0, 15))), name="placement_present_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("raters__gte", 1)), name="placement_has_raters"
            ),
        ),
        migrations.AddConstraint(
            model_name="stale",
            constraint=models.UniqueConstraint(fields=("workspace", "segment"), name="stale_once"),
        ),
    ]
