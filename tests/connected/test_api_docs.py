"""The guide, the schema and the docs page: what they say is so, and their examples run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import yaml
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from django.test import Client
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator

from connected.permissions import Actor
from connected.services import make_token
from tests import factories
from tests.api import caller, send

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address(owner: Actor) -> Iterator[str]:
    """This test's own transaction over HTTP, as the examples of the guide call it."""
    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet)
    shared = connections["default"]
    shared.inc_thread_sharing()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)  # As the test client does: the transaction is not theirs.

    def serve() -> None:
        connections["default"] = shared
        server.serve_forever(poll_interval=0.05)

    thread = Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1"
    server.shutdown()
    thread.join()
    server.server_close()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    shared.dec_thread_sharing()


def run(kind: str, block: str, environment: dict[str, str]) -> str:
    command = ["sh", "-euc", block] if kind == "sh" else [sys.executable, "-W", "error", "-c", block]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples call curl, which is not installed")
def test_the_examples_of_the_guide_run(address: str, owner: Actor) -> None:
    _, token = make_token(by=owner, name="Guide", scope="write")
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) >= 6
    for kind, block in blocks:
        said = run(kind, block, {"CONNECTED": address, "TOKEN": token})
        assert said.strip() or "\ndef " in block  # What only defines has nothing to say.


def test_every_address_of_the_guide_exists() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    named = re.findall(r"`(?:POST |GET )?((?:/api/v1/)?[a-z]+/(?:\{id\}/)?(?:[a-z]+/)*)`", text)
    assert len(named) > 10
    for path in named:
        found = resolve("/api/v1/" + path.removeprefix("/api/v1/").replace("{id}", "1"))
        assert found.url_name not in ("api-nowhere", "api-root"), path


def test_every_route_of_the_schema_is_in_the_guide(schema: dict[str, Any]) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for path in schema["paths"]:
        assert path.removeprefix("/api/v1/").split("{")[0] in text, path


def test_every_operation_is_described_in_words(schema: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in schema["tags"]}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            assert set(operation["tags"]) <= tags, (method, path)
            assert {"400", "401", "429", "503"} <= set(operation["responses"]), (method, path)


def test_the_examples_of_the_docs_page_are_taken(owner: Actor, schema: dict[str, Any]) -> None:
    client = caller(owner)
    segment = factories.segment(owner, factories.firm(owner).pk)
    ids = {"firm": segment.firm_id, "segment": segment.pk}
    made: dict[str, int] = {}
    for path in (
        "firms/",
        "segments/",
        "touchpoints/",
        "workshops/",
        "workshops/{workshop}/answers/",
        "runs/",
    ):
        content = schema["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]
        (example,) = content["examples"].values()
        body = {name: ids.get(name, value) for name, value in example["value"].items()}
        answer = send(client, "post", path.format(**made), body)
        assert answer.status_code in (201, 202), answer.content
        made[path.split("/")[0].removesuffix("s")] = answer.json()["id"]


def test_schema_docs_and_guide_need_no_token(db: None) -> None:
    page, schema, guide = (Client().get(f"/api/v1/{name}/") for name in ("docs", "schema", "guide"))
    assert yaml.safe_load(schema.content)["info"]["title"] == "Connected"
    assert b"Authorization" in guide.content
    assert page.status_code == 200
    assert b"<style" not in page.content
    assert not re.search(rb"<script(?![^>]*src=)", page.content)
    as_json = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert json.loads(as_json.content)["openapi"].startswith("3.")


def test_an_address_nobody_knows_resolves_to_the_one_who_says_so() -> None:
    assert resolve("/api/v1/nothing/").url_name == "api-nowhere"
    with pytest.raises(Resolver404):
        resolve("/api/v2/firms/")
