"""What a cube adds up: the measures of a placement, and what placements of one group have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.score import NONE_PRESENT, UNKNOWN
from matrix.scoring.vocabulary import ARCHITECTURES, QUADRANTS, RELATIONSHIPS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TICKS: Final = 50
"""Steps of the histogram of levels 0-1 in each cell."""
FINE: Final = 40
"""Steps of each axis 0-4 of the quadrant's density."""
ROWS, COLUMNS = len(RELATIONSHIPS), len(ARCHITECTURES)
_MIXED: Final = COLUMNS
_BLOCK: Final = 100_000
LAYOUT: Final = 2
"""Of packed cubes, in their first byte: one more whenever a measure is added or means something else."""
_STEPS: Final = float(2**24)


@dataclass(frozen=True)
class Facts:
    """Placements in force with their segments' sizes, arrays over n; NaN is not known.

    `levels`, `present`, `agreement` (n, 4) by relationship; `row`, `column` (n,) as `primary` and
    `primary_architecture` of `Scores`; `quadrant` (n,) 1-4, 0 not known; `interact`, `customize` 0-4;
    `customers`, `revenue` (n,) not negative; `currency` (n,) as :func:`currency_number`, 0 none. `asked`
    (n, 4): both wanted and today are known, or it is intrusive; `missed`, `intrusive` (n, 4): under-served,
    and more than wanted; `confidence` (n,) 0-1 in the primary cell.
    """

    levels: Floats
    present: NDArray[np.bool_]
    row: NDArray[np.int8]
    column: NDArray[np.int8]
    raters: Ints
    agreement: Floats
    quadrant: NDArray[np.int8]
    borderline: NDArray[np.bool_]
    interact: Floats
    customize: Floats
    customers: Floats
    revenue: Floats
    currency: Ints
    asked: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    intrusive: NDArray[np.bool_]
    confidence: Floats

    def __len__(self) -> int:
        return len(self.raters)

    def blocks(self) -> Iterator["Facts"]:
        """The same, some at a time."""
        for low in range(0, len(self), _BLOCK):
            span = slice(low, low + _BLOCK)
            yield Facts(**{name: values[span] for name, values in vars(self).items()})


def currency_number(code: str) -> int:
    """A currency's three letters as one number; 0 for none."""
    return int.from_bytes(code.encode("ascii"), "big") if code.isascii() and len(code) == 3 else 0


def currency_of(number: int) -> str:
    """The three letters again."""
    return number.to_bytes(3, "big").decode("ascii")


SIZES: Final = ("", "customers", "revenue")
# "sure": those with a confidence; "belongs": its sum.
_OF_ALL: Final = ("n", "raters", "customers", "revenue", "sure", "belongs")
_COUNTS: Final = ("counted", "raters", "level", "agreed", "agreeing")
_OF_EACH: Final = (
    *(f"{what} {size}".strip() for size in SIZES for what in _COUNTS),
    *("customers", "customers level", "customers square"),
    *("revenue", "revenue level", "revenue square"),
    "sheets level",
    *("asked", "missed", "intrusive"),
)
AT: Final = {name: at for at, name in enumerate(_OF_ALL)} | {
    (row, name): len(_OF_ALL) + row * len(_OF_EACH) + at
    for row in range(ROWS)
    for at, name in enumerate(_OF_EACH)
}
WIDTH: Final = len(AT)


@dataclass(frozen=True)
class Groups:
    """What the placements of each group have in common, arrays (g,)."""

    currency: Ints
    column: Ints
    row: Ints
    mask: Ints
    quadrant: Ints
    borderline: NDArray[np.bool_]

    @classmethod
    def of(cls, keys: Ints) -> "Groups":
        keys, borderline = np.divmod(keys, 2)
        keys, quadrant = np.divmod(keys, len(QUADRANTS) + 1)
        keys, mask = np.divmod(keys, 1 << ROWS)
        keys, row = np.divmod(keys, ROWS + 2)
        currency, column = np.divmod(keys, COLUMNS + 2)
        return cls(currency, column + UNKNOWN, row + UNKNOWN, mask, quadrant, borderline > 0)

    def stands_in(self, relationship: int, architecture: int) -> NDArray[np.bool_]:
        """Groups that have this relationship and this primary architecture."""
        found: NDArray[np.bool_] = ((self.mask >> relationship) & 1 > 0) & (self.column == architecture)
        return found


def keys_of(facts: Facts) -> Ints:
    mask = (facts.present * (1 << np.arange(ROWS))).sum(axis=1)
    keys = facts.currency * (COLUMNS + 2) + (facts.column.astype(np.int64) - UNKNOWN)
    keys = keys * (ROWS + 2) + (facts.row.astype(np.int64) - UNKNOWN)
    keys = (keys * (1 << ROWS) + mask) * (len(QUADRANTS) + 1) + facts.quadrant
    found: Ints = keys * 2 + facts.borderline
    return found


def measures(facts: Facts) -> Iterator[tuple[int, Floats]]:
    """Place and values (n,) of every measure."""
    raters = facts.raters.astype(np.float64)
    sizes = {"customers": facts.customers, "revenue": facts.revenue}
    known = {"": np.ones(len(facts), dtype=bool)} | {name: ~np.isnan(size) for name, size in sizes.items()}
    yield AT["n"], np.ones(len(facts))
    yield AT["raters"], raters
    for name in sizes:
        yield AT[name], known[name].astype(np.float64)
    yield AT["sure"], (~np.isnan(facts.confidence)).astype(np.float64)
    # On the grid of levels, so that sums of it come and go without a trace.
    yield AT["belongs"], np.rint(np.nan_to_num(facts.confidence) * _STEPS) / _STEPS
    for row in range(ROWS):
        measured, agree = ~np.isnan(facts.levels[:, row]), facts.agreement[:, row]
        level, agreed = np.nan_to_num(facts.levels[:, row]), np.nan_to_num(agree)
        for name in SIZES:
            used = (measured & known[name]).astype(np.float64)
            agreeing = used * raters * ~np.isnan(agree)
            counts = {
                "counted": used,
                "raters": used * raters,
                "level": used * level,
                "agreed": agreeing * agreed,
                "agreeing": agreeing,
            }
            yield from ((AT[row, f"{what} {name}".strip()], values) for what, values in counts.items())
        for name, size in sizes.items():
            weight = np.where(measured & known[name], size, 0.0)
            yield AT[row, name], weight
            yield AT[row, f"{name} level"], weight * level
            yield AT[row, f"{name} square"], weight * weight
        yield AT[row, "sheets level"], measured * raters * level
        for name in ("asked", "missed", "intrusive"):
            yield AT[row, name], getattr(facts, name)[:, row].astype(np.float64)


def ticks_of(facts: Facts) -> Ints:
    found = np.zeros((COLUMNS + 1, ROWS, TICKS), np.int64)
    column = np.where(facts.column == NONE_PRESENT, _MIXED, facts.column)
    for row in range(ROWS):
        used = (column >= 0) & ~np.isnan(facts.levels[:, row])
        at = np.minimum((facts.levels[used, row] * TICKS).astype(np.int64), TICKS - 1)
        np.add.at(found[:, row], (column[used], at), 1)
    return found


def density_of(facts: Facts) -> Ints:
    found = np.zeros((FINE, FINE), np.int64)
    known = ~np.isnan(facts.interact) & ~np.isnan(facts.customize)
    steps = [
        np.minimum((axis[known] * (FINE / 4)).astype(np.int64), FINE - 1)
        for axis in (facts.interact, facts.customize)
    ]
    np.add.at(found, tuple(steps), 1)
    return found
