"""A queue, a database and workers that a test may break: nobody else uses them.

The embedded servers' own programs and settings, the supervisor's own command lines for workers and beat;
started and ended here, because the supervisor would stop everything when a server ends.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg2

from connected.embedded import addresses
from connected.embedded.keeper import Keeper, Service, clear_leftovers
from connected.embedded.layout import Layout
from connected.embedded.postgres import DATABASE, SUPERUSER, Postgres
from connected.embedded.valkey import Valkey
from connected.supervisor import parts
from tests.live.rigged import PROGRAM
from tests.stack import ROOT, remove, wait_for

SLUG: Final = "rigged"
SEGMENTS, CHUNK = 2_000, 100
CHUNKS: Final = SEGMENTS // CHUNK
#: Seconds. The suite's tempo: deadlines as in the product, but shorter.
QUICK: Final = {"lease": 1.5, "lost_after": 1.5, "reap_every": 0.5}
#: What differs between two runs over the same answers.
OWN: Final = {"id", "run_id", "generation", "computed_at"}
OPEN: Final = ("queued", "running")
#: Lines of each log that are shown when a run does not end.
LAST: Final = 30
_KEYS: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'matrix_placement_few'::regclass AND indisunique
    AND pg_get_indexdef(indexrelid) LIKE '%(workspace_id, run_id, segment_id)%'
"""
_FORGET_DOUBLES: Final = """
DELETE FROM matrix_placement WHERE run_id IN (
    SELECT run_id FROM matrix_placement GROUP BY run_id, segment_id HAVING count(*) > 1
)
"""
Rigging = dict[str, Any]


