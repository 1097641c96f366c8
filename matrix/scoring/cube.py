"""Any number of placements as sums: what a portfolio's matrix and quadrant need, and no more.

Placements that look alike (same column, row, relationships present, quadrant, currency) share one group of
sums, a few hundred groups however many segments. Cubes add and subtract, so a change costs what changed.
Counts are exact; sums of levels are exact while they stay under 2^53 steps of 2^-24.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.fit import CellFits
from matrix.scoring.heat import FEW, Heat
from matrix.scoring.measures import (
    AT,
    COLUMNS,
    FINE,
    LAYOUT,
    ROWS,
    TICKS,
    WIDTH,
    Facts,
    Floats,
    Groups,
    Ints,
    currency_of,
    density_of,
    keys_of,
    measures,
    ticks_of,
)
from matrix.scoring.score import NONE_PRESENT, UNKNOWN
from matrix.scoring.vocabulary import ARCHITECTURES, QUADRANTS, RELATIONSHIPS


class Weight(StrEnum):
    """What a segment counts by in a mean."""

    CUSTOMERS = "customers"
    REVENUE = "revenue"
    SHEETS = "sheets"
    NOTHING = "nothing"


class Kind(StrEnum):
    """How a segment of a column stands to one relationship; every one is of exactly one kind."""

    LEADS = "leads"
    PRESENT = "present"
    ELSEWHERE = "elsewhere"
    NONE = "none"
    OPEN = "open"


@dataclass(frozen=True)
class Slice:
    """Segments of one kind in a cell: how many `counted`, what they weigh, and their mean `level` 0-1."""

    kind: Kind
    counted: int
    weight: float
    level: float


# For each weight: which size must be known, what adds up to the weight, what to weight x level.
_BY: Final = {
    Weight.NOTHING: ("", "counted", "level"),
    Weight.SHEETS: ("", "raters", "sheets level"),
    Weight.CUSTOMERS: ("customers", "customers", "customers level"),
    Weight.REVENUE: ("revenue", "revenue", "revenue level"),
}


@dataclass(frozen=True)
class Cube:
    """Sums over placements: `keys` (g,) ascending, one a group; `sums` (g, measures).

    `ticks` (6, 4, TICKS): segments by level, for the five columns and mixed supply, and each relationship;
    `density` (FINE, FINE): segments by Interact and Customize.
    """

    keys: Ints
    sums: Floats
    ticks: Ints
    density: Ints

    @classmethod
    def empty(cls) -> "Cube":
        return cls(
            np.zeros(0, np.int64),
            np.zeros((0, WIDTH)),
            np.zeros((COLUMNS + 1, ROWS, TICKS), np.int64),
            np.zeros((FINE, FINE), np.int64),
        )

    @classmethod
    def of(cls, facts: Facts) -> "Cube":
        found = cls.empty()
        for block in facts.blocks():
            found = found.plus(_of_block(block))
        return found

    def plus(self, other: "Cube", sign: int = 1) -> "Cube":
        """The sum of two, or with ``sign`` -1 the difference."""
        keys, place = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        sums = np.zeros((len(keys), WIDTH))
        sums[place[: len(self.keys)]] = self.sums
        sums[place[len(self.keys) :]] += sign * other.sums
        kept = np.rint(sums[:, 0]) != 0
        return Cube(
            keys[kept], sums[kept], self.ticks + sign * other.ticks, self.density + sign * other.density
        )

    def packed(self) -> bytes:
        """As bytes, for :meth:`unpacked`."""
        out = BytesIO()
        np.savez(out, keys=self.keys, sums=self.sums, ticks=self.ticks, density=self.density)
        return bytes([LAYOUT]) + zlib.compress(out.getbuffer(), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> "Cube":
        """Raises ValueError when the bytes are of another layout."""
        if data[:1] != bytes([LAYOUT]):
            raise ValueError("sums of another layout")
        with np.load(BytesIO(zlib.decompress(data[1:])), allow_pickle=False) as held:
            found = cls(**{name: held[name] for name in ("keys", "sums", "ticks", "density")})
        if found.sums.shape != (len(found.keys), WIDTH):
            raise ValueError("sums of another layout")
        return found

    def where(self, keep: Callable[["Groups"], NDArray[np.bool_]]) -> "Cube":
        """Only some groups. Ticks and density stay those of all."""
        chosen = keep(self.groups)
        return replace(self, keys=self.keys[chosen], sums=self.sums[chosen])

    @cached_property
    def groups(self) -> "Groups":
        return Groups.of(self.keys)

    def __len__(self) -> int:
        """Placements in all."""
        return self._count(slice(None))

    def _count(self, chosen: NDArray[np.bool_] | slice) -> int:
        return round(float(self.sums[chosen, 0].sum()))

    @property
    def placed(self) -> int:
        """Placements whose row (or that there is none) and column (or that it is mixed) are known."""
        groups = self.groups
        return self._count((groups.row != UNKNOWN) & (groups.column != UNKNOWN))

    @property
    def baseline(self) -> int:
        """Placements below all rows: none of the four is present."""
        return self._count(self.groups.row == NONE_PRESENT)

    @property
    def outside(self) -> int:
        """Placements no cell counts: below all rows, or of mixed supply."""
        return self._count((self.groups.row == NONE_PRESENT) | (self.groups.column == NONE_PRESENT))

    @property
    def mixed(self) -> int:
        return self._count(self.groups.column == NONE_PRESENT)

    @property
    def borderline(self) -> int:
        groups = self.groups
        return self._count(groups.borderline & (groups.quadrant > 0))

    def standing(self) -> dict[str, int]:
        """Every placement once: in a cell, below all rows, above them without a column, or not known."""
        row, column = self.groups.row, self.groups.column
        baseline, cells = row == NONE_PRESENT, (row >= 0) & (column >= 0)
        mixed = ~baseline & (column == NONE_PRESENT)
        return {
            "cells": self._count(cells),
            "baseline": self._count(baseline),
            "mixed": self._count(mixed),
            "unknown": self._count(~(baseline | cells | mixed)),
        }

    def present(self) -> dict[str, int]:
        """Placements having each relationship."""
        masks = self.groups.mask
        return {code: self._count((masks >> at) & 1 > 0) for at, code in enumerate(RELATIONSHIPS)}

    def quadrants(self) -> dict[str, int]:
        """Placements of each quadrant, by its code."""
        found = self.groups.quadrant
        return {code: self._count(found == at) for at, code in enumerate(QUADRANTS, 1)}

    def currencies(self) -> tuple[str, ...]:
        """Those of the revenues that are known."""
        numbers = self.groups.currency[self.sums[:, AT["revenue"]] > 0]
        return tuple(sorted(currency_of(number) for number in set(numbers.tolist()) if number))

    def usable(self) -> tuple[Weight, ...]:
        """The weights every placement has; revenues of several currencies are not added up."""
        n, found = len(self), [Weight.NOTHING, Weight.SHEETS]
        if n and round(float(self.sums[:, AT["customers"]].sum())) == n:
            found.append(Weight.CUSTOMERS)
        if n and len(self.currencies()) == 1 and round(float(self.sums[:, AT["revenue"]].sum())) == n:
            found.append(Weight.REVENUE)
        return tuple(found)

    def heat(self, by: Weight = Weight.NOTHING) -> Heat:
        """The matrix, as :func:`matrix.scoring.heat.heat` gives it."""
        if by not in self._heats:
            self._heats[by] = self._heat(self._columns, by)
        return self._heats[by]

    @cached_property
    def _heats(self) -> dict[Weight, Heat]:
        """Those asked for: a page asks for the same ones several times."""
        return {}

    def heat_of_mixed(self, by: Weight = Weight.NOTHING) -> Heat | None:
        """Those without a column brought together in the first one; None where there are none."""
        chosen = self.groups.column == NONE_PRESENT
        if not self._count(chosen):
            return None
        return self._heat(Columns.of(self, np.where(chosen, 0, NONE_PRESENT)), by)

    @cached_property
    def _columns(self) -> "Columns":
        return Columns.of(self, self.groups.column)

    def _heat(self, columns: "Columns", by: Weight) -> Heat:
        table, (size, heavy, dotted) = columns.sums, _BY[by]
        weighs = by is not Weight.REVENUE or len(self.currencies()) < 2

        def each(name: str) -> Floats:
            found = _rows(table, name.strip())
            return found if weighs else np.zeros_like(found)

        counted, raters = each(f"counted {size}"), each(f"raters {size}")
        agreed, agreeing = each(f"agreed {size}"), each(f"agreeing {size}")
        weight = each(heavy)
        lacking = self.sums[:, 0] - self.sums[:, AT[size or "n"]] * weighs
        return Heat(
            _ratio(each(dotted), weight),
            columns.primary,
            columns.present,
            np.rint(counted).astype(np.int64),
            np.rint(raters).astype(np.int64),
            weight,
            _ratio(agreed, agreeing),
            too_few=(counted > 0) & (raters < FEW),
            placed=np.rint(table[:, 0]).astype(np.int64),
            mixed=self.mixed,
            unplaced=self._count(self.groups.column == UNKNOWN),
            unweighted=round(float(lacking[self.groups.column >= 0].sum())),
        )

    def slices(self, relationship: str, architecture: str, by: Weight = Weight.NOTHING) -> tuple[Slice, ...]:
        """A cell's level taken apart by kind of segment, those kinds left out that nobody is of."""
        at, row = list(RELATIONSHIPS).index(relationship), self.groups.row
        inside = self.groups.column == list(ARCHITECTURES).index(architecture)
        has, (size, heavy, dotted) = (self.groups.mask >> at) & 1 > 0, _BY[by]
        found = []
        for kind, chosen in (
            (Kind.LEADS, has & (row == at)),
            (Kind.PRESENT, has & (row != at)),
            (Kind.ELSEWHERE, ~has & (row >= 0)),
            (Kind.NONE, ~has & (row == NONE_PRESENT)),
            (Kind.OPEN, ~has & (row == UNKNOWN)),
        ):
            sums = self.sums[inside & chosen].sum(axis=0)
            counted, weight, level = (
                float(sums[AT[at, name.strip()]]) for name in (f"counted {size}", heavy, dotted)
            )
            if round(counted) and weight > 0:
                found.append(Slice(kind, round(counted), weight, level / weight))
        return tuple(found)

    def fits(self) -> CellFits:
        """Where what is wanted and what is there differ, and how many segments are likely to belong."""
        groups, shape = self.groups, (ROWS, COLUMNS)
        sure, belongs = np.zeros(shape), np.zeros(shape)
        inside = (groups.row >= 0) & (groups.column >= 0)
        for found, name in ((sure, "sure"), (belongs, "belongs")):
            np.add.at(found, (groups.row[inside], groups.column[inside]), self.sums[inside, AT[name]])
        table = self._columns.sums
        known, more, less = (_whole(_rows(table, name)) for name in ("asked", "missed", "intrusive"))
        return CellFits(known, more, less, _whole(sure), belongs)

    def heaviest(self, by: Weight) -> Floats:
        """(4, 5): the share, 0-1, of each cell's weight that one segment surely has; 0 where none has half.

        From the sum of squares: with q = sum w^2 / (sum w)^2, the largest share is at least
        (1 + sqrt(2q - 1)) / 2, and at most sqrt(q): the same to a hundredth when it is above nine tenths.
        """
        size = by.value
        if by in (Weight.NOTHING, Weight.SHEETS) or (by is Weight.REVENUE and len(self.currencies()) > 1):
            return np.zeros((ROWS, COLUMNS))
        whole, square = (_rows(self._columns.sums, name) for name in (size, f"{size} square"))
        q = np.where(whole != 0, square / np.where(whole != 0, whole, 1.0) ** 2, 0.0)
        return np.where(q > 0.5, (1 + np.sqrt(2 * np.maximum(q, 0.5) - 1)) / 2, 0.0)

    def lacking(self, by: Weight) -> Ints:
        """(4, 5): segments of each cell that have a level, but not this weight."""
        every, weighed = self.heat(Weight.NOTHING).counted, self.heat(by).counted
        found: Ints = every - weighed
        return found


