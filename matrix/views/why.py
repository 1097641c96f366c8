"""The answer to "why is this cell so?": which cell was picked, and its segments as rows that add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, isnan

from django.urls import reverse

from matrix.charts import Addend, Cell, Grid, agree_word, percent, why
from matrix.findings import portfolio as findings
from matrix.findings.words import capital
from matrix.queries.heat import Field
from matrix.queries.largest import largest
from matrix.scoring import (
    ARCHITECTURES,
    RELATIONSHIPS,
    Contribution,
    Cube,
    Kind,
    Places,
    Weight,
    contributions,
)


@dataclass(frozen=True)
class WhyRow:
    """One segment's addition; `name` empty for the row that gathers the rest.

    Where segments are too many: that of `counted` of one kind, which `name` says.
    """

    addend: Addend
    letter: str
    name: str
    url: str
    agreement: float | None = None
    agree: str = ""
    counted: int = 0


@dataclass(frozen=True)
class Named:
    """A segment with its `share` of the weight and its `level`, both per cent, and where its receipt is."""

    name: str
    url: str
    share: float
    level: int


@dataclass(frozen=True)
class OpenedCell:
    """A picked cell: its name in two halves, the rows, their sum, and the level as the cell shows it.

    ``level`` None: the cell shows no figure, and ``because`` says why; then there are no rows.
    ``made_of``: the rows are kinds of segments, and this says what they come to; ``heaviest``: then those
    that carry most of the weight.
    """

    relationship: str
    architecture: str
    rows: tuple[WhyRow, ...]
    total: Decimal
    level: int | None
    because: str = ""
    heavy: int | None = None
    made_of: str = ""
    heaviest: tuple[Named, ...] = ()


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
    """The same for very many segments: by how they stand to the relationship, and the heaviest by name."""
    relationship, architecture = RELATIONSHIPS[picked[0]].name, ARCHITECTURES[picked[1]].name.lower()
    shown = next(cell for cell in matrix.cells if (cell.relationship, cell.architecture) == picked)
    if shown.percent is None:
        return OpenedCell(relationship, architecture, (), Decimal(0), None, _because(shown, lacks))
    parts = cube.slices(*picked, by)
    whole = fsum(part.weight for part in parts)
    added = why(
        [
            Contribution(at, part.weight, part.weight / whole, part.level, part.weight * part.level / whole)
            for at, part in enumerate(parts)
        ]
    )
    rows = tuple(
        WhyRow(addend, "", capital(findings.KINDS[part.kind]), "", counted=part.counted)
        for addend, part in zip(added.rows, parts, strict=True)
    )
    has = [row for row, part in zip(rows, parts, strict=True) if part.kind in (Kind.LEADS, Kind.PRESENT)]
    made_of = findings.made_of(
        sum(row.counted for row in has),
        sum(row.counted for row in rows),
        str(sum((row.addend.adds for row in has), Decimal("0.0"))),
        str(added.total),
    )
    heaviest = _heaviest(picked, by, whole, slug)
    return OpenedCell(
        relationship, architecture, rows, added.total, shown.percent, "", shown.heavy, made_of, heaviest
    )


def _heaviest(picked: tuple[str, str], by: Weight, whole: float, slug: str) -> tuple[Named, ...]:
    """The segments that carry most of the weight: those with a share worth a line, at least the first."""
    return tuple(
        Named(
            f"{each.firm}, {each.name}",
            f"{reverse('segment', args=[slug, each.id])}#receipt-{picked[0].lower()}",
            each.weight / whole * 100,
            percent(each.level),
        )
        for place, each in enumerate(largest(*picked, by))
        if not place or each.weight >= whole / 100
    )


def _because(cell: Cell, lacks: str) -> str:
    """Why a cell shows no figure."""
    if cell.state == "unweighed":
        whose = "Its one segment has" if cell.lacking == 1 else f"Its {cell.lacking:,} segments have"
        return f"{whose} {lacks}, so nothing can be weighed."
    if cell.state == "few":
        return "Fewer than three people have answered for the segments here, so it shows no figure."
    return "No segment stands in this column."
