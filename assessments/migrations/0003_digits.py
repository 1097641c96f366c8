"""A sheet's answers as one text of digits, kept by the database beside the array: what a batch reads."""

import django.db.models.functions
from django.db import migrations, models

import assessments.models

DIGITS = """
CREATE FUNCTION assessments_digits(smallint[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN array_to_string($1, '', '-');
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_walls")]

    operations = [
        migrations.RunSQL(DIGITS, "DROP FUNCTION assessments_digits(smallint[])"),
        migrations.AddField(
            "sheet",
            "digits",
            models.GeneratedField(
                db_persist=True,
                expression=assessments.models.Digits("answers"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddConstraint(
            "sheet",
            models.CheckConstraint(
                condition=models.Q(("answers__len", django.db.models.functions.Length("digits"))),
                name="sheet_answers_are_digits",
            ),
        ),
    ]
