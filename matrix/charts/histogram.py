"""How many gave each answer, as five small bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_HIGH: Final = 21
_FLOOR: Final = 23


@dataclass(frozen=True)
class Histogram:
    """``bars``: x, y, height and whether nobody gave this answer; drawn 60 by 24."""

    bars: tuple[tuple[int, int, int, bool], ...]
    label: str


def histogram(counts: Sequence[int], first: int = 0) -> Histogram:
    """Counts of five answers, the lowest of which is ``first`` (1 for a choice)."""
    most = max(*counts, 1)
    bars = []
    for order, count in enumerate(counts):
        high = max(2, round(count / most * _HIGH)) if count else 1
        bars.append((1 + order * 12, _FLOOR - high, high, not count))
    said = ", ".join(str(count) for count in counts)
    return Histogram(tuple(bars), f"answers {first} to {first + len(counts) - 1}: {said}")
