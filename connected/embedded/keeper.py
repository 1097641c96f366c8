"""The keeper of one service: starts it, and stops it when nobody uses it any more.

Everything that needs PostgreSQL or Valkey holds a shared lock on `locks/<service>.users`. The
keeper, a small process of its own, tries for the exclusive lock: getting it means that the last
user has left, in good order or killed. So a service never goes away under a command because
another one ended, and never stays behind. Should the keeper itself be killed, the kernel ends the
service, and the next keeper clears away what may be left before it starts.

Run as `python -m connected.embedded.keeper postgres|valkey DATA_DIR`; says `ready` on its
standard output, or `failed: why`.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Protocol

import psutil

from connected.embedded.errors import EmbeddedError
from connected.embedded.layout import Layout
from connected.embedded.lease import KEEPER, READY, USERS, lock_file
from connected.embedded.locks import FileLock
from connected.embedded.postgres import Postgres
from connected.embedded.process import Account, last_lines, roll, signal_name, spawn
from connected.embedded.valkey import Valkey

#: Seconds. Recovery after a kill replays up to max_wal_size.
START_LIMIT = 120
STOP_LIMIT = 20
LOOK_EVERY = 0.2


class Service(Protocol):
    """What differs between PostgreSQL and Valkey."""

    name: str
    process_name: str
    stop_signal: signal.Signals
    last_signal: signal.Signals
    folder: Path
    account: Account

    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def ready(self) -> bool: ...
    def furnish(self) -> None: ...


SERVICES: dict[str, type[Postgres] | type[Valkey]] = {"postgres": Postgres, "valkey": Valkey}


class Keeper:
    """One service of one DATA_DIR, from start to stop."""

    def __init__(self, service: Service, layout: Layout) -> None:
        self.service = service
        self.log = layout.logs / f"{service.name}.log"
        self.users = FileLock(lock_file(layout, service.name, USERS))
        self.asked_to_stop = False
        self._log_start = roll(self.log)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the service and wait until it answers."""
        clear_leftovers(self.service)
        self.service.prepare()
        child = spawn(
            self.service.command(),
            log=self.log,
            account=self.service.account,
            death_signal=self.service.stop_signal,
        )
        deadline = time.monotonic() + START_LIMIT
        while not self.service.ready():
            if child.poll() is not None:
                raise EmbeddedError(self.last_words(child))
            if time.monotonic() > deadline:
                self.stop(child)
                raise EmbeddedError(
                    f"{self.service.name} did not answer within {START_LIMIT} s, see {self.log}"
                )
            time.sleep(0.03)
        self.service.furnish()
        return child

    def keep(self, child: subprocess.Popen[bytes]) -> int:
        """Stay until nobody uses the service, or it ends by itself. Return the exit code."""
        while child.poll() is None:
            if self.asked_to_stop or self.users.try_exclusive():
                self.stop(child)
                return 0
            roll(self.log)
            time.sleep(LOOK_EVERY)
        with self.log.open("a") as log:
            log.write(f"{self.service.name} ended with {signal_name(child.returncode)}\n")
        return 1

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        for number in (self.service.stop_signal, self.service.last_signal, signal.SIGKILL):
            child.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                child.wait(STOP_LIMIT)
                return

    def last_words(self, child: subprocess.Popen[bytes]) -> str:
        ended = f"{self.service.name} ended with {signal_name(child.returncode)}"
        return f"{ended}; its last lines in {self.log}:\n{last_lines(self.log, since=self._log_start)}"


def clear_leftovers(service: Service) -> None:
    """End processes of an earlier keeper that still work in the service's folder."""
    for number in (service.stop_signal, service.last_signal, signal.SIGKILL):
        for process in _processes_in(service):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        deadline = time.monotonic() + STOP_LIMIT
        while (left := _processes_in(service)) and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY / 4)
        if not left:
            return
    raise EmbeddedError(f"{service.name} still runs as process {left[0].pid} and cannot be stopped.")


def _processes_in(service: Service) -> list[psutil.Process]:
    """Processes of the service whose working folder is its data folder, oldest first."""
    found = []
    for process in psutil.process_iter(["name", "cwd", "create_time"]):
        if process.info["name"] == service.process_name and process.info["cwd"] == str(service.folder):
            found.append(process)
    return sorted(found, key=lambda process: process.info["create_time"])


def main(name: str, data_dir: str) -> int:
    """Keep a service, detached from whoever started us: they come and go."""
    if os.fork():
        return 0
    layout = Layout.of(Path(data_dir))
    own = FileLock(lock_file(layout, name, KEEPER))
    own.exclusive()
    own.path.write_text(f"{os.getpid()}\n")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        keeper = Keeper(SERVICES[name](layout), layout)

        def stop(number: int, frame: FrameType | None) -> None:
            keeper.asked_to_stop = True

        signal.signal(signal.SIGTERM, stop)
        child = keeper.start()
    except (EmbeddedError, OSError) as error:
        answer(f"failed: {error}")
        return 1
    own.path.write_text(f"{os.getpid()}\n{READY}\n")
    answer(READY)
    return keeper.keep(child)


def answer(text: str) -> None:
    """Tell whoever started us, who may have been killed meanwhile."""
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
