"""Large answers files over REST: taken in at once, told of at their own address."""

from typing import Any

import pytest
from django.test import Client

from assessments.api import imports
from assessments.models import ImportJob, Sheet
from assessments.services.imports import work_off
from connected.permissions import Actor
from tests.api import caller, read

pytestmark = pytest.mark.django_db
ROWS = b"firm,segment,offering,participant,item,value\nAcme,Riders,Rides,Ann,R1,3\n"


@pytest.fixture(autouse=True)
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LARGE", 0)


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


def posted(client: Client, content: bytes = ROWS, query: str = "", key: str = "") -> Any:
    address = f"/api/v1/imports/answers/{query}"
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, content, content_type="text/csv", headers=headers)


def worked(client: Client, answer: Any) -> Any:
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    job = ImportJob.objects.get()
    work_off(workspace_id=job.workspace_id, job_id=job.pk)
    return client.get(answer["Location"]).json()


def test_a_large_file_is_answered_before_it_is_taken_over(client: Client) -> None:
    answer = posted(client)
    assert Sheet.objects.count() == 0
    body = worked(client, answer)
    assert (body["state"], body["counts"]["answers"], body["share"]) == ("done", 1, 1.0)
    assert Sheet.objects.count() == 1


def test_its_bad_rows_are_told_where_it_is(client: Client) -> None:
    body = worked(client, posted(client, ROWS + b"Acme,Riders,Rides,Ann,R2,9\n"))
    assert (body["state"], body["problem_count"], body["counts"]) == ("refused", 1, None)
    assert body["problems"][0]["row"] == 3


def test_a_large_file_that_is_only_tried_writes_nothing(client: Client) -> None:
    body = worked(client, posted(client, query="?dry_run=true"))
    assert (body["state"], body["counts"]["answers"], Sheet.objects.count()) == ("checked", 1, 0)


def test_it_is_cancelled_once(client: Client) -> None:
    where = posted(client)["Location"]
    assert client.delete(where).status_code == 204
    assert client.get(where).json()["state"] == "cancelled"
    assert client.delete(where).status_code == 409


def test_with_a_key_it_is_kept_once(client: Client) -> None:
    first, again = posted(client, key="large-file"), posted(client, key="large-file")
    assert (first["Location"], ImportJob.objects.count()) == (again["Location"], 1)


def test_a_key_is_not_kept_for_a_body_too_large_to_compare(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MAX_BYTES", 10)
    refused = posted(client, key="too-large")
    assert refused.status_code == 413
    assert posted(client).status_code == 202


def test_what_another_consultancy_imports_is_nowhere(client: Client) -> None:
    assert read(client, "imports/9999999/").status_code == 404
