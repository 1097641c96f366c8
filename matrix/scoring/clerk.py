"""How a receipt is written: with whole-number fractions, from the tally alone."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isnan

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX, Instrument
from matrix.scoring.confidence import confidence_note
from matrix.scoring.fingerprint import fingerprint
from matrix.scoring.model import Dimension, Model, Votes
from matrix.scoring.outcome import outcome
from matrix.scoring.receipt import (
    NOT_ASKED,
    UNANSWERED,
    Account,
    Cap,
    Check,
    Line,
    Receipt,
    apportioned,
)
from matrix.scoring.rules import rules
from matrix.scoring.score import LEVEL_BITS, TASK_BITS, TOLERANCE, Scores, score
from matrix.scoring.vocabulary import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS

_IDENTIFY, _INTERACT = list(CAPABILITIES).index("I"), list(CAPABILITIES).index("N")


def receipt(
    row: NDArray[np.uint16],
    model: Model,
    raters: int | None = None,
    asked: NDArray[np.bool_] | None = None,
    instrument: Instrument | None = None,
    derived: NDArray[np.float64] | None = None,
) -> Receipt:
    """Prove the scores of one tally (items, 5); `raters`, `asked` as for `score`; titles by `instrument`.

    `derived` (items,): values used in place of means, NaN where none.
    """
    sheets = None if raters is None else np.array([raters], dtype=np.int64)
    scores = score(row[None], model, sheets, asked, None if derived is None else derived[None])
    asked_of = np.ones(model.width, dtype=bool) if asked is None else np.asarray(asked).reshape(model.width)
    titles = {item.code: item.title for item in instrument.items} if instrument else {}
    return _Clerk(row, model, asked_of, titles, scores, derived).receipt()


class _Clerk:
    """Writes one receipt."""

    def __init__(
        self,
        row: NDArray[np.uint16],
        model: Model,
        asked: NDArray[np.bool_],
        titles: Mapping[str, str],
        scores: Scores,
        derived: NDArray[np.float64] | None,
    ) -> None:
        stand_ins = enumerate(() if derived is None else derived)
        self.derived = {at: float(value) for at, value in stand_ins if not isnan(value)}
        self.model, self.asked, self.titles, self.scores = model, asked, titles, scores
        self.counts = [tuple(int(count) for count in item) for item in row]
        self.n = [sum(counts) for counts in self.counts]
        self.answered = [
            Fraction(sum(level * count for level, count in enumerate(counts)), n) if n else None
            for counts, n in zip(self.counts, self.n, strict=True)
        ]
        self.means = [
            Fraction(self.derived[at]) if at in self.derived else mean
            for at, mean in enumerate(self.answered)
        ]

    def receipt(self) -> Receipt:
        model, scores = self.model, self.scores
        raters = int(scores.raters[0])
        return Receipt(
            model=model.code,
            model_version=model.version,
            model_fingerprint=model.fingerprint,
            fingerprint=self.mark(raters),
            raters=raters,
            coverage=float(scores.coverage[0]),
            agreement=_known(scores.agreement[0]),
            confidence_note=confidence_note(model, raters, float(scores.coverage[0])),
            tally=dict(zip(model.items, self.counts, strict=True)),
            asked=tuple(code for code, asked in zip(model.items, self.asked, strict=True) if asked),
            derived={model.items[at]: value for at, value in self.derived.items()},
            accounts=self.accounts(),
            gates=self.gates(),
            cap=self.cap(),
            outcome=outcome(scores),
            rules=rules(model),
        )

    def mark(self, raters: int) -> str:
        stand_ins = np.array([self.derived.get(at, np.nan) for at in range(self.model.width)])
        return fingerprint(np.array(self.counts, dtype=np.uint16), self.model, raters, self.asked, stand_ins)

    def accounts(self) -> tuple[Account, ...]:
        found = []
        for at, dimension in enumerate(self.model.relationships):
            name = RELATIONSHIPS[dimension.code].name
            found.append(self.account("relationship", dimension, name, 1, self.scores.relationships[0, at]))
        for at, dimension in enumerate(self.model.wanted):
            name = RELATIONSHIPS[dimension.code].name
            found.append(self.account("wanted", dimension, name, 1, self.scores.wanted[0, at]))
        found += self.architectures()
        for at, dimension in enumerate(self.model.capabilities):
            name = CAPABILITIES[dimension.code].name
            top = SCALE_MAX
            found.append(self.account("capability", dimension, name, top, self.scores.capabilities[0, at]))
        return tuple(found)

    def account(self, kind: str, dimension: Dimension, name: str, top: int, value: float) -> Account:
        loads = dimension.loads
        answered = sum(abs(load.whole) for load in loads if self.why_not(load.position) is None)
        possible = sum(abs(load.whole) for load in loads if self.why_not(load.position) != NOT_ASKED)
        exact: list[Fraction | None] = []
        for load in loads:
            mean = self.means[load.position]
            if mean is None or self.why_not(load.position) is not None or isnan(value):
                exact.append(None)
            else:
                turned = mean if load.whole > 0 else SCALE_MAX - mean
                exact.append(abs(load.whole) * turned * top / (answered * SCALE_MAX))
        points = _on_grid(exact, value, TASK_BITS if top == SCALE_MAX else LEVEL_BITS)
        lines = tuple(
            self.line(load.item, load.position, load.weight, self.means[load.position], part, point)
            for load, part, point in zip(loads, exact, points, strict=True)
        )
        coverage = answered / possible if possible else 0.0
        return Account(kind, dimension.code, name, top, _known(value), _total(exact), coverage, lines)

    def architectures(self) -> list[Account]:
        votes = {code: [self.vote(item, code) for item in self.model.votes] for code in ARCHITECTURES}
        for given in votes.values():
            _held_above_zero(given)
        cast = sum((part for given in votes.values() for part in given if part), Fraction(0))
        items = self.model.votes
        answered = sum(item.weight for item in items if self.why_not(item.position) is None)
        possible = sum(item.weight for item in items if self.why_not(item.position) != NOT_ASKED)
        coverage = float(answered / possible) if possible else 0.0
        found = []
        for at, (code, given) in enumerate(votes.items()):
            value = float(self.scores.architectures[0, at])
            exact = [None if part is None or isnan(value) else part / cast for part in given]
            points = _on_grid(exact, value, LEVEL_BITS)
            lines = tuple(
                self.line(
                    item.item, item.position, item.gives[code], self.chosen(item, at), exact[i], points[i]
                )
                for i, item in enumerate(items)
                if code in item.gives
            )
            name = ARCHITECTURES[code].name
            found.append(
                Account("architecture", code, name, 1, _known(value), _total(exact), coverage, lines)
            )
        return found

    def vote(self, item: Votes, code: str) -> Fraction | None:
        """Votes of one item for one architecture; None when it has no say."""
        share = self.chosen(item, list(ARCHITECTURES).index(code))
        if code not in item.gives or share is None:
            return None
        return item.gives[code] * (share if item.is_choice else share / SCALE_MAX)

    def chosen(self, item: Votes, column: int) -> Fraction | None:
        """Share of raters that chose the architecture, or the mean of a scale."""
        if self.why_not(item.position) is not None:
            return None
        if not item.is_choice:
            return self.means[item.position]
        return Fraction(self.counts[item.position][column], self.n[item.position])

    def line(
        self,
        item: str,
        at: int,
        weight: Fraction,
        mean: Fraction | None,
        exact: Fraction | None,
        points: float | None,
    ) -> Line:
        stands_in = self.derived.get(at)
        answered = mean if stands_in is None else self.answered[at]
        return Line(
            item=item,
            title=self.titles.get(item, ""),
            counts=self.counts[at],
            n=self.n[at],
            asked=None if answered is None else float(answered),
            derived=stands_in,
            mean=None if mean is None else float(mean),
            weight=float(weight),
            points=points,
            exact=exact,
            why_not=self.why_not(at),
        )

    def why_not(self, at: int) -> str | None:
        condition = self.model.condition_of.get(at)
        if condition:
            led = self.means[condition.on]
            if led is None or led < condition.minimum - Fraction(TOLERANCE):
                return NOT_ASKED
        if self.n[at] or at in self.derived:
            return None
        return UNANSWERED if self.asked[at] else NOT_ASKED

    def gates(self) -> tuple[Check, ...]:
        found = []
        for row, gate in enumerate(self.model.gates):
            if gate:
                mean = self.means[gate.position]
                met = bool(self.scores.gate_met[0, row])
                shown = None if mean is None else float(mean)
                found.append(Check(gate.relationship, gate.item, shown, gate.minimum, met))
        return tuple(found)

    def cap(self) -> Cap:
        tasks = self.scores.capabilities[0]
        limit = _known(tasks[_IDENTIFY] + self.model.cap_margin)
        after = _known(self.scores.interact[0])
        return Cap(_known(tasks[_INTERACT]), limit, after, bool(self.scores.capped[0]))


def _held_above_zero(given: list[Fraction | None]) -> None:
    """Votes against an architecture take away what it was given, never more."""
    total = sum((part for part in given if part), Fraction(0))
    against = sum((part for part in given if part and part < 0), Fraction(0))
    if total < 0:
        keep = (against - total) / against
        given[:] = [part * keep if part and part < 0 else part for part in given]


def _on_grid(exact: Sequence[Fraction | None], value: float, bits: int) -> list[float | None]:
    """Points on the grid that sum to the score itself."""
    if isnan(value):
        return [None for _ in exact]
    whole = int(value * 2**bits)
    parts = [part * 2**bits if part is not None else Fraction(0) for part in exact]
    if abs(sum(parts) - whole) > 1:
        raise ArithmeticError(f"receipt {float(sum(parts))} and score {whole} disagree")
    units = apportioned(parts, whole)
    return [None if part is None else unit / 2**bits for part, unit in zip(exact, units, strict=True)]


def _total(exact: Sequence[Fraction | None]) -> Fraction | None:
    parts = [part for part in exact if part is not None]
    return sum(parts, Fraction(0)) if parts else None


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
