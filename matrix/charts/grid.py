"""The 4x5 matrix as rows of cells, each in one state, ready to be drawn.

A level has a step (1-5) only when it may look like a level: measured by three or more, and not held back by a
gate. A relationship that no segment has, because its gate is not met, is ``gated`` whatever its figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isnan
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from matrix.charts.journey import JourneyMark, journey_mark
from matrix.scoring import ARCHETYPES, ARCHITECTURES, RELATIONSHIPS, CellFits, Heat
from matrix.scoring.agreement import HIGH, SPLIT

State = Literal["measured", "gated", "few", "unweighed", "empty"]
SHOWN: Final = ("measured", "gated")
"""States of a cell that has a figure."""
HEAVY: Final = 0.9
MOST_DOTS: Final = 8
EXACT: Final = 9_999
"""The largest count that has room in a cell of a phone as it is."""
_TOLERANCE: Final = 1e-6
_FIRST: Final = next(iter(ARCHITECTURES))
_COUNTS: Final = ("raters", "segments", "under", "intrusive")
_PLACES: Final = {
    (row, at): (relationship, architecture)
    for row, relationship in enumerate(RELATIONSHIPS)
    for at, architecture in enumerate(ARCHITECTURES)
}


@dataclass(frozen=True)
class Seat:
    """A segment to be shown in the cells: codes of what is present, first of all ``primary``."""

    id: int
    letter: str
    name: str
    url: str
    architecture: str | None
    primary: str | None
    present: tuple[str, ...]
    few: bool = False
    mixed: bool = False


@dataclass(frozen=True)
class Mark:
    """A letter in a cell: ``own`` primary, ``also`` present, ``few`` answers."""

    letter: str
    name: str
    kind: Literal["own", "also", "few"]


@dataclass(frozen=True)
class Cell:
    """``percent`` 0-100; ``step`` 1-5 or None; ``agree`` high, mixed, split or empty; ``dots`` drawn as x.

    ``ticks``: one x 0-100 for each segment in the level, or ``spread``: where they are very many, bars of (x,
    top 0-6) by how many stand there; ``lacking``: with a level but no weight; ``heavy``: per cent of the
    weight that is one segment's, if nearly all; ``wanted_more``, ``wanted_less``: letters of the segments
    that want more of it, and less. Without letters, how many of the ``asked``: ``under`` and ``intrusive``;
    ``likely``: of ``sure`` segments here, how many belong here.
    """

    code: str
    relationship: str
    architecture: str
    title: str
    state: State
    percent: int | None
    step: int | None
    agree: str
    raters: int
    segments: int
    counted: int
    hint: str
    example: str | None
    picked: bool = False
    marks: tuple[Mark, ...] = ()
    dots: tuple[int, ...] = ()
    ticks: tuple[float, ...] = ()
    spread: tuple[tuple[float, float], ...] = ()
    lacking: int = 0
    heavy: int | None = None
    wanted_more: tuple[str, ...] = ()
    wanted_less: tuple[str, ...] = ()
    asked: int = 0
    under: int = 0
    intrusive: int = 0
    sure: int = 0
    likely: float = 0

    @property
    def short(self) -> dict[str, str]:
        """The counts as they have room in a cell; what it says to a reader, and its table, are exact."""
        return {name: brief(getattr(self, name)) for name in _COUNTS}

    @property
    def foot(self) -> str:
        """Ticks and bars along the foot of the cell as one path: a loop in the template takes long."""
        ticks = "".join(f"M{x} 0V6" for x in self.ticks)
        return f"M0 6H100{ticks}" + "".join(f"M{x} {top}V6" for x, top in self.spread)


@dataclass(frozen=True)
class GridRow:
    code: str
    name: str
    gloss: str
    mark: JourneyMark
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class MixedCell:
    """The level of one relationship among the segments without a column; as a cell, but it opens nothing."""

    name: str
    state: State
    percent: int | None
    step: int | None
    agree: str
    raters: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Grid:
    rows: tuple[GridRow, ...]
    fitted: bool = False
    columns: tuple[tuple[str, str, str, str], ...] = field(
        default=tuple((a.code, a.name, a.short, a.gloss) for a in ARCHITECTURES.values())
    )

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for row in self.rows for cell in row.cells)

    @cached_property
    def many(self) -> bool:
        """Whether cells say in figures how many stand there: all of them do, or each draws its dots."""
        return any(cell.segments > MOST_DOTS for cell in self.cells)

    @property
    def summed(self) -> bool:
        """Whether the foot of a cell says how many stand at each level, not where each stands."""
        return any(cell.spread for cell in self.cells)

    @property
    def shortened(self) -> bool:
        return any(getattr(cell, name) > EXACT for cell in self.cells for name in _COUNTS)


def grid(
    found: Heat,
    *,
    cut: float,
    seats: Iterable[Seat] = (),
    levels: Mapping[tuple[str, str], Sequence[float]] | None = None,
    spread: NDArray[np.int64] | None = None,
    picked: tuple[str, str] | None = None,
    lacking: NDArray[np.int64] | None = None,
    heaviest: NDArray[np.float64] | None = None,
    fits: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
    counts: CellFits | None = None,
) -> Grid:
    """Turn a heat into cells. ``cut``: the level from which present; ``levels``: for the ticks.

    ``spread`` in their place (columns, 4, steps): segments by level, columns as the matrix has them.

    ``lacking``, ``heaviest`` (4, 5): segments without the weight, and the largest share of it, by cell.
    ``fits``: by cell, the letters of the segments that want more of it, and of those that want less;
    ``counts``: how many they are, where they have no letters, and how many belong where they stand.
    """
    marks = _marks(seats)
    shape = found.level.shape
    bare = np.zeros(shape, dtype=np.int64) if lacking is None else lacking
    shares = np.zeros(shape) if heaviest is None else heaviest
    rows = []
    for row, (code, relationship) in enumerate(RELATIONSHIPS.items()):
        cells = []
        for at, column in enumerate(ARCHITECTURES):
            more, less = (fits or {}).get((code, column), ((), ()))
            cells.append(
                _cell(
                    found,
                    row,
                    at,
                    cut,
                    lacking=int(bare[row, at]),
                    heaviest=float(shares[row, at]),
                    marks=marks.get((code, column), ()),
                    ticks=_ticks((levels or {}).get((code, column), ())),
                    spread=() if spread is None else _bars(spread[at, row]),
                    picked=picked == (code, column),
                    wanted_more=more,
                    wanted_less=less,
                    **_fitted(counts, row, at),
                )
            )
        mark = journey_mark(code)
        rows.append(GridRow(code, relationship.name, relationship.gloss, mark, tuple(cells)))
    return Grid(tuple(rows), counts is not None)


def _ticks(levels: Sequence[float]) -> tuple[float, ...]:
    return tuple(sorted({round(value * 100, 1) for value in levels}))


def _bars(counts: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    """A bar for each step anyone stands on: x in its middle, and the top, 0 for the step with most."""
    most = int(counts.max(initial=0))
    step = 100 / len(counts)
    return tuple(
        (round((at + 0.5) * step, 1), round(6 - 6 * count / most, 1))
        for at, count in enumerate(counts.tolist())
        if count
    )


def mixed_line(found: Heat, seats: Iterable[Seat], cut: float) -> tuple[MixedCell, ...]:
    """Four cells for the segments without a column, from a heat that holds them in its first."""
    marks = _marks([replace(seat, architecture=_FIRST) for seat in seats if seat.mixed])
    cells = []
    for row, (code, relationship) in enumerate(RELATIONSHIPS.items()):
        cell = _cell(found, row, 0, cut, lacking=found.unweighted)
        cells.append(
            MixedCell(
                relationship.name,
                cell.state,
                cell.percent,
                cell.step,
                cell.agree,
                cell.raters,
                marks.get((code, _FIRST), ()),
            )
        )
    return tuple(cells)


def _fitted(counts: CellFits | None, row: int, at: int) -> dict[str, Any]:
    if counts is None:
        return {}
    return {
        "asked": int(counts.known[row, at]),
        "under": int(counts.more[row, at]),
        "intrusive": int(counts.less[row, at]),
        "sure": int(counts.sure[row, at]),
        "likely": float(counts.belongs[row, at]),
    }


def _cell(
    found: Heat, row: int, at: int, cut: float, *, lacking: int, heaviest: float = 0, **more: Any
) -> Cell:
    """A cell with what is to be said of its weights; ``more``: all that its place in the heat does not tell.

    One without any weight is not one without answers.
    """
    relationship, architecture = _PLACES[row, at]
    level, counted = float(found.level[row, at]), int(found.counted[row, at])
    state = state_of(found, row, at, cut)
    bare = state == "few" and lacking and not counted
    shown, segments = state in SHOWN, int(found.segments[row, at])
    archetype = ARCHETYPES[relationship, architecture]
    return Cell(
        code=f"{relationship}-{architecture}",
        relationship=relationship,
        architecture=architecture,
        title=f"{RELATIONSHIPS[relationship].name}, {ARCHITECTURES[architecture].name}",
        state="unweighed" if bare else state,
        percent=percent(level) if shown else None,
        step=step_of(level) if state == "measured" else None,
        agree=agree_word(float(found.agreement[row, at])) if shown else "",
        raters=int(found.raters[row, at]),
        segments=segments,
        counted=counted,
        hint=archetype.line,
        example=archetype.example,
        dots=tuple(4 + 10 * dot for dot in range(min(segments, MOST_DOTS))),
        lacking=lacking,
        heavy=percent(heaviest) if counted > 1 and heaviest > HEAVY else None,
        **more,
    )


def state_of(found: Heat, row: int, at: int, cut: float) -> State:
    """What a cell of a heat is shown as; see the top of this file."""
    level = float(found.level[row, at])
    if not found.placed[at]:
        return "empty"
    if found.too_few[row, at] or isnan(level):
        return "few"
    held_back = level >= cut - _TOLERANCE and not found.present[row, at]
    return "gated" if held_back else "measured"


def _marks(seats: Iterable[Seat]) -> dict[tuple[str, str], tuple[Mark, ...]]:
    """Letters by cell: the primary ones first, then those also present."""
    found: dict[tuple[str, str], list[Mark]] = {}
    for seat in seats:
        if seat.architecture is None:
            continue
        for code in seat.present:
            kind: Literal["own", "also", "few"] = "own" if code == seat.primary else "also"
            mark = Mark(seat.letter, seat.name, "few" if seat.few else kind)
            found.setdefault((code, seat.architecture), []).append(mark)
    order = ("own", "also", "few")
    return {
        cell: tuple(sorted(marks, key=lambda m: (order.index(m.kind), m.letter)))
        for cell, marks in found.items()
    }


def agree_word(value: float | None) -> str:
    """high, mixed or split, on the bounds of the scoring core; empty when not known."""
    if value is None or isnan(value):
        return ""
    return "high" if value >= HIGH else "split" if value < SPLIT else "mixed"


def brief(count: int) -> str:
    """9,999 as it is, 36,987 as 37k, 1,234,567 as 1.2m: never more than five characters, as far as 999m."""
    if count <= EXACT:
        return f"{count:,}"
    if count < 999_500:
        return f"{round(count / 1000)}k"
    return f"{count / 1e6:.1f}m" if count < 9_950_000 else f"{round(count / 1e6)}m"


def percent(level: float) -> int:
    """A level 0-1 as 0-100."""
    return round(level * 100)


def step_of(level: float) -> int:
    """The step 1-5 of the ramp: five bands of 20, the third beginning where present does."""
    return min(5, int(level * 100 + _TOLERANCE) // 20 + 1)
