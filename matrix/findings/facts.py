"""What the rules read: one segment with where it stands, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from matrix.scoring import Outcome
from matrix.scoring.agreement import HIGH, MINIMUM_RATERS, SPLIT

__all__ = ["HIGH", "NEEDED", "SPLIT", "Gate", "Standing"]

NEEDED: Final = MINIMUM_RATERS
"""From so many raters on a placement is more than provisional."""


@dataclass(frozen=True)
class Gate:
    """A gate of the scoring model: the relationship is present only when ``item`` reaches ``minimum``."""

    item: str
    minimum: float


@dataclass(frozen=True)
class Standing:
    """One segment. ``outcome`` None: not placed. ``gates`` holds the codes whose gate is met.

    ``agreement`` per relationship 0-1 or None; ``sheets`` handed in so far, whether they count yet or not.
    """

    id: int
    letter: str
    name: str
    outcome: Outcome | None = None
    gates: tuple[str, ...] = ("RD", "CO", "CB", "AE")
    agreement: Mapping[str, float | None] = field(default_factory=dict)
    sheets: int = 0
    touchpoints: int = 0
    consent: str = "unsure"
    customers: int | None = None
    stale: bool = False

    @property
    def provisional(self) -> bool:
        """Placed, but by fewer raters than a placement needs."""
        return self.outcome is not None and self.outcome.raters < NEEDED

    @property
    def settled(self) -> bool:
        """Placed by enough raters."""
        return self.outcome is not None and self.outcome.raters >= NEEDED
