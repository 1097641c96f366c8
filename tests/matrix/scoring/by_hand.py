"""Confidence of one segment reckoned slowly, by docs/scoring.md; the quick core must equal it."""

from math import inf, sqrt
from typing import Any

from matrix.scoring import RELATIONSHIPS, Model, Scores
from matrix.scoring.model import Dimension

ROWS = list(RELATIONSHIPS)


def t4(distance: float, square: float) -> float:
    """Student's t distribution function with four degrees of freedom at distance / sqrt(square)."""
    if not square:
        return 0.5 if not distance else float(distance > 0)
    t = distance / sqrt(square)
    bent = 1 + t * t / 4
    return 0.5 + 0.375 * t / sqrt(bent) * (1 - t * t / bent / 12)


class ByHand:
    """`reckoned()` gives (cell, quadrant) before the curves."""

    def __init__(self, hist: Any, scores: Scores, model: Model) -> None:
        assert model.confidence
        self.model, self.scores, self.noise = model, scores, model.confidence.scales
        self.votes_noise = model.confidence.choices
        self.n = [int(row.sum()) for row in hist]
        self.mean = [self._mean(row) for row in hist]
        self.known = [self._counts(at) for at in range(model.width)]
        # Every item was put to the raters, a follow-up only where the answer before led to it.
        self.asked = [self._led_to(at) for at in range(model.width)]
        scatter = [self._scatter(at, row) for at, row in enumerate(hist)]
        self.square = [0.0] * model.width
        for noise, places in ((self.noise, model.scales), (self.votes_noise, sorted(model.choices))):
            spare = sum(max(self.n[at] - 1, 0) for at in places)
            own = sum(scatter[at] for at in places)
            pooled = (own + noise.pooling * noise.variance) / (spare + noise.pooling)
            for at in places:
                if self.known[at]:
                    n = self.n[at]
                    variance = (scatter[at] + noise.item_pooling * pooled) / (n - 1 + noise.item_pooling)
                    self.square[at] = variance / n

    def _mean(self, row: Any) -> float:
        n = int(row.sum())
        return sum(level * int(count) for level, count in enumerate(row)) / n if n else 0.0

    def _led_to(self, at: int) -> bool:
        condition = self.model.condition_of.get(at)
        if condition is None:
            return True
        return bool(self.n[condition.on]) and self.mean[condition.on] >= condition.minimum - 1e-6

    def _counts(self, at: int) -> bool:
        return bool(self.n[at]) and self._led_to(at)

    def _scatter(self, at: int, row: Any) -> float:
        n = self.n[at]
        if not n:
            return 0.0
        if at in self.model.choices:
            return n * (1 - sum((int(count) / n) ** 2 for count in row))
        return sum(int(count) * (level - self.mean[at]) ** 2 for level, count in enumerate(row))

    def dimension(self, dimension: Dimension) -> float:
        noise, loads = self.noise, dimension.loads
        answered = sum(abs(load.whole) for load in loads if self.known[load.position])
        asked = sum(abs(load.whole) for load in loads if self.asked[load.position])
        if not answered:
            return noise.spread**2
        alike = apart = 0.0
        for load in loads:
            share = abs(load.whole) / answered
            alike += share * self.square[load.position]
            apart += share**2 * self.square[load.position]
        missing = 1 - answered / asked
        return noise.together * alike + (1 - noise.together) * apart + (noise.spread * missing) ** 2

    def share(self) -> float:
        noise, every = self.votes_noise, self.model.votes
        cast = answered = asked = 0.0
        for item in every:
            weight = float(item.weight)
            asked += weight
            if self.known[item.position]:
                answered += weight
                cast += weight if item.is_choice else weight * self.mean[item.position] / 4
        if not answered:
            return noise.spread**2
        alike = apart = 0.0
        for item in every:
            weight, half = (float(item.weight), 0.5) if item.is_choice else (float(item.weight) / 4, 1.0)
            alike += half * weight / cast * self.square[item.position]
            apart += half * (weight / cast) ** 2 * self.square[item.position]
        missing = 1 - answered / asked
        return noise.together * alike + (1 - noise.together) * apart + (noise.spread * missing) ** 2

    def opened(self, row: int) -> float:
        gate = self.model.gates[row]
        if gate is None:
            return 1.0
        if not self.known[gate.position]:
            return t4(self.noise.centre - gate.minimum, self.noise.spread**2)
        return t4(self.mean[gate.position] - gate.minimum, self.square[gate.position])

    def relationship(self) -> float:
        scores, model = self.scores, self.model
        levels, squares = [], []
        for row, dimension in enumerate(model.relationships):
            level = 4 * float(scores.relationships[0, row])
            known = level == level
            levels.append(level if known else self.noise.centre)
            squares.append(self.dimension(dimension) if known else self.noise.spread**2)
        reached = [t4(levels[row] - 4 * model.present_cut, squares[row]) for row in range(4)]
        primary = int(scores.primary[0])
        if primary == -1:
            found = 1.0
            for row in range(4):
                found *= 1 - self.opened(row) * reached[row]
            return found
        highest = max((levels[row] for row in range(4) if scores.present[0, row]), default=-inf)
        window, order = 4 * model.primary_window, model.order
        found = self.opened(primary) * reached[primary]
        for row in set(range(4)) - {primary}:
            earlier = order.index(ROWS[row]) < order.index(ROWS[primary])
            line = highest - window if earlier else levels[primary] + window
            past = t4(levels[row] - line, squares[row] + squares[primary])
            found *= 1 - self.opened(row) * min(reached[row], past)
        return found

    def architecture(self) -> float:
        first, second = sorted(map(float, self.scores.architectures[0]), reverse=True)[:2]
        square = self.share()
        clear = min(t4(first - self.model.majority, square), t4(first - second - self.model.lead, 4 * square))
        return clear if self.scores.primary_architecture[0] >= 0 else 1 - clear

    def quadrant(self) -> float:
        model, cut = self.model, self.model.quadrant_cut
        identify, _, interact, customize = map(float, self.scores.capabilities[0])
        squares = [self.dimension(task) for task in model.capabilities]
        room = model.cap_margin
        high = t4(interact - cut, squares[2]) * t4(identify + room - cut, squares[0])
        held = high if min(interact, identify + room) >= cut else 1 - high
        right = t4(customize - cut, squares[3])
        return held * (right if customize >= cut else 1 - right)

    def reckoned(self) -> tuple[float, float]:
        return self.relationship() * self.architecture(), self.quadrant()
