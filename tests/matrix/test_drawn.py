"""What is held between requests is never behind: each change shows on the next page."""

import re
from decimal import Decimal

import numpy as np
import pytest
from django.http import HttpRequest, QueryDict

from connected.permissions import Actor
from matrix.charts import MixedCell, grid, quadrant_plot
from matrix.frames import cube
from matrix.models import Change
from matrix.scoring import Cube
from matrix.services import fold_changes, runs, start_run
from matrix.views import drawn, seen
from tests.matrix.test_cube import portfolio
from tests.matrix.test_generations import live
from tests.matrix.test_pages import page
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

TOKEN = re.compile(r"[A-Za-z0-9]{64}")
PART = "matrix/parts/matrix.html"


@pytest.fixture
def summed(owner: Actor, db: None, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """An owner whose portfolio is told from sums, however small it is."""
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)
    monkeypatch.setattr(seen, "NAMEABLE", 0)
    portfolio(owner)
    work_off(start_run(by=owner))
    return owner


def shown(by: Actor, query: str = "") -> str:
    return TOKEN.sub("", page(by, "portfolio", query=query))


def anew(by: Actor, query: str = "") -> str:
    """The page of a process that holds nothing."""
    cube.forget()
    drawn.forget()
    return shown(by, query)


def test_a_change_shows_at_once(summed: Actor) -> None:
    before = shown(summed)
    live(summed, assessed(summed, [GUEST] * 3).pk)
    after = shown(summed)
    assert after != before
    assert after == anew(summed)


def test_the_second_of_two_changes_shows_as_well(summed: Actor) -> None:
    segment = assessed(summed, [GUEST] * 3)
    live(summed, segment.pk)
    before = shown(summed)
    live(summed, assessed(summed, [GUEST] * 3, segment.firm_id).pk)
    assert Change.objects.exists()
    assert shown(summed) != before
    assert shown(summed) == anew(summed)


def test_folding_changes_nothing_that_is_seen(summed: Actor) -> None:
    live(summed, assessed(summed, [GUEST] * 3).pk)
    before = shown(summed)
    assert fold_changes(workspace_id=summed.workspace_id)
    assert shown(summed) == before == anew(summed)


def test_another_question_is_another_page(summed: Actor) -> None:
    pages = {query: shown(summed, query) for query in ("", "?cell=CO-PR", "?weight=sheets", "?cell=RD-PR")}
    assert len(set(pages.values())) == 4
    assert pages == {query: anew(summed, query) for query in pages}


def asked(query: str = "") -> HttpRequest:
    request = HttpRequest()
    request.GET = QueryDict(query)
    return request


def test_the_opened_cell_of_very_many_adds_up_by_kinds_of_segments(summed: Actor) -> None:
    text = shown(summed, "?cell=RD-PR&weight=customers")
    why = text[text.index('id="why"') : text.index('class="total"')]
    adds = [Decimal(found) for found in re.findall(r'data-l="adds">([\d.]+)<', why)]
    assert sum(adds) == Decimal(re.findall(r'data-l="total">([\d.]+)<', text)[0])
    assert "Present, and the primary one" in why
    assert "Heaviest: <a href" in why
    assert "others" not in why
    assert "All segments of this cell" in why


@pytest.mark.parametrize(("weight", "named"), [("revenue", True), ("sheets", False), ("nothing", False)])
def test_the_heaviest_are_named_where_segments_differ_in_size(
    summed: Actor, weight: str, named: bool
) -> None:
    assert ("Heaviest: <a href" in shown(summed, f"?cell=RD-PR&weight={weight}")) == named


def test_the_key_of_very_many_explains_no_dots(summed: Actor) -> None:
    text = shown(summed)
    assert "how many stand at each level" in text
    assert "one tick" not in text


def test_equal_figures_are_drawn_once() -> None:
    drawn.forget()
    one, other = (grid(Cube.empty().heat(), cut=0.4) for _ in range(2))
    assert drawn.drawn(PART, asked(), grid=one, caption="A") is drawn.drawn(
        PART, asked(), grid=other, caption="A"
    )
    assert drawn.drawn(PART, asked(), grid=one, caption="B") is not drawn.drawn(
        PART, asked(), grid=one, caption="A"
    )
    assert drawn.drawn(PART, asked("firms=x"), grid=one, caption="A") is not drawn.drawn(
        PART, asked(), grid=one, caption="A"
    )


def test_only_so_many_are_held() -> None:
    drawn.forget()
    held = drawn.drawn(PART, asked(), grid=grid(Cube.empty().heat(), cut=0.4), caption="first")
    for number in range(drawn.MOST):
        drawn.drawn(PART, asked(), grid=grid(Cube.empty().heat(), cut=0.4), caption=str(number))
    assert drawn.drawn(PART, asked(), grid=grid(Cube.empty().heat(), cut=0.4), caption="first") is not held


def test_a_quadrant_of_very_many_explains_its_colours_by_counts() -> None:
    drawn.forget()
    density = np.zeros((40, 40), np.int64)
    density[3, 4] = 12_345
    plot = quadrant_plot([], 1.35, 0.35, density=density)
    text = drawn.drawn("matrix/parts/quadrant.html", asked(), plot=plot)
    assert '<i data-level="5"></i><b>12,345</b>' in text
    assert text.count('<g class="plate">') == 4
    assert "12,345 segments by customize and interact" in text


def test_thousands_without_a_column_are_told_apart() -> None:
    cells = (MixedCell("Coach behavior", "measured", 57, 3, "high", 8_853, ()),)
    text = drawn.drawn("matrix/parts/mixed.html", asked(), mixed=cells, mixed_count=2_951)
    assert "Mixed supply, 2,951 segments" in text
    assert "n 8,853" in text
