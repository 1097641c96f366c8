"""``python manage.py load_instruments``: questionnaire files into immutable versions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.crosswalk import CrosswalkError
from assessments.instrument import InstrumentError
from assessments.services import ChangedVersion, load_crosswalks, load_instruments


class Command(BaseCommand):
    help = "Load the questionnaires of assessments/data/instruments. Versions loaded before stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        # As the owner: the role that serves pages may only read versions.
        try:
            versions = load_instruments(using="owner")
            load_crosswalks(using="owner")
        except (InstrumentError, CrosswalkError, ChangedVersion) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write("Questionnaires: " + ", ".join(str(version) for version in versions))
