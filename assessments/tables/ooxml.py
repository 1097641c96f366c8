"""The XML of a workbook, read as it streams: no tree, no entities, every cell as the text one would type.

openpyxl builds an element for each cell and took 24 seconds for what this reads in 6; its knowledge of
number formats and dates is used.
"""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from posixpath import join, normpath
from typing import IO, Any, Final
from xml.parsers import expat

from defusedxml.ElementTree import fromstring
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

_CHUNK: Final = 256 * 1024
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REL_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_REL_ID: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class Broken(ValueError):
    """The XML is not that of a spreadsheet, or tries what no spreadsheet needs."""


@dataclass
class Row:
    """Cells by column from 0, and those that are no written value: column to "formula" or "error"."""

    number: int
    cells: dict[int, str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)


def read_rows(archive: zipfile.ZipFile) -> Iterator[Row]:
    """The rows of the first sheet that hold anything, in the file's order. Raises Broken, and KeyError."""
    book = fromstring(archive.read("xl/workbook.xml"))
    path = _first_sheet(archive, book)
    strings = _strings(archive)
    to_text = _dates(archive, book)
    with archive.open(path) as file:
        yield from _Sheet(strings, to_text).rows(file)


def _first_sheet(archive: zipfile.ZipFile, book: Any) -> str:
    sheet = next((each for each in book.iter() if _local(each.tag) == "sheet"), None)
    if sheet is None:
        raise Broken("no sheet")
    wanted = sheet.get(_REL_ID) or sheet.get(_STRICT_REL_ID)
    for relation in fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        if relation.get("Id") == wanted:
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    raise Broken("no sheet")


def _strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    found: list[str] = []
    text: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name in inside:
            inside[name] = True

    def end(name: str) -> None:
        if name in inside:
            inside[name] = False
        elif name == "si":
            found.append(_unescaped("".join(text)))
            text.clear()

    def data(written: str) -> None:
        if inside["t"] and not inside["rPh"]:
            text.append(written)

    with archive.open("xl/sharedStrings.xml") as file:
        for _ in _parsed(file, start, end, data):
            pass
    return found


def _dates(archive: zipfile.ZipFile, book: Any) -> Callable[[str, str], str]:
    """How a number of a style reads: as a date where the style says so."""
    styles = set()
    if "xl/styles.xml" in archive.namelist():
        sheet = fromstring(archive.read("xl/styles.xml"))
        formats = dict(BUILTIN_FORMATS)
        formats |= {
            int(each.get("numFmtId")): each.get("formatCode", "")
            for each in sheet.iter()
            if _local(each.tag) == "numFmt"
        }
        used = next((each for each in sheet if _local(each.tag) == "cellXfs"), ())
        for place, style in enumerate(used):
            if is_date_format(formats.get(int(style.get("numFmtId", 0)), "")):
                styles.add(str(place))
    of_1904 = any(_local(each.tag) == "workbookPr" and each.get("date1904") in ("1", "true") for each in book)
    epoch = CALENDAR_MAC_1904 if of_1904 else CALENDAR_WINDOWS_1900

    def to_text(written: str, style: str) -> str:
        if style in styles:
            return _moment(from_excel(float(written), epoch))
        return written if written.isdecimal() else _number(float(written))

    return to_text


def _number(value: float) -> str:
    """A number as it would be typed: 3.0 is 3, no exponents."""
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


class _Sheet:
    """One pass over the XML of a sheet."""

    def __init__(self, strings: list[str], to_text: Callable[[str, str], str]) -> None:
        self.strings, self.to_text = strings, to_text
        self.done: list[Row] = []
        self.row = Row(0)
        self.column, self.kind, self.style = -1, "n", ""
        self.text: list[str] = []
        self.listening = False
        self.columns: dict[str, int] = {}

    def rows(self, file: IO[bytes]) -> Iterator[Row]:
        for _ in _parsed(file, self.start, self.end, self.data):
            yield from self.done
            self.done.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self.column = self._column(attributes.get("r"))
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        elif name in ("v", "t"):
            self.listening = True
        elif name == "f":
            self.row.faults[self.column] = "formula"
        elif name == "row":
            self.row = Row(int(attributes.get("r", self.row.number + 1)))
            self.column = -1

    def data(self, written: str) -> None:
        if self.listening:
            self.text.append(written)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self.listening = False
        elif name == "c":
            if self.text:
                self.row.cells[self.column] = self._value("".join(self.text))
                self.text.clear()
        elif name == "row" and (self.row.cells or self.row.faults):
            self.done.append(self.row)

    def _column(self, place: str | None) -> int:
        if place is None:
            return self.column + 1
        letters = place.rstrip("0123456789")
        if letters not in self.columns:
            self.columns[letters] = _column_number(letters)
        return self.columns[letters]

    def _value(self, written: str) -> str:
        match self.kind:
            case "s":
                return self.strings[int(written)]
            case "n":
                return self.to_text(written.strip(), self.style)
            case "b":
                return "true" if written.strip() == "1" else "false"
            case "e":
                self.row.faults[self.column] = "error"
                return written
            case _:
                return _unescaped(written)


def _column_number(letters: str) -> int:
    if not 1 <= len(letters) <= 3:
        raise Broken("a cell is nowhere")
    number = 0
    for letter in letters:
        number = number * 26 + _LETTERS.index(letter) + 1
    return number - 1


def _unescaped(text: str) -> str:
    return str(unescape(text)) if "_x" in text else text


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _parsed(file: IO[bytes], start: Start, end: End, data: Callable[[str], None]) -> Iterator[None]:
    """Parse in pieces, yielding after each; handlers get names without their namespace."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    names = _Names()
    parser.StartElementHandler = lambda name, attributes: start(names[name], attributes)
    parser.EndElementHandler = lambda name: end(names[name])
    parser.CharacterDataHandler = data
    while chunk := file.read(_CHUNK):
        parser.Parse(chunk, False)
        yield
    parser.Parse(b"", True)
    yield


class _Names(dict[str, str]):
    """Local names, looked up once each."""

    def __missing__(self, name: str) -> str:
        self[name] = _local(name)
        return self[name]


def _refuse(*declaration: object) -> None:
    raise Broken("a document type")
