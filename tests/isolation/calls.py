"""One call, as one person, in a transaction that is taken back; and what came of it."""

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core import mail
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from tests.isolation import database
from tests.isolation.world import RANGES, Realm, World

# What differs between two answers that say the same.
_CHANCE = (
    # Signed with the second it was signed in.
    (re.compile(r"\.eJ[\w-]+:[\w-]{6}:[\w-]{43}"), "SIGNED"),
    # What is new is told from here on: transactions of the whole server, sealed.
    (re.compile(r"\bs1\.[\w-]{100,}"), "SINCE"),
    # Of an ``ETag`` the same, with the address asked for; the hash of the body behind it stays.
    (re.compile(r'\bW/"[\w-]{100,}'), 'W/"SINCE'),
    (re.compile(r"\bconnected_once=[^;]+"), "connected_once=SECRET"),
    (re.compile(r"\b[A-Za-z0-9]{64}\b"), "CSRF"),
    (re.compile(r"\bcsrftoken=\w+"), "csrftoken=CSRF"),
    (re.compile(r"\bmessages=[^;\n]+"), "messages=MESSAGES"),
    (re.compile(r"\bsessionid=\w*"), "sessionid=SESSION"),
    (re.compile(r"nonce-[\w+/=-]+"), "NONCE"),
    (re.compile(r"expires=[^;]+;"), "expires=DATE;"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)?"), "DATE"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}(, \d\d:\d\d)?"), "DATE"),
    (re.compile(rf"\b{RANGES['new'] // 1_000_000}\d{{6}}\b"), "NEW"),
    (re.compile(r"/imports/[\w-]{22}/"), "/imports/NEW/"),
    (re.compile(r"\bundo=[\w.:%-]+"), "undo=UNDO"),
    (re.compile(r"cs_[0-9a-f]{16}(_[\w-]{43})?"), "TOKEN"),
    (re.compile(r"whsec_[\w+/=]{44}"), "SECRET"),
    (re.compile(r"(?m)^Expires: .*$"), "Expires: DATE"),
)


@dataclass(frozen=True)
class Call:
    """What is asked for. ``body``: a form, or JSON with ``is_json``, where it may be a list."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | list[Mapping[str, object]] | str | None = None
    is_json: bool = False

    def __str__(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.method} {self.path}{query} {self.body or ''}".strip()


@dataclass(frozen=True)
class Answer:
    """What came back: status, everything that can be read of it, and what it would have changed."""

    status: int
    text: str
    location: str = ""
    changed: frozenset[int] = frozenset()
    broken: str = ""

    @cached_property
    def steady(self) -> str:
        """The answer without chance."""
        text = self.text
        for pattern, name in _CHANCE:
            text = pattern.sub(name, text)
        return text

    def normal(self, realm: Realm, slug: str = "") -> str:
        """The answer without chance, and without what the asker put into the question.

        ``slug``: that of the other workspace, where the question named it.
        """
        text = self.steady
        for number in realm.ids.values():
            text = text.replace(str(number), "#")
        return (text.replace(slug, "SLUG") if slug else text).replace(realm.word, "WORD")


class _Memory(logging.Handler):
    """Whatever is logged, as text, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Caller:
    """Somebody with a session or a token; every call begins with the same cookies."""

    def __init__(self, name: str, client: Client) -> None:
        self.name, self.client = name, client
        self.cookies = client.cookies.output()
        self._session = {key: morsel.value for key, morsel in client.cookies.items()}

    def call(self, call: Call, sums: Mapping[int, str]) -> Answer:
        """Ask, note what a commit would leave of every workspace, and take it all back.

        ``sums`` are the checksums before.
        """
        self.client.cookies.clear()
        for key, value in self._session.items():
            self.client.cookies[key] = value
        mail.outbox.clear()
        with _logged() as memory, transaction.atomic():
            before = database.written()
            response = self._send(call)
            body = _body(response) + self._after(call, response)
            # What a view took back itself is no change: look past that mark.
            refused = transaction.get_connection().needs_rollback
            same = refused or database.written() == before
            after = dict(sums) if same else database.checksums()
            broken = "" if refused or call.method == "GET" else database.broken_keys()
            transaction.set_rollback(True)
        headers = "\n".join(
            f"{name}: {value}" for name, value in sorted(response.items()) if name != "Content-Length"
        )
        cookies = response.cookies.output()
        mails = "\n".join(str(each.message()) for each in mail.outbox)
        return Answer(
            status=response.status_code,
            text="\n".join(
                (str(response.status_code), headers, cookies, readable(body), mails, *memory.lines)
            ),
            location=response.get("Location", ""),
            changed=frozenset(key for key in {*sums, *after} if sums.get(key) != after.get(key)),
            broken=broken,
        )

    def _after(self, call: Call, response: Any) -> bytes:
        """What is shown after a change: the page one is sent to, with its messages."""
        address = response.get("Location", "")
        if call.method == "GET" or response.status_code != 302 or not address.startswith("/"):
            return b""
        return b"\n" + _body(self.client.get(address))

    def _send(self, call: Call) -> Any:
        path = f"{call.path}?{urlencode(call.query)}" if call.query else call.path
        if call.body is None:
            return self.client.generic(call.method, path)
        if isinstance(call.body, str):
            return self.client.generic(call.method, path, call.body, content_type="text/csv")
        if call.is_json:
            return self.client.generic(
                call.method, path, json.dumps(call.body), content_type="application/json"
            )
        assert not isinstance(call.body, list)
        form = urlencode(call.body, doseq=True)
        return self.client.generic(call.method, path, form, content_type="application/x-www-form-urlencoded")


