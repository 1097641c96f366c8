"""XLSX: the first sheet of a workbook, read as text after its archive has been measured."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from typing import IO, Any, Final

import xlsxwriter

from assessments.tables.delimited import guard
from assessments.tables.ooxml import Row, read_rows
from assessments.tables.shape import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    MEGABYTE,
    UNFIT,
    Problem,
    Table,
    TableError,
    cell_problems,
    header_of,
)

MAX_MEMBERS: Final = 500
MAX_UNPACKED: Final = 200 * MEGABYTE
MAX_RATIO: Final = 200
# Reading takes its time by tags, not by bytes; 200,000 rows of six cells have 5 to 8 million.
MAX_TAGS: Final = 8_000_000
# A spreadsheet's last row.
SHEET_ROWS: Final = 1_048_576
_CHUNK: Final = MEGABYTE
_FAULTS: Final = {
    "formula": "this is a formula; paste its value instead",
    "error": "this is an error of the spreadsheet, not a value",
}
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError)


def read_xlsx(data: bytes) -> Table:
    """Read the first sheet. Formulas and error values are problems of the table: written values are taken.

    Raises TableError; an archive that is too large once unpacked is refused before it is parsed.
    """
    _measure(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _table(read_rows(archive))
    except TableError:
        raise
    except Exception as error:
        # Whatever a broken file makes the reader stumble over: it is the file that is at fault.
        raise _unreadable("this spreadsheet cannot be read; open it and save it again as .xlsx") from error


def _unreadable(reason: str) -> TableError:
    return TableError([Problem(1, "", reason)])


def _measure(data: bytes) -> None:
    """Refuse archives that would unpack beyond all measure, by what they claim and by what they hold."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(data):
                raise _unreadable("this spreadsheet unpacks to far too much; save it as CSV")
            tags = sum(_tags(archive, member) for member in members)
    except _BROKEN as error:
        raise _unreadable("this is not a spreadsheet in the .xlsx format, or it is protected") from error
    if tags > MAX_TAGS:
        raise _unreadable("this spreadsheet has more than about 200,000 rows; save it as CSV")


def _tags(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    if not member.filename.endswith((".xml", ".rels")):
        return 0
    with archive.open(member) as file:
        return sum(chunk.count(b"<") for chunk in iter(lambda: file.read(_CHUNK), b""))


def _table(found: Iterable[Row]) -> Table:
    columns: tuple[str, ...] = ()
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for row in found:
        if row.number == 1:
            columns = header_of(
                [row.cells.get(at, "") for at in range(min(max(row.cells) + 1, MAX_COLUMNS + 1))]
            )
            continue
        if not columns:
            break
        if row.number > SHEET_ROWS or len(rows) >= MAX_ROWS:
            raise TableError([Problem(row.number, "", f"there are more than {MAX_ROWS:,} rows")])
        cells = [row.cells.get(at, "") for at in range(len(columns))]
        if found_wrong := list(_problems(row, columns, cells)):
            problems += found_wrong
        elif any(cells):
            rows.append(cells)
            numbers.append(row.number)
    return Table(columns or header_of(()), rows, numbers, problems=tuple(problems))


def _problems(row: Row, columns: Sequence[str], cells: Sequence[str]) -> Iterator[Problem]:
    for at, fault in row.faults.items():
        if at < len(columns):
            yield Problem(row.number, columns[at], _FAULTS[fault], cells[at][:40])
    if row.cells.get(len(columns)):
        yield Problem(row.number, "", "this row goes on after the last column of the header")
    if UNFIT.search("".join(cells)) or max(map(len, cells)) > MAX_CELL:
        yield from cell_problems(row.number, columns, cells)


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[object]], file: IO[bytes]) -> None:
    """Write one sheet. Text never becomes a formula or a link; numbers stay numbers.

    Raises TableError when there are more rows than a sheet has.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(file, options)
    try:
        sheet = workbook.add_worksheet("Connected")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, 18)
        sheet.write_row(0, 0, header, workbook.add_format({"bold": True, "bottom": 1}))
        for number, row in enumerate(rows, 1):
            if number >= SHEET_ROWS:
                raise TableError([Problem(SHEET_ROWS, "", "a spreadsheet has no more rows; take the CSV")])
            for place, cell in enumerate(row):
                _write(sheet, number, place, cell)
    finally:
        workbook.close()


def _write(sheet: Any, row: int, column: int, cell: object) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_string(row, column, "yes" if cell else "no")
    elif isinstance(cell, int | Decimal) and len(str(cell)) <= 15:
        sheet.write_number(row, column, cell)
    else:
        # Text does not run here: only an apostrophe that reading would take off gets another one.
        text = str(cell)
        sheet.write_string(row, column, guard(text) if text.startswith("'") else text)
