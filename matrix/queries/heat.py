"""Many placements at once: read as arrays, weighted, and brought together by the scoring core."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from matrix.models import StandingPlacement
from matrix.queries import placements
from matrix.scoring import (
    ARCHITECTURES,
    NONE_PRESENT,
    QUADRANTS,
    RELATIONSHIPS,
    UNKNOWN,
    Facts,
    Heat,
    Places,
    Weight,
    currency_number,
    currency_of,
    heat,
)

_COLUMNS: Final = (
    "segment_id", "segment__firm_id", "raters", "present", "baseline", "mixed", "borderline", "coverage",
    "primary_relationship", "primary_architecture", "quadrant", "interact", "customize", "agreement",
    "rd", "co", "cb", "ae", "agree_rd", "agree_co", "agree_cb", "agree_ae",
    "segment__customers", "segment__revenue", "segment__currency",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """Placements in force as arrays over n segments; NaN is not known.

    `present`, `levels`, `agreement` (n, 4) by relationship; `row`, `column` (n,) as `primary` and
    `primary_architecture` of `Scores`; `quadrant` (n,) 1-4, 0 not known; `currencies` those of the revenues.
    """

    ids: NDArray[np.int64]
    firms: NDArray[np.int64]
    levels: NDArray[np.float64]
    present: NDArray[np.bool_]
    row: NDArray[np.int8]
    column: NDArray[np.int8]
    raters: NDArray[np.int64]
    agreement: NDArray[np.float64]
    overall: NDArray[np.float64]
    coverage: NDArray[np.float64]
    interact: NDArray[np.float64]
    customize: NDArray[np.float64]
    quadrant: NDArray[np.int8]
    borderline: NDArray[np.bool_]
    customers: NDArray[np.float64]
    revenue: NDArray[np.float64]
    currency: NDArray[np.int64]
    currencies: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(
        cls,
        facts: Facts,
        *,
        ids: NDArray[np.int64],
        firms: NDArray[np.int64],
        overall: NDArray[np.float64],
        coverage: NDArray[np.float64],
    ) -> "Field":
        """Facts with their segments and firms."""
        same = {name: values for name, values in vars(facts).items() if name != "currency"}
        numbers = set(facts.currency[~np.isnan(facts.revenue)].tolist()) - {0}
        return cls(
            ids=ids,
            firms=firms,
            overall=overall,
            coverage=coverage,
            currencies=tuple(sorted(currency_of(number) for number in numbers)),
            currency=facts.currency,
            **same,
        )

    def facts(self) -> Facts:
        """Without their segments and firms, to be summed up."""
        return Facts(**{each.name: getattr(self, each.name) for each in fields(Facts)})

    @property
    def placed(self) -> int:
        """Segments whose relationship (or that there is none) and supply (or that it is mixed) are known."""
        return int(((self.row != UNKNOWN) & (self.column != UNKNOWN)).sum())

    def lacking(self, by: Weight) -> NDArray[np.int64]:
        """(4, 5): segments of each cell that have a level, but not this weight."""
        known, bare = ~np.isnan(self.levels), np.isnan(self.weights(by))
        columns = self.column[:, None] == np.arange(len(ARCHITECTURES))
        found: NDArray[np.int64] = (known & bare[:, None]).T.astype(np.int64) @ columns.astype(np.int64)
        return found

    def heaviest(self, by: Weight) -> NDArray[np.float64]:
        """(4, 5): the largest share, 0-1, of each cell's weight that is one segment's; 0 for none."""
        weights = self.weights(by)
        found = np.zeros((len(RELATIONSHIPS), len(ARCHITECTURES)))
        for row, at in np.ndindex(found.shape):
            used = weights[(self.column == at) & ~np.isnan(self.levels[:, row]) & ~np.isnan(weights)]
            whole = float(used.sum())
            found[row, at] = float(used.max()) / whole if whole else 0.0
        return found

    def weights(self, by: Weight) -> NDArray[np.float64]:
        """Sizes to weight by; revenues of several currencies are not added up, so they are all unknown."""
        if by is Weight.CUSTOMERS:
            return self.customers
        if by is Weight.REVENUE:
            return self.revenue if len(self.currencies) < 2 else np.full(len(self), np.nan)
        return self.raters.astype(np.float64) if by is Weight.SHEETS else np.ones(len(self))

    def places(self, by: Weight) -> Places:
        return Places(
            self.levels, self.present, self.row, self.column, self.raters, self.agreement, self.weights(by)
        )

    def usable(self) -> tuple[Weight, ...]:
        """The weights that every placed segment has; `NOTHING` and `SHEETS` always are."""
        known = [Weight.NOTHING, Weight.SHEETS]
        if len(self) and not np.isnan(self.customers).any():
            known.append(Weight.CUSTOMERS)
        if len(self) and len(self.currencies) == 1 and not np.isnan(self.revenue).any():
            known.append(Weight.REVENUE)
        return tuple(known)


def read_rows(rows: "QuerySet[StandingPlacement]") -> Field:
    """These placements, by segment. One query."""
    found = rows.order_by("segment_id").values_list(*_COLUMNS)
    return _field(dict(zip(_COLUMNS, zip(*found, strict=True), strict=False)))


def _field(found: dict[str, Sequence[Any]]) -> Field:
    if not found:
        found = dict.fromkeys(_COLUMNS, ())
    masks = np.array(found["present"], dtype=np.int64)
    revenue = _floats(found["segment__revenue"])
    priced = ~np.isnan(revenue)
    named = zip(found["segment__currency"], priced.tolist(), strict=True)
    return Field(
        ids=np.array(found["segment_id"], dtype=np.int64),
        firms=np.array(found["segment__firm_id"], dtype=np.int64),
        levels=_table(found, ("rd", "co", "cb", "ae")),
        present=(masks[:, None] & np.array(list(placements.BITS.values()))) > 0,
        row=_index(found["primary_relationship"], RELATIONSHIPS, found["baseline"]),
        column=_index(found["primary_architecture"], ARCHITECTURES, found["mixed"]),
        raters=np.array(found["raters"], dtype=np.int64),
        agreement=_table(found, ("agree_rd", "agree_co", "agree_cb", "agree_ae")),
        overall=_floats(found["agreement"]),
        coverage=_floats(found["coverage"]),
        interact=_floats(found["interact"]),
        customize=_floats(found["customize"]),
        quadrant=np.array([each or 0 for each in found["quadrant"]], dtype=np.int8),
        borderline=np.array([bool(each) for each in found["borderline"]], dtype=np.bool_),
        customers=_floats(found["segment__customers"]),
        revenue=revenue,
        currency=np.array(
            [
                currency_number(each) if known else 0
                for each, known in zip(found["segment__currency"], priced, strict=True)
            ],
            dtype=np.int64,
        ),
        currencies=tuple(sorted({currency for currency, known in named if known and currency})),
    )


def _floats(column: Sequence[Any]) -> NDArray[np.float64]:
    return np.array(column, dtype=np.float64)


def _table(found: dict[str, Sequence[Any]], names: tuple[str, ...]) -> NDArray[np.float64]:
    return np.column_stack([_floats(found[name]) for name in names])


def _index(codes: Sequence[str | None], known: Any, settled: Sequence[bool]) -> NDArray[np.int8]:
    """Places of the codes; where there is none, whether that is known (none present, mixed) or not."""
    order = {code: at for at, code in enumerate(known)}
    otherwise = [NONE_PRESENT if sure else UNKNOWN for sure in settled]
    found = [order.get(code or "", none) for code, none in zip(codes, otherwise, strict=True)]
    return np.array(found, dtype=np.int8)


@dataclass(frozen=True)
class FirmRow:
    """One firm, its columns brought together: `level` (4,) 0-1 weighted, `present` (4,) segments having it.

    `interact`, `customize` 0-4 and `agreement` 0-1 are weighted means; None where nothing is known.
    """

    firm: int
    segments: int
    level: tuple[float, ...]
    present: tuple[int, ...]
    few: tuple[bool, ...]
    architectures: tuple[str, ...]
    mixed: int
    interact: float | None
    customize: float | None
    agreement: float | None
    raters: int


def by_firm(field: Field, by: Weight, firms: Sequence[int]) -> dict[int, FirmRow]:
    """A row for each of the firms that has a placed segment."""
    weights = field.weights(by)
    found = {}
    for firm in firms:
        own = np.flatnonzero(field.firms == firm)
        if len(own):
            found[firm] = _firm_row(field, weights, own, firm)
    return found


def _firm_row(field: Field, weights: NDArray[np.float64], own: NDArray[np.int64], firm: int) -> FirmRow:
    together = _in_one_column(field, weights, own)
    columns = field.column[own]
    order = sorted(set(columns[columns >= 0].tolist()), key=lambda at: (-int((columns == at).sum()), at))
    return FirmRow(
        firm=firm,
        segments=len(own),
        level=tuple(together.level[:, 0].tolist()),
        present=tuple(together.present[:, 0].tolist()),
        few=tuple(together.too_few[:, 0].tolist()),
        architectures=tuple(list(ARCHITECTURES)[at] for at in order),
        mixed=int((columns == NONE_PRESENT).sum()),
        interact=_mean(field.interact[own], weights[own]),
        customize=_mean(field.customize[own], weights[own]),
        agreement=_mean(field.overall[own], field.raters[own].astype(np.float64)),
        raters=int(field.raters[own].sum()),
    )


def mixed(field: Field, by: Weight) -> Heat | None:
    """Those without a column brought together, in the first column; None where there are none."""
    own = np.flatnonzero(field.column == NONE_PRESENT)
    return _in_one_column(field, field.weights(by), own) if len(own) else None


def _in_one_column(field: Field, weights: NDArray[np.float64], own: NDArray[np.int64]) -> Heat:
    """All of these segments as if they had one architecture: the rows of a firm, whatever its columns."""
    return heat(
        Places(
            field.levels[own],
            field.present[own],
            field.row[own],
            np.zeros(len(own), dtype=np.int8),
            field.raters[own],
            field.agreement[own],
            weights[own],
        )
    )


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    known = ~np.isnan(values) & ~np.isnan(weights)
    whole = float(weights[known].sum())
    return float((values[known] * weights[known]).sum() / whole) if whole else None


def levels_by_cell(field: Field) -> dict[tuple[str, str], list[float]]:
    """Each cell's levels, one a segment of its column, for the ticks along its foot."""
    found = {}
    for at, architecture in enumerate(ARCHITECTURES):
        own = field.column == at
        for row, relationship in enumerate(RELATIONSHIPS):
            levels = field.levels[own, row]
            found[relationship, architecture] = levels[~np.isnan(levels)].tolist()
    return found


def quadrant_counts(field: Field) -> dict[str, int]:
    """Segments by quadrant code."""
    return {code: int((field.quadrant == at).sum()) for at, code in enumerate(QUADRANTS, 1)}
