"""A real HTTP server that receives events, and misbehaves in every way a stranger's may."""

import hashlib
import hmac
import socket
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Heard:
    """One request: headers by lower-case name."""

    path: str
    headers: dict[str, str]
    body: bytes

    def signed_by(self, secret: str) -> bool:
        """Whether a signature fits, reckoned from the specification and not by the code that signs."""
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
        said = ".".join((self.headers["webhook-id"], self.headers["webhook-timestamp"], self.body.decode()))
        wanted = b64encode(hmac.new(key, said.encode(), hashlib.sha256).digest()).decode()
        signatures = [each.split(",", 1) for each in self.headers["webhook-signature"].split(" ")]
        return ["v1", wanted] in signatures


@dataclass
class Receiver:
    """Its address, what it has heard, and how it answers from now on."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Answering = lambda handler: status(200)(handler)


def status(code: int, body: bytes = b"", **headers: str) -> Answering:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        with suppress(OSError):
            handler.wfile.write(body)

    return act


def silent(seconds: float) -> Answering:
    """Takes the request and says nothing."""
    return lambda handler: time.sleep(seconds)


def drop_by_drop(every: float, before_the_status: bool = True) -> Answering:
    """A byte now and then: no two of them further apart than any time limit between bytes."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        text = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000
        if not before_the_status:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
            text = b"a" * 10_000
        with suppress(OSError):
            for byte in text:
                handler.wfile.write(bytes([byte]))
                time.sleep(every)

    return act


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"a" * 65536)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on this machine, ended with the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.heard.append(Heard(self.path, headers, body))
            receiver.answer(self)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks?for=tests"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def deaf() -> Iterator[str]:
    """An address that takes no connection: its queue is full."""
    with socket.socket() as listening, socket.socket() as first:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        first.connect(listening.getsockname())
        port = listening.getsockname()[1]
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.setblocking(False)
            with suppress(BlockingIOError):
                other.connect(("127.0.0.1", port))
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            for other in others:
                other.close()
