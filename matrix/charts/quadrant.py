"""The capability quadrant as a plot: interact upwards, customize to the right, both 0-4.

Cut and band come from the scoring model. Points are letters (few) or dots (many); letters that would lie on
each other are moved apart and tied to their place by a line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import groupby
from math import cos, hypot, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring import QUADRANTS

TOP_VALUE: Final = 4
_TENTH: Final = Decimal("0.1")
_LEFT: Final = 34
_TOP: Final = 10
_APART: Final = 24.0
_CORNERS: Final = 48
_CIRCLE: Final = tuple((cos(2 * pi * n / _CORNERS), sin(2 * pi * n / _CORNERS)) for n in range(_CORNERS))
# Two in three of a pair of independent normal errors lie within so many standard errors: sqrt(2 ln 3).
REACH: Final = 1.482
_MOST_DOTS: Final = 1500
_LINES: Final = {
    "Q1": ("one offer for all",),
    "Q2": ("variants, one-way",),
    "Q3": ("places what", "exists"),
    "Q4": ("the customer tells, the firm tailors",),
}


@dataclass(frozen=True)
class Point:
    """One segment. ``mark`` is its letter, empty for a dot; ``few`` below three raters.

    ``errors``: standard errors of customize and interact, for those that carry their ellipse.
    """

    customize: float
    interact: float
    mark: str = ""
    name: str = ""
    url: str = ""
    few: bool = False
    errors: tuple[float, float] | None = None

    @property
    def title(self) -> str:
        """Its name and its figures, for the picture's reader."""
        return f"{self.name}: customize {tenths(self.customize)}, interact {tenths(self.interact)}"


@dataclass(frozen=True)
class Ellipse:
    """Where two in three such points truly lie, cut off at the edges of the plot: ``path`` is its outline."""

    path: str
    few: bool


@dataclass(frozen=True)
class Plot:
    """A point drawn: ``x``, ``y`` where its mark stands, ``at_x``, ``at_y`` where the segment does."""

    x: float
    y: float
    at_x: float
    at_y: float
    moved: bool
    point: Point

    @property
    def text_y(self) -> str:
        """``y`` with its decimal, also where it is a whole number."""
        return f"{self.y:.1f}"


@dataclass(frozen=True)
class Shade:
    """All squares of the plot in which about as many segments stand, as one path; ``step`` 1-5.

    ``least``: the fewest in one of its squares, more than in any of the step before.
    """

    step: int
    least: int
    path: str


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class QuadrantPlot:
    """All of the picture; ``band_*`` are the borderline strips, ``cut_*`` the lines between quadrants."""

    side: int
    width: int
    height: int
    left: int
    top: int
    right: float
    bottom: float
    cut_x: float
    cut_y: float
    band_x: float
    band_y: float
    band: float
    ticks: tuple[Text, ...]
    words: tuple[tuple[Text, ...], ...]
    dots: tuple[Plot, ...]
    letters: tuple[Plot, ...]
    ellipses: tuple[Ellipse, ...]
    shades: tuple[Shade, ...]
    caption: str
    label: str


def quadrant_plot(
    points: Sequence[Point],
    cut: float,
    band: float,
    side: int = 416,
    density: NDArray[np.int64] | None = None,
) -> QuadrantPlot:
    """Lay the points out on a square of that side. ``cut`` and ``band`` as in the scoring model, 0-4.

    ``density`` (steps, steps) by Interact and Customize: how many stand where, in place of very many points.
    """
    unit = side / TOP_VALUE
    right, bottom = _LEFT + side, _TOP + side
    dots = [point for point in points if not point.mark]
    letters = [point for point in points if point.mark]
    strip = bottom - (cut + band) * unit, bottom - (cut - band) * unit
    return QuadrantPlot(
        side=side,
        width=side + 40,
        height=side + 50,
        left=_LEFT,
        top=_TOP,
        right=right,
        bottom=bottom,
        cut_x=_tenth(_LEFT + cut * unit),
        cut_y=_tenth(bottom - cut * unit),
        band_x=_tenth(_LEFT + (cut - band) * unit),
        band_y=_tenth(bottom - (cut + band) * unit),
        band=_tenth(2 * band * unit),
        ticks=_ticks(unit, bottom),
        words=_words(side, right, bottom, strip, _places(points, unit, bottom)),
        dots=tuple(Plot(x, y, x, y, False, point) for x, y, point in _places(_thinned(dots), unit, bottom)),
        letters=_spread(_places(letters, unit, bottom), right, bottom),
        ellipses=tuple(_ellipse(point, unit, bottom) for point in points if point.errors),
        shades=() if density is None else shades(density.tobytes(), len(density), side),
        caption=f"{'shaded' if density is None else 'framed'}: borderline, {cut:g} ± {band:g}",
        label=_label(letters, len(dots) if density is None else int(density.sum())),
    )


@lru_cache(maxsize=32)
def shades(counts: bytes, steps: int, side: int) -> tuple[Shade, ...]:
    """Steps by orders of magnitude below the fullest square: counts of many segments span several.

    ``counts``: int64 (steps, steps) as bytes, so that equal ones are drawn once.
    """
    density, size = np.frombuffer(counts, dtype=np.int64).reshape(steps, steps), side / steps
    most = float(np.log1p(density.max(initial=0))) or 1.0
    of = np.where(density > 0, np.minimum(5, np.floor(np.log1p(density) / most * 5) + 1), 0).astype(int)
    parts: dict[int, list[str]] = {step: [] for step in range(1, 6)}
    for row, line in enumerate(of.tolist()):
        top = _tenth(_TOP + (steps - 1 - row) * size)
        for step, start, end in _stretches(line):
            wide, back = _tenth((end - start) * size), _tenth((start - end) * size)
            parts[step].append(f"M{_tenth(_LEFT + start * size)} {top}h{wide}v{_tenth(size)}h{back}z")
    return tuple(
        Shade(step, int(density[of == step].min()), "".join(each)) for step, each in parts.items() if each
    )


