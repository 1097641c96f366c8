"""Asked and derived on one line, 0 to 4."""

from dataclasses import dataclass
from typing import Final

_LEFT: Final = 8
_STEP: Final = 46
_SQUARE: Final = 11


@dataclass(frozen=True)
class Beside:
    """``asked`` is the x of a dot, ``derived`` that of the left edge of a square 11 wide, each perhaps None;
    ``ticks`` the five points of the scale; drawn 200 by 22."""

    asked: float | None
    derived: float | None
    low: float | None
    high: float | None
    ticks: tuple[float, ...]
    label: str


def beside(asked: float | None, derived: float | None) -> Beside:
    """Two values 0-4, either of them perhaps not known."""
    spots = [_x(value) for value in (asked, derived) if value is not None]
    both = len(spots) == 2
    return Beside(
        None if asked is None else _x(asked),
        None if derived is None else round(_x(derived) - _SQUARE / 2, 1),
        min(spots) if both else None,
        max(spots) if both else None,
        tuple(_x(at) for at in range(5)),
        f"asked {_said(asked)}, derived {_said(derived)}, of 4",
    )


def _x(value: float) -> float:
    return round(_LEFT + value * _STEP, 1)


def _said(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1f}"
