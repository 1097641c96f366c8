"""The segments of one cell, or of none, a page at a time: where a figure of the portfolio leads."""

from dataclasses import dataclass
from math import nan
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from connected.permissions import Asked, visible_segments
from matrix.charts import agree_word, percent
from matrix.frames import cube
from matrix.models import StandingPlacement
from matrix.permissions import visible_placements
from matrix.queries.inorder import stretches
from matrix.queries.placements import codes
from matrix.scoring import ARCHITECTURES, BASELINE, RELATIONSHIPS
from matrix.views.why import picked_cell

SIZE: Final = 50
NOWHERE: Final = "none"


@dataclass(frozen=True)
class Row:
    """A segment of the list; ``level`` per cent of the row's relationship, None where there is no row."""

    placement: StandingPlacement
    level: int | None
    present: bool
    agreement: float | None
    agree: str
    why: str


@require_GET
def cell(request: Asked, workspace: str, code: str) -> HttpResponse:
    """``code``: CO-MM for every segment with a level in that cell, ``none`` for those in no cell."""
    picked = picked_cell(code)
    if picked is None and code != NOWHERE:
        raise Http404("No such cell.")
    after = request.GET.get("after", "")
    found = visible_placements(request.actor).filter(_within(picked))
    at = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    rows = _page(found, visible_segments(request.actor), at)
    more, rows = len(rows) > SIZE, rows[:SIZE]
    context: dict[str, Any] = {
        "picked": picked,
        "relationship": RELATIONSHIPS[picked[0]] if picked else None,
        "architecture": ARCHITECTURES[picked[1]] if picked else None,
        "count": _count(request, picked),
        "rows": [_row(placement, picked) for placement in rows],
        "after": at,
        "next": rows[-1].segment_id if more else None,
    }
    return render(request, "matrix/cell.html", context)


def _within(picked: tuple[str, str] | None) -> Q:
    if picked is None:
        return Q(baseline=True) | Q(mixed=True)
    return Q(primary_architecture=picked[1], **{f"{picked[0].lower()}__isnull": False})


def _page(found: "QuerySet[StandingPlacement]", segments: Any, at: int | None) -> list[StandingPlacement]:
    """One more than a page, to know whether there is another."""
    rows: list[StandingPlacement] = []
    for stretch in stretches(found, segments, at):
        rows += stretch[: SIZE + 1 - len(rows)]
        if len(rows) > SIZE:
            break
    return rows


def _count(request: Asked, picked: tuple[str, str] | None) -> int | None:
    """How many there are, where sums tell it; None where only counting them all would."""
    whole = cube.read() if request.actor.firms is None else None
    if whole is None:
        return None
    if picked is None:
        return whole.cube.outside
    at = list(RELATIONSHIPS).index(picked[0]), list(ARCHITECTURES).index(picked[1])
    return int(whole.cube.heat().counted[at])


def _row(placement: StandingPlacement, picked: tuple[str, str] | None) -> Row:
    if picked is None:
        why = "mixed supply" if placement.mixed else BASELINE
        return Row(placement, None, False, placement.agreement, _word(placement.agreement), why)
    agreement: float | None = getattr(placement, f"agree_{picked[0].lower()}")
    level = percent(getattr(placement, picked[0].lower()))
    return Row(placement, level, picked[0] in codes(placement.present), agreement, _word(agreement), "")


def _word(agreement: float | None) -> str:
    return agree_word(nan if agreement is None else agreement)
