"""Tables in and out: CSV and XLSX bytes to rows of text with positions, and rows to files.

Pure: no database, no clock. :func:`read_table` refuses with :class:`TableError`, which names every bad
place by the row number a spreadsheet shows; values are read by those who know what they mean.
"""

from collections.abc import Callable
from typing import BinaryIO

from assessments.tables.delimited import LEGACY, LargeCsv, read_csv, write_csv
from assessments.tables.shape import MAX_BYTES, MAX_ROWS, MEGABYTE, Blocks, Problem, Table, TableError
from assessments.tables.workbook import read_xlsx, write_xlsx

__all__ = [
    "LARGE",
    "LARGEST",
    "LEGACY",
    "MAX_BYTES",
    "MAX_ROWS",
    "MEGABYTE",
    "Blocks",
    "LargeCsv",
    "Problem",
    "Table",
    "TableError",
    "open_table",
    "read_csv",
    "read_table",
    "write_csv",
    "write_xlsx",
]


# A CSV file beyond this is read a block at a time.
LARGE = 5 * MEGABYTE
LARGEST = 500 * MEGABYTE


def open_table(opened: Callable[[], BinaryIO], size: int, *, limit: int = LARGEST) -> Blocks:
    """A file of any size: a large CSV a block at a time, everything else as :func:`read_table` does.

    ``opened`` opens it anew at its beginning, ``size`` is its length in bytes. Raises TableError.
    """
    with opened() as file:
        beginning = file.read(4)
        if size <= LARGE or size > limit or beginning.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return read_table(beginning + file.read(limit), limit=limit)
    return LargeCsv(opened, size)


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
