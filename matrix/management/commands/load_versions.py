"""``manage.py load_versions``: questionnaires and scoring models from their data files."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from matrix.scoring import ModelError
from matrix.services import ChangedModel, load_models


class Command(BaseCommand):
    help = (
        "Load questionnaire and scoring-model files into immutable versions. Loading again changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("load_instruments", verbosity=options["verbosity"])
        try:
            # As the owner: the role that serves pages may only read versions.
            models = load_models(using="owner")
        except (ModelError, ChangedModel) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write("Scoring models: " + ", ".join(str(model) for model in models))
