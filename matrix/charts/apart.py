"""Groups on one line, each a numbered dot; dots that would touch stand above each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LEFT: Final = 10
_WIDE: Final = 180
_TOUCH: Final = 17
_LANE: Final = 17


@dataclass(frozen=True)
class Apart:
    """`dots`: (x, y, number from 1); `low` and `high` the ends of the line between them; drawn 200 wide."""

    dots: tuple[tuple[float, int, int], ...]
    low: float
    high: float
    base: int
    height: int
    ticks: tuple[float, ...]
    label: str


def apart(values: Sequence[float | None], names: Sequence[str], top: float, shown: Sequence[str]) -> Apart:
    """Values from 0 to `top`, None where not known; `shown` as they are said."""
    known = [(_LEFT + value / top * _WIDE, order) for order, value in enumerate(values) if value is not None]
    lanes: list[list[float]] = []
    spots: list[tuple[float, int, int]] = []
    for x, order in sorted(known):
        lane = next((at for at, held in enumerate(lanes) if x - held[-1] >= _TOUCH), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append(x)
        spots.append((round(x, 1), lane, order + 1))
    base = max(len(lanes) - 1, 0) * _LANE + 12
    places = [x for x, _, _ in spots] or [float(_LEFT)]
    return Apart(
        tuple((x, base - lane * _LANE, number) for x, lane, number in spots),
        min(places),
        max(places),
        base,
        base + 12,
        tuple(round(_LEFT + step / 4 * _WIDE, 1) for step in range(5)),
        ", ".join(f"{name} {said}" for name, said in zip(names, shown, strict=True)),
    )


@dataclass(frozen=True)
class Range:
    """Alpha on a line from 0 to 1, 400 wide: its dot, its interval and the lines of the bands."""

    dot: float
    low: float
    high: float
    cuts: tuple[tuple[float, str], ...]
    label: str


def alpha_range(value: float, low: float, high: float, cuts: Sequence[float], label: str) -> Range:
    """What lies below 0 is drawn at 0."""
    return Range(
        _on_line(value),
        _on_line(low),
        _on_line(high),
        tuple((_on_line(cut), f"{cut:.2f}".removeprefix("0")) for cut in cuts if 0 < cut < 1),
        label,
    )


def _on_line(value: float) -> float:
    return round(10 + min(max(value, 0.0), 1.0) * 380, 1)
