"""A workshop moves to the next version of its questionnaire and back, while a page of before is open."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import chromium as chrome
from tests.browser.conftest import Someone
from tests.live.worlds import Asked, ask
from tests.stack import CONSULTANT, Stack


def _tap(page: Page, item: str, value: str) -> None:
    page.locator(f"#q-{item} label.opt:has(input[value='{value}'])").click()


def _saved(page: Page, words: str = "Saved") -> None:
    expect(page.locator("[data-state]")).to_contain_text(words)


def _stored(stack: Stack, asked: Asked) -> dict[str, int | str | None]:
    return dict(stack.api().each(f"workshops/{asked.workshop}/answers/")[0]["answers"])


@pytest.mark.timeout(300)
def test_a_guided_upgrade_and_its_undo_lose_no_answer_of_an_open_page(
    person: Callable[..., Someone], stack: Stack
) -> None:
    asked = ask(stack.api())
    participant = person(CONSULTANT, size=chrome.PHONE).page
    participant.goto(f"{asked.sheet}?view=steps&q=R7")
    _tap(participant, "R7", "2")
    _saved(participant)

    leader = person(CONSULTANT).page
    leader.goto(f"/w/sample/workshops/{asked.workshop}/")
    leader.get_by_role("link", name="See what version 2 changes").click()
    expect(leader.get_by_role("heading", level=1)).to_contain_text("Version 2 asks 4 questions anew")
    leader.get_by_role("button", name="Ask version 2").click()
    expect(leader.locator("#notices")).to_contain_text("0 answers went along, 1 stays with version 1")

    _tap(participant, "R7", "4")
    _saved(participant, "The questions have changed meanwhile")
    participant.goto(f"{asked.sheet}?view=steps&q=R13")
    _tap(participant, "R13", "3")
    _saved(participant)
    assert _stored(stack, asked) == {"R13": 3}

    leader.get_by_role("link", name="Go back to version 1").click()
    expect(leader.locator("aside.next")).to_contain_text("1 comes back")
    leader.get_by_role("button", name="Go back to version 1").click()
    expect(leader.locator("#notices")).to_contain_text("1 came back")
    assert _stored(stack, asked) == {"R7": 4}
