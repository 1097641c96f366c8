"""Reading CSV and XLSX, and refusing what is poisoned."""

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.tables import (
    LEGACY,
    LargeCsv,
    Table,
    TableError,
    read_csv,
    read_table,
    write_csv,
    write_xlsx,
)
from assessments.tables.delimited import BLOCK_ROWS

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def rows(data: bytes, **options: bool) -> list[list[str]]:
    return [list(row) for row in read_table(data, **options).rows]


def reason(data: bytes, **options: bool) -> str:
    try:
        return str(read_table(data, **options).problems[0])
    except TableError as refused:
        return str(refused.problems[0])


def workbook(*lines: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_sheet(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with the XML of its first sheet replaced by ``change(xml)``."""
    source, file = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                content = change(content)
            target.writestr(member.filename, content)
    return file.getvalue()


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_what_spreadsheets_save(delimiter: str, encoding: str) -> None:
    text = f"firm{delimiter}segment\r\nÅland{delimiter}Ça va\r\n"
    assert rows(text.encode(encoding)) == [["Åland", "Ça va"]]


def test_a_delimiter_in_a_quoted_name_does_not_count() -> None:
    assert read_table(b'"a;b;c",d\n1,2\n').columns == ("a;b;c", "d")


def test_values_stay_text() -> None:
    assert rows(b"a,b,c\nNA,007,1e5\n") == [["NA", "007", "1e5"]]


def test_quotes_commas_and_line_ends_inside_a_cell() -> None:
    assert rows(b'a,b\n"x, ""y""","1\r\n2"\n') == [['x, "y"', "1\r\n2"]]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    assert read_table(b'a,b\n"1\n2",x\n\n3,y\n').numbers == [2, 4]


def test_names_of_columns_are_compared_loosely() -> None:
    assert read_table(b"\xef\xbb\xbf Data_Captured ,B,,\n1,2,,\n").columns == ("data captured", "b")


@pytest.mark.parametrize(("line", "count"), [("1", 1), ("1,2,3", 3)])
def test_a_ragged_row_is_an_error(line: str, count: int) -> None:
    assert (
        reason(f"a,b\n1,2\n{line}\n".encode()) == f"row 3: this row has {count} cells where the header has 2"
    )


def test_every_ragged_row_is_named() -> None:
    table = read_table(b"a,b\n1\n1,2\n1,2,3\n")
    assert [problem.row for problem in table.problems] == [2, 4]
    assert table.numbers == [3]


def test_windows_text_is_refused_with_its_row() -> None:
    assert reason("a\nÅ\n".encode("cp1252")).startswith("row 2: this is not UTF-8 text")


def test_windows_text_is_read_where_someone_looks_first() -> None:
    table = read_table("a\nÅ\n".encode("cp1252"), legacy=True)
    assert (table.rows, table.encoding) == ([["Å"]], LEGACY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "row 1: this file is empty"),
        (b"\n\n", "row 1: this file is empty"),
        (b",,\n1,2,3\n", "row 1: the first row must name the columns"),
        (b"a,b\n\x81\x8d,2\n", "row 2: this is not text in a known encoding"),
        (b"\xff\xfea\x00\xd8", "row 1: this is not UTF-8 text"),
        (b'a,b\n"1,2\n3,4\n', "row 2: a quotation mark opens here and is never closed"),
        (b'a,b\n"1"x,2\n', "row 2: a quotation mark stands where none may"),
        (b"a,b\n1,\x00\n", "row 2, column b: this text holds a character that cannot be kept"),
        (b"a,b\n1," + b"x" * 1_000_000 + b"\n", "row 2: a cell is longer than 32,767 characters"),
        (b"a,b\n1," + b"x" * 40_000 + b"\n", "row 2, column b: this text is longer than 32,767 characters"),
        (",".join(map(str, range(101))).encode(), "row 1: there are more than 100 columns"),
        (b"\xd0\xcf\x11\xe0old", "row 1: this is the old .xls format"),
        (b"PK\x03\x04nonsense", "row 1: this is not a spreadsheet"),
        (b"x" * (20 * 1024 * 1024 + 1), "row 1: this file is larger than 20 MB"),
    ],
)
def test_poisoned_files_are_refused(data: bytes, said: str) -> None:
    assert reason(data, legacy=True).startswith(said)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with suppress(TableError):
        read_table(data, legacy=True)


