"""Tables in and out: CSV and XLSX bytes to rows of text with positions, and rows to files.

Pure: no database, no clock. :func:`read_table` refuses with :class:`TableError`, which names every bad
place by the row number a spreadsheet shows; values are read by those who know what they mean.
"""

from assessments.tables.delimited import LEGACY, read_csv, write_csv
from assessments.tables.shape import MAX_BYTES, MAX_ROWS, MEGABYTE, Problem, Table, TableError
from assessments.tables.workbook import read_xlsx, write_xlsx

__all__ = [
    "LEGACY",
    "MAX_BYTES",
    "MAX_ROWS",
    "MEGABYTE",
    "Problem",
    "Table",
    "TableError",
    "read_table",
    "write_csv",
    "write_xlsx",
]


def read_table(data: bytes, *, legacy: bool = False, limit: int = MAX_BYTES) -> Table:
    """Read a CSV or XLSX file by what it is, not by its name.

    ``legacy`` allows Windows-1252 where CSV is not Unicode; use it only where a person sees the result
    before anything is written. Raises TableError.
    """
    if len(data) > limit:
        raise TableError([Problem(1, "", f"this file is larger than {limit // MEGABYTE} MB; split it")])
    if not data.strip():
        raise TableError([Problem(1, "", "this file is empty")])
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError([Problem(1, "", "this is the old .xls format, or protected; save it as .xlsx")])
    return read_xlsx(data) if data.startswith(b"PK\x03\x04") else read_csv(data, legacy=legacy)
