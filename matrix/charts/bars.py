"""Bars: the votes for each architecture, and the four tasks of a capability profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matrix.scoring import ARCHITECTURES, CAPABILITIES

_VOTES_LEFT, _VOTES_WIDE, _VOTES_STEP = 104, 250, 34
_TASKS_LEFT, _TASKS_WIDE, _TASKS_STEP = 150, 200, 46
TASK_TOP: Final = 4


@dataclass(frozen=True)
class Bar:
    """One bar: its name, a second line, and its length; ``width`` None when not known."""

    name: str
    gloss: str
    y: float
    width: float | None
    end: float
    shown: str
    weak: bool


@dataclass(frozen=True)
class Bars:
    """Bars with the line they are read against, at ``cut`` from the left; ``label`` for the ear."""

    width: int
    height: int
    left: int
    cut: float
    cut_label: str
    bars: tuple[Bar, ...]
    label: str


def vote_bars(shares: Mapping[str, float | None], majority: float) -> Bars:
    """Shares 0-1 by architecture, against the share from which one is primary."""
    bars = []
    for order, (code, architecture) in enumerate(ARCHITECTURES.items()):
        share = shares.get(code)
        wide = None if share is None else max(1.0, round(share * _VOTES_WIDE, 1))
        shown = "–" if share is None else f"{round(share * 100)} %"
        bars.append(
            Bar(
                architecture.short,
                architecture.gloss,
                order * _VOTES_STEP + 8,
                wide,
                _VOTES_LEFT + (wide or 0) + 8,
                shown,
                share is None or share < majority,
            )
        )
    label = "Votes: " + ", ".join(f"{bar.name} {bar.shown}" for bar in bars)
    cut = _VOTES_LEFT + majority * _VOTES_WIDE
    return Bars(
        400,
        196,
        _VOTES_LEFT,
        round(cut, 1),
        f"primary from {majority:.0%}".replace("%", " %"),
        tuple(bars),
        label,
    )


def capability_bars(tasks: Mapping[str, float | None], glosses: Mapping[str, str], cut: float) -> Bars:
    """Tasks 0-4 by code I, D, N, C; ``glosses`` says something of this segment under a name."""
    bars = []
    for order, (code, capability) in enumerate(CAPABILITIES.items()):
        value = tasks.get(code)
        wide = None if value is None else max(1.0, round(value / TASK_TOP * _TASKS_WIDE, 1))
        bars.append(
            Bar(
                capability.name,
                glosses.get(code, ""),
                order * _TASKS_STEP + 9,
                wide,
                400,
                "–" if value is None else f"{value:.1f}",
                value is None or value < cut,
            )
        )
    label = "0 to 4: " + ", ".join(f"{bar.name} {bar.shown}" for bar in bars)
    at = round(_TASKS_LEFT + cut / TASK_TOP * _TASKS_WIDE, 1)
    return Bars(400, 212, _TASKS_LEFT, at, f"high from {cut:g}", tuple(bars), label)
