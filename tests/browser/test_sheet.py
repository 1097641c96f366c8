"""A sheet in the hands of a participant: taps, keys, no network, a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import chromium as chrome
from tests.browser.conftest import Someone
from tests.live.worlds import Asked, answer, ask
from tests.stack import CONSULTANT, Stack, wait_for


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


def test_another_situation_is_answered_without_a_network_and_counts_nowhere(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    someone = person(CONSULTANT, size=chrome.PHONE)
    someone.witness.allow("ERR_INTERNET_DISCONNECTED")
    page = someone.page
    page.goto(f"{asked.sheet}?view=list")
    page.get_by_text("In an urgent situation").click()
    page.context.set_offline(True)
    page.locator("fieldset[data-item='P1.urgent'] label.opt:has(input[value='4'])").click()
    _state(page, "1 answer waits")
    page.context.set_offline(False)
    _state(page, "Saved")
    assert _stored(stack, asked) == {"P1.urgent": 4}
    expect(page.locator("[data-given-in=urgent]").first).to_have_text("1")
    expect(page.locator(".tally [data-given]")).to_have_text("0")


def test_a_situation_is_walked_through_from_the_end_of_the_sheet(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    page = person(CONSULTANT, size=chrome.PHONE).page
    page.goto(f"{asked.sheet}?view=steps&q=done")
    page.get_by_role("link", name="when much is at stake").click()
    expect(page.locator("[data-place]")).to_have_text("1 of 6")
    page.locator("fieldset[data-item='P1.high_stakes'] label.opt:has(input[value='0'])").click()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("[data-place]")).to_have_text("2 of 6")
    _state(page, "Saved")
    assert _stored(stack, asked) == {"P1.high_stakes": 0}


#: Every question of the full form that everyone is asked: R10 calls for no more, choices take 1 to 5.
BURST = "32143210410" + "2" * 24


def test_a_burst_of_digits_arrives_though_the_sheet_is_left_at_once(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    page = person(CONSULTANT).page
    page.goto(f"{asked.sheet}?view=list")
    expect(page.locator("#q-R1")).to_be_focused()
    for key in BURST:
        page.keyboard.press(key)
    page.goto("/w/sample/firms/")
    wait_for(lambda: len(_stored(stack, asked)) == len(BURST), 20, "the answers")
    expect(page.locator("[data-queue]")).to_have_count(0, timeout=30_000)
    assert page.evaluate("localStorage.length") == 0


#: Keys without the time between them, which on a busy machine is longer than a burst is waited for.
AT_ONCE = """keys => [...keys].forEach(key =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })))"""


def test_a_burst_of_digits_takes_few_round_trips(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    page = person(CONSULTANT).page
    page.goto(f"{asked.sheet}?view=list")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate(AT_ONCE, BURST)
    _state(page, "Saved")
    assert len(_stored(stack, asked)) == len(BURST)
    assert len(sent) <= 2


def test_a_link_waits_for_what_was_just_typed(person: Callable[..., Someone], asked: Asked) -> None:
    page = person(CONSULTANT).page
    page.goto(f"{asked.sheet}?view=list")
    page.keyboard.type("321")
    page.get_by_role("link", name="Workshop", exact=True).click()
    expect(page.locator(".cellsheet .how")).to_contain_text("3 of 35")


def test_any_page_sends_what_waits_and_says_so(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    someone = person(CONSULTANT)
    someone.witness.allow("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    page = someone.page
    other = page.context.new_page()
    page.goto(f"{asked.sheet}?view=list")
    other.goto("/w/sample/firms/")
    page.context.set_offline(True)
    page.keyboard.type("321")
    _state(page, "3 answers wait")
    page.close()
    expect(other.locator("[data-queue]")).to_have_text(
        "3 answers of Rater 0 are still on this device; sending."
    )
    other.context.set_offline(False)
    expect(other.locator("[data-queue]")).to_contain_text("3 answers of Rater 0 sent.")
    assert _stored(stack, asked) == {"R1": 3, "R2": 2, "R3": 1}


def test_what_cannot_be_sent_is_said_with_the_way_to_the_sheet(
    person: Callable[..., Someone], stack: Stack, asked: Asked
) -> None:
    someone = person(CONSULTANT)
    someone.witness.allow(r"ERR_INTERNET_DISCONNECTED|\b409\b")
    page = someone.page
    page.goto(f"{asked.sheet}?view=list")
    page.context.set_offline(True)
    page.keyboard.type("3")
    _state(page, "1 answer waits")
    page.close()
    page.context.set_offline(False)
    answer(stack.api(), asked, {"R1": 1})
    elsewhere = page.context.new_page()
    elsewhere.goto("/w/sample/firms/")
    banner = elsewhere.locator("[data-queue]")
    expect(banner).to_contain_text("1 answer of Rater 0 cannot be sent: someone else answered R1 too.")
    banner.get_by_role("link", name="Open the sheet").click()
    _state(elsewhere, "someone else answered R1")


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
