"""The supervisor: what it says when a part ends, and what it leaves behind, which is nothing."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from connected import supervisor
from connected.embedded.forks import Fork
from connected.embedded.locks import FileLock
from connected.embedded.process import last_lines, roll
from connected.management.commands.up import Console
from connected.supervisor import Failed, Part, Supervisor, parts, port_is_free

ROOT = Path(supervisor.__file__).resolve().parents[1]
STAYS = "import time; print('here', flush=True); time.sleep(600)"
LATE = "import signal, sys, time; signal.signal(15, lambda *_: ({}, sys.exit())); {}"


def part(name: str, code: str, stops: int = 0) -> Part:
    return Part(name, [sys.executable, "-c", code], stops)


def eventually(true: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def boss(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    boss = Supervisor(tmp_path, say=said.append)
    yield boss
    boss.stop()


def log_of(tmp_path: Path, name: str) -> str:
    return (tmp_path / f"{name}.log").read_text()


def watched(boss: Supervisor, until: Callable[[], object]) -> None:
    """Look after the parts until something is so."""

    def looked() -> object:
        boss.look(start_again=True)
        return until()

    eventually(looked)


def once(tmp_path: Path, code: str) -> str:
    """Code for a part that ends the first time, as told, and stays the second."""
    mark = str(tmp_path / "mark")
    return f"import os\nif not os.path.exists({mark!r}): open({mark!r}, 'w'); {code}\n{STAYS}"


def test_a_part_that_ends_is_started_again(boss: Supervisor, said: list[str], tmp_path: Path) -> None:
    boss.start([part("crashes", once(tmp_path, "raise SystemExit('no more')"))])
    watched(boss, lambda: "here" in log_of(tmp_path, "crashes"))
    ended, again = said
    assert re.match(r"\d\d:\d\d:\d\d crashes ended with exit code 1\.", ended)
    assert "no more" in ended
    assert re.fullmatch(r"\d\d:\d\d:\d\d Starting crashes again\.", again)


def test_children_of_a_part_that_ended_do_not_outlive_it(boss: Supervisor, tmp_path: Path) -> None:
    leave = (
        "child = os.fork(); print(child or '', flush=True); child or os.read(os.pipe()[0], 1); os._exit(1)"
    )
    boss.start([part("forks", once(tmp_path, leave))])
    watched(boss, lambda: "here" in log_of(tmp_path, "forks"))
    child = int(log_of(tmp_path, "forks").split()[0])
    eventually(lambda: not psutil.pid_exists(child))


def test_a_part_that_ends_before_all_is_ready_is_not_started_again(boss: Supervisor, said: list[str]) -> None:
    boss.start([part("crashes", "raise SystemExit(3)")])
    with pytest.raises(Failed, match="crashes ended with exit code 3"):
        boss.wait_until_ready(9)
    assert not said


def test_a_part_that_does_not_stay_up_ends_the_watch_with_the_reason(
    boss: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (0, 0.1, 0.2))
    boss.start([part("crashes", "raise SystemExit(3)")])
    began = time.monotonic()
    with pytest.raises(
        Failed, match=r"(?s)crashes ended with exit code 3.*crashes ended 4 times within 60 s"
    ):
        boss.watch()
    assert time.monotonic() - began > sum(supervisor.PAUSES)
    assert sum("again" in each for each in said) == len(supervisor.PAUSES)


def test_what_waits_to_be_started_again_holds_up_no_other(
    boss: Supervisor, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (600,))
    boss.start([part("crashes", "raise SystemExit(3)"), part("stays", STAYS)])
    watched(boss, lambda: said)
    began = time.monotonic()
    with (tmp_path / "stays.log").open("a") as log:  # Beside what the part itself writes.
        log.write("WARNING heard\n")
    watched(boss, lambda: "stays: WARNING heard" in said)
    assert time.monotonic() - began < 10
    assert not any("Starting" in each for each in said)


def test_ends_of_long_ago_are_forgotten(
    boss: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "ENDS_WITHIN", 0)
    boss.start([part("crashes", "raise SystemExit(3)")])
    watched(boss, lambda: len(said) > 2 * len(supervisor.PAUSES))


def test_a_crashed_part_is_named_with_its_code_and_last_words(boss: Supervisor) -> None:
    boss.start([part("stays", STAYS), part("crashes", "print('my last words'); raise SystemExit(3)")])
    with pytest.raises(Failed, match=r"(?s)crashes ended with exit code 3.*crashes\.log.*my last words"):
        boss.watch()


def test_a_killed_part_is_named_with_its_signal(boss: Supervisor) -> None:
    boss.start([part("dies", "import os; os.kill(os.getpid(), 9)")])
    with pytest.raises(Failed, match="dies ended with signal SIGKILL"):
        boss.watch()


def test_words_of_an_earlier_run_are_not_its_last_words(boss: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "fails.log").write_text("old words\n")
    boss.start([part("fails", "raise SystemExit('new words')")])
    with pytest.raises(Failed) as failed:
        boss.watch()
    assert "new words" in str(failed.value)
    assert "old words" not in str(failed.value)


def test_a_failed_service_ends_the_watch(tmp_path: Path) -> None:
    boss = Supervisor(tmp_path, services_failed=lambda: "postgres ended with signal SIGKILL")
    with pytest.raises(Failed, match="postgres ended"):
        boss.watch()


def test_warnings_reach_the_console(boss: Supervisor, said: list[str], tmp_path: Path) -> None:
    lines = [
        "2026 INFO all well",
        "2026 WARNING disk is nearly full",
        "2026 ERROR Service Unavailable: /healthz",
    ]
    boss.start([part("talks", f"print({chr(10).join(lines)!r}, flush=True); {STAYS}")])
    eventually(lambda: "nearly full" in log_of(tmp_path, "talks"))
    boss.look()
    assert said == ["talks: 2026 WARNING disk is nearly full"]


@pytest.mark.parametrize("moved", [True, False])
def test_a_log_that_is_taken_away_ends_nothing(
    boss: Supervisor, said: list[str], tmp_path: Path, moved: bool
) -> None:
    boss.start(
        [part("dies", "import os, time; print('WARNING one', flush=True); time.sleep(0.5); os._exit(3)")]
    )
    watched(boss, lambda: said)
    if moved:
        (tmp_path / "dies.log").rename(tmp_path / "elsewhere")
    else:
        shutil.rmtree(tmp_path)
    watched(boss, lambda: any("Starting dies again" in each for each in said))
    watched(boss, lambda: said.count("dies: WARNING one") > 1)


def test_a_log_that_is_emptied_is_read_from_its_beginning(
    boss: Supervisor, said: list[str], tmp_path: Path
) -> None:
    (tmp_path / "talks.log").write_text("long ago\n" * 100)
    boss.start([part("talks", STAYS)])
    eventually(lambda: "here" in log_of(tmp_path, "talks"))
    boss.look()
    with (tmp_path / "talks.log").open("w") as log:
        log.write("WARNING after\n")
    boss.look()
    assert said == ["talks: WARNING after"]


def test_last_words_come_out_of_an_emptied_log_too(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("after\n")
    assert last_lines(tmp_path / "log", since=1000) == "after"
    assert last_lines(tmp_path / "gone") == ""


def test_a_log_is_rolled_while_its_part_writes(
    boss: Supervisor, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "roll", partial(roll, limit=1000))
    writes = "import time\nfor n in range(100): print('WARNING', n, flush=True); time.sleep(0.01)\n"
    boss.start([part("writes", writes + STAYS)])
    watched(boss, lambda: "writes: WARNING 99" in said)
    assert len(log_of(tmp_path, "writes")) <= 1000
    assert "WARNING" in log_of(tmp_path, "writes.old")
    assert "\0" not in log_of(tmp_path, "writes")


def test_nobody_needs_to_listen() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as pipe:
        for _ in range(2):
            Console(pipe).write("a warning\n")


def test_parts_stop_in_their_order(boss: Supervisor, tmp_path: Path) -> None:
    stamp = f"open({str(tmp_path / 'order')!r}, 'a').write('{{}} ')"
    first, second = (LATE.format(stamp.format(name), STAYS) for name in ("first", "second"))
    boss.start([part("workers", second, stops=1), part("web", first, stops=0)])
    eventually(lambda: "here" in log_of(tmp_path, "web") and "here" in log_of(tmp_path, "workers"))
    boss.stop()
    assert (tmp_path / "order").read_text() == "first second "


def test_a_part_that_will_not_stop_is_ended(
    boss: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_LIMIT", 0.2)
    boss.start([part("deaf", f"import signal; signal.signal(15, signal.SIG_IGN); {STAYS}")])
    eventually(lambda: "here" in log_of(tmp_path, "deaf"))
    boss.stop()
    assert not [
        child for child in psutil.Process().children() if "time.sleep(600)" in " ".join(child.cmdline())
    ]


def test_a_killed_supervisor_takes_its_parts_with_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from connected.supervisor import Part, Supervisor\n"
        f"boss = Supervisor(Path({str(tmp_path)!r})); boss.start([Part('child', [sys.executable, '-c', "
        "'import os, time; print(os.getpid(), flush=True); time.sleep(600)'])]); boss.watch()"
    )
    boss = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    eventually(
        lambda: (tmp_path / "child.log").exists() and (tmp_path / "child.log").read_text().endswith("\n")
    )
    child = int((tmp_path / "child.log").read_text())
    boss.kill()
    boss.wait()
    eventually(lambda: not psutil.pid_exists(child))


def test_a_part_holds_no_lock_of_the_supervisor(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert lock.try_exclusive()
    child = Fork(lambda: time.sleep(600), name="child", log=tmp_path / "log")
    eventually(lambda: psutil.Process(child.pid).num_fds() == 3)
    lock.release()
    assert FileLock(tmp_path / "lock").try_exclusive()
    child.kill_group()


def test_an_error_in_a_fork_is_its_own() -> None:
    child = Fork(lambda: 1 / 0, name="child", log=Path(os.devnull))
    assert child.wait() == 1


def test_a_taken_port_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PORT_LIMIT", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not port_is_free(taken.getsockname()[1])


def test_every_queue_has_a_worker() -> None:
    commands = [" ".join(each.command) for each in parts(8000, Path("data"))]
    assert any("-Q live" in command for command in commands)
    assert any("-Q batch" in command for command in commands)


class Up:
    """`manage.py up` as a process, on a folder and port of its own."""

    def __init__(self, data: Path, port: int) -> None:
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**env, "DATA_DIR": str(data), "PORT": str(port), "SAMPLE": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def until(self, words: str) -> None:
        """Read its output up to a line that says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return
        raise AssertionError(f"never said {words!r}:\n{''.join(self.said)}")

    def rest(self) -> str:
        out, _ = self.process.communicate(timeout=60)
        return out

    def child(self, name: str) -> psutil.Process:
        """A part; one that has just been forked names itself in a moment."""
        eventually(lambda: self._children(name))
        return self._children(name)[0]

    def _children(self, name: str) -> list[psutil.Process]:
        return [each for each in psutil.Process(self.process.pid).children() if each.name() == name]


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture
def up(data: Path, port: int) -> Iterator[Callable[[], Up]]:
    """Starts `manage.py up` on one DATA_DIR; whatever is still running is ended with the test."""
    started: list[Up] = []

    def start() -> Up:
        started.append(Up(data, port))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
        each.process.communicate()
    eventually(lambda: not left_on(data), seconds=40)


