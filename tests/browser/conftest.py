"""Browser, people in it, and a witness who fails the test when a page complains."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import chromium as chrome
from tests.stack import PASSWORD, Stack

#: Milliseconds: the machine may be busy with the rest of the suite.
PATIENCE = 15_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


# Not for the whole session: while Playwright is up, Django believes it is inside an event loop.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for all browser tests; without it they are skipped, and on the build machine fail."""
    if chrome.executable() is None:
        if os.environ.get("CI"):
            pytest.fail(f"{chrome.MISSING}. On the build machine that is a failure.", pytrace=False)
        pytest.skip(chrome.MISSING)
    expect.set_options(timeout=PATIENCE)
    with chrome.chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def sessions(chromium: Browser, stack: Stack) -> Callable[[str], Any]:
    """Cookies of someone who has signed in through the form, by e-mail; each signs in once."""
    kept: dict[str, Any] = {}

    def of(email: str) -> Any:
        if email not in kept:
            visitor = chrome.context(chromium)
            chrome.sign_in(visitor.new_page(), stack.base, email, PASSWORD)
            kept[email] = visitor.storage_state()
            visitor.close()
        return kept[email]

    return of


@pytest.fixture
def witnesses() -> Iterator[list[chrome.Witness]]:
    heard: list[chrome.Witness] = []
    yield heard
    complaints = [words for witness in heard for words in witness.complaints]
    assert not complaints, "\n".join(complaints)


class Someone:
    """A person at a browser: ``page`` and the witness of all it does."""

    def __init__(self, page: Page, witness: chrome.Witness) -> None:
        self.page, self.witness = page, witness


@pytest.fixture
def person(
    chromium: Browser,
    stack: Stack,
    sessions: Callable[[str], Any],
    witnesses: list[chrome.Witness],
) -> Iterator[Callable[..., Someone]]:
    """``person(email, size=…, theme=…)``: someone signed in, or with no e-mail a stranger."""
    opened = []

    def come(email: str = "", **window: Any) -> Someone:
        state = sessions(email) if email else None
        visitor = chrome.context(chromium, storage_state=state, base_url=stack.base, **window)
        visitor.set_default_timeout(PATIENCE)
        opened.append(visitor)
        witness = chrome.Witness(visitor, stack.base)
        witnesses.append(witness)
        return Someone(visitor.new_page(), witness)

    yield come
    for visitor in opened:
        visitor.close()
