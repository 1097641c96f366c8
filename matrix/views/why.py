"""The answer to "why is this cell so?": which cell was picked, and its segments as rows that add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from matrix.charts import Addend, why
from matrix.queries.heat import Field
from matrix.scoring import ARCHITECTURES, RELATIONSHIPS, Places, contributions


@dataclass(frozen=True)
class WhyRow:
    """One segment's addition; `name` empty for the row that gathers the rest."""

    addend: Addend
    letter: str
    name: str
    url: str


@dataclass(frozen=True)
class OpenedCell:
    """A picked cell: its name in two halves, the rows, and their sum."""

    relationship: str
    architecture: str
    rows: tuple[WhyRow, ...]
    total: Decimal
    level: int


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
) -> OpenedCell | None:
    """The rows of the picked cell; None when none is picked. `names`: (letter, name) by segment."""
    if picked is None:
        return None
    found = why(contributions(places, *picked))
    rows = []
    for addend in found.rows:
        if addend.index is None:
            rows.append(WhyRow(addend, "", "", ""))
            continue
        segment = int(field.ids[addend.index])
        letter, name = names[segment]
        rows.append(WhyRow(addend, letter, name, reverse("segment", args=[slug, segment])))
    relationship, architecture = RELATIONSHIPS[picked[0]].name, ARCHITECTURES[picked[1]].name
    return OpenedCell(relationship, architecture.lower(), tuple(rows), found.total, round(found.total))
