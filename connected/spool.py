"""Bytes between one who makes them quickly and one who takes them at their own pace.

A database should not wait for somebody's slow line: its transaction would stay open as long, and keep
old rows from being cleared away. So what the reader has not taken yet waits in memory, and beyond that in
a file without a name, which is gone when it is closed.
"""

from collections import deque
from collections.abc import Iterator
from os import ftruncate, pread, pwrite
from tempfile import TemporaryFile
from threading import Condition
from typing import IO, Final

PIECE: Final = 256 * 1024


class Abandoned(Exception):
    """Nobody takes the bytes any more: the reader has gone, or stood still for too long."""


class Spool:
    """First in, first out. ``memory`` and ``disk`` bound, in bytes, what waits; beyond both the writer does.

    The writer waits ``patience`` seconds at most for a reader that takes nothing.
    """

    def __init__(self, *, memory: int, disk: int, patience: float) -> None:
        self._memory, self._disk, self._patience = memory, disk, patience
        self._blocks: deque[bytes] = deque()
        self._held = self._at = self._end = 0
        self._file: IO[bytes] | None = None
        self._turn = Condition()
        self._ended = self._closed = False
        self._error: BaseException | None = None

    def put(self, block: bytes) -> None:
        """Raises :class:`Abandoned` when the reader has gone, or takes nothing."""
        with self._turn:
            while not (self._closed or self._fits(len(block))):
                if not self._turn.wait(self._patience):
                    raise Abandoned(f"nothing was taken for {self._patience:g} seconds")
            if self._closed:
                raise Abandoned("the reader has gone")
            if self._unread or self._held >= self._memory:
                self._write(block)
            else:
                self._blocks.append(block)
                self._held += len(block)
            self._turn.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """No more comes; ``error`` is raised where the bytes end, so that nobody takes them for all."""
        with self._turn:
            self._ended, self._error = True, error
            self._turn.notify_all()

    def close(self) -> None:
        """The reader goes; what waits is dropped."""
        with self._turn:
            self._closed = True
            self._blocks.clear()
            if self._file is not None:
                self._file.close()
            self._turn.notify_all()

    def __iter__(self) -> Iterator[bytes]:
        try:
            while (block := self._take()) is not None:
                yield block
        finally:
            self.close()

    @property
    def _unread(self) -> int:
        return self._end - self._at

    def _fits(self, size: int) -> bool:
        in_memory = not self._unread and self._held < self._memory
        return in_memory or self._end + size <= self._disk

    def _take(self) -> bytes | None:
        with self._turn:
            self._turn.wait_for(lambda: self._blocks or self._unread or self._ended)
            self._turn.notify_all()
            if self._blocks:
                self._held -= len(self._blocks[0])
                return self._blocks.popleft()
            if self._unread:
                return self._read()
            if self._error is not None:
                raise self._error
            return None

    def _write(self, block: bytes) -> None:
        if self._file is None:
            self._file = TemporaryFile(prefix="connected-")  # noqa: SIM115 - closed by close()
        rest = memoryview(block)
        while rest:
            written = pwrite(self._file.fileno(), rest, self._end)
            self._end, rest = self._end + written, rest[written:]

    def _read(self) -> bytes:
        assert self._file is not None
        block = pread(self._file.fileno(), PIECE, self._at)
        self._at += len(block)
        if not self._unread:
            ftruncate(self._file.fileno(), 0)
            self._at = self._end = 0
        return block
