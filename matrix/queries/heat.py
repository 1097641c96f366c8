"""Many placements at once: read as arrays, weighted, and brought together by the scoring core."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from django.db.models import Count, FloatField, IntegerField, QuerySet
from django.db.models.functions import Cast, Floor, Least
from numpy.typing import NDArray

from matrix.scoring import (
    ARCHITECTURES,
    FINE,
    NONE_PRESENT,
    RELATIONSHIPS,
    Facts,
    Heat,
    Places,
    Weight,
    currency_of,
    heat,
)


@dataclass(frozen=True)
class Field:
    """Placements in force as arrays over n segments; NaN is not known.

    `present`, `levels`, `agreement` (n, 4) by relationship; `row`, `column` (n,) as `primary` and
    `primary_architecture` of `Scores`; `quadrant` (n,) 1-4, 0 not known; `currencies` those of the revenues.
    `asked`, `missed`, `intrusive` (n, 4) and `confidence` (n,) as in `Facts`.
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
    asked: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    intrusive: NDArray[np.bool_]
    confidence: NDArray[np.float64]
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


def density(rows: "QuerySet[Any]") -> list[list[int]]:
    """Placements by Interact and Customize in steps of 4 / :data:`FINE`, as a cube counts them."""
    found = [[0] * FINE for _ in range(FINE)]
    steps = rows.filter(interact__isnull=False, customize__isnull=False).order_by()
    counted = steps.values_list(_step("interact"), _step("customize")).annotate(number=Count("pk"))
    for interact, customize, number in counted:
        found[interact][customize] = number
    return found


def _step(axis: str) -> Cast:
    return Cast(Least(Floor(Cast(axis, FloatField()) * (FINE / 4)), float(FINE - 1)), IntegerField())


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
