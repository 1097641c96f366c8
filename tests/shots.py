"""Pictures of every page at three sizes, light and dark: `make shots`.

    python -m tests.shots                     everything, on a stack of its own
    python -m tests.shots --base URL DATA_DIR on one that runs already
    python -m tests.shots portfolio firm      only these pages

Writes build/shots/PAGE-SIZE-THEME.png and build/shots/index.html, and the pictures of the README.
"""

import argparse
import html
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from tests import chromium as chrome
from tests.places import PLACES, Place, known
from tests.stack import PASSWORD, ROOT, Stack, running

SHOTS = ROOT / "build" / "shots"
PICTURES = ROOT / "docs" / "pictures"
SIZES = {"phone": chrome.PHONE, "laptop": chrome.LAPTOP, "wall": chrome.WALL}
THEMES = ("light", "dark")
README = ("portfolio", "firm", "journey")
#: A window that holds the whole matrix, printed small.
FIRST = (1440, 1320)
#: Bytes: a README that loads at once.
LARGEST_PICTURE = 200_000


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__.splitlines()[0])
    asked.add_argument("pages", nargs="*", help="names of pages; all when none is given")
    asked.add_argument("--base", help="address of a Connected that runs already")
    asked.add_argument("--data-dir", type=Path, help="its data folder")
    said = asked.parse_args()
    wanted = [place for place in PLACES if not said.pages or place.name in said.pages]
    with _stack(said.base, said.data_dir) as stack, chrome.chromium() as browser:
        take(browser, stack, wanted)
        for_readme(browser, stack, [place for place in wanted if place.name in README])
    index(SHOTS)
    print(f"{len(list(SHOTS.glob('*.png')))} pictures: {SHOTS / 'index.html'}")


@contextmanager
def _stack(base: str | None, data_dir: Path | None) -> Iterator[Stack]:
    if base is None or data_dir is None:
        with running() as stack:
            yield stack
    else:
        stack = Stack(data_dir)
        stack.base, stack.port = base, int(base.rsplit(":", 1)[1])
        yield stack


def take(browser: Browser, stack: Stack, wanted: Sequence[Place]) -> None:
    """Every page in every size and theme."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    ids, sessions = known(stack), _sessions(browser, stack, wanted)
    for size, window in SIZES.items():
        for who, state in sessions.items():
            visitor = chrome.context(browser, window, storage_state=state)
            for place in wanted:
                if place.who == who:
                    _picture(visitor, stack.base + place.path.format(**ids), f"{place.name}-{size}")
            visitor.close()


def _sessions(browser: Browser, stack: Stack, wanted: Sequence[Place]) -> dict[str, object]:
    found: dict[str, object] = {}
    for who in {place.who for place in wanted}:
        visitor = chrome.context(browser)
        if who:
            chrome.sign_in(visitor.new_page(), stack.base, who, PASSWORD)
        found[who] = visitor.storage_state()
        visitor.close()
    return found


def _picture(visitor: BrowserContext, address: str, name: str) -> None:
    page = visitor.new_page()
    page.goto(address, wait_until="networkidle")
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.screenshot(path=SHOTS / f"{name}-{theme}.png", full_page=True, animations="disabled")
    page.close()


def for_readme(browser: Browser, stack: Stack, wanted: Sequence[Place]) -> None:
    """The first screen of these pages, small enough for a README."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    ids, sessions = known(stack), _sessions(browser, stack, wanted)
    for place in wanted:
        visitor = chrome.context(browser, FIRST, storage_state=sessions[place.who], device_scale_factor=0.75)
        page = visitor.new_page()
        page.goto(stack.base + place.path.format(**ids))
        picture = page.screenshot(animations="disabled")
        visitor.close()
        (PICTURES / f"{place.name}.png").write_bytes(picture)
        if len(picture) > LARGEST_PICTURE:
            sys.exit(f"{place.name}.png has {len(picture)} bytes; at most {LARGEST_PICTURE}.")


def index(folder: Path) -> None:
    """A contact sheet: one row a page, one picture a size and theme."""
    kinds = [f"{size}-{theme}" for theme in THEMES for size in SIZES]
    head = "".join(f"<th>{kind}</th>" for kind in kinds)
    rows = []
    for place in PLACES:
        cells = "".join(_thumb(folder, f"{place.name}-{kind}.png") for kind in kinds)
        rows.append(f"<tr><th>{html.escape(place.name)}</th>{cells}</tr>")
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Connected, every page</title>"
        "<style>body{font:13px sans-serif}td{vertical-align:top}img{width:13rem;max-height:16rem;"
        "object-fit:cover;object-position:top;border:1px solid #ccc}</style>"
        f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"
    )


def _thumb(folder: Path, name: str) -> str:
    return (
        f'<td><a href="{name}"><img loading=lazy src="{name}" alt="{name}"></a></td>'
        if (folder / name).exists()
        else "<td></td>"
    )


if __name__ == "__main__":
    main()
