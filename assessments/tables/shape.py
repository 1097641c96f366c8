"""A table as people hand it over: rows of text under a header, and what is wrong with them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

MEGABYTE: Final = 1024 * 1024
# What a page or a REST call takes; a command on the server may take more.
MAX_BYTES: Final = 20 * MEGABYTE
MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 100
# As in a spreadsheet.
MAX_CELL: Final = 32_767

# Text that PostgreSQL cannot keep.
UNFIT: Final = re.compile("[\0\ud800-\udfff]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place. ``row`` is the number a spreadsheet shows: the header is row 1."""

    row: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        place = f"row {self.row}, column {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.reason}"


class TableError(ValueError):
    """A table that cannot be taken, with every problem found in it, in order of rows."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row))
        first = str(self.problems[0])
        more = len(self.problems) - 1
        super().__init__(f"{first} (and {more} more)" if more else first)


@dataclass(frozen=True)
class Table:
    """Rows of text under a header. ``numbers[i]`` is the spreadsheet's number of ``rows[i]``.

    ``problems`` are those of rows that are left out of ``rows`` because they cannot be read. Whoever takes
    the table over refuses it for them, together with what is wrong in the others. ``share`` of the file
    (0-1) ends with this table.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    encoding: str = "utf-8"
    problems: tuple[Problem, ...] = ()
    share: float = 1.0

    def blocks(self) -> Iterator["Table"]:
        """Itself, once: a table in memory is one block."""
        yield self

    def take(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, list[str]]:
        """The columns by name, cells trimmed; an optional column that is absent is left out.

        Raises TableError naming every column that is missing, unknown or there twice.
        """
        problems = [*self._missing(required), *self._surplus([*required, *optional])]
        if problems:
            raise TableError([*problems, *self.problems])
        if not self.rows and not self.problems:
            raise TableError([Problem(2, "", "there is no row under the header")])
        return {name: _plain([row[at] for row in self.rows]) for at, name in enumerate(self.columns)}

    def _missing(self, required: Sequence[str]) -> Iterable[Problem]:
        for name in required:
            if name not in self.columns:
                yield Problem(1, name, f"this column is missing; the header needs {', '.join(required)}")

    def _surplus(self, known: Sequence[str]) -> Iterable[Problem]:
        for at, name in enumerate(self.columns):
            if not name:
                yield Problem(1, str(at + 1), "this column has no name")
            elif name not in known:
                yield Problem(1, name, f"this column is not known; known are {', '.join(known)}", name)
            elif name in self.columns[:at]:
                yield Problem(1, name, "this column is there twice", name)


class Blocks(Protocol):
    """A file as tables under one header, in its order; may be read again."""

    def blocks(self) -> Iterator[Table]: ...


def _plain(cells: Sequence[str]) -> list[str]:
    """Cells trimmed. Texts repeat down a column, so each is looked at, and kept, once."""
    known = {cell: plain(cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def plain(cell: str) -> str:
    """A cell trimmed, without the apostrophe that keeps a spreadsheet from reading it as a formula."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def heading(cell: str) -> str:
    """A column's name as compared: ``Data_Captured`` is ``data captured``."""
    return " ".join(cell.replace("_", " ").casefold().split())


def header_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns; empty cells after the last name do not count. Raises TableError."""
    names = [heading(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError([Problem(1, "", "the first row must name the columns")])
    if len(names) > MAX_COLUMNS:
        raise TableError([Problem(1, "", f"there are more than {MAX_COLUMNS} columns")])
    return tuple(names)


def cell_problems(number: int, columns: Sequence[str], row: Sequence[str]) -> list[Problem]:
    """Cells of one row that cannot be kept as text."""
    found = []
    for column, cell in zip(columns, row, strict=False):
        if len(cell) > MAX_CELL:
            reason = f"this text is longer than {MAX_CELL:,} characters"
            found.append(Problem(number, column, reason, cell[:40]))
        elif UNFIT.search(cell):
            found.append(Problem(number, column, "this text holds a character that cannot be kept"))
    return found
