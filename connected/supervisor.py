"""One process that starts the parts of Connected, starts one that ends again, and stops them in order.

The supervisor imports everything once and forks the parts from there, which starts them in a
third of the time. It opens no connection and no thread itself, so the parts inherit nothing but
code. Each part writes to its own log file, the console shows the warnings among them, and the
kernel ends the parts should the supervisor be killed.
"""

import gc
import http.client
import os
import re
import signal
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string
from gunicorn.app.wsgiapp import WSGIApplication

from connected.embedded.forks import Fork, replace
from connected.embedded.process import last_lines, roll, signal_name

HOST = "127.0.0.1"
#: Seconds.
READY_LIMIT = 120
STOP_LIMIT = 8
LOOK_EVERY = 0.2
#: A port may stay taken for a moment after its web process was killed.
PORT_LIMIT = 3
#: Seconds before a part that ended for the first, second or third time within so many is started again:
#: what passes soon is waited for. One that ends once more has a reason that starting does not mend.
PAUSES, ENDS_WITHIN = (0, 1, 5), 60

#: Imported before the first fork, beside what Django has loaded.
PRELOADED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "django.core.handlers.wsgi",
    "gunicorn.workers.gthread",
    "kombu.transport.redis",
)

WORTH_SHOWING = re.compile(rb"\b(WARNING|ERROR|CRITICAL)\b|^Traceback|^\w+(\.\w+)*(Error|Exception): ")
#: Asked for until it answers, it says so itself.
NOT_WORTH_SHOWING = re.compile(rb"/healthz")


class Failed(Exception):
    """Something does not stay up or never became ready; the message says what, with its last words."""


@dataclass(frozen=True)
class Part:
    """One child: its name (also its log's), its command line, and when it is stopped (lowest first)."""

    name: str
    command: Sequence[str]
    stops: int = 0


def parts(port: int, data_dir: Path) -> list[Part]:
    """Web, one worker for each queue, and beat. Workers stop last: nobody is left to give them work."""
    worker = [
        "celery",
        "-A",
        "connected",
        "worker",
        "--without-gossip",
        "--without-mingle",
    ]
    beat = ["celery", "-q", "-A", "connected", "beat", "--pidfile="]
    return [
        Part("web", ["gunicorn", f"--bind={HOST}:{port}", "connected.wsgi:application"]),
        Part("worker-live", [*worker, "-Q", "live", "-c", "2", "-n", "live@%h"], stops=1),
        Part("worker-batch", [*worker, "-Q", "batch", "-c", "2", "-n", "batch@%h"], stops=1),
        Part("worker-hooks", [*worker, "-Q", "hooks", "-c", "2", "-n", "hooks@%h"], stops=1),
        Part("beat", [*beat, f"--schedule={data_dir / 'beat-schedule'}"]),
    ]


def preload() -> None:
    """Import what the parts use, so that they share it. Nothing is built yet: `setup` comes first."""
    for module in PRELOADED:
        import_module(module)
    for middleware in settings.MIDDLEWARE:
        import_string(middleware)
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()  # Shared memory stays shared: the collector would write to it.


def _run(command: Sequence[str]) -> None:
    """What a forked part does: its program, out of the code that is already here."""
    sys.argv = list(command)
    if command[0] == "gunicorn":
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
    elif command[0] == "celery":
        current_app.start(argv=list(command[1:]))
    else:
        replace(command)


@dataclass
class Running:
    """A part that has been started."""

    part: Part
    process: Fork
    log: Path
    started_at: int
    shown_to: int

    def warnings(self) -> list[str]:
        """Lines worth showing that came since the last call; none where somebody moved the log away."""
        try:
            with self.log.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self.shown_to:  # Somebody emptied it.
                    self.shown_to = self.started_at = 0
                file.seek(self.shown_to)
                text, newline, _ = file.read().rpartition(b"\n")
        except OSError:
            self.shown_to = self.started_at = 0
            return []
        self.shown_to += len(text) + len(newline)
        lines = [line for line in text.split(b"\n") if WORTH_SHOWING.search(line)]
        shown = [line for line in lines if not NOT_WORTH_SHOWING.search(line)]
        return [f"{self.part.name}: {line.decode(errors='replace')}" for line in shown]

    def last_words(self) -> str:
        ended = f"{self.part.name} ended with {signal_name(self.process.returncode or 0)}"
        lines = last_lines(self.log, since=self.started_at)
        return f"{clock()} {ended}. Last lines of {self.log}:\n{lines}"