def _body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@contextmanager
def _logged() -> Iterator[_Memory]:
    memory = _Memory()
    logging.getLogger().addHandler(memory)
    try:
        yield memory
    finally:
        logging.getLogger().removeHandler(memory)


def readable(body: bytes) -> str:
    """The body as text; of an archive, the text of everything inside but its date."""
    if not body.startswith(b"PK\x03\x04"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = [name for name in sorted(archive.namelist()) if name != "docProps/core.xml"]
        return "\n".join(name + archive.read(name).decode("utf-8", "replace") for name in names)


PEOPLE = {
    "nobody": None,
    "stranger": "stranger",
    "their-owner": "their owner",
    "their-consultant": "their consultant",
    "ungranted": "ungranted",
    "granted": "granted",
    "consultant": "our consultant",
    "owner": "our owner",
}
TOKENS = ("none", "garbage", "revoked", "expired", "theirs", "ungranted", "granted", "read", "write")


def callers(world: World) -> dict[str, Caller]:
    """Persons by name, and tokens by ``token:name``."""
    found = {}
    for name, user in PEOPLE.items():
        client = Client(raise_request_exception=False)
        if user is not None:
            client.force_login(world.users[user])
        found[name] = Caller(name, client)
    for name in TOKENS:
        headers = {"Authorization": f"Token {world.tokens[name]}"} if name != "none" else {}
        found[f"token:{name}"] = Caller(
            f"token:{name}", Client(raise_request_exception=False, headers=headers)
        )
    return found


@contextmanager
def reading(seen: set[str]) -> Iterator[None]:
    """Note every name a view asks a query or a form for, so that tests know what to send."""
    originals = {name: getattr(QueryDict, name) for name in ("get", "getlist", "__getitem__", "__contains__")}

    def noting(original: Any) -> Any:
        def asked(self: QueryDict, key: Any, *args: Any, **kwargs: Any) -> Any:
            seen.add(str(key))
            return original(self, key, *args, **kwargs)

        return asked

    for name, original in originals.items():
        setattr(QueryDict, name, noting(original))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(QueryDict, name, original)


__all__ = ["PEOPLE", "TOKENS", "Answer", "Call", "Caller", "callers", "readable", "reading"]
