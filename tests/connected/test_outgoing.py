"""Sending to strangers: what is refused, and that nothing takes for ever."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connected import outgoing
from connected.outgoing import Refused, Unreachable, checked, is_public, look, post
from tests.receiver import Receiver, deaf, drop_by_drop, endless, receiving, silent, status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, sooner."""
    for name, seconds in (("CONNECT", 0.3), ("READ", 0.5), ("TOTAL", 1.0)):
        monkeypatch.setattr(outgoing, name, seconds)


PRIVATE = (
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_on_the_internet_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_on_the_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "//example.com/", "example.com", "", "https://"),
        *("https://user:secret@example.com/", "https://user@example.com/", "https://example.com/#part"),
        *("https://example.com:22/", "https://example.com:0/", "https://example.com:99999/"),
        *("https://exa mple.com/", "https://example.com/\r\nX: y", "https://exämple.com/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.0.0.1:8443/"),
        *("https://[::1/", "https://example.com/" + "a" * 500),
    ],
)
def test_an_address_nothing_is_sent_to_is_refused_when_it_is_typed(url: str) -> None:
    with pytest.raises(Refused):
        checked(url)


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://127.1/", "https://2130706433/", "https://0x7f.1/"]
)
def test_a_name_that_leads_to_this_machine_is_refused_when_it_is_typed(url: str) -> None:
    with pytest.raises(Refused, match="not on the public internet"):
        look(url)


def test_it_is_refused_again_when_something_is_sent(receiver: Receiver) -> None:
    with pytest.raises(Refused):
        post(receiver.url.replace("http:", "https:").replace("127.0.0.1", "localhost"), b"{}", {})
    assert receiver.heard == []


def _leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let names lead to these addresses, one after the other; returns the names asked for."""
    asked, kept = [], socket.getaddrinfo
    left = list(addresses)

    def find(host: str, port: int, **kwargs: Any) -> Any:
        asked.append(host)
        return kept(left.pop(0), port, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", find)
    return asked


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(Refused):
        post("https://receiver.example/", b"{}", {})


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """A name that would lead elsewhere when asked again is not asked again."""
    asked = _leads_to(monkeypatch, "127.0.0.1", "192.0.2.1")
    answer = post(receiver.url.replace("127.0.0.1", "receiver.example"), b"{}", {}, private=True)
    assert answer.status == 200
    assert asked == ["receiver.example"]
    assert receiver.heard[0].headers["host"].startswith("receiver.example:")


def test_a_name_that_leads_nowhere_may_be_typed_and_fails_when_sent() -> None:
    look("https://nowhere.invalid/")
    with pytest.raises(Unreachable, match=r"nowhere\.invalid was not found"):
        post("https://nowhere.invalid/", b"{}", {})


def test_what_is_sent_arrives_as_it_is(receiver: Receiver) -> None:
    reply = post(receiver.url, b'{"a": 1}', {"webhook-id": "msg_1"}, private=True)
    heard = receiver.heard[0]
    assert (reply.status, heard.path, heard.body) == (200, "/hooks?for=tests", b'{"a": 1}')
    assert heard.headers["webhook-id"] == "msg_1"


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answer = status(302, Location=receiver.url)
    assert post(receiver.url, b"{}", {}, private=True).status == 302
    assert len(receiver.heard) == 1


def test_of_a_huge_answer_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answer = endless
    reply = post(receiver.url, b"{}", {}, private=True)
    assert (reply.status, len(reply.excerpt)) == (200, outgoing.EXCERPT)


def test_what_a_database_cannot_keep_is_left_out(receiver: Receiver) -> None:
    receiver.answer = status(500, b"a\x00b\xff\x1b[31m\n")
    assert post(receiver.url, b"{}", {}, private=True).excerpt == "ab�[31m\n"


@pytest.mark.usefixtures("hurried")
def test_one_that_says_nothing_is_left(receiver: Receiver) -> None:
    receiver.answer = silent(5)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer in time"):
        post(receiver.url, b"{}", {}, private=True)
    assert time.monotonic() - began < 4


@pytest.mark.usefixtures("hurried")
def test_one_that_speaks_drop_by_drop_is_hung_up_on(receiver: Receiver) -> None:
    receiver.answer = drop_by_drop(0.1)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="longer than"):
        post(receiver.url, b"{}", {}, private=True)
    assert time.monotonic() - began < 10


@pytest.mark.usefixtures("hurried")
def test_a_body_drop_by_drop_does_not_undo_the_status(receiver: Receiver) -> None:
    receiver.answer = drop_by_drop(0.1, before_the_status=False)
    began = time.monotonic()
    assert post(receiver.url, b"{}", {}, private=True).status == 200
    assert time.monotonic() - began < 10


@pytest.mark.usefixtures("hurried")
def test_one_that_takes_no_connection_is_left() -> None:
    with deaf() as url, pytest.raises(Unreachable, match="did not answer in time"):
        post(url, b"{}", {}, private=True)


def test_one_that_is_not_there_is_said_to_be(receiver: Receiver) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="No connection"):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, private=True)


def _speaking(text: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(text)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


@pytest.fixture
def no_http() -> Iterator[str]:
    yield from _speaking(b"SSH-2.0-OpenSSH_9.2\r\n")


@pytest.mark.parametrize(("scheme", "words"), [("http", "not HTTP"), ("https", "TLS failed")])
def test_one_that_speaks_something_else_is_said_to(no_http: str, scheme: str, words: str) -> None:
    with pytest.raises(Unreachable, match=words):
        post(f"{scheme}://{no_http}/", b"{}", {}, private=True)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A receiver that speaks TLS with a certificate of its own making, for ``localhost``."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    words += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(made)]
    subprocess.run(words, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                plain, _ = server.accept()
                with plain, context.wrap_socket(plain, server_side=True) as connection:
                    # Head and body may come apart; closing on an unread body cuts the connection.
                    while (got := connection.recv(65536)) and not got.endswith(b"{}"):
                        pass
                    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{server.getsockname()[1]}/", made
        thread.join(5)


def test_over_tls_a_known_certificate_is_taken(
    secured: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secured[1]))
    assert post(secured[0], b"{}", {}, private=True).status == 204


def test_over_tls_an_unknown_certificate_is_refused(secured: tuple[str, Path]) -> None:
    with pytest.raises(Unreachable, match="TLS failed"):
        post(secured[0], b"{}", {}, private=True)
