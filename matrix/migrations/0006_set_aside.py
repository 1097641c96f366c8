"""A mark whose segment could not be scored says so: how often it was tried, why it failed, when it is next."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matrix", "0005_move_times")]

    operations = [
        migrations.AddField("stale", "attempts", models.SmallIntegerField(db_default=0)),
        migrations.AddField("stale", "reason", models.TextField(blank=True, db_default="")),
        migrations.AddField("stale", "retry_at", models.DateTimeField(blank=True, null=True)),
    ]
