"""What the rules read: one segment with where it stands, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from matrix.scoring import Outcome
from matrix.scoring.agreement import HIGH, MINIMUM_RATERS, SPLIT

__all__ = ["ENOUGH_COVERAGE", "HIGH", "NEEDED", "SPLIT", "Gate", "Standing", "few", "firm", "placed", "thin"]

NEEDED: Final = MINIMUM_RATERS
"""From so many raters on a placement is more than provisional."""
ENOUGH_COVERAGE: Final = 0.75
"""From this share of its answers on, too: three raters one of whom gave two answers are not three."""


def few(found: Outcome) -> bool:
    """Too few people have answered."""
    return found.raters < NEEDED


def thin(found: Outcome) -> bool:
    """Too few of the answers asked for are in, however many people gave them."""
    return found.coverage < ENOUGH_COVERAGE


def firm(found: Outcome) -> bool:
    """Neither few people nor few answers: the placement is more than provisional."""
    return not few(found) and not thin(found)


def placed(found: Outcome) -> bool:
    """What it gets is known (a relationship, or none of the four), and who supplies it (or that it is mixed).

    The one meaning of "placed" on every page: a segment about which an answer says nothing is not.
    """
    gets = found.primary_relationship is not None or found.buys_what_we_have
    return gets and (found.primary_architecture is not None or found.mixed)


@dataclass(frozen=True)
class Gate:
    """A gate of the scoring model: the relationship is present only when ``item`` reaches ``minimum``."""

    item: str
    minimum: float


@dataclass(frozen=True)
class Standing:
    """One segment. ``outcome`` None: no answer counts yet. ``gates`` holds the codes whose gate is met.

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
        """Scored, but from fewer people or fewer answers than a placement needs."""
        return self.outcome is not None and not firm(self.outcome)

    @property
    def settled(self) -> bool:
        """Scored from enough people and enough answers."""
        return self.outcome is not None and firm(self.outcome)

    @property
    def few(self) -> bool:
        """More people are needed."""
        return self.sheets < NEEDED and (self.outcome is None or few(self.outcome))

    @property
    def placed(self) -> bool:
        """Its relationship and its supply are known."""
        return self.outcome is not None and placed(self.outcome)
