"""Why a placement changed: the difference between two receipts of one segment, in parts that add up exactly.

Between the two lie steps: each item that the same people answer differently, people who joined or left, each
item for which touchpoints say something else, questions asked or no longer asked, the weights of the model,
its gates and cuts. Each score is reckoned along the steps in this order and once more in the opposite one;
what a step adds is the mean of the two. The
parts of a score therefore sum to its difference exactly (on a grid of one binary place more than the score),
and going back gives the same parts with the opposite sign. docs/decisions/0008 says why so.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from matrix.scoring.receipt import Receipt, apportioned

ANSWER: Final = "answer"
PEOPLE: Final = "participants"
TOUCHPOINTS: Final = "touchpoints"
QUESTIONS: Final = "questions"
WEIGHTS: Final = "weights"
RULES: Final = "gates"


@dataclass(frozen=True)
class Step:
    """One cause. `kind` answer: `item`, and its mean before and after among those who stayed (None: unknown;
    also None for a choice, whose `chosen` says the codes most chose); participants: sheets before and after;
    touchpoints: the derived value of `item` (None: the asked one was used).
    """

    kind: str
    item: str | None = None
    before: float | None = None
    after: float | None = None
    chosen: tuple[str | None, str | None] | None = None


@dataclass(frozen=True)
class Moved:
    """One score. `parts`: what each step of the change adds; they sum to after - before exactly.

    Empty where the score is not known before or after: there is no difference to split. `kind` as in the
    receipt's accounts, and "held" (interact after its cap), "coverage", "agreement".
    """

    kind: str
    code: str
    before: float | None
    after: float | None
    parts: tuple[float, ...]

    def shown(self, places: int, scale: int) -> tuple[Decimal | None, Decimal | None, tuple[Decimal, ...]]:
        """Before, after and parts as decimals for a page, rounded so that the parts still add up."""
        step = 10**places
        ends = [None if end is None else _nearest(Fraction(end) * scale * step) for end in self.ends]
        shares: list[int] = []
        if self.parts:
            exact = [Fraction(part) * scale * step for part in self.parts]
            shares = apportioned(exact, (ends[1] or 0) - (ends[0] or 0))
        one, other = (None if end is None else Decimal(end) / step for end in ends)
        return one, other, tuple(Decimal(share) / step for share in shares)

    @property
    def ends(self) -> tuple[float | None, float | None]:
        return self.before, self.after


@dataclass(frozen=True)
class Reason:
    """What crossed its line: `what` gate (code: the item), level, interact, customize, share, lead, window.

    Values and lines before and after; None: not known. It crossed upwards when `up`.
    """

    what: str
    code: str
    before: float | None
    after: float | None
    line_before: float
    line_after: float
    up: bool


@dataclass(frozen=True)
class Turn:
    """A label that is another one now. `name`: present, primary, architecture, quadrant, scheduled_repeat,
    borderline, capped or intrusive; `code`: of which relationship. `step`: the last one that turned it, on
    the way in order.
    """

    name: str
    code: str | None
    before: str | bool | None
    after: str | bool | None
    step: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Change:
    """All of it: the steps in order, the scores in order, the labels that turned."""

    before: Receipt
    after: Receipt
    steps: tuple[Step, ...]
    scores: tuple[Moved, ...]
    turns: tuple[Turn, ...]

    def score(self, kind: str, code: str) -> Moved:
        return next(each for each in self.scores if (each.kind, each.code) == (kind, code))


def _nearest(value: Fraction) -> int:
    """Halves upwards, so that two ends a whole number apart stay so."""
    return floor(value + Fraction(1, 2))
