"""The whole product as processes: `manage.py up` on a data folder of its own, ended by SIGTERM.

Loaded with ``-p``. Tests that use the fixture ``stack`` are marked ``stack`` and share one stack, in one
process of the suite. Nothing here runs in the processes of the product: tests speak to it over HTTP,
and look at its database and queue from outside where that is the only way to see a fault.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg2
import pytest
import redis

from connected import embedded
from connected.embedded.layout import VALKEY_SOCKET, Layout
from tests.callers import Api, Visitor

Found = TypeVar("Found")
ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "connected-demo"
OWNER, CONSULTANT, MANAGER = (f"{role}@sample.test" for role in ("owner", "consultant", "manager"))
# Receivers of events are on this machine, in the tests' own process.
RECEIVERS = {"WEBHOOKS_PRIVATE": "1"}
#: Seconds. A first start makes the database and loads the sample, on a machine that is busy with tests.
READY_WITHIN, STOP_WITHIN = 110, 40
_TOKENS = """
from connected.services import actor_for, make_token
from connected.tenancy import in_workspace
person = actor_for(email="{1}", workspace="{2}")
with in_workspace(person.workspace_id, user_id=person.user_id):
    print(*(make_token(by=person, name="One of many", scope="write")[1] for _ in range({0})))
"""


class Stack:
    """One running Connected. ``base`` is its address, without a slash at the end."""

    def __init__(self, data_dir: Path) -> None:
        self.layout = Layout.of(data_dir)
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = data_dir / "up.log"
        self._tokens: dict[tuple[str, str, str], str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))
        }
        return {
            **kept,
            "DATA_DIR": str(self.layout.data_dir),
            "PORT": str(self.port),
            "SAMPLE": "1",
        } | RECEIVERS

    def start(self) -> None:
        """Return when `Ready:` has been printed; raise with the output when it is not."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--with-parent"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        ready = f"Ready: {self.base}"
        try:
            wait_for(lambda: ready in self.said() or not self.alive, READY_WITHIN, "Ready:")
        finally:
            if ready not in self.said():
                self.stop()
                raise RuntimeError(f"manage.py up did not become ready:\n{self.said()}")

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does, and return its exit code."""
        assert self._process is not None
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def manage(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A `manage.py` command on the same data, while everything runs."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise RuntimeError(f"manage.py {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def token(self, email: str = OWNER, scope: str = "write", workspace: str = "sample") -> str:
        """A token made by `manage.py create_token`, once for each kind."""
        kind = (email, scope, workspace)
        if kind not in self._tokens:
            made = self.manage("create_token", email, "--workspace", workspace, "--scope", scope)
            self._tokens[kind] = made.stdout.split()[-1]
        return self._tokens[kind]

    def tokens(self, number: int, email: str, workspace: str) -> list[str]:
        """So many new tokens of one person, all of which may write: calls are counted by token."""
        made = self.manage("shell", "--verbosity", "0", "-c", _TOKENS.format(number, email, workspace))
        return made.stdout.split()

    def api(self, email: str = OWNER, scope: str = "write", workspace: str = "sample") -> Api:
        return Api(self.base, self.token(email, scope, workspace))

    def visitor(self, email: str) -> Visitor:
        """Someone signed in, with pages and forms but without a browser."""
        visitor = Visitor(self.base)
        visitor.sign_in(email, PASSWORD)
        return visitor

    # --- From outside: what only an operator sees ------------------------------------------------------

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query, read with the backup login, which sees every workspace and writes nothing."""
        with self.database("backup") as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    @contextmanager
    def database(self, login: str) -> Iterator[Any]:
        services = embedded.addresses(self.layout.data_dir)
        connection = psycopg2.connect(getattr(services, f"{login}_url"))
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    @property
    def queue(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.layout.sockets / VALKEY_SOCKET))

    @property
    def cache(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.layout.sockets / VALKEY_SOCKET), db=1)

    def part(self, name: str) -> psutil.Process:
        """The process the supervisor started under this name: web, worker-live, worker-batch, beat."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children()
        return next(child for child in children if child.name() == name)

    def service(self, name: str) -> psutil.Process:
        """The main process of an embedded service: ``postgres`` or ``valkey-server``, of this data folder."""
        folder = str(self.layout.data_dir)
        for process in psutil.process_iter(["name", "cmdline", "cwd"]):
            if process.info["name"] == name and folder in " ".join(process.info["cmdline"] or ()):
                return process
        raise LookupError(f"no {name} on {folder}")

    @contextmanager
    def paused(self, *processes: psutil.Process) -> Iterator[None]:
        """The processes stand still inside the block: alive, and of no use."""
        try:
            for process in processes:
                process.suspend()
            yield
        finally:
            for process in processes:
                process.resume()

    def healthy(self) -> bool:
        try:
            return Api(self.base).get("/healthz").status == 200
        except OSError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(look: Callable[[], Found], seconds: float, what: str, every: float = 0.02) -> Found:
    """What ``look`` returns once that is true; raises TimeoutError naming ``what`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)
    return found


def remove(folder: Path) -> None:
    """Remove a data folder; a service that was not asked in time may still be writing its last lines."""
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.5)


@contextmanager
def running() -> Iterator[Stack]:
    """A stack from nothing to nothing: a new folder, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="connected-stack-"))
    stack = Stack(folder)
    try:
        stack.start()
        yield stack
        code, words = stack.stop(), stack.said()
        assert code == 0, f"manage.py up ended with {code}:\n{words}"
    finally:
        if stack.alive:
            stack.stop()
        remove(folder)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The one stack of the suite, with the sample."""
    with running() as stack:
        yield stack


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tests on the stack are marked so."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("stack")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Figures that tests on the stack measured, and a plain word when the browser tests were left out."""
    passed = terminalreporter.getreports("passed")
    for figure in [
        value
        for report in passed
        if report.when == "call"
        for name, value in report.user_properties
        if name == "measured"
    ]:
        terminalreporter.write_line(figure)
    for reason in {
        str(report.longrepr[2])
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple)
    }:
        terminalreporter.write_line(reason)