# --- the header ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("a", "row 1, column b: this column is missing; the header needs a, b"),
        ("a,b,d", "row 1, column d: this column is not known; known are a, b, c"),
        ("a,b,a", "row 1, column a: this column is there twice"),
        ("a,,b", "row 1, column 2: this column has no name"),
    ],
)
def test_a_wrong_header_is_named(header: str, said: str) -> None:
    table = read_table(f"{header}\n{header}\n".encode())
    with pytest.raises(TableError, match=said):
        table.take(["a", "b"], ["c"])


def test_a_header_alone_is_no_table() -> None:
    with pytest.raises(TableError, match="there is no row under the header"):
        read_table(b"a,b\n").take(["a", "b"])


# --- XLSX ---------------------------------------------------------------------------------------


def test_reads_a_spreadsheet_as_text() -> None:
    data = workbook(
        ["Firm", "n", "x", "yes"], ["Acme", 3, 2.5, True], [None, None, None, None], ["B", 4.0, 1e15, None]
    )
    table = read_table(data)
    assert table.rows == [["Acme", "3", "2.5", "true"], ["B", "4", "1000000000000000", ""]]
    assert table.numbers == [2, 4]


def test_dates_read_as_one_would_type_them() -> None:
    assert rows(workbook(["a", "b"], [date(2026, 12, 31), datetime(2026, 1, 2, 3, 4)])) == [
        ["2026-12-31", "2026-01-02 03:04:00"]
    ]


@pytest.mark.parametrize("place", range(0, 5000, 250))
def test_damaged_spreadsheets_are_refused_or_read(place: int) -> None:
    data = bytearray(workbook(["a", "b"], *([n, f"text {n}"] for n in range(20))))
    data[place % len(data)] ^= 0xFF
    with suppress(TableError):
        read_table(bytes(data))
    with suppress(TableError):
        read_table(bytes(data[:place]))


def test_a_sheet_that_lies_about_its_size_is_read_whole() -> None:
    data = workbook(["a", "b"], *([n, n] for n in range(50)))
    lying = with_sheet(data, lambda xml: xml.replace(b'ref="A1:B51"', b'ref="A1:A1"'))
    assert lying != data
    assert len(rows(lying)) == 50


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("=1+1", "row 2, column b: this is a formula; paste its value instead"),
        ("#N/A", "row 2, column b: this is an error of the spreadsheet, not a value"),
    ],
)
def test_cells_that_are_no_value_are_named(cell: str, said: str) -> None:
    assert reason(workbook(["a", "b"], [1, cell])) == said


def test_a_row_beyond_the_header_is_named() -> None:
    assert (
        reason(workbook(["a", "b"], [1, 2, 3]))
        == "row 2: this row goes on after the last column of the header"
    )


def test_a_jump_to_a_row_far_away_is_refused_at_once() -> None:
    data = with_sheet(workbook(["a"], [1]), lambda xml: xml.replace(b'<row r="2">', b'<row r="99999999999">'))
    started = time.monotonic()
    assert "rows" in reason(data)
    assert time.monotonic() - started < 5


def bomb(megabytes: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        with archive.open("xl/sharedStrings.xml", "w") as member:
            for _ in range(megabytes):
                member.write(b"<a>" + b" " * (1024 * 1024 - 3))
    return file.getvalue()


def nested_entities() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    document = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><x>&a9;</x>'.encode()
    return with_sheet(workbook(["a"], [1]), lambda xml: document)


def many_members() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1000):
            archive.writestr(f"{number}.xml", "")
    return file.getvalue()


