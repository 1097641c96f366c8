"""Today and wanted on one line, 0 to 100, with the level from which a relationship counts as present."""

from dataclasses import dataclass
from typing import Final

_LEFT: Final = 10
_WIDE: Final = 380


@dataclass(frozen=True)
class Dumbbell:
    """``today`` and ``wanted`` are x or None when not known; ``gap`` is wanted minus today in points."""

    today: float | None
    wanted: float | None
    present: float
    low: float | None
    high: float | None
    gap: str
    label: str


def dumbbell(today: float | None, wanted: float | None, cut: float) -> Dumbbell:
    """Levels 0-1 and the present cut, as places on a line 400 units wide."""
    spots = [_x(value) for value in (today, wanted) if value is not None]
    both = len(spots) == 2
    return Dumbbell(
        None if today is None else _x(today),
        None if wanted is None else _x(wanted),
        _x(cut),
        min(spots) if both else None,
        max(spots) if both else None,
        signed(round(wanted * 100) - round(today * 100)) if today is not None and wanted is not None else "–",
        f"today {_said(today)}, wanted {_said(wanted)}",
    )


def signed(points: int) -> str:
    """+9, −23, ±0, with a real minus sign."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "±0"


def _x(value: float) -> float:
    return round(_LEFT + value * _WIDE, 1)


def _said(value: float | None) -> str:
    return "not known" if value is None else str(round(value * 100))
