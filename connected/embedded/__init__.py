"""Real PostgreSQL and Valkey out of wheels, over Unix sockets under DATA_DIR.

    with embedded.needed(Path(".data")) as services:
        psycopg2.connect(services.app_url)

A service runs as long as any process uses it and stops with the last one; see `keeper`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from connected.embedded.errors import EmbeddedError
from connected.embedded.layout import VALKEY_SOCKET, Layout
from connected.embedded.lease import Lease, kept

__all__ = ["ALL", "EmbeddedError", "Handle", "Services", "addresses", "begin", "needed", "running", "start"]

ALL = ("postgres", "valkey")


@dataclass(frozen=True)
class Services:
    """Addresses over Unix sockets: three logins of one database, and the queue (database 0)."""

    owner_url: str
    app_url: str
    backup_url: str
    redis_url: str


class Handle:
    """The services this process uses. `stop` ends its use; a service without users stops."""

    def __init__(self, services: Services, leases: Sequence[Lease]) -> None:
        self.services = services
        self._leases = list(leases)

    def take(self) -> None:
        self._or_give_back(Lease.take)

    def wait(self) -> None:
        """Return when all services answer; raise `EmbeddedError`, using none of them, when one does not."""
        self._or_give_back(Lease.wait)

    def _or_give_back(self, step: Callable[[Lease], None]) -> None:
        try:
            for lease in self._leases:
                step(lease)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Return when every service that only this handle used has stopped."""
        while self._leases:
            self._leases.pop().give_back()

    def failure(self) -> str | None:
        """What happened to a service that ended by itself, with its last log lines; or None."""
        return next((lease.last_words() for lease in self._leases if lease.down()), None)


def addresses(data_dir: Path) -> Services:
    """Where the services of `data_dir` are, running or not."""
    sockets = quote(str(Layout.of(data_dir).sockets))

    def login(name: str) -> str:
        return f"postgresql://{name}@/connected?host={sockets}"

    return Services(
        owner_url=login("connected_owner"),
        app_url=login("connected_app"),
        backup_url=login("connected_backup"),
        redis_url=f"redis+socket://{sockets}/{VALKEY_SOCKET}?virtual_host=0",
    )


def running(data_dir: Path) -> bool:
    """True when both services of `data_dir` are up or coming up."""
    layout = Layout.of(data_dir)
    return all(kept(layout, service) for service in ALL)


def begin(data_dir: Path, services: Sequence[str] = ALL) -> Handle:
    """Use the services of `data_dir`, beginning to start what is down; `wait` before using them."""
    layout = Layout.of(data_dir)
    handle = Handle(addresses(data_dir), [Lease(layout, service) for service in services])
    handle.take()
    return handle


def start(data_dir: Path, services: Sequence[str] = ALL) -> Handle:
    """Use the services of `data_dir`, starting what is down, both at once. Calling it again is harmless."""
    handle = begin(data_dir, services)
    handle.wait()
    return handle


@contextmanager
def needed(data_dir: Path, services: Sequence[str] = ALL) -> Iterator[Services]:
    """The services of `data_dir` for as long as the block lasts."""
    handle = start(data_dir, services)
    try:
        yield handle.services
    finally:
        handle.stop()