def many_tags() -> bytes:
    return with_sheet(workbook(["a"], [1]), lambda xml: xml.replace(b"</sheetData>", b"<row/>" * 8_100_000))


@pytest.mark.parametrize("make", [lambda: bomb(300), nested_entities, many_members, many_tags])
def test_bombs_are_refused_in_little_time_and_memory(make: Callable[[], bytes]) -> None:
    data = make()
    tracemalloc.start()
    started = time.monotonic()
    said = reason(data)
    spent, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said.startswith("row 1: this spreadsheet")
    assert spent < 5
    assert peak < 100 * 1024 * 1024


# --- writing ------------------------------------------------------------------------------------

TEXTS = [
    "=1+1",
    "+49",
    "-5",
    "@here",
    "'=quoted",
    "'plain",
    "''",
    "a,b",
    'say "x"',
    "two\nlines",
    "007",
    "_x000D_",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back_from_csv(text: str) -> None:
    data = "".join(write_csv(["a", "b"], [["x", text]])).encode()
    assert read_table(data).take(["a", "b"])["b"] == [text]


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back_from_xlsx(text: str) -> None:
    file = io.BytesIO()
    write_xlsx(["a", "b"], [["x", text]], file)
    assert read_table(file.getvalue()).take(["a", "b"])["b"] == [text]


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5", "@here", "\tx", "\rx"])
def test_no_text_reaches_a_spreadsheet_as_a_formula(text: str) -> None:
    assert "".join(write_csv(["a"], [[text]])).splitlines()[1].lstrip('"').startswith("'")


def test_numbers_are_not_guarded() -> None:
    assert "".join(write_csv(["a", "b", "c"], [[-5, Decimal("2.50"), True]])) == "a,b,c\r\n-5,2.50,yes\r\n"


def test_long_numbers_keep_every_digit_in_a_spreadsheet() -> None:
    file = io.BytesIO()
    write_xlsx(["a"], [[Decimal("1234567890123456.78")]], file)
    assert rows(file.getvalue()) == [["1234567890123456.78"]]


def blocks_of(data: bytes) -> LargeCsv:
    return LargeCsv(lambda: io.BytesIO(data), len(data))


def test_a_large_file_comes_in_blocks_with_the_rows_of_the_whole() -> None:
    data = ("a,b\n" + "".join(f"{number},x\n" for number in range(BLOCK_ROWS + 5))).encode()
    blocks = list(blocks_of(data).blocks())
    assert [len(block.rows) for block in blocks] == [BLOCK_ROWS, 5]
    assert [number for block in blocks for number in block.numbers] == list(read_table(data).numbers)
    assert [row for block in blocks for row in block.rows] == list(read_table(data).rows)
    assert 0 < blocks[0].share <= blocks[1].share == 1.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a;b\n1;2\n",
        b"a,b\n",
        b'a,b\n1,"2\n',
        b"a,b\n1\n2,3\n",
        b"a,b\nx,\0\n",
        b"a,b\n1,2\n\xff,3\n",
        "\ufeffa,b\nö,2\n".encode("utf-16"),
    ],
)
def test_in_blocks_or_whole_the_same_is_read_and_the_same_refused(data: bytes) -> None:
    def told(read: Callable[[], list[Table]]) -> object:
        try:
            found = read()
        except TableError as refused:
            return refused.problems
        return [(table.columns, table.rows, table.numbers, table.encoding, table.problems) for table in found]

    assert told(lambda: list(blocks_of(data).blocks())) == told(lambda: [read_csv(data)])


def test_memory_does_not_grow_with_a_large_file() -> None:
    data = b"a,b,c\n" + b"one,two,three\n" * (6 * BLOCK_ROWS)
    tracemalloc.start()
    for block in blocks_of(data).blocks():
        assert block.rows
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    whole = BLOCK_ROWS * 6 * 250
    assert held < whole / 2
