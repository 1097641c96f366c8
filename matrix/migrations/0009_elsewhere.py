"""A chunk counts the segments that answer another questionnaire than its run's model reads."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matrix", "0008_fit_in_sums")]

    operations = [migrations.AddField("chunk", "elsewhere", models.IntegerField(db_default=0))]