def left_on(data: Path) -> list[psutil.Process]:
    """Processes that still use a DATA_DIR."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ", "cwd"])
        if (process.info["cwd"] or "").startswith(str(data))
        or (process.info["environ"] or {}).get("DATA_DIR") == str(data)
    ]


@pytest.mark.stack
def test_up_says_ready_refuses_a_second_and_stops_clean(up: Callable[[], Up], port: int, data: Path) -> None:
    first = up()
    first.until(f"Ready: http://127.0.0.1:{port}")
    assert supervisor.health(port) == "200"
    assert "Connected already runs" in up().rest()
    first.process.send_signal(signal.SIGINT)
    assert "Stopped." in first.rest()
    assert first.process.returncode == 0
    assert not left_on(data)


@pytest.mark.stack
def test_after_a_kill_the_next_up_starts(up: Callable[[], Up]) -> None:
    killed = up()
    killed.until("Ready:")
    killed.process.kill()
    killed.process.wait()
    up().until("Ready:")


@pytest.mark.stack
def test_a_part_that_is_killed_comes_back_until_it_is_killed_too_often(
    up: Callable[[], Up], port: int
) -> None:
    running = up()
    running.until("Ready:")
    running.child("web").kill()
    running.until("Starting web again.")
    eventually(lambda: supervisor.health(port) == "200")
    for _ in supervisor.PAUSES:
        running.child("worker-live").kill()
        running.until("Starting worker-live again.")
    running.child("worker-live").kill()
    last = running.rest()
    assert "worker-live ended with signal SIGKILL" in last
    assert "worker-live ended 4 times within 60 s" in last
    assert running.process.returncode == 1
