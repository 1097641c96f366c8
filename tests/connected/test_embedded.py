"""The embedded services, killed in every way a machine can think of."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from connected import embedded
from connected.embedded.layout import Layout
from connected.embedded.postgres import Postgres
from connected.embedded.process import Account, spawn

USER = """
import sys, time
from pathlib import Path
from connected import embedded
handle = embedded.start(Path(sys.argv[1]))
print("using", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A DATA_DIR whose services are gone when the test ends."""
    yield tmp_path / "data"
    eventually(lambda: not processes(tmp_path / "data"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A DATA_DIR with running services, for tests that break nothing."""
    data = tmp_path_factory.mktemp("shared") / "data"
    with embedded.needed(data):
        yield data


def eventually(true: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.05)


def processes(data: Path) -> list[psutil.Process]:
    """PostgreSQL's and Valkey's processes of a DATA_DIR, oldest first, and their keepers."""
    layout = Layout.of(data)
    folders = {str(layout.postgres), str(layout.valkey)}
    found = [
        process
        for process in psutil.process_iter(["cwd", "cmdline", "create_time"])
        if process.info["cwd"] in folders or str(layout.data_dir) in (process.info["cmdline"] or [])
    ]
    return sorted(found, key=lambda process: process.info["create_time"])


def server(data: Path, name: str) -> psutil.Process:
    return next(process for process in processes(data) if process.name() == name)


def ask(url: str, query: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def queue(services: embedded.Services) -> "redis.Redis":
    return redis.Redis(unix_socket_path=services.redis_url.removeprefix("redis+socket://").split("?")[0])


def test_addresses_touch_nothing(tmp_path: Path) -> None:
    embedded.addresses(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_services_answer_and_keep_their_data(folder: Path) -> None:
    with embedded.needed(folder) as services:
        ask(services.owner_url, "CREATE TABLE kept AS SELECT 7 AS value")
        queue(services).set("kept", "8")
    assert not processes(folder)
    with embedded.needed(folder) as services:
        assert ask(services.owner_url, "SELECT value FROM kept") == 7
        assert queue(services).get("kept") == b"8"


def test_a_service_stays_until_its_last_user_leaves(folder: Path) -> None:
    first, second = embedded.start(folder), embedded.start(folder)
    first.stop()
    assert ask(second.services.app_url, "SELECT 1") == 1
    second.stop()
    assert not embedded.running(folder)
    assert not processes(folder)


def test_only_the_service_asked_for_is_started(folder: Path) -> None:
    with embedded.needed(folder, ["valkey"]) as services:
        assert queue(services).ping()
        assert not Layout.of(folder).postgres.exists()


def test_killing_every_user_stops_the_services(folder: Path) -> None:
    user = subprocess.Popen([sys.executable, "-c", USER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    assert user.stdout.readline() == "using\n"
    user.kill()
    user.communicate()
    eventually(lambda: not processes(folder))


@pytest.mark.parametrize("name", ["postgres", "valkey-server"])
def test_a_killed_server_is_named_and_blocks_nothing(folder: Path, name: str) -> None:
    handle = embedded.start(folder)
    ask(handle.services.owner_url, "CREATE TABLE kept AS SELECT 7 AS value")
    queue(handle.services).set("kept", "8")
    time.sleep(1.1)  # Valkey's log reaches the disk once a second.
    server(folder, name).kill()
    eventually(handle.failure)
    assert f"{name.removesuffix('-server')} ended with signal SIGKILL" in str(handle.failure())
    handle.stop()
    with embedded.needed(folder) as services:
        assert ask(services.owner_url, "SELECT value FROM kept") == 7
        assert queue(services).get("kept") == b"8"


def test_killing_everything_at_once_blocks_nothing(folder: Path) -> None:
    handle = embedded.start(folder)
    for process in reversed(processes(folder)):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    handle.stop()
    with embedded.needed(folder) as services:
        assert ask(services.app_url, "SELECT 1") == 1


def test_a_server_without_a_keeper_is_cleared_away(folder: Path) -> None:
    with embedded.needed(folder):
        pass
    service = Postgres(Layout.of(folder))
    stray = spawn(service.command(), log=folder / "log", account=service.account, death_signal=signal.SIGINT)
    eventually(service.ready)
    with embedded.needed(folder) as services:
        assert ask(services.app_url, "SELECT 1") == 1
        assert stray.wait() == 0


def test_a_stale_pid_that_now_belongs_to_someone_else_blocks_nothing(folder: Path) -> None:
    with embedded.needed(folder):
        pid_file = Layout.of(folder).postgres / "postmaster.pid"
        stale = pid_file.read_text().split("\n", 1)[1]
    pid_file.write_text(f"{os.getpid()}\n{stale}")
    with embedded.needed(folder) as services:
        assert ask(services.app_url, "SELECT 1") == 1


def test_an_interrupted_first_start_blocks_nothing(folder: Path) -> None:
    unfinished = folder / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    with embedded.needed(folder) as services:
        assert ask(services.app_url, "SELECT 1") == 1


def test_another_major_version_is_refused_in_words(folder: Path) -> None:
    cluster = Layout.of(folder).postgres
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(embedded.EmbeddedError, match="was made by PostgreSQL 16; this is 18"):
        embedded.start(folder)


def test_a_deep_folder_gets_short_sockets_only_we_can_enter(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "data"
    sockets = Layout.of(deep).sockets
    with embedded.needed(deep) as services:
        assert ask(services.app_url, "SELECT 1") == 1
        assert len(str(sockets)) < 60
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_sockets_are_not_put_into_a_folder_of_another_user(folder: Path) -> None:
    sockets = Layout.of(folder).sockets
    sockets.mkdir(parents=True)
    os.chown(sockets, pwd.getpwnam("daemon").pw_uid, -1)
    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        embedded.start(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as someone else")
def test_root_keeps_its_closed_folders_closed(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with embedded.needed(folder):
        assert server(folder, "postgres").uids().effective != 0
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as someone else")
def test_root_leaves_a_folder_to_its_owner(folder: Path) -> None:
    owner = pwd.getpwnam("daemon").pw_uid
    folder.mkdir()
    os.chown(folder, owner, -1)
    with embedded.needed(folder):
        assert server(folder, "postgres").uids().effective == owner
        assert server(folder, "valkey-server").uids().effective == owner


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as someone else")
def test_programs_in_a_closed_folder_can_be_used_as_someone_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntest -x {program} && id -u && ! chown root {program}\n")
    program.chmod(0o755)
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid, reaches=True)
    child = spawn([str(program)], log=tmp_path / "log", account=account, death_signal=signal.SIGKILL)
    assert child.wait() == 0
    assert (tmp_path / "log").read_text().startswith(f"{nobody.pw_uid}\n")


@pytest.mark.parametrize("role", ["app_url", "owner_url"])
def test_logins_of_the_project_stand_below_row_level_security(shared: Path, role: str) -> None:
    url = getattr(embedded.addresses(shared), role)
    assert ask(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False


def test_the_app_makes_no_tables(shared: Path) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(embedded.addresses(shared).app_url, "CREATE TABLE mine ()")


def test_a_backup_reads_past_row_level_security_and_writes_nothing(shared: Path) -> None:
    services = embedded.addresses(shared)
    ask(services.owner_url, "CREATE TABLE walled AS SELECT 7 AS value")
    ask(services.owner_url, "ALTER TABLE walled ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    assert ask(services.backup_url, "SELECT value FROM walled") == 7
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(services.backup_url, "DELETE FROM walled")


def test_nobody_reaches_the_sockets_but_us(shared: Path) -> None:
    assert stat.S_IMODE(Layout.of(shared).sockets.stat().st_mode) == 0o700


def test_an_interrupt_in_the_terminal_does_not_reach_the_servers(shared: Path) -> None:
    own_group = os.getpgrp()
    assert all(os.getpgid(process.pid) != own_group for process in processes(shared))


def test_a_terminated_keeper_stops_its_service_in_order(folder: Path) -> None:
    handle = embedded.start(folder)
    keeper = server(folder, "valkey-server").parent()
    assert keeper is not None
    keeper.send_signal(signal.SIGTERM)
    eventually(handle.failure)
    handle.stop()
