"""The import pages: choose, look, confirm; and files to take along."""

import io
from http import HTTPStatus
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.models import Sheet
from connected.models import Firm, Role, User
from connected.permissions import Actor
from connected.services import add_segment
from tests import factories

ANSWERS = b"firm,segment,offering,participant,item,value\nAcme,Riders,Rides,Ann,R1,3\n"
FILES = ("firms", "segments", "touchpoints", "answers")


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(memberships=actor.membership_id))
    return client


@pytest.fixture
def browser(owner: Actor) -> Client:
    return client_of(owner)


def address(actor: Actor, rest: str = "imports/") -> str:
    return f"/w/{actor.workspace_slug}/{rest}"


def look(browser: Client, actor: Actor, content: bytes = ANSWERS, kind: str = "answers") -> Any:
    """Upload a file and open the page that shows what it would do."""
    file = SimpleUploadedFile("answers.csv", content)
    return browser.post(address(actor), {"kind": kind, "file": file}, follow=True)


def test_a_look_writes_nothing_and_says_what_would_happen(owner: Actor, browser: Client) -> None:
    page = look(browser, owner)
    text = page.content.decode()
    assert "Nothing is written yet" in text
    assert "1 firm, 1 segment, 1 workshop, 1 participant and 1 answer new" in text
    assert not Firm.objects.exists()


def test_a_confirmation_writes(owner: Actor, browser: Client) -> None:
    page = look(browser, owner)
    done = browser.post(page.request["PATH_INFO"], follow=True)
    assert "answers.csv is imported" in done.content.decode()
    assert Sheet.objects.get().answers[0] == 3


def test_a_file_is_confirmed_once(owner: Actor, browser: Client) -> None:
    page = look(browser, owner)
    browser.post(page.request["PATH_INFO"])
    again = browser.post(page.request["PATH_INFO"], follow=True)
    assert "no longer kept" in again.content.decode()


def test_a_pasted_table_is_read(owner: Actor, browser: Client) -> None:
    pasted = ANSWERS.decode().replace(",", "\t").replace("\n", "\r\n")
    page = browser.post(address(owner), {"kind": "answers", "paste": pasted}, follow=True)
    assert "pasted table" in page.content.decode()


def test_bad_rows_are_named_and_cannot_be_confirmed(owner: Actor, browser: Client) -> None:
    page = look(browser, owner, ANSWERS + b"Acme,Riders,Rides,Ann,R2,9\n")
    text = page.content.decode()
    assert "1 problem in this file" in text
    assert "R2 takes 0-4" in text
    assert browser.post(page.request["PATH_INFO"]).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Firm.objects.exists()


def test_a_file_in_another_encoding_is_shown_before_it_is_believed(owner: Actor, browser: Client) -> None:
    page = look(browser, owner, "firm\nÅland\n".encode("cp1252"), kind="firms")
    text = page.content.decode()
    assert "read as Windows-1252" in text
    assert "Åland" in text


def test_a_file_that_changes_nothing_offers_nothing_to_confirm(owner: Actor, browser: Client) -> None:
    page = look(browser, owner)
    browser.post(page.request["PATH_INFO"])
    assert "All of this is there already" in look(browser, owner).content.decode()


def test_nothing_chosen_is_said(owner: Actor, browser: Client) -> None:
    page = browser.post(address(owner), {"kind": "answers"})
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose a file, or paste a table." in page.content.decode()


def test_a_file_is_kept_for_its_owner_only(owner: Actor, browser: Client) -> None:
    page = look(browser, owner)
    other = client_of(factories.member(owner))
    assert "no longer kept" in other.get(page.request["PATH_INFO"], follow=True).content.decode()


def test_managers_may_not_import(owner: Actor) -> None:
    manager = client_of(factories.member(owner, Role.MANAGER))
    assert manager.get(address(owner)).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("what", FILES)
def test_files_are_streamed(owner: Actor, browser: Client, what: str) -> None:
    factories.segment(owner, factories.firm(owner, "Acmé").pk)
    answer = browser.get(address(owner, f"exports/{what}.csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.startswith("firm,")
    assert ("Acmé" in text) == (what in ("firms", "segments"))


@pytest.mark.parametrize("what", FILES)
def test_templates_have_the_first_row(owner: Actor, browser: Client, what: str) -> None:
    answer = browser.get(address(owner, f"imports/template/{what}.xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert [len(list(book.active.rows)), book.active["A1"].value] == [1, "firm"]


@pytest.mark.parametrize("name", ["members.csv", "firms.pdf"])
def test_other_files_do_not_exist(owner: Actor, browser: Client, name: str) -> None:
    assert browser.get(address(owner, f"exports/{name}")).status_code == HTTPStatus.NOT_FOUND


def test_what_is_new_is_named_and_near_twins_are_told(owner: Actor, browser: Client) -> None:
    firm = factories.firm(owner, "Acme")
    add_segment(by=owner, firm_id=firm.pk, name="Day visitor", offering="Pass")
    row = b"Acme,day  Visitor,,Ann,R1,3\n"
    text = look(browser, owner, ANSWERS.splitlines()[0] + b"\n" + row).content.decode()
    assert "New segment: <b>day  Visitor</b>" in text
    assert "like Day visitor, Pass" in text
    assert "New participant: <b>Ann, Acme</b>" in text
