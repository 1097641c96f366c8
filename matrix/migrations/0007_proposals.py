"""A run may be a proposal: what it would change, and what was decided."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DECISIONS = ["none", "candidate", "approved", "discarded"]


class Migration(migrations.Migration):
    dependencies = [
        ("matrix", "0006_set_aside"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("run", "changes", models.JSONField(null=True)),
        migrations.AddField("run", "decided_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "run",
            "decided_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "run",
            "decision",
            models.CharField(choices=[(s, s) for s in DECISIONS], default="none", max_length=10),
        ),
        migrations.AddConstraint(
            "run",
            models.CheckConstraint(
                condition=models.Q(("decision__in", DECISIONS)), name="run_decision_known"
            ),
        ),
    ]
