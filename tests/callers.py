"""Speaking to a running Connected over HTTP: as a script with a token, and as a person with a session."""

import http.client
import json
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

#: Seconds.
PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """What came back. ``headers`` by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)

    def lines(self) -> list[Any]:
        """The objects of an NDJSON body."""
        return [json.loads(line) for line in self.body.splitlines()]


class Caller:
    """Calls to one address, each over a connection of its own."""

    def __init__(self, base: str) -> None:
        self.base = base

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = self._heard(response)
        finally:
            connection.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, found)

    def _heard(self, response: http.client.HTTPResponse) -> bytes:
        return response.read()


class Api(Caller):
    """REST with a token, or without one. Paths are below ``/api/v1/`` unless they begin with a slash."""

    def __init__(self, base: str, token: str = "") -> None:
        super().__init__(base)
        self._token = token

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: object) -> Answer:
        return self.send("POST", path, body)

    def send(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Answer:
        """``body``: bytes as they are, anything else as JSON, None for none."""
        headers = {"Authorization": f"Token {self._token}"} if self._token else {}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = kind
        return self.call(method, path if path.startswith("/") else f"/api/v1/{path}", content, headers)

    def made(self, path: str, body: object) -> Any:
        """Post, and the object that came of it; anything else than success raises with its words."""
        answer = self.post(path, body)
        assert answer.status in (200, 201, 202), f"{answer.status} {answer.text}"
        return answer.json()

    def each(self, path: str) -> list[Any]:
        """Every object of a list, page by page."""
        found: list[Any] = []
        address: str | None = path
        while address:
            page = self.get(address).json()
            found += page["results"]
            following = page["next"] and urlsplit(page["next"])
            address = following and f"{following.path}?{following.query}"
        return found


class Visitor(Caller):
    """A person's session: cookies are kept, forms carry the token that their page gave."""

    def __init__(self, base: str) -> None:
        super().__init__(base)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        return self.call("GET", path, None, self._headers())

    def post(self, path: str, **fields: str) -> Answer:
        headers = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"X-CSRFToken": self.cookies.get("csrftoken", ""), "Origin": self.base}
        return self.call("POST", path, urlencode(fields).encode(), headers)

    def sign_in(self, email: str, password: str) -> None:
        page = self.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, "the sign-in page has no form"
        answer = self.post("/sign-in/", username=email, password=password, csrfmiddlewaretoken=token[1])
        assert answer.status == 302, f"could not sign in as {email}"

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _heard(self, response: http.client.HTTPResponse) -> bytes:
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return super()._heard(response)