class Supervisor:
    """Runs parts until told to stop or until one of them does not stay up.

    `services_failed` returns what happened to a service the parts need, or None; `told_to_stop` asks
    for an end that does not come as a signal.
    """

    def __init__(
        self,
        logs: Path,
        *,
        services_failed: Callable[[], str | None] = lambda: None,
        told_to_stop: Callable[[], bool] = lambda: False,
        say: Callable[[str], object] = print,
    ) -> None:
        self._logs = logs
        self._services_failed = services_failed
        self._told_to_stop = told_to_stop
        self._say = say
        self._running: list[Running] = []
        #: Parts that ended, and when each is started again.
        self._due: list[tuple[float, Part]] = []
        #: When each part ended, by its name.
        self._ends: dict[str, list[float]] = defaultdict(list)

    def start(self, parts: Sequence[Part]) -> None:
        """Start the parts at once."""
        for part in parts:
            self._start(part)

    def _start(self, part: Part) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{part.name}.log"
        size = roll(log)
        log.touch()
        process = Fork(partial(_run, part.command), name=part.name, log=log)
        self._running.append(Running(part, process, log, size, size))

    def wait_until_ready(self, port: int, host: str = HOST) -> None:
        """Return when `/healthz` answers 200; raise `Failed` when a part ends or time is up."""
        deadline = time.monotonic() + READY_LIMIT
        while (status := health(port, host)) != "200":
            self.look()
            if time.monotonic() > deadline:
                raise Failed(f"Not ready after {READY_LIMIT} s: {status}. See {self._logs}")
            time.sleep(LOOK_EVERY / 2)

    def watch(self) -> None:
        """Look after the parts: one that ends is started again, until it does not stay up (`Failed`)."""
        while True:
            self.look(start_again=True)
            time.sleep(LOOK_EVERY)

    def look(self, *, start_again: bool = False) -> None:
        """Show new warnings. Raise `Failed` when a part or a service has ended, or stop when told to."""
        if self._told_to_stop():
            raise KeyboardInterrupt
        for running in self._running:
            for line in running.warnings():
                self._say(line)
            roll(running.log)
        if failure := self._services_failed():
            raise Failed(failure)
        for running in [each for each in self._running if each.process.poll() is not None]:
            if not start_again:
                raise Failed(running.last_words())
            self._put_off(running)
        now = time.monotonic()
        for due in [each for each in self._due if each[0] <= now]:
            self._due.remove(due)
            self._say(f"{clock()} Starting {due[1].name} again.")
            self._start(due[1])

    def _put_off(self, ended: Running) -> None:
        """Have a part that ended started again, the later the oftener it ends."""
        now, part = time.monotonic(), ended.part
        ends = [end for end in self._ends[part.name] if now - end < ENDS_WITHIN]
        if len(ends) == len(PAUSES):
            raise Failed(
                f"{ended.last_words()}\n{part.name} ended {len(ends) + 1} times within {ENDS_WITHIN} s: "
                "starting it again does not help. Everything stops."
            )
        self._ends[part.name] = [*ends, now]
        self._say(ended.last_words())
        # Children it left would go on beside those of its successor, and hold its port.
        ended.process.kill_group()
        self._running.remove(ended)
        self._due.append((now + PAUSES[len(ends)], part))

    def stop(self) -> None:
        """End every part, in order, and return when all have ended. An interrupt hurries it."""
        try:
            for turn in sorted({running.part.stops for running in self._running}):
                self._end([running.process for running in self._running if running.part.stops == turn])
        except KeyboardInterrupt:
            self._say("Stopping at once.")
        finally:
            for running in self._running:
                running.process.kill_group()
            self._running.clear()
            self._due.clear()

    def _end(self, group: Sequence[Fork]) -> None:
        for process in group:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_LIMIT
        while time.monotonic() < deadline and any(process.poll() is None for process in group):
            time.sleep(0.02)


def clock() -> str:
    """The time of day, as the logs have it."""
    return time.strftime("%H:%M:%S")


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
