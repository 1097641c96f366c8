"""What waits for a slow reader: in order, within bounds, and never taken for whole when it is not."""

from threading import Thread

import pytest

from connected.spool import Abandoned, Spool


def spool(memory: int = 10, disk: int = 1000, patience: float = 0.05) -> Spool:
    return Spool(memory=memory, disk=disk, patience=patience)


def test_bytes_come_out_in_the_order_they_went_in_whether_they_waited_on_disk_or_not() -> None:
    waiting = spool()
    for at in range(50):
        waiting.put(b"%03d" % at)
    reader = iter(waiting)
    taken = b"".join(next(reader) for _ in range(5))
    waiting.put(b"end")
    waiting.end()
    assert taken + b"".join(reader) == b"".join(b"%03d" % at for at in range(50)) + b"end"


def test_what_was_read_from_disk_makes_room_there() -> None:
    waiting = spool(memory=1, disk=100)
    reader = iter(waiting)
    for _ in range(20):
        for _ in range(10):
            waiting.put(b"0123456789")
        assert sum(len(next(reader)) for _ in range(2)) == 100
    waiting.close()


def test_the_writer_waits_while_the_reader_takes() -> None:
    waiting = spool(memory=10, disk=20, patience=5)
    taken: list[bytes] = []
    reader = Thread(target=lambda: taken.extend(waiting))
    reader.start()
    for _ in range(1000):
        waiting.put(b"0123456789")
    waiting.end()
    reader.join()
    assert sum(map(len, taken)) == 10_000


def test_a_reader_that_stands_still_is_given_up() -> None:
    waiting = spool(memory=10, disk=20)
    for _ in range(3):
        waiting.put(b"0123456789")
    with pytest.raises(Abandoned, match=r"0\.05 seconds"):
        waiting.put(b"0123456789")
    waiting.close()


def test_a_reader_that_has_gone_is_noticed() -> None:
    waiting = spool()
    waiting.close()
    with pytest.raises(Abandoned, match="gone"):
        waiting.put(b"x")


def test_a_failure_is_raised_where_the_bytes_end() -> None:
    waiting = spool()
    waiting.put(b"some")
    waiting.end(EOFError("cut"))
    reader = iter(waiting)
    assert next(reader) == b"some"
    with pytest.raises(EOFError, match="cut"):
        next(reader)
