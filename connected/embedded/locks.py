"""Kernel file locks: let go by the kernel when their holder dies, however it dies."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from connected.embedded.errors import EmbeddedError


class FileLock:
    """One `flock` on one file, shared or exclusive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def shared(self) -> None:
        """Wait for a shared hold."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def exclusive(self) -> None:
        """Wait for the only hold."""
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def try_exclusive(self) -> bool:
        """Take the only hold if nobody else has one. A shared hold is given up either way."""
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    @property
    def in_use(self) -> bool:
        return self._fd is not None

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> "FileLock":
        self.exclusive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        if self._fd is None:
            try:
                self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except PermissionError as error:
                raise EmbeddedError(
                    f"{self.path} belongs to another user: choose another DATA_DIR."
                ) from error
        return self._fd


def held(path: Path) -> bool:
    """True when someone holds the lock exclusively."""
    if not path.exists():
        return False
    probe = FileLock(path)
    fd = probe._open()
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        probe.release()
    return False
