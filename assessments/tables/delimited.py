"""CSV: comma, semicolon or tab; UTF-8, or UTF-16 with its mark. Values stay the text they are."""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO, TextIOWrapper
from itertools import chain
from typing import BinaryIO, Final, TextIO

from assessments.tables.shape import (
    MAX_CELL,
    MAX_ROWS,
    Problem,
    Table,
    TableError,
    cell_problems,
    header_of,
)

LEGACY: Final = "cp1252"
_MARKED: Final = "utf-16"
# Rows of a large file held at a time.
BLOCK_ROWS: Final = 20_000
_BLOCK: Final = 1000
# What makes a spreadsheet take a text for a formula, behind any number of the apostrophes that prevent it.
_DANGEROUS: Final = re.compile(r"'*[=+\-@\t\r]")


def read_csv(data: bytes, *, legacy: bool = False) -> Table:
    """Read CSV bytes. With ``legacy`` a file that is not Unicode is read as Windows-1252.

    A row that has another number of cells than the header is a problem of the table. Raises TableError.
    """
    text, encoding = decode(data, legacy=legacy)
    return next(_tables(StringIO(text, newline=""), _delimiter(text), encoding, MAX_ROWS + 1))


@dataclass(frozen=True)
class LargeCsv:
    """A CSV file read a block at a time, as often as wanted, and never whole in memory.

    ``opened`` opens it anew at its beginning; ``size`` is its length in bytes. Unicode only.
    """

    opened: Callable[[], BinaryIO]
    size: int

    def blocks(self) -> Iterator[Table]:
        """Tables of up to 20,000 rows under the same header, at least one. Raises TableError."""
        with self.opened() as raw:
            beginning = raw.read(4)
        encoding = _unicode(beginning)
        with self.opened() as raw, TextIOWrapper(raw, encoding, newline="") as text:
            try:
                yield from self._blocks(raw, text, encoding)
            except UnicodeDecodeError:
                raise _not_unicode(self._undecodable(encoding)) from None

    def _blocks(self, raw: BinaryIO, text: TextIO, encoding: str) -> Iterator[Table]:
        lines = iter(text)
        header = next(lines, "")
        tables = _tables(
            chain([header], lines), _delimiter(header), encoding.removesuffix("-sig"), BLOCK_ROWS
        )
        for table in tables:
            yield replace(table, share=min(1.0, raw.tell() / max(1, self.size)))

    def _undecodable(self, encoding: str) -> int:
        """The row of the first bytes that are no text."""
        with self.opened() as raw:
            for number, line in enumerate(raw, 1):
                try:
                    line.decode(encoding)
                except UnicodeDecodeError:
                    return number
        return 1


def _tables(lines: Iterable[str], delimiter: str, encoding: str, most: int) -> Iterator[Table]:
    """The rows as tables of up to ``most`` rows, at least one."""
    watched = _Watched(lines)
    records = csv.reader(watched, delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    block = _Block()
    number = read = 0
    try:
        for number, record in enumerate(records, 1):
            if number == 1:
                columns = header_of(record)
            elif any(record):
                read += block.take(number, columns, record, unfit=watched.unfit)
            if read > MAX_ROWS:
                raise TableError([Problem(number, "", f"there are more than {MAX_ROWS:,} rows")])
            if len(block.rows) + len(block.problems) >= most:
                yield block.table(columns, encoding)
                block = _Block()
    except csv.Error as error:
        block.problems.append(Problem(number + 1, "", _in_words(error)))
    if not columns:
        if block.problems:
            raise TableError(block.problems)
        header_of(())
    if block.rows or block.problems or read == 0:
        yield block.table(columns, encoding)


class _Watched:
    """Lines on their way; ``unfit`` once one of them held a character that cannot be kept."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines, self.unfit = iter(lines), False

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            if "\0" in line:
                self.unfit = True
            yield line


@dataclass
class _Block:
    """Rows of one table in the making."""

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, number: int, columns: Sequence[str], record: list[str], *, unfit: bool) -> int:
        """How many rows were added: one, or none when it cannot be read."""
        if found := _check(number, columns, record, unfit=unfit):
            self.problems += found
            return 0
        self.rows.append(record)
        self.numbers.append(number)
        return 1

    def table(self, columns: tuple[str, ...], encoding: str) -> Table:
        return Table(columns, self.rows, self.numbers, encoding, tuple(self.problems))


def decode(data: bytes, *, legacy: bool) -> tuple[str, str]:
    """The text and the name of its encoding. Raises TableError saying what to do."""
    encoding = _unicode(data)
    try:
        return data.decode(encoding), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if legacy and encoding != _MARKED:
            return _decode_legacy(data), LEGACY
        raise _not_unicode(data.count(b"\n", 0, error.start) + 1) from error


def _unicode(beginning: bytes) -> str:
    marked = beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return _MARKED if marked else "utf-8-sig"


def _not_unicode(row: int) -> TableError:
    reason = "this is not UTF-8 text; save the file as “CSV UTF-8” and try again"
    return TableError([Problem(row, "", reason)])


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
