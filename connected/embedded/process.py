"""Child processes that never outlive their parent, and that need not be root."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connected.embedded.errors import EmbeddedError

SYSTEM_USER = "connected"
#: Bytes. A log that has more is put aside, and what was put aside before it goes.
LOG_LIMIT = 10_000_000

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_NO_SETUID_FIXUP = 1 << 2
_CAP_DAC_OVERRIDE = 1
_CAP_VERSION_3 = 0x20080522
# Loaded before any fork: a child between fork and exec must not import or open libraries.
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """Whom a process runs as. `reaches` lets it pass folders closed to it, such as root's home."""

    uid: int
    gid: int
    reaches: bool = False

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()


def unprivileged_account(data_dir: Path, must_reach: Sequence[Path]) -> Account:
    """The account the services run as, which is never root: PostgreSQL refuses that.

    That is ourselves; or, started as root, whoever owns `data_dir`; where root does, a system user.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = data_dir.stat()
    uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid else _system_user()
    return Account(uid, gid, reaches=not all(_open_to_all(path) for path in must_reach))


def _system_user() -> tuple[int, int]:
    """Id and group of our system user, made when missing; `nobody` where users cannot be made."""
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/bin/false",
            SYSTEM_USER,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
            entry = pwd.getpwnam(SYSTEM_USER)
        except (OSError, subprocess.CalledProcessError, KeyError):
            entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _open_to_all(path: Path) -> bool:
    """True when any user can get to `path` and read it."""
    existing = next(place for place in (path, *path.parents) if place.exists())
    readable = existing != path or bool(existing.stat().st_mode & 0o004)
    return readable and all(folder.stat().st_mode & 0o001 for folder in existing.parents)


def before_exec(account: Account | None = None, death_signal: int = signal.SIGKILL) -> Callable[[], None]:
    """What a child does between fork and exec: change its user, and ask to be ended when we end."""
    parent = os.getpid()

    def prepare() -> None:
        if account is not None and not account.is_us:
            _become(account)
        if sys.platform == "linux":
            # After the change of user, which clears it.
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def name_this(name: str) -> None:
    """Give this process the name that `ps` and `top` show."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def die_with_parent(death_signal: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when the one that started it ends."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)


def catches_interrupts(pid: int) -> bool:
    """Whether a process handles SIGINT itself."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)


def _become(account: Account) -> None:
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid)
    if account.reaches:
        # Rights stay through the change of user, and access(2), which initdb asks, minds them.
        _LIBC.prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP, 0, 0, 0)
    os.setresuid(account.uid, account.uid, account.uid)
    if account.reaches:
        _keep_reach()


def _keep_reach() -> None:
    """Drop every right of root but one, to pass closed folders: so none has to be opened to everyone."""
    header = (ctypes.c_uint32 * 2)(_CAP_VERSION_3, 0)
    mask = 1 << _CAP_DAC_OVERRIDE
    rights = (ctypes.c_uint32 * 6)(
        mask, mask, mask, 0, 0, 0
    )  # effective, permitted, inheritable; then high words
    if _LIBC.capset(header, rights) or _LIBC.prctl(
        _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0
    ):
        os.write(
            2, b"The system does not let PostgreSQL into a folder closed to other users: move DATA_DIR\n"
        )
        os._exit(1)


def spawn(argv: Sequence[str], *, log: Path, account: Account, death_signal: int) -> subprocess.Popen[bytes]:
    """Start a program in its own session, out of reach of a terminal's Ctrl-C; its output goes to `log`."""
    with log.open("ab") as output:
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=before_exec(account, death_signal),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedError(f"{argv[0]} cannot be started: {error}") from error


def last_lines(log: Path, count: int = 15, since: int = 0) -> str:
    """The end of a log file, from byte `since` on; all of one that was cut shorter than that since."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since if since <= size else 0, size - 20_000))
            text = file.read().decode(errors="replace")
    except OSError:  # Somebody moved it away.
        return ""
    return "\n".join(text.splitlines()[-count:])


def roll(log: Path, limit: int = LOG_LIMIT) -> int:
    """Put aside what a log holds when it has grown past `limit` bytes; return the size it has then.

    It is copied and emptied: who writes to it may go on, since all of us open logs to append.
    """
    with suppress(OSError):  # Gone, or no room for a copy: nothing that should stop who asks.
        if log.stat().st_size > limit:
            shutil.copyfile(log, log.with_suffix(".old.log"))
            os.truncate(log, 0)
    return log.stat().st_size if log.exists() else 0


def signal_name(returncode: int) -> str:
    """`exit code 3` or `signal SIGKILL`, for messages."""
    if returncode >= 0:
        return f"exit code {returncode}"
    return f"signal {signal.Signals(-returncode).name}"
