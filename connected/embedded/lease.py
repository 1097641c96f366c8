"""Using a service: hold its lock while you do, and have a keeper started when there is none."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from connected.embedded.errors import EmbeddedError
from connected.embedded.layout import Layout
from connected.embedded.locks import FileLock, held
from connected.embedded.process import last_lines

KEEPER = "keeper"
USERS = "users"
STARTING = "starting"
READY = "ready"
PACKAGE_ROOT = Path(__file__).resolve().parents[2]
#: Seconds to wait for a clean stop before leaving it to the keeper.
STOP_LIMIT = 30


def lock_file(layout: Layout, service: str, kind: str) -> Path:
    return layout.locks / f"{service}.{kind}"


def kept(layout: Layout, service: str) -> bool:
    """True while a keeper looks after the service (it may still be starting it)."""
    return held(lock_file(layout, service, KEEPER))


class Lease:
    """The use of one service by this process, from `take` to `give_back`."""

    def __init__(self, layout: Layout, service: str) -> None:
        self.layout = layout
        self.service = service
        self._users = FileLock(lock_file(layout, service, USERS))
        self._starting = FileLock(lock_file(layout, service, STARTING))
        self._keeper: subprocess.Popen[str] | None = None

    def take(self) -> None:
        """Begin to use the service; when it is down, begin to start it. Follow with `wait`."""
        self.layout.make()
        self._users.shared()  # Waits while a keeper is stopping the service.
        self._starting.exclusive()
        if kept(self.layout, self.service):
            self._starting.release()
            return
        command = [sys.executable, "-m", "connected.embedded.keeper", self.service, str(self.layout.data_dir)]
        with (self.layout.logs / f"{self.service}.log").open("ab") as log:
            self._keeper = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=PACKAGE_ROOT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return when the service answers; raise `EmbeddedError` saying why it does not."""
        if self._keeper is None:
            self._wait_for_others_keeper()
            return
        assert self._keeper.stdout is not None
        answer = self._keeper.stdout.readline()
        if answer.strip() != READY:
            answer += self._keeper.stdout.read()
            raise EmbeddedError(answer.removeprefix("failed: ").strip() or self.last_words())
        self._forget_keeper()
        self._starting.release()

    def give_back(self) -> None:
        """Stop using the service. When nobody else does, return once it has stopped."""
        if not self._users.in_use:
            return
        if self._users.try_exclusive():
            self._stop_keeper()
        self._users.release()
        self._starting.release()
        self._forget_keeper()

    def down(self) -> bool:
        """True when the service has ended by itself."""
        return not kept(self.layout, self.service)

    def last_words(self) -> str:
        log = self.layout.logs / f"{self.service}.log"
        return f"{self.service} ended. Last lines of {log}:\n{last_lines(log)}"

    def _forget_keeper(self) -> None:
        """Let go of the process that detached the keeper, and of what it says."""
        if self._keeper is not None:
            assert self._keeper.stdout is not None
            self._keeper.stdout.close()
            self._keeper.wait()
            self._keeper = None

    def _wait_for_others_keeper(self) -> None:
        """A keeper is ready when the one who started it lets go of `starting`, unless that one was killed."""
        keeper = lock_file(self.layout, self.service, KEEPER)
        while not keeper.read_text().endswith(f"{READY}\n"):
            if not held(keeper):
                raise EmbeddedError(self.last_words())
            time.sleep(0.05)

    def _stop_keeper(self) -> None:
        keeper = lock_file(self.layout, self.service, KEEPER)
        deadline = time.monotonic() + STOP_LIMIT
        asked = False
        while held(keeper) and time.monotonic() < deadline:
            if not asked:
                with suppress(ValueError, ProcessLookupError):
                    os.kill(int(keeper.read_text().split("\n")[0]), signal.SIGTERM)
                    asked = True
            time.sleep(0.02)
