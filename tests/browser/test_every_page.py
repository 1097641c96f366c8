"""Every page: says nothing wrong, reads well to everyone, and is light."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page

from tests import chromium as chrome
from tests.browser.conftest import Someone
from tests.places import PLACES, Place, known
from tests.stack import Stack

#: Bytes, compressed; from ux.md: the first visit, and any after it.
FIRST, AFTER = 100_000, 20_000
#: Documentation of REST comes with the viewer of a wheel, of which only the address is ours.
NOT_OURS = {"rest-docs"}
OURS = [place for place in PLACES if place.name not in NOT_OURS]
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}

each_place = pytest.mark.parametrize("place", OURS, ids=lambda place: place.name)


@pytest.fixture(scope="package")
def ids(stack: Stack) -> dict[str, int | str]:
    return known(stack)


def _faults(found: Any) -> list[str]:
    return [
        f"{fault['id']} ({fault['impact']}): {node['target']} {node['html'][:120]}"
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:3]
    ]


@each_place
def test_it_is_light_fits_a_phone_and_everyone_can_read_it(
    person: Callable[..., Someone], ids: dict[str, int | str], place: Place
) -> None:
    someone, address = person(place.who, size=chrome.PHONE), place.path.format(**ids)
    if place.status >= 400:
        someone.witness.allow(rf"\b{place.status}\b")
    scales, page = Scales(someone.page), someone.page
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.status == place.status
    first, widest = scales.weigh(), page.evaluate("document.documentElement.scrollWidth")
    page.goto(address, wait_until="networkidle")
    after = scales.weigh()
    assert widest <= chrome.PHONE[0]
    assert 0 < first < FIRST
    assert 0 < after < AFTER
    page.set_viewport_size({"width": chrome.LAPTOP[0], "height": chrome.LAPTOP[1]})
    light = _faults(Axe().run(page))
    page.emulate_media(color_scheme="dark")
    dark = _faults(Axe().run(page, options=CONTRAST))
    assert not light, light
    assert not dark, dark


class Scales:
    """Weighs what a page loads, compressed: where the server does it, and where it is left to a proxy."""

    def __init__(self, page: Page) -> None:
        self._wire: CDPSession = page.context.new_cdp_session(page)
        self._came: dict[str, dict[str, Any]] = {}
        self._wire.send("Network.enable")
        self._wire.on("Network.responseReceived", self._receive)
        self._wire.on("Network.requestServedFromCache", lambda event: self._cached.add(event["requestId"]))
        self._cached: set[str] = set()

    def _receive(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if event["type"] == "Document":
            # What the page before still asked for is gone with it.
            self._came.clear()
        empty = response["status"] == 204 or response["url"].startswith("data:")
        if not empty and not response.get("fromDiskCache"):
            self._came[event["requestId"]] = response

    def weigh(self) -> int:
        """Bytes of the page that is open, and of what it asked for by itself."""
        return sum(self._weight(name) for name in self._came.keys() - self._cached)

    def _weight(self, name: str) -> int:
        body = self._wire.send("Network.getResponseBody", {"requestId": name})
        return len(gzip.compress(body["body"].encode()))


def test_the_rest_documentation_is_served_by_us(person: Callable[..., Someone]) -> None:
    page = person().page
    page.goto("/api/v1/docs/")
    page.get_by_text("/api/v1/firms/", exact=True).first.wait_for()
