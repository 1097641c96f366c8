"""Where the embedded services keep their data, logs, locks and sockets."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from connected.embedded.errors import EmbeddedError, unusable

#: `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
LONGEST_SOCKET_PATH = 103
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
#: Not `tempfile.gettempdir()`: every process must find the same sockets, whatever its TMPDIR.
SHORT_FOLDER = Path("/tmp")


@dataclass(frozen=True)
class Layout:
    """All paths below one DATA_DIR. Computing them touches nothing."""

    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Layout":
        return cls(Path(data_dir).expanduser().resolve())

    @property
    def locks(self) -> Path:
        return self.data_dir / "locks"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data_dir / "valkey"

    @property
    def sockets(self) -> Path:
        """Folder of both sockets: inside DATA_DIR, or a short one where that path would be too long."""
        inside = self.data_dir / "sockets"
        if len(os.fsencode(inside / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return SHORT_FOLDER / f"connected-{name}"

    def make(self) -> None:
        """Create what every service needs; folders of one service are made by `private_folder`."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            for folder in (self.locks, self.logs):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(unusable(error)) from error


def private_folder(path: Path, uid: int, gid: int) -> None:
    """Make `path` a folder only `uid` can enter, or raise when someone else has put something there.

    The embedded server trusts whoever reaches its socket, so this folder is the lock on the door.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {uid, os.geteuid()}:
        raise EmbeddedError(f"{path} belongs to another user. Remove it or choose another DATA_DIR.")
    if os.geteuid() == 0 and (found.st_uid, found.st_gid) != (uid, gid):
        for place in (*path.rglob("*"), path):
            os.chown(place, uid, gid, follow_symlinks=False)
    path.chmod(0o700)
