"""COPY as a stream: whole or an error, ended with its reader, and no transaction for a slow one."""

import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from django.db import OperationalError, connection

from connected import copyout
from connected.copyout import Query, copied
from connected.spool import Abandoned

pytestmark = pytest.mark.usefixtures("committed")
MANY = 3_000_000


def numbers(sql: str) -> Iterator[bytes]:
    query = Query(sql, (), "FORMAT csv", b"@", b"first\n", lambda rows, mark: b"%d %s" % (rows, mark))
    return copied(query, workspace_id=1, user_id=None)


def to(most: int) -> str:
    return f"SELECT n::text FROM generate_series(1, {most}) AS n UNION ALL SELECT '@end'"


def asked(sql: str) -> list[Any]:
    """The first column, on a connection beside the stream's."""
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute(sql)
            return [row[0] for row in cursor.fetchall()]
    finally:
        beside.close()


def running() -> list[str]:
    """What the backends of this database do, but the one that asks."""
    return asked(
        "SELECT state FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )


def settled() -> list[str]:
    """The same, once nothing changes any more."""
    until = time.monotonic() + 20
    while "active" in (found := running()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def test_rows_come_between_what_goes_before_and_after() -> None:
    assert b"".join(numbers(to(5))) == b"first\n1\n2\n3\n4\n5\n5 @end\n"


def test_a_statement_that_fails_midway_is_an_error_after_the_rows() -> None:
    stream = numbers("SELECT (10 / (100000 - n))::text FROM generate_series(1, 100000) AS n")
    assert next(stream) == b"first\n"
    with pytest.raises(Exception, match="division by zero"):
        list(stream)


def test_rows_without_their_end_are_an_error() -> None:
    with pytest.raises(EOFError):
        list(numbers("SELECT 'only this'"))


def test_a_reader_that_goes_away_ends_the_statement() -> None:
    stream = numbers(to(MANY))
    assert [next(stream), len(next(stream)) > 0] == [b"first\n", True]
    assert "active" in running()
    stream.close()  # type: ignore[attr-defined]
    assert settled() == ["idle"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_slow_reader_keeps_no_transaction_open() -> None:
    stream = numbers(to(MANY))
    blocks = [next(stream) for _ in range(3)]
    assert settled() == ["idle"]
    whole = b"".join([*blocks, *stream])
    assert whole.endswith(b"%d @end\n" % MANY)
    assert whole.count(b"\n") == MANY + 2


def test_a_long_stream_takes_no_memory_however_slowly_it_is_read() -> None:
    rows, process = 300_000, psutil.Process()
    before = process.memory_info().rss
    stream = numbers(f"SELECT repeat('x', 1000) FROM generate_series(1, {rows}) AS n UNION ALL SELECT '@end'")
    next(stream)
    settled()
    most = max(process.memory_info().rss for _ in stream)
    assert most - before < 30_000_000


def test_where_nothing_more_may_wait_a_reader_that_takes_nothing_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copyout, "DISK", 1_000_000)
    monkeypatch.setattr(copyout, "PATIENCE", 0.2)
    stream = numbers(to(MANY))
    assert next(stream) == b"first\n"
    assert settled() == ["idle"]
    with pytest.raises(Abandoned):
        list(stream)


def test_a_database_that_cuts_the_connection_is_an_error() -> None:
    stream = numbers(to(MANY))
    next(stream)
    asked(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
    )
    with pytest.raises(OperationalError):
        list(stream)
    connection.close()


def test_the_walls_of_the_database_stand_in_the_stream_and_are_taken_down_after_it() -> None:
    said = "SELECT current_setting('app.workspace', true) UNION ALL SELECT '@end'"
    assert b"".join(numbers(said)).splitlines()[1] == b"1"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.workspace', true)")
        assert cursor.fetchone() in [(None,), ("",)]
