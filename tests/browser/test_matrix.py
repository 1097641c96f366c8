"""No figure of the matrix is cut, broken or covered, however long it is and however narrow its cell."""

from collections.abc import Callable

import numpy as np
import pytest
from django.http import HttpRequest
from playwright.sync_api import Page

from matrix.charts import grid
from matrix.scoring import CellFits, Heat
from matrix.views.drawn import drawn
from tests.browser.conftest import Someone
from tests.stack import MANAGER

WIDTHS = (360, 390, 768, 1024, 1280, 1920)
#: What is seen of a cell: each figure in one piece, inside its cell, and on no other; each picture inside.
AMISS = """() => [...document.querySelectorAll(".matrix td.cell")].flatMap((cell) => {
  const box = cell.getBoundingClientRect(), seen = [], amiss = [];
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode());) {
    if (!text.data.trim() || text.parentElement.closest(".vh")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const pieces = [...range.getClientRects()].filter((each) => each.width);
    if (pieces.length > 1) amiss.push(`${text.data} is broken`);
    seen.push(...pieces.map((each) => [text.data, each]));
  }
  seen.push(...[...cell.querySelectorAll("svg")].map((svg) => ["a picture", svg.getBoundingClientRect()]));
  seen.forEach(([name, one], at) => {
    if (one.left < box.left || one.right > box.right || one.top < box.top || one.bottom > box.bottom)
      amiss.push(`${name} leaves its cell`);
    for (const [other, two] of seen.slice(at + 1))
      if (Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1 &&
          Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 3)
        amiss.push(`${name} lies on ${other}`);
  });
  return amiss;
})"""


def matrix(count: int) -> str:
    """The matrix as a portfolio draws it, each of its counts so large, one row held back and one split."""
    many = np.full((4, 5), count)
    level, agreement = np.full((4, 5), 0.88), np.full((4, 5), 0.9)
    present = many.copy()
    present[1], agreement[2] = 0, 0.1
    found = Heat(level, many, present, many, many, many.astype(float), agreement, many < 0, many[0], 0, 0, 0)
    fits = CellFits(many, many, many, many, many.astype(float))
    spread = np.full((5, 4, 50), 3)
    shown = grid(found, cut=0.4, spread=spread, counts=fits, heaviest=np.full((4, 5), 0.95))
    return drawn("matrix/parts/matrix.html", HttpRequest(), grid=shown, lacks="", caption="")


def put(page: Page, width: int, html: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("html => { document.querySelector('.matrix').outerHTML = html }", html)


@pytest.mark.parametrize("count", [8, 9_999, 888_888, 8_888_888])
def test_figures_stay_whole_and_in_their_cell(person: Callable[..., Someone], count: int) -> None:
    page, html = person(MANAGER).page, matrix(count)
    page.goto("/w/sample/")
    for width in WIDTHS:
        put(page, width, html)
        assert page.evaluate(AMISS) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".matrix .wish .vh").first.inner_text().startswith(f"{count:,} of {count:,}")


def test_the_measure_sees_a_figure_that_is_cut(person: Callable[..., Someone]) -> None:
    page = person(MANAGER).page
    page.goto("/w/sample/")
    put(page, 390, matrix(8_888_888).replace("8.9m", "8,888,888"))
    assert page.evaluate(AMISS)
