"""Debian's Chromium, driven by Playwright: where it is, how it starts, and a witness of what goes wrong."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MISSING = "Chromium is missing: browser tests are left out (Debian: apt-get install chromium)"
#: It speaks to our address alone: no updates, no telemetry, no sandbox that containers forbid.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE, LAPTOP, WALL = (390, 844), (1280, 800), (1920, 1080)


def executable() -> str | None:
    """Path of Chromium: what CHROMIUM names, else the first known name on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser; raises LookupError when there is none."""
    path = executable()
    if path is None:
        raise LookupError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def context(
    browser: Browser, size: tuple[int, int] = LAPTOP, theme: str = "light", **more: object
) -> BrowserContext:
    """A fresh visitor with this window; a phone's also touches and says so."""
    phone = size == PHONE
    return browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,  # type: ignore[arg-type]
        has_touch=phone,
        is_mobile=phone,
        locale="en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
        **more,  # type: ignore[arg-type]
    )


def sign_in(page: Page, base: str, email: str, password: str) -> None:
    page.goto(f"{base}/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/w/**")


class Witness:
    """Hears what a page should never say: script errors, policy violations, failures, other origins."""

    def __init__(self, visitor: BrowserContext, base: str) -> None:
        self._host = urlsplit(base).netloc
        self._allowed: list[re.Pattern[str]] = []
        self._heard: list[str] = []
        visitor.on("console", self._console)
        visitor.on("weberror", lambda error: self._heard.append(f"script error: {error.error}"))
        visitor.on("request", self._request)
        visitor.on("response", self._response)

    def allow(self, pattern: str) -> None:
        """What a test brings about on purpose is no complaint."""
        self._allowed.append(re.compile(pattern))

    @property
    def complaints(self) -> list[str]:
        return [words for words in self._heard if not any(known.search(words) for known in self._allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._heard.append(
                f"console {message.type} on {message.page and message.page.url}: {message.text}"
            )

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self._host:
            self._heard.append(f"left the origin: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._heard.append(f"{response.status} for {response.url}")
