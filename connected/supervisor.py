"""One process that starts the parts of Connected, watches them, and stops them in order.

It holds no thread and no pipe: each part writes to its own log file, the console shows the
warnings among them, and the kernel ends the parts should the supervisor be killed.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from connected.embedded.process import last_lines, roll, signal_name, spawn

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
#: Seconds.
READY_LIMIT = 120
STOP_LIMIT = 8
LOOK_EVERY = 0.2
#: A port may stay taken for a moment after its web process was killed.
PORT_LIMIT = 3

WORTH_SHOWING = re.compile(rb"\b(WARNING|ERROR|CRITICAL)\b|^Traceback|^\w+(\.\w+)*(Error|Exception): ")


class Failed(Exception):
    """Something ended or never became ready; the message says what, with its last words."""


@dataclass(frozen=True)
class Part:
    """One child: its name (also its log's), its command, and when it is stopped (lowest first)."""

    name: str
    command: Sequence[str]
    stops: int = 0


def parts(port: int, data_dir: Path) -> list[Part]:
    """Web, one worker for each queue, and beat. Nobody answers when the workers stop."""
    celery = [sys.executable, "-m", "celery", "-A", "connected"]
    worker = [*celery, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
    web = [sys.executable, "-m", "gunicorn", f"--bind={HOST}:{port}", "connected.wsgi:application"]
    schedule = f"--schedule={data_dir / 'beat-schedule'}"
    return [
        Part("web", web),
        Part("worker-live", [*worker, "-Q", "live", "-c", "1", "-n", "live@%h"], stops=1),
        Part("worker-batch", [*worker, "-Q", "batch", "-c", "2", "-n", "batch@%h"], stops=1),
        Part("beat", [*celery, "beat", "--loglevel=INFO", "--pidfile=", schedule]),
    ]


@dataclass
class Running:
    """A part that has been started."""

    part: Part
    process: subprocess.Popen[bytes]
    log: Path
    shown: int
    started: int = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.shown

    def warnings(self) -> list[str]:
        """Lines worth showing that came since the last call."""
        with self.log.open("rb") as file:
            file.seek(self.shown)
            text, _, _ = file.read().rpartition(b"\n")
        self.shown += len(text) + bool(text)
        lines = [line for line in text.split(b"\n") if WORTH_SHOWING.search(line)]
        return [f"{self.part.name}: {line.decode(errors='replace')}" for line in lines]

    def last_words(self) -> str:
        ended = f"{self.part.name} ended with {signal_name(self.process.returncode)}"
        return f"{ended}. Last lines of {self.log}:\n{last_lines(self.log, since=self.started)}"


class Supervisor:
    """Runs `parts` until told to stop or until one of them ends.

    `services_failed` returns what happened to a service the parts need, or None.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        logs: Path,
        env: dict[str, str],
        services_failed: Callable[[], str | None] = lambda: None,
        say: Callable[[str], object] = print,
    ) -> None:
        self._parts = parts
        self._logs = logs
        self._env = {**os.environ, **env, "PYTHONUNBUFFERED": "1"}
        self._services_failed = services_failed
        self._say = say
        self._running: list[Running] = []

    def start(self) -> None:
        """Start every part at once."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for part in self._parts:
            log = self._logs / f"{part.name}.log"
            size = roll(log)
            process = spawn(part.command, log=log, env=self._env, cwd=ROOT)
            self._running.append(Running(part, process, log, size))

    def wait_until_ready(self, port: int, host: str = HOST) -> None:
        """Return when `/healthz` answers 200; raise `Failed` when a part ends or time is up."""
        deadline = time.monotonic() + READY_LIMIT
        while (status := health(port, host)) != "200":
            self.look()
            if time.monotonic() > deadline:
                raise Failed(f"Not ready after {READY_LIMIT} s: {status}. See {self._logs}")
            time.sleep(LOOK_EVERY / 2)

    def watch(self) -> None:
        """Look after the parts until one ends, which raises `Failed`."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Show new warnings; raise `Failed` when a part or a service has ended."""
        for running in self._running:
            for line in running.warnings():
                self._say(line)
        if failure := self._services_failed():
            raise Failed(failure)
        for running in self._running:
            if running.process.poll() is not None:
                raise Failed(running.last_words())

    def stop(self) -> None:
        """End every part, in order, and return when all have ended. An interrupt hurries it."""
        try:
            for turn in sorted({part.stops for part in self._parts}):
                self._end([running for running in self._running if running.part.stops == turn])
        except KeyboardInterrupt:
            self._say("Stopping at once.")
        finally:
            for running in self._running:
                _kill_group(running.process)
            self._running.clear()

    def _end(self, group: Sequence[Running]) -> None:
        for running in group:
            with suppress(ProcessLookupError):
                running.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_LIMIT
        for running in group:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.0, deadline - time.monotonic()))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a part, its own children included."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def health(port: int, host: str = HOST) -> str:
    """`200` when everything answers, else what is missing, in words."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        response = connection.getresponse()
        body = response.read(500).decode(errors="replace").strip()
        return "200" if response.status == 200 else f"/healthz says {response.status} {body}"
    except (OSError, http.client.HTTPException) as error:
        return f"/healthz does not answer ({error})"
    finally:
        connection.close()


def port_is_free(port: int) -> bool:
    """Whether the web process can listen there, given a moment for one that was just killed."""
    deadline = time.monotonic() + PORT_LIMIT
    while not _can_bind(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
