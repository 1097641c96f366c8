"""``manage.py export_deliverable``: the deck, workbook or report of a firm. Not made yet, and says so."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connected.models import Firm
from connected.permissions import operator
from connected.tenancy import in_workspace

FORMATS = ("pptx", "xlsx", "pdf")


class Command(BaseCommand):
    help = (
        "Write the deliverable of a firm's newest committed workshop. Not available yet: says so and exits 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--firm", required=True, help="name of the firm")
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--output", required=True, help="file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = operator(options["workspace"])
        except LookupError as error:
            raise CommandError(str(error)) from error
        with in_workspace(actor.workspace_id):
            if not Firm.objects.filter(name=options["firm"]).exists():
                raise CommandError(f"No firm “{options['firm']}” in {options['workspace']}.")
        raise CommandError(
            f"Deliverables cannot be made yet, so {options['output']} was not written. Until then the firm’s "
            "page prints well, and placements, journeys and answers export as XLSX and CSV."
        )
