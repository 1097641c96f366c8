"""Real Celery workers in processes of their own, and runs they work off."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from connected.permissions import Actor
from connected.supervisor import parts
from connected.tenancy import in_workspace
from matrix.models import ENDED, Run
from matrix.services import start_run
from matrix.tasks import publish_run

_WAIT = 900.0


@dataclass(frozen=True)
class Worked:
    """A run that workers ended: seconds from its start until its last chunk was done, and until its end."""

    run: Run
    chunks: float
    whole: float


@contextmanager
def workers(folder: Path, queue: str, children: int) -> Iterator[psutil.Process]:
    """A worker for one queue with so many processes; yields its parent, ready."""
    (part,) = [each for each in parts(0, folder) if each.name == f"worker-{queue}"]
    command = [*part.command]
    command[command.index("-c") + 1] = str(children)
    log = (folder / "logs" / f"bench-{queue}-{children}.log").open("wb")
    with (
        log,
        subprocess.Popen([sys.executable, "-m", *command], env=os.environ, stdout=log, stderr=log) as own,
    ):
        try:
            seen = psutil.Process(own.pid)
            _until(lambda: len(seen.children()) >= children, "a worker's processes", 180)
            yield seen
        finally:
            own.terminate()
            own.wait(60)


def worked_off(actor: Actor) -> Worked:
    """Start a run over the workspace and wait until workers have ended it."""
    started = time.perf_counter()
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        run = start_run(by=actor)
        publish_run(run)
    done = None
    while time.perf_counter() - started < _WAIT:
        time.sleep(0.1)
        with in_workspace(actor.workspace_id):
            run.refresh_from_db()
            if done is None and not run.chunks.filter(state="waiting").exists():
                done = time.perf_counter() - started
        if run.state in ENDED:
            assert run.state == "finished", (run.state, run.reason)
            whole = time.perf_counter() - started
            return Worked(run, whole if done is None else done, whole)
    raise TimeoutError(f"run {run.pk} is {run.state}")


class Memory:
    """The largest resident memory, in bytes, that any child of a process had while this watched."""

    def __init__(self, parent: psutil.Process) -> None:
        self.parent, self.most = parent, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        over = False
        while not over:
            # Once more at the end: what is over soon is seen too.
            over = self._over.wait(0.2)
            for child in self.parent.children():
                try:
                    self.most = max(self.most, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        self._thread.join()


def _until(done: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)