@dataclass(frozen=True)
class Columns:
    """Groups by column: `sums` (5, measures); `primary`, `present` (4, 5) placements by relationship."""

    sums: Floats
    primary: Ints
    present: Ints

    @classmethod
    def of(cls, cube: Cube, column: Ints) -> "Columns":
        """`column` (g,): where each group goes, below 0 nowhere."""
        groups = cube.groups
        sums = np.stack([cube.sums[column == at].sum(axis=0) for at in range(COLUMNS)])
        primary, present = np.zeros((ROWS, COLUMNS)), np.zeros((ROWS, COLUMNS))
        for row in range(ROWS):
            for found, chosen in (
                (primary, groups.row == row),
                (present, (groups.mask >> row) & 1 > 0),
            ):
                own = chosen & (column >= 0)
                found[row] = np.bincount(column[own], weights=cube.sums[own, 0], minlength=COLUMNS)
        return cls(sums, _whole(primary), _whole(present))


def _rows(sums: Floats, name: str) -> Floats:
    """A measure (4, 5) out of sums (5, measures)."""
    return sums[:, [AT[row, name] for row in range(ROWS)]].T


def _whole(counts: Floats) -> Ints:
    found: Ints = np.rint(counts).astype(np.int64)
    return found


def _ratio(over: Floats, under: Floats) -> Floats:
    found: Floats = np.where(under > 0, over / np.where(under > 0, under, 1.0), np.nan)
    return found


def _of_block(facts: Facts) -> Cube:
    keys, group = np.unique(keys_of(facts), return_inverse=True)
    sums = np.zeros((len(keys), WIDTH))
    for at, values in measures(facts):
        sums[:, at] = np.bincount(group, weights=values, minlength=len(keys))
    return Cube(keys, sums, ticks_of(facts), density_of(facts))
