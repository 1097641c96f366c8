"""The owner settles members, tokens and runs."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.callers import Api
from tests.stack import OWNER, Stack

HALF_A_MINUTE = 30_000


def test_a_new_manager_comes_in_and_sees_only_what_was_granted(person: Callable[..., Someone]) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/settings/members/")
    page.get_by_role("link", name=re.compile("(Add a|New) member")).first.click()
    page.get_by_label("E-mail").fill("newcomer@sample.test")
    page.get_by_label("Name").fill("Newcomer")
    page.get_by_role("radio", name="Manager").check()
    page.get_by_label("First password").fill("correct horse battery")
    page.get_by_role("button", name="Add the member").click()
    page.get_by_role("checkbox", name=re.compile("Wikipedia")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("Newcomer"))).to_contain_text("1 firm")
    stranger = person().page
    stranger.goto("/sign-in/")
    stranger.get_by_label("E-mail").fill("newcomer@sample.test")
    stranger.get_by_label("Password").fill("correct horse battery")
    stranger.get_by_role("button", name="Sign in", exact=True).click()
    stranger.goto("/w/sample/firms/")
    expect(stranger.get_by_role("main")).to_contain_text("Wikipedia")
    expect(stranger.get_by_role("main")).not_to_contain_text("Disney")


def test_a_token_is_shown_once_works_and_is_revoked(person: Callable[..., Someone], stack: Stack) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/settings/tokens/")
    page.get_by_label("Name").fill("Nightly pull")
    page.get_by_role("button", name="Make the token").click()
    text = page.locator("#token-text").inner_text()
    assert Api(stack.base, text).get("firms/").status == 200
    page.reload()
    expect(page.get_by_role("row", name=re.compile("Nightly pull"))).to_be_visible()
    assert text not in page.content()
    page.get_by_role("button", name="Revoke Nightly pull").click()
    expect(page.get_by_role("row", name=re.compile("Nightly pull"))).to_contain_text("revoked")
    assert Api(stack.base, text).get("firms/").status == 401


def test_a_run_shows_how_far_it_is_survives_a_reload_and_ends(
    person: Callable[..., Someone], stack: Stack
) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/runs/")
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        page.get_by_role("button", name="Start the run").click()
        page.wait_for_url("**/runs/*/")
        page.reload()
        expect(page.get_by_role("img", name="0 percent done")).to_be_visible()
        expect(page.get_by_role("button", name="Cancel the run")).to_be_visible()
    expect(page.get_by_role("img", name="100 percent done")).to_be_visible(timeout=HALF_A_MINUTE)
    expect(page.get_by_role("button", name="Cancel the run")).to_have_count(0)


def _stays_focused(page: Page, button: str, asks: str) -> None:
    """Through two answers to what the page asks by itself."""
    page.get_by_role("button", name=button).focus()
    for _ in range(2):
        with page.expect_response(asks):
            pass
    page.wait_for_timeout(200)
    expect(page.get_by_role("button", name=button)).to_be_focused()


def test_focus_stays_where_it_is_while_a_run_goes_on(person: Callable[..., Someone], stack: Stack) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/runs/")
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        page.get_by_role("button", name="Start the run").click()
        page.wait_for_url("**/runs/*/")
        _stays_focused(page, "Cancel the run", page.url)
        page.get_by_role("button", name="Cancel the run").press("Enter")
        expect(page.get_by_text("Cancelled by").first).to_be_visible()


def test_focus_stays_where_it_is_while_a_file_is_looked_at(
    person: Callable[..., Someone], stack: Stack
) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/imports/?kind=answers")
    rows = b"Acme,Riders,Rides,Ann,R1,3\n" * 220_000
    header = b"firm,segment,offering,participant,item,value\n"
    page.get_by_label("File").set_input_files(
        {"name": "large.csv", "mimeType": "text/csv", "buffer": header + rows}
    )
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        page.get_by_role("button", name="Look at it first").click()
        page.wait_for_url("**/imports/large/*/")
        _stays_focused(page, "Cancel the import", page.url)
        page.get_by_role("button", name="Cancel the import").press("Enter")
        expect(page.get_by_role("heading", name="Cancelled; nothing was written")).to_be_visible()


def test_the_list_of_runs_follows_a_run_to_its_end(person: Callable[..., Someone], stack: Stack) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/runs/")
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        page.get_by_role("button", name="Start the run").click()
        page.wait_for_url("**/runs/*/")
        number = page.url.rstrip("/").rsplit("/", 1)[1]
        page.goto("/w/sample/runs/")
        row = page.get_by_role("row", name=f"Run {number}")
        expect(row).to_contain_text("Queued")
        page.get_by_role("link", name=f"Run {number}").focus()
    expect(row).to_contain_text("Finished, in force since", timeout=HALF_A_MINUTE)
    expect(row).to_contain_text("100 %")
    expect(page.get_by_role("link", name=f"Run {number}")).to_be_focused()


def test_a_run_is_cancelled_from_its_page(person: Callable[..., Someone], stack: Stack) -> None:
    page = person(OWNER).page
    page.goto("/w/sample/runs/")
    worker = stack.part("worker-batch")
    with stack.paused(worker, *worker.children()):
        page.get_by_role("button", name="Start the run").click()
        page.get_by_role("button", name="Cancel the run").click()
        expect(page.get_by_text("Cancelled by").first).to_be_visible()
