"""CSV: comma, semicolon or tab; UTF-8, or UTF-16 with its mark. Values stay the text they are."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Final

from assessments.tables.shape import (
    MAX_CELL,
    MAX_ROWS,
    UNFIT,
    Problem,
    Table,
    TableError,
    cell_problems,
    header_of,
)

LEGACY: Final = "cp1252"
_BLOCK: Final = 1000
# What makes a spreadsheet take a text for a formula, behind any number of the apostrophes that prevent it.
_DANGEROUS: Final = re.compile(r"'*[=+\-@\t\r]")


def read_csv(data: bytes, *, legacy: bool = False) -> Table:
    """Read CSV bytes. With ``legacy`` a file that is not Unicode is read as Windows-1252.

    A row that has another number of cells than the header is a problem of the table. Raises TableError.
    """
    text, encoding = decode(data, legacy=legacy)
    records = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    columns: tuple[str, ...] = ()
    number = 0
    unfit = UNFIT.search(text) is not None
    try:
        for number, record in enumerate(records, 1):
            if number == 1:
                columns = header_of(record)
            elif any(record):
                if found := _check(number, columns, record, unfit=unfit):
                    problems += found
                    continue
                rows.append(record)
                numbers.append(number)
            if len(rows) > MAX_ROWS:
                raise TableError([Problem(number, "", f"there are more than {MAX_ROWS:,} rows")])
    except csv.Error as error:
        problems.append(Problem(number + 1, "", _in_words(error)))
    if not columns:
        if problems:
            raise TableError(problems)
        header_of(())
    return Table(columns, rows, numbers, encoding, tuple(problems))


def decode(data: bytes, *, legacy: bool) -> tuple[str, str]:
    """The text and the name of its encoding. Raises TableError saying what to do."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if marked else "utf-8-sig"
    try:
        return data.decode(encoding), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if legacy and not marked:
            return _decode_legacy(data), LEGACY
        row = data.count(b"\n", 0, error.start) + 1
        raise TableError(
            [Problem(row, "", "this is not UTF-8 text; save the file as “CSV UTF-8” and try again")]
        ) from error


def _decode_legacy(data: bytes) -> str:
    try:
        return data.decode(LEGACY)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        reason = "this is not text in a known encoding; save the file as “CSV UTF-8”"
        raise TableError([Problem(row, "", reason)]) from error


def _delimiter(text: str) -> str:
    """Whatever of comma, semicolon and tab the header line holds most of, outside quotes."""
    header = re.sub(r'"[^"]*"', "", text[:10_000].lstrip("\r\n").split("\n", 1)[0])
    return max(",;\t", key=header.count)


def _check(number: int, columns: Sequence[str], record: list[str], *, unfit: bool) -> list[Problem]:
    """Problems of one record; empty cells beyond the header are cut off in place."""
    width = len(columns)
    if len(record) > width and not any(record[width:]):
        del record[width:]
    if len(record) != width:
        return [Problem(number, "", f"this row has {len(record)} cells where the header has {width}")]
    if unfit or max(map(len, record)) > MAX_CELL:
        return cell_problems(number, columns, record)
    return []


def _in_words(error: csv.Error) -> str:
    said = str(error)
    if "field limit" in said:
        return f"a cell is longer than {MAX_CELL:,} characters"
    if "unexpected end" in said:
        return "a quotation mark opens here and is never closed"
    return "a quotation mark stands where none may; double it inside a quoted cell"


def guard(text: str) -> str:
    """Text a spreadsheet will not run: an apostrophe before = + - @, tab and return. ``plain`` undoes it."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """CSV text in blocks. None is empty, True and False are yes and no, text is guarded, numbers are not."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    for count, row in enumerate(rows, 1):
        writer.writerow([written(cell) for cell in row])
        if count % _BLOCK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def written(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return guard(cell) if isinstance(cell, str) else str(cell)
