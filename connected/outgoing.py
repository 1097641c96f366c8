"""Sending to addresses that people typed in: never to this machine or its network, never for long.

A name is resolved once and the connection goes to the address that was looked at, so a name that points
elsewhere a moment later gains nothing. Redirects are not followed: an answer is what that server said.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

#: Seconds: to find a name, to connect, between two bytes, and for everything.
FIND, CONNECT, READ, TOTAL = 3.0, 3.0, 10.0, 15.0
EXCERPT: Final = 2000
LONGEST: Final = 500
# Where mail, shells and databases listen is nobody's receiver; from here on ports are anybody's.
_FREE_PORTS: Final = 1024
_GLOBAL: Final = ipaddress.ip_network("2000::/3")
# Addresses that carry an IPv4 address inside: Teredo and 6to4.
_TUNNELS: Final = tuple(map(ipaddress.ip_network, ("2001::/32", "2002::/16")))


class Refused(Exception):
    """This is not an address anything is sent to; the message says why, for the person who typed it."""


class Unreachable(Exception):
    """Nobody answered, or not in time; the message says how far it came."""


@dataclass(frozen=True)
class Reply:
    """What a receiver answered: status, and the beginning of the body as text."""

    status: int
    excerpt: str


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's on the internet, and no other kind of address in disguise."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in _GLOBAL and ip.is_global and not any(ip in network for network in _TUNNELS)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def checked(url: str, *, private: bool = False) -> SplitResult:
    """The parts of an address that may be sent to, as far as can be told without looking up its name.

    ``private`` allows http and this network: for development and tests. Raises :class:`Refused`.
    """
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST:
        raise Refused(f"Give an address of at most {LONGEST} ASCII characters without spaces.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is not an address: give one such as https://example.com/hooks.") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Refused("Give an address that begins with https://.")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("Give an address with a host, and without a user, password or fragment.")
    if port is not None and port not in (80, 443) and port < _FREE_PORTS:
        raise Refused(f"Port {port} is not for receivers: use 443, or one from {_FREE_PORTS} on.")
    if not private and _is_literal(parts.hostname) and not is_public(parts.hostname):
        raise Refused(_private(parts.hostname))
    return parts


def look(url: str, *, private: bool = False) -> None:
    """As :func:`checked`, and with a look at where its name leads now; one that leads nowhere passes.

    Raises :class:`Refused`. What counts is the look at every sending.
    """
    parts = checked(url, private=private)
    with suppress(Unreachable):
        addresses_of(parts, private=private)


def addresses_of(parts: SplitResult, *, private: bool) -> list[tuple[Any, ...]]:
    """Where a host is, as ``getaddrinfo`` says it.

    Raises :class:`Refused` when one of the addresses is not public, :class:`Unreachable` without any.
    """
    found = _found(str(parts.hostname), _port(parts))
    for *_, address in found:
        if not private and not is_public(str(address[0]).split("%")[0]):
            raise Refused(_private(str(parts.hostname)))
    return found


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Reply:
    """Send, and return what was answered within :data:`TOTAL` seconds, whatever the other side does.

    Raises :class:`Refused` or :class:`Unreachable`.
    """
    parts = checked(url, private=private)
    raw = _connected(addresses_of(parts, private=private))
    with _ended_after(TOTAL, raw) as over:
        try:
            return _exchange(parts, raw, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(_words(error, over.is_set())) from error
        finally:
            raw.close()


def _exchange(parts: SplitResult, raw: socket.socket, body: bytes, headers: Mapping[str, str]) -> Reply:
    host = str(parts.hostname)
    connection = http.client.HTTPConnection(host)
    raw.settimeout(READ)
    connection.sock = _secured(raw, host) if parts.scheme == "https" else raw
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {**headers, "Host": parts.netloc, "Connection": "close", "Accept-Encoding": "identity"}
        connection.request("POST", path, body, sent)
        response = connection.getresponse()
        said = b""
        with suppress(OSError, http.client.HTTPException):  # The status has come: that is the answer.
            said = response.read(EXCERPT)
        return Reply(response.status, _excerpt(said))
    finally:
        connection.close()


def _secured(raw: socket.socket, host: str) -> ssl.SSLSocket:
    secured = ssl.create_default_context().wrap_socket(
        raw, server_hostname=host, do_handshake_on_connect=False
    )
    try:
        secured.do_handshake()
    except OSError:
        secured.close()
        raise
    return secured


def _excerpt(body: bytes) -> str:
    """As text that a database takes and a page shows."""
    return "".join(c for c in body.decode("utf-8", "replace") if c.isprintable() or c in "\n\t")


@contextmanager
def _ended_after(seconds: float, raw: socket.socket) -> Iterator[threading.Event]:
    """Hang up when time is over, even on a server that sends a byte every few seconds."""
    over = threading.Event()
    held = raw.dup()  # Wrapping in TLS takes the first one away.

    def hang_up() -> None:
        over.set()
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        held.close()


def _connected(found: list[tuple[Any, ...]]) -> socket.socket:
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in found[:2]:
        raw = socket.socket(family, kind, protocol)
        raw.settimeout(CONNECT)
        try:
            raw.connect(address)
            return raw
        except OSError as error:
            raw.close()
            failure = error
    raise Unreachable(_words(failure, over=False))


def _found(host: str, port: int) -> list[tuple[Any, ...]]:
    """Look up a name, in a thread of its own: the system's look-up has no time limit."""
    found: list[tuple[Any, ...]] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(FIND)
    if not found:
        raise Unreachable(f"The host {host} was not found.")
    return list(found)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _private(host: str) -> str:
    return f"{host} is not on the public internet: nothing is sent to private or reserved addresses."


def _words(error: Exception, over: bool) -> str:
    if over:
        return f"It took longer than {TOTAL:g} s."
    if isinstance(error, TimeoutError):
        return "It did not answer in time."
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {getattr(error, 'verify_message', '') or error.reason}."
    if isinstance(error, http.client.HTTPException | ValueError):
        return "What it answered is not HTTP."
    return f"No connection: {error.strerror or error}." if isinstance(error, OSError) else str(error)
