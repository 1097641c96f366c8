"""A sheet in the hands of a participant: taps, keys, no network, a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import chromium as chrome
from tests.browser.conftest import Someone
from tests.live.worlds import Asked, ask
from tests.stack import CONSULTANT, Stack


@pytest.fixture
def asked(stack: Stack) -> Asked:
    """A firm with one segment in a workshop of one participant who has answered nothing."""
    return ask(stack.api())


def _state(page: Page, words: str) -> None:
    expect(page.locator("[data-state]")).to_contain_text(words)


def _tap(page: Page, item: str, value: str) -> None:
    page.locator(f"#q-{item} label.opt:has(input[value='{value}'])").click()


def _stored(stack: Stack, asked: Asked) -> dict[str, int | str | None]:
    sheets = stack.api().each(f"workshops/{asked.workshop}/answers/")
    return dict(sheets[0]["answers"]) if sheets else {}


def test_a_tap_is_saved_and_survives_a_reload(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    page = person(CONSULTANT, size=chrome.PHONE).page
    page.goto(f"{asked.sheet}?view=steps&q=R1")
    _tap(page, "R1", "3")
    _state(page, "Saved")
    assert _stored(stack, asked) == {"R1": 3}
    page.reload()
    expect(page.locator("#q-R1 input[type=radio][value='3']")).to_be_checked()


def test_every_row_to_tap_is_as_large_as_a_thumb(person: Callable[..., Someone], asked: Asked) -> None:
    page = person(CONSULTANT, size=chrome.PHONE).page
    page.goto(f"{asked.sheet}?view=steps&q=R1")
    heights = page.locator("#q-R1 label.opt").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_answers_without_a_network_wait_and_are_sent_when_it_is_back(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    someone = person(CONSULTANT, size=chrome.PHONE)
    someone.witness.allow("ERR_INTERNET_DISCONNECTED")
    page = someone.page
    page.goto(f"{asked.sheet}?view=steps&q=R1")
    page.context.set_offline(True)
    _tap(page, "R1", "4")
    _state(page, "1 answer waits")
    page.get_by_role("button", name="Next").click()
    _tap(page, "R2", "2")
    _state(page, "2 answers wait")
    assert _stored(stack, asked) == {}
    page.context.set_offline(False)
    _state(page, "Saved")
    assert _stored(stack, asked) == {"R1": 4, "R2": 2}


def test_what_waits_survives_that_the_page_is_closed(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    someone = person(CONSULTANT)
    someone.witness.allow("ERR_INTERNET_DISCONNECTED")
    page = someone.page
    page.goto(f"{asked.sheet}?view=steps&q=R1")
    page.context.set_offline(True)
    _tap(page, "R1", "4")
    _state(page, "1 answer waits")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(f"{asked.sheet}?view=steps&q=R2")
    _state(again, "Saved")
    assert _stored(stack, asked) == {"R1": 4}


def test_a_sheet_is_filled_in_with_the_keyboard_alone(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    page = person(CONSULTANT).page
    page.goto(f"{asked.sheet}?view=list")
    for key in "4321012343":
        page.keyboard.press(key)
    page.keyboard.press("-")
    _state(page, "Saved")
    given = list("4321012343")
    expected = {f"R{place}": int(value) for place, value in enumerate(given, 1)} | {"R11": None}
    assert _stored(stack, asked) == expected


def test_keys_walk_through_the_questions(person: Callable[..., Someone], asked: Asked) -> None:
    page = person(CONSULTANT).page
    page.goto(f"{asked.sheet}?view=steps&q=R1")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#q-R2")).to_be_visible()
    expect(page.locator("#q-R2")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#q-R1")).to_be_visible()


def test_two_who_answer_the_same_question_are_asked_which_one_stands(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    first = person(CONSULTANT)
    second = person(CONSULTANT)
    second.witness.allow(r"\b409\b")
    for someone in (first, second):
        someone.page.goto(f"{asked.sheet}?view=steps&q=R1")
    _tap(first.page, "R1", "1")
    _state(first.page, "Saved")
    _tap(second.page, "R1", "3")
    _state(second.page, "someone else answered R1")
    second.page.get_by_role("button", name="Use mine").click()
    _state(second.page, "Saved")
    assert _stored(stack, asked) == {"R1": 3}
