"""`manage.py import_answers FILE --workspace SLUG`: take over an answers file, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.services.imports import import_answers
from assessments.tables import MEGABYTE, TableError, read_table
from connected.permissions import operator
from connected.tenancy import in_workspace

# On the server nobody waits for a page.
LIMIT = 500 * MEGABYTE


class Command(BaseCommand):
    help = "Import answers from CSV or XLSX; docs/imports.md describes the columns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, metavar="SLUG")

    def handle(self, *, file: Path, workspace: str, **options: Any) -> None:
        try:
            actor = operator(workspace)
            table = read_table(file.read_bytes(), limit=LIMIT)
            with in_workspace(actor.workspace_id):
                done = import_answers(by=actor, table=table)
        except (LookupError, OSError) as error:
            raise CommandError(str(error)) from error
        except TableError as refused:
            for problem in refused.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"Nothing was imported: {len(refused.problems)} problems.") from refused
        self.stdout.write(
            f"{done.answers} answers in {done.sheets} sheets, {done.unchanged} unchanged; created "
            f"{done.firms_created} firms, {done.segments_created} segments, "
            f"{done.workshops_created} workshops, {done.participants_created} participants."
        )