class Rig:
    """``tempo`` empty: the product's own deadlines."""

    def __init__(self, folder: Path, tempo: Rigging) -> None:
        self.layout = Layout.of(folder)
        self.layout.make()
        self.tempo = {"chunk_size": CHUNK, **tempo}
        self.postgres = Server(Postgres(self.layout), self.layout)
        self.valkey = Server(Valkey(self.layout), self.layout)
        #: Every column of an undisturbed run's placements, by segment.
        self.truth: dict[int, Any] = {}
        self.parts = {part.name: list(part.command) for part in parts(0, folder)}
        #: The latest of each name.
        self._started: dict[str, psutil.Process] = {}

    def open(self, stack: ExitStack) -> None:
        """Start both servers and the parent of all else; ``stack`` ends them."""
        for server, number in ((self.postgres, signal.SIGINT), (self.valkey, signal.SIGTERM)):
            server.start()
            stack.callback(server.end, number)
        with (self.layout.logs / "rigged.log").open("wb") as log:
            self._parent = subprocess.Popen(
                [sys.executable, "-c", PROGRAM],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        stack.enter_context(self._parent)
        stack.callback(killed, psutil.Process(self._parent.pid))
        assert self._heard() == "ready"

    @property
    def environment(self) -> dict[str, str]:
        there = addresses(self.layout.data_dir)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        return {
            **kept,
            "DATA_DIR": str(self.layout.data_dir),
            "RIG_DIR": str(self.layout.data_dir),
            "DATABASE_URL": there.app_url,
            "DATABASE_OWNER_URL": there.owner_url,
            "REDIS_URL": there.redis_url,
        }

    def furnish(self) -> None:
        """Tables, segments with answers, and what an undisturbed run says of them."""
        self.manage("setup", "--no-static")
        self.manage("seed_portfolio", "--workspace", SLUG, "--segments", str(SEGMENTS), "--raters", "2")
        with self.working():
            run = self.start_run()
            self.ends(run, 60)
        self.truth = self.rows(run)
        assert len(self.truth) == SEGMENTS

    # --- Processes -----------------------------------------------------------------------------------

    def _ask(self, **words: Any) -> Any:
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{json.dumps(words)}\n")
        self._parent.stdin.flush()
        return self._heard()

    def _heard(self) -> Any:
        assert self._parent.stdout is not None
        return json.loads(self._parent.stdout.readline() or "null")

    def log(self, name: str) -> Path:
        return self.layout.logs / f"{name}.log"

    def start(self, name: str, command: list[str], **rigging: Any) -> psutil.Process:
        words = {"start": command, "name": name, "log": str(self.log(name))}
        process = psutil.Process(self._ask(**words, rigging={**self.tempo, **rigging}))
        self._started[name] = process
        return process

    def manage(self, *words: str) -> str:
        """A `manage.py` command, to its end; returns what it said."""
        return self._done("manage", ["manage.py", *words])

    def _done(self, name: str, command: list[str]) -> str:
        self.log(name).unlink(missing_ok=True)
        process = self.start(name, command)
        code, said = self._ask(wait=process.pid), self.log(name).read_text()
        assert code == 0, f"{command}: {code}\n{said}"
        return said

    def worker(self, number: int = 1, **rigging: Any) -> psutil.Process:
        """A worker for chunks, with two children."""
        name = f"batch{number}"
        self.log(name).unlink(missing_ok=True)
        command = [word.replace("batch@", f"{name}@") for word in self.parts["worker-batch"]]
        worker = self.start(name, command, **rigging)
        wait_for(lambda: "ready." in self.said(number), 30, f"{name}: {self.said(number)}")
        return worker

    def said(self, number: int = 1) -> str:
        log = self.log(f"batch{number}")
        return log.read_text(errors="replace") if log.exists() else ""

    @contextmanager
    def reaping(self) -> Iterator[None]:
        """Beat, and the worker of the queue its messages go to."""
        with self.ending():
            (self.layout.data_dir / "beat-schedule").unlink(missing_ok=True)
            self.start("live", self.parts["worker-live"])
            self.start("beat", self.parts["beat"])
            yield

    @contextmanager
    def working(self, *, workers: int = 1, reaper: bool = True, **rigging: Any) -> Iterator[psutil.Process]:
        """Workers on an empty queue; ended afterwards, with whatever run they leave open."""
        self.valkey.lose_everything()
        for signature in self.layout.data_dir.glob("signed-*"):
            signature.unlink()
        with self.ending():
            first, *_ = [self.worker(number + 1, **rigging) for number in range(workers)]
            if reaper:
                with self.reaping():
                    yield first
            else:
                yield first
        self.sql("UPDATE matrix_run SET state = 'cancelled' WHERE state = ANY(%s)", list(OPEN))

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Inside, messages gather; workers take them all at once afterwards."""
        # Each leads a group: its children stop in the same moment, however busy the machine is.
        groups = [
            each.pid for name, each in self._started.items() if name.startswith("batch") and alive(each)
        ]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            for group in groups:
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGCONT)

    @contextmanager
    def caught(self, run: int) -> Iterator[None]:
        """Inside, the run is in the middle and workers stand still with a chunk in hand."""
        while True:
            self.in_the_middle(run)
            with self.standing_still():
                # A commit that was on its way arrives.
                time.sleep(0.1)
                if self.held(run):
                    yield
                    return

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Ends every process that was started inside."""
        before = set(self._children())
        try:
            yield
        finally:
            for process in set(self._children()) - before:
                killed(process)

    def _children(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self._parent.pid).children()
        return found

    def signatures(self) -> int:
        """How many processes have scored since they were asked to sign."""
        return len(list(self.layout.data_dir.glob("signed-*")))

    @contextmanager
    def no_key(self) -> Iterator[None]:
        """Inside, the database lets a run place a segment twice."""
        there = self.sql(_KEYS)
        for name, _ in there:
            self.sql(f"DROP INDEX {name}")
        try:
            yield
        finally:
            self.sql(_FORGET_DOUBLES)
            for _, definition in there:
                self.sql(definition)

    # --- Runs ----------------------------------------------------------------------------------------

    def start_run(self, *, large: bool = False) -> int:
        """A new run; a ``large`` one fills a table of its own."""
        self.tempo["generation_from"] = 1 if large else SEGMENTS + 1
        said = self.manage("rescore", "--workspace", SLUG)
        found = re.search(r"Run (\d+):", said)
        assert found, said
        return int(found[1])

    def send(self, run: int, times: int) -> None:
        """Every chunk's message, as often."""
        ids = self.sql("SELECT workspace_id, id FROM matrix_chunk WHERE run_id = %s ORDER BY id", run)
        words = [f"{workspace}:{chunk}" for workspace, chunk in ids for _ in range(times)]
        self._done("send", ["send", *words])

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """A statement as the server's superuser, whom no wall binds."""
        login = psycopg2.connect(host=str(self.layout.sockets), user=SUPERUSER, dbname=DATABASE)
        with closing(login) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def chunks(self, run: int, state: str) -> int:
        return int(
            self.sql("SELECT count(*) FROM matrix_chunk WHERE run_id = %s AND state = %s", run, state)[0][0]
        )

    def state(self, run: int) -> str:
        return str(self.sql("SELECT state FROM matrix_run WHERE id = %s", run)[0][0])

    def in_the_middle(self, run: int) -> None:
        """Return when some chunks are done and one is held by a worker."""
        wait_for(lambda: self.chunks(run, "done") and self.held(run), 30, "a run in the middle")

    def claimed(self, run: int) -> int:
        """How many chunks have been claimed and are not done."""
        claimed = "SELECT 1 FROM matrix_chunk WHERE run_id = %s AND state = 'waiting' AND attempts > 0"
        return len(self.sql(claimed, run))

    def held(self, run: int) -> int:
        """How many chunks a worker holds."""
        held = "SELECT 1 FROM matrix_chunk WHERE run_id = %s AND state = 'waiting' AND lease_until > now()"
        return len(self.sql(held, run))

    def ends(self, run: int, within: float) -> str:
        """How it ended. Raises TimeoutError with what is missing and what everybody said last."""
        try:
            wait_for(lambda: self.state(run) not in OPEN, within, f"end of run {run}", every=0.05)
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self._left_of(run)}") from late
        return self.state(run)

    def _left_of(self, run: int) -> str:
        missing = self.sql(
            "SELECT id, state, attempts, published_at, lease_until, reason, now() FROM matrix_chunk"
            " WHERE run_id = %s AND state <> 'done' ORDER BY id",
            run,
        )
        said = [
            f"--- {name}{'' if alive(process) else ', which has ended'}\n"
            + "\n".join(self.log(name).read_text(errors="replace").splitlines()[-LAST:])
            for name, process in self._started.items()
        ]
        return "\n".join([*map(str, missing), *said])

    def rows(self, run: int) -> dict[int, Any]:
        """Every column of a run's placements by segment; a segment placed twice stands with both."""
        found: dict[int, Any] = {}
        placements = "SELECT to_jsonb(p) FROM matrix_placement p WHERE run_id = %s ORDER BY id"
        for (row,) in self.sql(placements, run):
            kept = {name: value for name, value in row.items() if name not in OWN}
            found.setdefault(row["segment_id"], []).append(kept)
        return found

    def in_force(self) -> tuple[int, set[int]]:
        """How many segments are placed, and by which runs."""
        rows = self.sql(
            "SELECT set_config('app.workspace', id::text, false) FROM connected_workspace WHERE slug = %s;"
            "SELECT run_id, count(*) FROM matrix_standing GROUP BY 1",
            SLUG,
        )
        return sum(count for _, count in rows), {run for run, _ in rows}


class Server:
    """PostgreSQL or Valkey, ended however a test likes and started again."""

    def __init__(self, service: Service, layout: Layout) -> None:
        self.service, self.layout = service, layout
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = Keeper(self.service, self.layout).start()

    def end(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)
        clear_leftovers(self.service)

    def restart(self, number: int, away: float = 0) -> None:
        self.end(number)
        time.sleep(away)
        self.start()

    def lose_everything(self) -> None:
        """Killed, its files gone, started again."""
        self.end(signal.SIGKILL)
        shutil.rmtree(self.service.folder)
        self.start()


def killed(process: psutil.Process) -> None:
    """Kill -9 for a process and its children, which are gone afterwards."""
    with suppress(psutil.NoSuchProcess):
        family = [*process.children(recursive=True), process]
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        wait_for(lambda: not any(alive(each) for each in family), 10, "their end")


def alive(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended but is not reaped does not."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def rigged(tempo: Rigging) -> Iterator[Rig]:
    """A rig from nothing to nothing."""
    folder = Path(tempfile.mkdtemp(prefix="connected-rig-"))
    try:
        with ExitStack() as stack:
            rig = Rig(folder, tempo)
            rig.open(stack)
            rig.furnish()
            yield rig
    finally:
        remove(folder)
