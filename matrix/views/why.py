"""The answer to "why is this cell so?": which cell was picked, and its segments as rows that add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isnan

from django.urls import reverse

from matrix.charts import Addend, Cell, Grid, Rest, agree_word, why, why_of_largest
from matrix.queries.heat import Field
from matrix.queries.largest import Heavy, largest
from matrix.scoring import (
    ARCHITECTURES,
    RELATIONSHIPS,
    Contribution,
    Cube,
    Places,
    Weight,
    contributions,
)


@dataclass(frozen=True)
class WhyRow:
    """One segment's addition; `name` empty for the row that gathers the rest."""

    addend: Addend
    letter: str
    name: str
    url: str
    agreement: float | None = None
    agree: str = ""


@dataclass(frozen=True)
class OpenedCell:
    """A picked cell: its name in two halves, the rows, their sum, and the level as the cell shows it.

    ``level`` None: the cell shows no figure, and ``because`` says why; then there are no rows.
    ``largest``: only the segments with most of this are named.
    """

    relationship: str
    architecture: str
    rows: tuple[WhyRow, ...]
    total: Decimal
    level: int | None
    because: str = ""
    heavy: int | None = None
    largest: str = ""


def picked_cell(code: str) -> tuple[str, str] | None:
    """(relationship, architecture) of a code such as CO-MM; None for anything else."""
    row, _, column = code.upper().partition("-")
    return (row, column) if row in RELATIONSHIPS and column in ARCHITECTURES else None


def added_ids(field: Field, places: Places, picked: tuple[str, str] | None) -> list[int]:
    """Segments whose names the opened cell will need."""
    if picked is None:
        return []
    rows = why(contributions(places, *picked)).rows
    return [int(field.ids[row.index]) for row in rows if row.index is not None]


def opened_cell(
    field: Field,
    places: Places,
    picked: tuple[str, str] | None,
    names: Mapping[int, tuple[str, str]],
    slug: str,
    matrix: Grid,
    lacks: str = "",
) -> OpenedCell | None:
    """The rows of the picked cell; None when none is picked. `names`: (letter, name) by segment.

    `matrix`: where the cell is shown; `lacks`: what a segment without a weight has not got.
    """
    if picked is None:
        return None
    relationship, architecture = RELATIONSHIPS[picked[0]].name, ARCHITECTURES[picked[1]].name.lower()
    shown = next(cell for cell in matrix.cells if (cell.relationship, cell.architecture) == picked)
    if shown.percent is None:
        because = _because(shown, lacks)
        return OpenedCell(relationship, architecture, (), Decimal(0), None, because)
    row = list(RELATIONSHIPS).index(picked[0])
    found = why(contributions(places, *picked))
    rows = []
    for addend in found.rows:
        if addend.index is None:
            rows.append(WhyRow(addend, "", "", ""))
            continue
        segment = int(field.ids[addend.index])
        letter, name = names[segment]
        agreement = float(field.agreement[addend.index, row])
        rows.append(
            WhyRow(
                addend,
                letter,
                name,
                f"{reverse('segment', args=[slug, segment])}#receipt-{picked[0].lower()}",
                None if isnan(agreement) else agreement,
                agree_word(agreement),
            )
        )
    return OpenedCell(relationship, architecture, tuple(rows), found.total, shown.percent, "", shown.heavy)


def opened_from_sums(
    cube: Cube, by: Weight, picked: tuple[str, str], slug: str, matrix: Grid, lacks: str = ""
) -> OpenedCell:
    """The same for very many segments: the largest few by name, all others in one row."""
    relationship, architecture = RELATIONSHIPS[picked[0]].name, ARCHITECTURES[picked[1]].name.lower()
    shown = next(cell for cell in matrix.cells if (cell.relationship, cell.architecture) == picked)
    if shown.percent is None:
        return OpenedCell(relationship, architecture, (), Decimal(0), None, _because(shown, lacks))
    row, at = list(RELATIONSHIPS).index(picked[0]), list(ARCHITECTURES).index(picked[1])
    found = cube.heat(by)
    whole, level, counted = (
        float(found.weight[row, at]),
        float(found.level[row, at]),
        int(found.counted[row, at]),
    )
    top = largest(picked[0], picked[1], by)
    parts = [
        Contribution(place, each.weight, each.weight / whole, each.level, each.weight * each.level / whole)
        for place, each in enumerate(top)
    ]
    rest = Rest(counted - len(parts), 1 - sum(p.share for p in parts), level - sum(p.adds for p in parts))
    added = why_of_largest(parts, rest)
    rows = tuple(
        _row_of(addend, None if addend.index is None else top[addend.index], slug, picked[0])
        for addend in added.rows
    )
    said = by.value if by is Weight.REVENUE else Weight.CUSTOMERS.value
    return OpenedCell(relationship, architecture, rows, added.total, shown.percent, "", shown.heavy, said)


def _row_of(addend: Addend, heavy: Heavy | None, slug: str, relationship: str) -> WhyRow:
    if heavy is None:
        return WhyRow(addend, "", "", "")
    url = f"{reverse('segment', args=[slug, heavy.id])}#receipt-{relationship.lower()}"
    agree = "" if heavy.agreement is None else agree_word(heavy.agreement)
    return WhyRow(addend, "", f"{heavy.firm}, {heavy.name}", url, heavy.agreement, agree)


def _because(cell: Cell, lacks: str) -> str:
    """Why a cell shows no figure."""
    if cell.state == "unweighed":
        whose = "Its one segment has" if cell.lacking == 1 else f"Its {cell.lacking} segments have"
        return f"{whose} {lacks}, so nothing can be weighed."
    if cell.state == "few":
        return "Fewer than three people have answered for the segments here, so it shows no figure."
    return "No segment stands in this column."
