"""Receipts: every answer behind every figure, in parts that add up exactly.

A receipt is reckoned with whole-number fractions from the tally alone. Its points lie on the grid of the
score (2^-24 for levels and shares, 2^-22 for tasks), so adding them in any order and any language gives the
score itself, not nearly; the fraction each was rounded from stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.model import Model
from matrix.scoring.outcome import Outcome

UNANSWERED: Final = "unanswered"
NOT_ASKED: Final = "not asked"


@dataclass(frozen=True)
class Line:
    """One item's part in a score. `why_not` says why it has no points: unanswered, or not asked.

    `counts` of the answers 0-4 (or choices 1-5), `n` and `asked`, their mean; the mean of a choice is the
    share that chose this architecture. `derived`: the value from touchpoints that this model scores with
    instead, None where it uses the asked one. `mean` is the one used. `weight` is the model's, signed.
    `points` in the unit of the account.
    """

    item: str
    title: str
    counts: tuple[int, ...]
    n: int
    asked: float | None
    derived: float | None
    mean: float | None
    weight: float
    points: float | None
    exact: Fraction | None
    why_not: str | None


@dataclass(frozen=True)
class Account:
    """One score and its lines. `kind`: relationship, wanted, architecture, capability; `top`: 1 or 4.

    `score` is the sum of the points of the lines; None when too little was answered. A capability is before
    the cap.
    """

    kind: str
    code: str
    name: str
    top: int
    score: float | None
    exact: Fraction | None
    coverage: float
    lines: tuple[Line, ...]

    def shown(self, places: int = 1, scale: int = 100) -> tuple[tuple[Decimal | None, ...], Decimal | None]:
        """Points and score as decimals for a page, rounded so that the points still sum to the score."""
        if self.score is None:
            return tuple(None for _ in self.lines), None
        step = 10**places
        whole = round(Fraction(self.score) * scale * step)
        parts = [Fraction(line.points or 0) * scale * step for line in self.lines]
        shares = iter(apportioned(parts, whole))
        points = tuple(Decimal(share) / step if line.points is not None else None for line, share in zip(
            self.lines, shares, strict=True
        ))  # fmt: skip
        return points, Decimal(whole) / step


@dataclass(frozen=True)
class Check:
    """A gate as it was found: `mean` None when unanswered, which does not open it."""

    relationship: str
    item: str
    mean: float | None
    minimum: float
    met: bool


@dataclass(frozen=True)
class Cap:
    """Interact before and after it was held to identify + margin."""

    before: float | None
    limit: float | None
    after: float | None
    applied: bool


@dataclass(frozen=True)
class Receipt:
    """The proof of one segment's scores.

    `tally`: counts per item code; `asked`: codes put to the raters; `derived`: values by item code that
    stood in for the means of answers; `rules`: the gates, cuts and conditions they were held against.
    """

    model: str
    model_version: int
    model_fingerprint: str
    fingerprint: str
    raters: int
    coverage: float
    agreement: float | None
    confidence_note: str
    tally: Mapping[str, tuple[int, ...]]
    asked: tuple[str, ...]
    derived: Mapping[str, float]
    accounts: tuple[Account, ...]
    gates: tuple[Check, ...]
    cap: Cap
    outcome: Outcome
    rules: Mapping[str, Any]

    def account(self, kind: str, code: str) -> Account:
        return next(account for account in self.accounts if (account.kind, account.code) == (kind, code))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: enough to reckon everything again by the rules of docs/scoring.md."""
        return {
            "model": {
                "code": self.model,
                "version": self.model_version,
                "fingerprint": self.model_fingerprint,
            },
            "fingerprint": self.fingerprint,
            "raters": self.raters,
            "coverage": self.coverage,
            "agreement": self.agreement,
            "confidence": {
                "cell": self.outcome.confidence_cell,
                "quadrant": self.outcome.confidence_quadrant,
                "reckoned": self.confidence_note,
            },
            "asked": list(self.asked),
            "tally": {code: list(row) for code, row in self.tally.items()},
            "derived": dict(self.derived),
            "accounts": [_account_dict(account) for account in self.accounts],
            "gates": [asdict(gate) for gate in self.gates],
            "cap": asdict(self.cap),
            "outcome": asdict(self.outcome),
            "rules": dict(self.rules),
        }


def tally_in(
    data: Mapping[str, Any], model: Model
) -> tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.bool_]]:
    """Tally (1, items, 5), raters (1,) and asked (items,) of a receipt's plain values, for `score` again."""
    hist = np.array([[data["tally"][code] for code in model.items]], dtype=np.uint16)
    asked = np.array([code in data["asked"] for code in model.items], dtype=np.bool_)
    return hist, np.array([data["raters"]], dtype=np.int64), asked


def derived_in(data: Mapping[str, Any], model: Model) -> NDArray[np.float64]:
    """Values (1, items) that a receipt's plain values name as derived, for `score` again; NaN where none."""
    return np.array([[data["derived"].get(code, np.nan) for code in model.items]], dtype=np.float64)


def apportioned(parts: Sequence[Fraction], whole: int) -> list[int]:
    """Whole numbers near the parts that sum to `whole`: largest remainder, ties by place."""
    found = [floor(part) for part in parts]
    missing = whole - sum(found)
    by_remainder = sorted(range(len(parts)), key=lambda at: (found[at] - parts[at], at))
    for at in (by_remainder if missing > 0 else by_remainder[::-1])[: abs(missing)]:
        found[at] += 1 if missing > 0 else -1
    return found


def _account_dict(account: Account) -> dict[str, Any]:
    head = {
        "kind": account.kind,
        "code": account.code,
        "name": account.name,
        "top": account.top,
        "score": account.score,
        "exact": _written(account.exact),
        "coverage": account.coverage,
    }
    return head | {"lines": [asdict(line) | {"exact": _written(line.exact)} for line in account.lines]}


def _written(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
