"""What is typed into a form survives, and undoes nobody else's work."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.callers import Api
from tests.stack import CONSULTANT, Stack

_number = count(1)
BACK = "What you had typed here is back."


class Firm:
    """A firm of its own for a test, and its form."""

    def __init__(self, api: Api) -> None:
        self.api = api
        made = api.made("firms/", {"name": f"Drafted {next(_number)}", "need": "Rest"})
        self.pk = made["id"]
        self.form, self.page = f"/w/sample/firms/{self.pk}/edit/", f"/w/sample/firms/{self.pk}/"

    def say(self, **values: str) -> None:
        """Somebody else's change."""
        self.api.send("PATCH", f"firms/{self.pk}/", values)

    @property
    def says(self) -> dict[str, Any]:
        row = self.api.get(f"firms/{self.pk}/").json()
        return {name: row[name] for name in ("industry", "need")}


@pytest.fixture
def firm(stack: Stack) -> Firm:
    return Firm(stack.api())


def typed(page: Page, firm: Firm, need: str) -> None:
    """A need typed into the firm's form, which is left for another page."""
    page.goto(firm.form)
    page.get_by_label("Need").fill(need)
    page.goto("/w/sample/firms/")


def test_a_draft_brings_back_what_was_typed_and_leaves_the_rest(
    person: Callable[..., Someone], firm: Firm
) -> None:
    page = person(CONSULTANT).page
    typed(page, firm, "Quiet")
    firm.say(industry="hotels")
    page.goto(firm.form)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("Industry")).to_have_value("hotels")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{firm.page}")
    assert firm.says == {"industry": "hotels", "need": "Quiet"}


def test_what_another_saved_since_it_was_typed_is_asked_about(
    person: Callable[..., Someone], firm: Firm
) -> None:
    someone = person(CONSULTANT)
    someone.witness.allow("422")
    page = someone.page
    typed(page, firm, "Quiet")
    firm.say(need="Company")
    page.goto(firm.form)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("It says “Company” now")).to_be_visible()
    assert firm.says["need"] == "Company"


def test_what_is_saved_can_be_shown_instead(person: Callable[..., Someone], firm: Firm) -> None:
    page = person(CONSULTANT).page
    typed(page, firm, "Quiet")
    firm.say(need="Company")
    page.goto(firm.form)
    page.get_by_role("button", name="Show what is saved instead").click()
    expect(page.get_by_label("Need")).to_have_value("Company")
    page.get_by_label("Industry").fill("hotels")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{firm.page}")
    assert firm.says == {"industry": "hotels", "need": "Company"}


def test_saving_without_a_network_loses_nothing(person: Callable[..., Someone], firm: Firm) -> None:
    someone = person(CONSULTANT)
    someone.witness.allow("ERR_INTERNET_DISCONNECTED")
    page = someone.page
    page.goto(firm.form)
    page.get_by_label("Need").fill("Quiet")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(firm.form)
    expect(page.get_by_label("Need")).to_have_value("Quiet")


def test_what_was_saved_is_no_draft_any_more(person: Callable[..., Someone], firm: Firm) -> None:
    page = person(CONSULTANT).page
    page.goto(firm.form)
    page.get_by_label("Need").fill("Quiet")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{firm.page}")
    page.goto(firm.form)
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_the_next_of_several_begins_empty(person: Callable[..., Someone], firm: Firm) -> None:
    page = person(CONSULTANT).page
    page.goto(f"/w/sample/firms/{firm.pk}/segments/new/")
    page.locator("[name=name]").fill("Guests")
    page.get_by_role("button", name="Add and describe another").click()
    page.wait_for_url("**another=1")
    expect(page.locator("[name=name]")).to_have_value("")
    expect(page.get_by_text(BACK)).to_have_count(0)