def _stretches(line: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(step, start, end) of each run of squares of one step, those without any left out."""
    end = 0
    for step, run in groupby(line):
        start, end = end, end + len(list(run))
        if step:
            yield step, start, end


def _places(points: Sequence[Point], unit: float, bottom: float) -> list[tuple[float, float, Point]]:
    return [(_tenth(_LEFT + p.customize * unit), _tenth(bottom - p.interact * unit), p) for p in points]


def _ellipse(point: Point, unit: float, bottom: float) -> Ellipse:
    """As many corners as look round, each kept on the scale 0-4."""
    across, up = point.errors or (0.0, 0.0)
    corners = []
    for along, above in _CIRCLE:
        x = min(max(point.customize + REACH * across * along, 0), TOP_VALUE)
        y = min(max(point.interact + REACH * up * above, 0), TOP_VALUE)
        corners.append(f"{_tenth(_LEFT + x * unit):g} {_tenth(bottom - y * unit):g}")
    return Ellipse("M" + "L".join(corners) + "Z", point.few)


def _thinned(dots: Sequence[Point]) -> Sequence[Point]:
    """Beyond a size, dots that would cover each other are drawn once."""
    if len(dots) <= _MOST_DOTS:
        return dots
    return list({(round(dot.customize * 20), round(dot.interact * 20)): dot for dot in dots}.values())


def _spread(places: Sequence[tuple[float, float, Point]], right: float, bottom: float) -> tuple[Plot, ...]:
    """Push letters apart, a little at a time, until none covers another."""
    spots = [[x, y] for x, y, _ in places]
    for _ in range(60):
        if not _pushed(spots):
            break
    found = []
    for (x, y), (at_x, at_y, point) in zip(spots, places, strict=True):
        x, y = min(max(x, _LEFT + 2), right), min(max(y, _TOP + 2), bottom - 2)
        found.append(Plot(_tenth(x), _tenth(y), at_x, at_y, hypot(x - at_x, y - at_y) > 6, point))
    return tuple(found)


def _pushed(spots: list[list[float]]) -> bool:
    moved = False
    for one, a in enumerate(spots):
        for b in spots[one + 1 :]:
            far = hypot(a[0] - b[0], a[1] - b[1])
            if far >= _APART:
                continue
            moved = True
            by = (_APART - far) / 2 + 0.1
            dx, dy = ((b[0] - a[0]) / far, (b[1] - a[1]) / far) if far else (0.0, 1.0)
            a[0], a[1], b[0], b[1] = a[0] - dx * by, a[1] - dy * by, b[0] + dx * by, b[1] + dy * by
    return moved


def _ticks(unit: float, bottom: float) -> tuple[Text, ...]:
    found = []
    for value in range(TOP_VALUE + 1):
        found.append(Text(_tenth(_LEFT + value * unit), bottom + 17, str(value), "tick mid"))
        found.append(Text(_LEFT - 8, _tenth(bottom - value * unit + 4), str(value), "tick end"))
    return tuple(found)


def _words(
    side: int,
    right: float,
    bottom: float,
    band: tuple[float, float],
    taken: Sequence[tuple[float, float, Point]],
) -> tuple[tuple[Text, ...], ...]:
    """Each quadrant's name and lines, in its outer corner or beside the band if a point is in its way."""
    near, far = _LEFT + side * 0.0225, right - side * 0.0075
    above, below = band
    slots = {
        "Q3": (near, (_TOP + side * 0.12, above - 34), ""),
        "Q4": (far, (_TOP + side * 0.07, above - 22), " end"),
        "Q1": (near, (bottom - side * 0.085, below + 20), ""),
        "Q2": (far, (bottom - side * 0.085, below + 20), " end"),
    }
    found = []
    for code, (x, heights, anchor) in slots.items():
        y = next((y for y in heights if not _in_the_way(x, y, bool(anchor), taken)), heights[0])
        name = Text(_tenth(x), _tenth(y), f"{code} {QUADRANTS[code].name}", f"q{anchor}")
        lines = (
            Text(_tenth(x), _tenth(y + 17 + 14 * row), line, f"qs{anchor}")
            for row, line in enumerate(_LINES[code])
        )
        found.append((name, *lines))
    return tuple(found)


def _in_the_way(x: float, y: float, leftward: bool, taken: Sequence[tuple[float, float, Point]]) -> bool:
    """Whether a point lies on words of about 100 by 36 that begin, or end, at x."""
    low, high = (x - 110, x + 8) if leftward else (x - 8, x + 110)
    return any(low <= at_x <= high and y - 20 <= at_y <= y + 28 for at_x, at_y, _ in taken)


def _label(letters: Sequence[Point], dots: int) -> str:
    said = [f"{p.mark}: customize {p.customize:.1f}, interact {p.interact:.1f}" for p in letters]
    if dots:
        said.append(f"{dots:,} segments by customize and interact")
    return ". ".join(said) or "no segment has both figures yet"


def tenths(value: float) -> str:
    """One decimal, halves up as everywhere on a page; the template's own filter takes ten times as long."""
    return str(Decimal(repr(value)).quantize(_TENTH, ROUND_HALF_UP))


def _tenth(value: float) -> float:
    return round(value, 1)
