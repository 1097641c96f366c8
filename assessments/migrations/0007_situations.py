"""What a segment wants in other situations than the routine one: beside the answers, by code, may be left out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0006_crosswalks")]

    operations = [
        migrations.AddField(
            "sheet",
            "wants",
            models.JSONField(
                blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict
            ),
        ),
    ]
