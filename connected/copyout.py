"""All rows of a statement as a stream of bytes: COPY TO STDOUT, written out by the database.

One statement is one snapshot. It runs at the database's pace in a thread of its own, and what the reader
has not taken yet waits in a :class:`~connected.spool.Spool`: a slow reader keeps no transaction open.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Any, Final

from django.db import connection

from connected.spool import Abandoned, Spool
from connected.tenancy import walled

# What waits for a slow reader, and how long one that takes nothing is waited for when that is full.
MEMORY: Final = 4 * 1024 * 1024
DISK: Final = 2 * 1024 * 1024 * 1024
PATIENCE: Final = 30.0
# Seconds for all of a stream in the database.
SECONDS: Final = 600
BLOCK: Final = 64 * 1024


@dataclass(frozen=True)
class Query:
    """What to copy. ``sql`` ends with one row that begins with ``mark``; it proves that all rows came.

    ``options`` are COPY's. ``first`` goes before the rows; ``last`` makes what goes after them, from their
    number and the marked row.
    """

    sql: str
    values: Sequence[Any]
    options: str
    mark: bytes
    first: bytes
    last: Callable[[int, bytes], bytes]


def copied(query: Query, *, workspace_id: int, user_id: int | None) -> Iterator[bytes]:
    """The rows in blocks. Not inside a transaction of its own: the database makes one, and ends it.

    A failure is raised where the bytes end. Closed early, the statement is cancelled before this returns.
    """
    spool = Spool(memory=MEMORY, disk=DISK, patience=PATIENCE)
    with connection.cursor() as cursor:
        message = _message(cursor, query, workspace_id, user_id)
        cancel, errors = connection.connection.cancel, connection.wrap_database_errors
        blocks = _Blocks(spool, query.mark, cancel)

        def pump_out() -> None:
            try:
                with errors:
                    cursor.copy_expert(message, blocks)
                blocks.finish(query.last)
            except BaseException as error:  # Raised again in the reader's thread.
                spool.end(blocks.abandoned or error)
            else:
                spool.end()

        pump = Thread(target=pump_out, name="copyout", daemon=True)
        pump.start()
        try:
            if query.first:
                yield query.first
            yield from spool
        finally:
            spool.close()
            if pump.is_alive():
                cancel()
            pump.join()


def _message(cursor: Any, query: Query, workspace_id: int, user_id: int | None) -> str:
    rows = cursor.mogrify(query.sql, query.values).decode()
    limit = f"SELECT set_config('statement_timeout', '{SECONDS}s', true)"
    statement = f"{limit}; COPY ({rows}) TO STDOUT ({query.options})"
    return str(cursor.mogrify(*walled(workspace_id, user_id, statement)).decode())


class _Blocks:
    """The file COPY writes to, a row at a time."""

    def __init__(self, spool: Spool, mark: bytes, cancel: Callable[[], None]) -> None:
        self._spool, self._mark, self._cancel = spool, mark, cancel
        self._rows: list[bytes] = []
        self._size = self._number = 0
        self._marked: bytes | None = None
        self.abandoned: Exception | None = None

    def write(self, row: bytes) -> None:
        if row.startswith(self._mark):
            self._marked = row
            return
        self._rows.append(row)
        self._number += 1
        self._size += len(row)
        if self._size >= BLOCK:
            self._pass_on()

    def finish(self, last: Callable[[int, bytes], bytes]) -> None:
        if self._marked is None:
            raise EOFError("the database sent no end of the rows")
        self._rows.append(last(self._number, self._marked))
        self._pass_on()

    def _pass_on(self) -> None:
        block = b"".join(self._rows)
        self._rows, self._size = [], 0
        if not block or self.abandoned:
            return  # What still comes until the database has heard that it is cancelled.
        try:
            self._spool.put(block)
        except (Abandoned, OSError) as error:
            self.abandoned = error
            self._cancel()
