"""`manage.py import_answers FILE --workspace SLUG`: take over an answers file, all or nothing."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from assessments.services.imports import import_answers
from assessments.tables import Blocks, LargeCsv, TableError, open_table
from connected.permissions import operator
from connected.tenancy import in_workspace

# Seconds. On the server nobody waits for a page.
PATIENCE: Final = 900
_REASONS: Final = {
    FileNotFoundError: "there is no such file",
    IsADirectoryError: "it is a folder",
    PermissionError: "it may not be opened",
}


class Command(BaseCommand):
    help = "Import answers from CSV or XLSX; docs/imports.md describes the columns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, metavar="SLUG")

    def handle(self, *, file: Path, workspace: str, **options: Any) -> None:
        try:
            actor = operator(workspace)
            table = open_table(lambda: file.open("rb"), file.stat().st_size)
            with in_workspace(actor.workspace_id):
                done = import_answers(by=actor, table=table, patience=PATIENCE, told=self.told(table))
        except LookupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{file} cannot be read: {_REASONS.get(type(error), error.strerror)}."
            ) from error
        except TableError as refused:
            for problem in refused.problems:
                self.stderr.write(str(problem))
            raise CommandError(
                f"Nothing was imported: {_many(len(refused.problems), 'problem')}."
            ) from refused
        self.stdout.write(
            f"{_many(done.answers, 'answer')} in {_many(done.sheets, 'sheet')}, "
            f"{done.unchanged:,} unchanged; "
            f"created {_many(done.firms_created, 'firm')}, {_many(done.segments_created, 'segment')}, "
            f"{_many(done.workshops_created, 'workshop')}, {_many(done.participants_created, 'participant')}."
        )

    def told(self, table: Blocks) -> Callable[[float], None]:
        """Says how far a large file has come, at every tenth; of others nothing, they are quick."""
        said = [0]

        def tell(share: float) -> None:
            if isinstance(table, LargeCsv) and (tenth := int(share * 10)) > said[0]:
                said[0] = tenth
                self.stdout.write(f"{tenth * 10} % done")
                self.stdout.flush()

        return tell


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number:,} {thing}s"
