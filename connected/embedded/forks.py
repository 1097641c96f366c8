"""Children that run code this process has already imported."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from connected.embedded.process import before_exec, name_this

ROOT = Path(__file__).resolve().parents[2]


class Fork:
    """A forked child that calls `run` and exits: 0, or the code of its `SystemExit`, or 1.

    It leads a session of its own, ends when we end, and writes to `log` (default: where we write).
    """

    def __init__(self, run: Callable[[], object], *, name: str, log: Path | None = None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        prepare = before_exec(death_signal=signal.SIGKILL)
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _live(run, name, log, prepare)

    def poll(self) -> int | None:
        """The return code once it has ended, negative for a signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill_group(self) -> None:
        """End it and the children it has left."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()


def replace(command: Sequence[str]) -> NoReturn:
    """Become another program."""
    os.execvp(command[0], list(command))


def _live(run: Callable[[], object], name: str, log: Path | None, prepare: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        prepare()
        os.setsid()
        name_this(name)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _own_files(log)
        run()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # The child must never return into the code that forked it.
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _own_files(log: Path | None) -> None:
    """Let go of every file of the parent: its locks must end with it."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if log is not None:
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
    os.closerange(3, 4096)
    os.chdir(ROOT)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
