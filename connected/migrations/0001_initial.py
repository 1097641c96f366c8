import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import connected.walls


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Firm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("industry", models.CharField(blank=True, max_length=120)),
                ("need", models.TextField(blank=True, max_length=1000, verbose_name="human need it serves")),
                ("refuses", models.TextField(blank=True, max_length=1000, verbose_name="what it refuses")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_is_lower",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("consultant", "Consultant"), ("manager", "Manager")],
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
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
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="customer group")),
                ("offering", models.CharField(blank=True, max_length=160)),
                ("situation", models.CharField(blank=True, max_length=120)),
                (
                    "customers",
                    models.BigIntegerField(
                        blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)]
                    ),
                ),
                (
                    "revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="revenue a year",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "consent",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unsure", "Unsure")],
                        default="unsure",
                        max_length=6,
                    ),
                ),
                (
                    "source",
                    models.TextField(blank=True, max_length=1000, verbose_name="where the figures come from"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "firm",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="segments",
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
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="FirmGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "firm",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="connected.firm",
                    ),
                ),
                (
                    "membership",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="connected.membership",
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
        migrations.AddField(
            model_name="firm",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="connected.workspace",
            ),
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=16, unique=True)),
                ("digest", models.CharField(max_length=64)),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "Read"), ("write", "Read and write")], default="read", max_length=5
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "membership",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="connected.membership",
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
            name="Touchpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.IntegerField(default=0)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("recognize", "Recognize"),
                            ("request", "Request"),
                            ("respond", "Respond"),
                            ("repeat", "Repeat"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("awareness", "Awareness"),
                            ("sell", "Sell and nurture"),
                            ("use", "In use"),
                            ("extend", "Extend or resell"),
                        ],
                        default="use",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("description", models.CharField(blank=True, max_length=400)),
                (
                    "initiator",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("customer", "Customer"),
                            ("firm", "Firm"),
                            ("system", "System"),
                            ("peer", "Peer"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("customer_act", "Customer’s act"),
                            ("calendar", "Calendar"),
                            ("campaign", "Campaign"),
                            ("sensed", "Sensed state"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "decides",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("customer", "Customer"),
                            ("shortlist", "Customer, from a shortlist"),
                            ("consent", "Firm, under consent"),
                        ],
                        max_length=10,
                        verbose_name="who decides",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("one_way", "One-way"), ("two_way", "Two-way")],
                        max_length=8,
                    ),
                ),
                (
                    "identified",
                    models.BooleanField(blank=True, null=True, verbose_name="customer identified"),
                ),
                (
                    "carries_context",
                    models.BooleanField(blank=True, null=True, verbose_name="carries earlier context"),
                ),
                (
                    "content",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("same", "Same for all"),
                            ("segment", "By segment"),
                            ("individual", "Individual"),
                        ],
                        max_length=10,
                        verbose_name="content level",
                    ),
                ),
                (
                    "supplier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("own", "Own"),
                            ("partner", "Partner firm"),
                            ("individual", "Individual"),
                            ("member", "Member"),
                        ],
                        max_length=10,
                    ),
                ),
                ("data_captured", models.CharField(blank=True, max_length=200)),
                ("consent_basis", models.CharField(blank=True, max_length=200)),
                (
                    "latency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("instant", "At once"),
                            ("minutes", "Minutes"),
                            ("hours", "Hours"),
                            ("days", "Days"),
                            ("weeks", "Weeks"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[("personal", "Personal"), ("physical", "Physical"), ("digital", "Digital")],
                        default="digital",
                        max_length=8,
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("product", "Product"),
                            ("transaction", "Transaction"),
                            ("interaction", "Interaction"),
                        ],
                        max_length=12,
                        verbose_name="experience part",
                    ),
                ),
                ("signature", models.BooleanField(default=False, verbose_name="signature experience")),
                (
                    "importance",
                    models.SmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(4),
                        ],
                    ),
                ),
                (
                    "pain",
                    models.SmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(4),
                        ],
                    ),
                ),
                ("cost", models.CharField(blank=True, max_length=80)),
                ("owner", models.CharField(blank=True, max_length=80)),
                ("metric", models.CharField(blank=True, max_length=120, verbose_name="key metric")),
                ("metric_value", models.CharField(blank=True, max_length=80)),
                ("date", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "segment",
                    connected.walls.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="touchpoints",
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
            options={
                "ordering": ["position", "id"],
                "indexes": [
                    models.Index(fields=["workspace", "segment", "position"], name="touchpoint_in_journey")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "id"), name="touchpoint_tenant"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="touchpoint_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("importance__range", (0, 4))), name="touchpoint_importance_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pain__range", (0, 4))), name="touchpoint_pain_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("step__in", ["recognize", "request", "respond", "repeat"])),
                        name="touchpoint_step_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["awareness", "sell", "use", "extend"])),
                        name="touchpoint_phase_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("initiator__in", ["", "customer", "firm", "system", "peer"])),
                        name="touchpoint_initiator_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("trigger__in", ["", "customer_act", "calendar", "campaign", "sensed"])
                        ),
                        name="touchpoint_trigger_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decides__in", ["", "customer", "shortlist", "consent"])),
                        name="touchpoint_decides_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["", "one_way", "two_way"])),
                        name="touchpoint_direction_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content__in", ["", "same", "segment", "individual"])),
                        name="touchpoint_content_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("supplier__in", ["", "own", "partner", "individual", "member"])),
                        name="touchpoint_supplier_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("latency__in", ["", "instant", "minutes", "hours", "days", "weeks"])
                        ),
                        name="touchpoint_latency_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("medium__in", ["personal", "physical", "digital"])),
                        name="touchpoint_medium_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("part__in", ["", "product", "transaction", "interaction"])),
                        name="touchpoint_part_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="segment_tenant"),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                fields=("workspace", "firm", "offering", "name", "situation"),
                name="segment_once",
                violation_error_message="This firm already has that group for this offering and situation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="segment_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("customers__gte", 0)), name="segment_customers_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("revenue__gte", 0), ("revenue__lt", 10000000000000000)),
                name="segment_revenue_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent__in", ["yes", "no", "unsure"])), name="segment_consent_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revenue__isnull", True), models.Q(("currency", ""), _negated=True), _connector="OR"
                ),
                name="segment_revenue_has_currency",
                violation_error_message="Revenue needs a currency, such as EUR.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="membership_tenant"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("workspace", "user"), name="membership_once"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "consultant", "manager"])),
                name="membership_role_known",
            ),
        ),
        migrations.AddIndex(
            model_name="firmgrant",
            index=models.Index(fields=["workspace", "firm"], name="grant_by_firm"),
        ),
        migrations.AddConstraint(
            model_name="firmgrant",
            constraint=models.UniqueConstraint(fields=("workspace", "membership", "firm"), name="grant_once"),
        ),
        migrations.AddConstraint(
            model_name="firm",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="firm_tenant"),
        ),
        migrations.AddConstraint(
            model_name="firm",
            constraint=models.UniqueConstraint(
                fields=("workspace", "name"),
                name="firm_name_once",
                violation_error_message="This workspace already has a firm of that name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="firm",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="firm_has_name"
            ),
        ),
        migrations.AddIndex(
            model_name="apitoken",
            index=models.Index(fields=["workspace", "membership"], name="token_by_member"),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="token_tenant"),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["read", "write"])), name="token_scope_known"
            ),
        ),
    ]
