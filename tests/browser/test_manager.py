"""The manager looks, and asks why."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Someone
from tests.stack import MANAGER


def test_from_the_portfolio_to_a_segment(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/")
    matrix = page.locator("table.matrix")
    matrix.get_by_role("link").first.click()
    why = page.locator("#why")
    expect(why).to_be_visible()
    why.locator("a[href*='/segments/']").first.click()
    expect(page).to_have_url(re.compile(r"/segments/\d+/"))


def test_one_industry_alone(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/")
    rows = page.locator("#firms tbody tr")
    everyone = rows.count()
    choice = page.get_by_label(re.compile("^Firms"))
    words = choice.locator("option").nth(1).inner_text()
    choice.select_option(index=1)
    expect(page).to_have_url(re.compile("firms="))
    expect(page.get_by_label(re.compile("^Firms")).locator("option:checked")).to_have_text(words)
    assert 0 < rows.count() < everyone
    page.go_back()
    expect(rows).to_have_count(everyone)


def test_weighted_by_customers(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/")
    page.get_by_label("weighted by").select_option("customers")
    expect(page.get_by_text(re.compile("weighted by customers")).first).to_be_visible()


def test_the_table_beside_the_picture_says_the_same(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/")
    figures = page.locator("table.matrix .fig-no").all_inner_texts()
    page.get_by_text("Read as a table").first.click()
    table = page.locator("details[open] table").first
    for figure in figures:
        expect(table).to_contain_text(figure)


def test_what_a_manager_may_not_do_is_not_offered(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/firms/")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name=re.compile("add|new|edit", re.IGNORECASE))).to_have_count(0)
    page.goto("/w/sample/runs/")
    expect(page.get_by_role("button", name="Start the run")).to_have_count(0)


def test_find_and_go_with_keys(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/")
    page.keyboard.press("/")
    page.keyboard.type("wikip")
    expect(page.locator("#found").get_by_role("link").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/firms/\d+/|/segments/\d+/"))
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile("/w/sample/$"))
