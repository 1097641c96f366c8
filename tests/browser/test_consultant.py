"""The consultant's way, from nothing to a placement: everything by what the pages offer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.live.worlds import GUEST, answer, ask
from tests.stack import CONSULTANT, Stack

pytestmark = pytest.mark.timeout(300)
NAME = "Lakeside Hotels"
#: Milliseconds: an answer is placed within about a second, on a machine that does nothing else.
LIVE = 10_000
#: Milliseconds: three dozen answers typed at once are sent one after the other.
SENT = 20_000


def _a_firm(page: Page) -> None:
    page.goto("/w/sample/firms/")
    page.get_by_role("link", name=re.compile("(add|new) .*firm", re.IGNORECASE)).first.click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label(re.compile("^Industry")).fill("hotels")
    page.get_by_label(re.compile("need", re.IGNORECASE)).fill("to sleep well away from home")
    page.get_by_role("button", name="Add the firm").click()
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()


def _a_segment(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Add a segment").first.click()
    page.get_by_label("Customer group").fill("Weekly business guest")
    page.get_by_label(re.compile("^Offering")).fill("room for the week")
    page.get_by_role("button", name="Add the segment").click()
    expect(page.get_by_role("link", name=re.compile("Weekly business guest")).first).to_be_visible()


def _touchpoints(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Weekly business guest")).first.click()
    page.get_by_role("navigation", name=NAME).get_by_role("link", name="Journey").click()
    for step, what in (("Recognize", "Sees next week's meetings"), ("Request", "Books the usual room")):
        page.get_by_role("link", name=f"Add a touchpoint to {step}").click()
        page.get_by_label("What happens").fill(what)
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("heading", name=what)).to_be_visible()
    expect(page.locator("li.tp")).to_have_count(2)


def _a_workshop(page: Page) -> None:
    page.get_by_role("navigation", name=NAME).get_by_role("link", name="Workshops").click()
    page.get_by_role("link", name="Start a workshop").click()
    page.get_by_label("Name").fill("Kick-off")
    page.get_by_label(re.compile("^Who answers")).fill("Front desk, operations\nHead of sales, board")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Kick-off")).to_be_visible()


def _own_sheet(page: Page) -> None:
    """One question a screen, tapped; the page says that each is saved."""
    page.get_by_role("link", name=re.compile("^Fill in: Sample consultant")).click()
    for item, value in GUEST.items():
        question = page.locator(f"#q-{item}")
        if not question.is_visible():
            continue  # A follow-up that does not apply.
        question.locator(f"label.opt:has(input[type=radio][value='{value}'])").click()
        page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_role("heading", name="That is all.")).to_be_visible()
    expect(page.locator("[data-state]")).to_contain_text("Saved", timeout=SENT)
    page.get_by_role("link", name="To the workshop").click()


def _from_paper(page: Page, name: str) -> None:
    """The whole sheet on one page, by digits alone."""
    page.get_by_role("link", name=re.compile(f"^Enter from paper: {name}")).click()
    # A digit before the page listens would be nobody's.
    expect(page.locator("#q-R1")).to_be_focused()
    for item, value in GUEST.items():
        if page.locator(f"#q-{item}").is_visible():
            page.keyboard.press(str(value))
    expect(page.locator("[data-state]")).to_contain_text("Saved", timeout=SENT)
    expect(page.locator(".tally")).to_contain_text(re.compile(r"(\d+) of \1 answered"), timeout=SENT)
    page.get_by_role("link", name="Workshop", exact=True).click()


def test_from_nothing_to_a_placement(person: Callable[..., Someone]) -> None:
    page = person(CONSULTANT).page
    _a_firm(page)
    _a_segment(page)
    _touchpoints(page)
    _a_workshop(page)
    _own_sheet(page)
    for name in ("Front desk", "Head of sales"):
        _from_paper(page, name)
    page.get_by_role("navigation", name=NAME).get_by_role("link", name="Overview").click()
    expect(page.get_by_role("table", name=re.compile("matrix", re.IGNORECASE)).first).to_contain_text("n 3")
    page.get_by_role("link", name=re.compile("Weekly business guest")).first.click()
    expect(page.locator(".verdict")).to_contain_text("connected producer", timeout=LIVE)
    expect(page.locator(".facts").first).to_contain_text("3 raters")


def test_an_open_segment_page_shows_the_new_placement_by_itself(
    person: Callable[..., Someone], stack: Stack
) -> None:
    api = stack.api()
    asked = ask(api, people=3)
    page = person(CONSULTANT).page
    page.goto(f"/w/sample/segments/{asked.segment}/")
    expect(page.locator(".verdict")).to_contain_text("Not placed yet")
    answer(api, asked)
    expect(page.locator(".verdict")).to_contain_text("connected producer", timeout=LIVE)
    answer(api, asked, {"A1": 3, "A2": 3, "A3": 3, "A4": 3})
    expect(page.locator(".verdict")).to_contain_text("market maker", timeout=LIVE)


def test_a_touchpoint_is_moved_with_the_keyboard_and_its_deletion_undone(
    person: Callable[..., Someone], stack: Stack
) -> None:
    api = stack.api()
    asked = ask(api)
    for name in ("First", "Second"):
        api.made("touchpoints/", {"segment": asked.segment, "name": name, "step": "request"})
    page = person(CONSULTANT).page
    page.goto(f"/w/sample/segments/{asked.segment}/journey/")
    page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="First")).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("li.tp h3")).to_have_text(["Second", "First"])
    page.get_by_label("Move or delete Second").click()
    page.get_by_role("button", name="Delete").locator("visible=true").click()
    expect(page.locator("li.tp h3")).to_have_text(["First"])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("li.tp h3")).to_have_text(["Second", "First"])


def test_what_was_typed_into_a_form_is_there_after_a_reload(person: Callable[..., Someone]) -> None:
    page = person(CONSULTANT).page
    page.goto("/w/sample/firms/new/")
    page.get_by_label("Name").fill("Half a name")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Half a name")
