"""Large files on their pages: looked at by a worker, confirmed, watched, cancelled."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.models import ImportJob, Sheet
from assessments.services.imports import work_off
from assessments.views import imports
from connected.permissions import Actor
from tests.assessments.world import client_of

pytestmark = pytest.mark.django_db
HEADER = "firm,segment,offering,participant,item,value\n"
ROW = "Acme,Riders,Rides,Ann,R1,3\n"


@pytest.fixture(autouse=True)
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LARGE", 0)


@pytest.fixture
def client(owner: Actor) -> Client:
    return client_of(owner)


def chosen(client: Client, owner: Actor, text: str = HEADER + ROW, kind: str = "answers") -> Any:
    file = SimpleUploadedFile("spring.csv", text.encode())
    return client.post(f"/w/{owner.workspace_slug}/imports/", {"kind": kind, "file": file})


def worked(client: Client, where: str) -> str:
    job = ImportJob.objects.get()
    work_off(workspace_id=job.workspace_id, job_id=job.pk)
    return client.get(where).content.decode()


def test_a_large_file_is_looked_at_and_written_when_confirmed(client: Client, owner: Actor) -> None:
    where = chosen(client, owner)["Location"]
    assert "Waiting for a worker" in client.get(where).content.decode()
    assert "Nothing is written yet" in worked(client, where)
    assert Sheet.objects.count() == 0
    client.post(f"{where}confirm/")
    assert "All of it is imported" in worked(client, where)
    assert Sheet.objects.count() == 1


def test_the_page_asks_while_a_worker_has_it_and_not_after(client: Client, owner: Actor) -> None:
    where = chosen(client, owner)["Location"]
    part = client.get(where, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    assert 'hx-trigger="every' not in worked(client, where)


def test_what_is_swapped_meanwhile_has_no_button_and_at_the_end_is_all_of_it(
    client: Client, owner: Actor
) -> None:
    where, asks = chosen(client, owner)["Location"], {"HX-Request": "true"}
    part = client.get(where, headers=asks)
    assert 'id="import-said" hx-swap-oob="true"' in part.text
    assert "<button" not in part.text
    assert "<button" in worked(client, where)
    whole = client.get(where, headers=asks)
    assert (whole["HX-Retarget"], whole["HX-Reswap"]) == ("#import-progress", "outerHTML")


def test_the_list_asks_again_while_one_goes_on_and_not_after(client: Client, owner: Actor) -> None:
    where, listed = chosen(client, owner)["Location"], f"/w/{owner.workspace_slug}/imports/"
    assert "every 1s" in client.get(listed).text
    part = client.get(listed, headers={"HX-Request": "true"}).text
    assert '-state" hx-swap-oob="true">waiting' in part
    assert "<h1" not in part
    ImportJob.objects.update(state="running", share=0.42)
    assert ">42 % looked at<" in client.get(listed).text
    ImportJob.objects.update(state="waiting")
    worked(client, where)
    assert "every 1s" not in client.get(listed).text


def test_bad_rows_are_named(client: Client, owner: Actor) -> None:
    page = worked(client, chosen(client, owner, HEADER + ROW + ROW.replace("R1,3", "R2,9"))["Location"])
    assert "1 problem in this file" in page
    assert "R2 takes" in page


def test_it_is_cancelled_from_its_page(client: Client, owner: Actor) -> None:
    where = chosen(client, owner)["Location"]
    client.post(f"{where}cancel/")
    assert "nothing was written" in worked(client, where)
    assert "had ended before" in client.post(f"{where}cancel/", follow=True).content.decode()


def test_the_import_page_lists_it(client: Client, owner: Actor) -> None:
    where = chosen(client, owner)["Location"]
    assert where in client.get(f"/w/{owner.workspace_slug}/imports/").content.decode()


def test_other_files_are_looked_at_in_the_page(client: Client, owner: Actor) -> None:
    assert "/large/" not in chosen(client, owner, "firm\nAcme\n", "firms")["Location"]
