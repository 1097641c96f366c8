"""Files taken over, all or nothing, with every bad row named.

Each verb takes a :class:`~assessments.tables.Table`, raises :class:`~assessments.tables.TableError` with
every problem it found, and can be tried with ``dry_run``: it then counts, and writes nothing. Large files
of answers are taken over by a worker: :func:`start_import`.
"""

from assessments.services.imports.answers import Imported, import_answers
from assessments.services.imports.claims import drop_old_imports, lost_imports
from assessments.services.imports.firms import TableImported, import_table
from assessments.services.imports.jobs import (
    ShortFile,
    cancel_import,
    confirm_import,
    start_import,
    work_off,
)
from assessments.services.imports.news import New, news

__all__ = [
    "Imported",
    "New",
    "ShortFile",
    "TableImported",
    "cancel_import",
    "confirm_import",
    "drop_old_imports",
    "import_answers",
    "import_table",
    "lost_imports",
    "news",
    "start_import",
    "work_off",
]
