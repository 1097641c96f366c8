"""Files taken over, all or nothing, with every bad row named.

Each verb takes a :class:`~assessments.tables.Table`, raises :class:`~assessments.tables.TableError` with
every problem it found, and can be tried with ``dry_run``: it then counts, and writes nothing.
"""

from assessments.services.imports.answers import Imported, import_answers
from assessments.services.imports.firms import TableImported, import_table
from assessments.services.imports.news import New, news

__all__ = ["Imported", "New", "TableImported", "import_answers", "import_table", "news"]
