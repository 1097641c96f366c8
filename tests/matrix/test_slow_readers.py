"""Streams that nobody reads leave room for everybody else."""

import pytest
from django.test import Client

from connected.tenancy import in_workspace
from matrix.api.streams import AT_ONCE
from matrix.services import rescore_stale
from tests import factories
from tests.api import caller, read
from tests.matrix.worlds import GUEST, assessed


@pytest.fixture
def client(committed: None) -> Client:
    owner = factories.workspace()
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        assessed(owner, [GUEST], factories.firm(owner).pk)
        client = caller(owner, "read")
    rescore_stale(workspace_id=owner.workspace_id)
    return client


@pytest.mark.parametrize("kind", ["ndjson", "csv"])
def test_one_stream_too_many_is_told_to_come_again(client: Client, kind: str) -> None:
    held = [read(client, f"placements/?format={kind}") for _ in range(AT_ONCE)]
    refused = client.get("/api/v1/placements/?format=ndjson")
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert "Too many streams" in refused.json()["detail"]
    assert read(client, "placements/").json()["results"]
    held[0].close()
    assert b"".join(read(client, "placements/?format=ndjson"))


def test_each_that_ends_or_is_dropped_gives_its_place_back_once(client: Client) -> None:
    for _ in range(2 * AT_ONCE):
        answer = read(client, "placements/?format=ndjson")
        assert b"".join(answer)
        answer.close()
    for _ in range(2 * AT_ONCE):
        read(client, "placements/?format=ndjson")
    held = [read(client, "placements/?format=ndjson") for _ in range(AT_ONCE)]
    assert client.get("/api/v1/placements/?format=ndjson").status_code == 429
    del held
