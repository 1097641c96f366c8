"""Why a cell stands where it does: segment x weight x level = what each adds, adding up exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from matrix.scoring import Contribution
from matrix.scoring.receipt import apportioned

MOST_ROWS: Final = 12


@dataclass(frozen=True)
class Addend:
    """One row. ``index`` points into the places, None for the row that gathers the rest.

    ``share`` per cent of the weight, ``level`` and ``adds`` in points, each to one decimal; the shares of
    all rows add up to 100.0 and the additions to the total. ``bar`` is the level's width out of 100.
    """

    index: int | None
    gathered: int
    share: Decimal
    level: Decimal
    adds: Decimal
    bar: float
    step: int


@dataclass(frozen=True)
class Why:
    """The rows and their sum."""

    rows: tuple[Addend, ...]
    total: Decimal


def why(parts: Sequence[Contribution], most: int = MOST_ROWS) -> Why:
    """Contributions of a cell as rows of one decimal; the smallest beyond ``most`` are gathered in one."""
    adds, shares = _exact(parts, "adds"), _exact(parts, "share")
    total = round(sum(adds, Fraction(0)) * 1000)
    points, weights = (
        apportioned([part * 1000 for part in adds], total),
        apportioned([s * 1000 for s in shares], 1000),
    )
    kept = len(parts) if len(parts) <= most else most - 1
    rows = [
        _row(part.index, 1, weight, round(part.level * 1000), point)
        for part, weight, point in zip(parts[:kept], weights, points, strict=False)
    ]
    if parts[kept:]:
        share, added = sum(weights[kept:]), sum(points[kept:])
        rows.append(_row(None, len(parts) - kept, share, round(added * 1000 / share) if share else 0, added))
    return Why(tuple(rows), Decimal(total) / 10)


def _exact(parts: Sequence[Contribution], name: str) -> list[Fraction]:
    return [Fraction(getattr(part, name)) for part in parts]


def _row(index: int | None, gathered: int, share: int, level: int, adds: int) -> Addend:
    step = min(5, level // 200 + 1)
    return Addend(
        index, gathered, Decimal(share) / 10, Decimal(level) / 10, Decimal(adds) / 10, level / 10, step
    )
