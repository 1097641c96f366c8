"""Moves by their time, for who asks what came in force since an hour, or where things stood then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matrix", "0004_cube")]

    operations = [
        migrations.AddIndex("move", models.Index(fields=["workspace", "moved_at"], name="move_times")),
    ]
