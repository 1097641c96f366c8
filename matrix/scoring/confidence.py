"""How likely the primary cell and the quadrant are the right ones, of many segments at once.

Right is what very many raters of the same kind would give for the same questions. Each figure that decides
has a distance to the line it would have to cross, in units of its own error; the error comes from how far
the raters differ, how many answered, and what nobody answered. Student's t with four degrees of freedom
turns distances into probabilities: its tails are heavier than the normal's, since the error too is only an
estimate, and it takes nothing but arithmetic that comes out alike on every machine. What is reckoned so is
then read off the model's curve, which says how often it came true in simulated workshops.

Items come first, as in `score`, and sums run in one fixed order: no neighbour changes a bit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX
from matrix.scoring.calibration import Noise
from matrix.scoring.model import Dimension, Model
from matrix.scoring.vocabulary import CAPABILITIES, RELATIONSHIPS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_ROWS = list(RELATIONSHIPS)
_TINY = 1e-300
_I, _N, _C = (list(CAPABILITIES).index(code) for code in "INC")


@dataclass(frozen=True)
class Counted:
    """Tallies of n segments, items first.

    `levels` (5, items, n) counts; `n`, `total` (items, n) answers and their sum on the scale 0-4; `mean`
    (items, n) used, asked or derived; `known`, `asked` (items, n): counts in the score, and was put to
    the raters.
    """

    levels: NDArray[np.int32]
    n: NDArray[np.int32]
    total: NDArray[np.int32]
    mean: Floats
    known: Bools
    asked: Bools


@dataclass(frozen=True)
class Placed:
    """What was found for them. `relationships` (4, n) 0-1; `present` (4, n); `primary` (n,) and
    `primary_architecture` (n,) as in `Scores`; `architectures` (5, n); `capabilities` (4, n) 0-4."""

    relationships: Floats
    present: Bools
    primary: NDArray[np.int8]
    architectures: Floats
    primary_architecture: NDArray[np.int8]
    capabilities: Floats


def at_least(distance: Floats, square: Floats) -> Floats:
    """Probability that the true figure is beyond a line: `distance` above it (below: negative), with the
    squared error `square` in the same unit.

    Student's t with four degrees of freedom; without any error the side it stands on, a half on the line.
    """
    sine = distance / np.sqrt(np.maximum(4.0 * square + distance * distance, _TINY))
    found: Floats = 0.5 + sine * (0.75 - 0.25 * sine * sine)
    return found


def confidence(counted: Counted, placed: Placed, model: Model) -> dict[str, Floats]:
    """By the names of `Scores`: confidence in the primary cell and in the quadrant, (n,) 0-1, and the
    standard errors of interact and customize, (n,) 0-4; NaN where what they speak of is not known."""
    names = ("confidence_cell", "confidence_quadrant", "interact_error", "customize_error")
    if model.confidence is None:
        return {name: np.full(placed.primary.shape, np.nan) for name in names}
    errors = Errors(counted, model)
    answers = _answers_an_item(counted)
    cell = _relationship(placed, errors, model) * _architecture(placed, errors, model)
    known = (placed.primary >= -1) & (placed.primary_architecture >= -1)
    cell = np.where(known, model.confidence.cell.at(cell, answers), np.nan)
    tasks = placed.capabilities
    squares = {at: errors.dimension(model.capabilities[at]) for at in (_I, _N, _C)}
    quadrant = model.confidence.quadrant.at(_quadrant(placed, squares, model), answers)
    held = tasks[_N] > tasks[_I] + model.cap_margin
    reached = np.isnan(tasks[_I] + tasks[_N])
    customize = np.isnan(tasks[_C])
    made = (
        cell,
        np.where(reached | customize, np.nan, quadrant),
        np.where(reached, np.nan, np.sqrt(np.where(held, squares[_I], squares[_N]))),
        np.where(customize, np.nan, np.sqrt(squares[_C])),
    )
    return dict(zip(names, made, strict=True))


class Errors:
    """Squared errors of what the tallies say, against very many raters answering every question asked."""

    def __init__(self, counted: Counted, model: Model) -> None:
        if model.confidence is None:
            raise ValueError(f"{model.code} version {model.version} is not calibrated")
        self.counted, self.model = counted, model
        self.scales, self.choices = model.confidence.scales, model.confidence.choices
        self.square = _of_means(counted, model)

    def item(self, position: int) -> tuple[Floats, Floats]:
        """Mean and squared error of one item, 0-4; unanswered, the centre and spread of the model."""
        known = self.counted.known[position]
        mean = np.where(known, self.counted.mean[position], self.scales.centre)
        return mean, np.where(known, self.square[position], self.scales.spread**2)

    def dimension(self, dimension: Dimension) -> Floats:
        """Squared error of a weighted mean 0-4."""
        apart, alike, answered, asked = (np.zeros(self.square.shape[1]) for _ in range(4))
        for load in dimension.loads:
            at, weight = load.position, abs(load.whole)
            weighed = weight * self.square[at]
            alike += weighed
            apart += weight * weighed
            answered += weight * self.counted.known[at]
            asked += weight * self.counted.asked[at]
        return _joined(apart, alike, answered, self.scales) + _missing(answered, asked, self.scales)

    def share(self) -> Floats:
        """Squared error of the share of votes 0-1 of one architecture that contends with one other."""
        apart, alike, answered, asked, cast = (np.zeros(self.square.shape[1]) for _ in range(5))
        for item in self.model.votes:
            at, most = item.position, float(item.weight)
            known = self.counted.known[at]
            # Each of the two has half of the scatter over all five choices; a scale gives mean / 4 votes.
            weight = most if item.is_choice else most / SCALE_MAX
            weighed = (0.5 if item.is_choice else 1.0) * weight * self.square[at]
            alike += weighed
            apart += weight * weighed
            answered += most * known
            asked += most * self.counted.asked[at]
            cast += weight * (known if item.is_choice else known * self.counted.mean[at])
        return _joined(apart, alike, cast, self.choices) + _missing(answered, asked, self.choices)


def _joined(apart: Floats, alike: Floats, weight: Floats, noise: Noise) -> Floats:
    """Squared error of a mean: what raters bring to all items alike stays whole, the rest evens out."""
    whole = np.where(weight > 0, weight, 1.0)
    found: Floats = (noise.together * alike + (1.0 - noise.together) * apart / whole) / whole
    return found


def _missing(answered: Floats, asked: Floats, noise: Noise) -> Floats:
    """What the part of the weight that nobody answered could still change, squared."""
    share = (noise.spread * (1.0 - answered / np.where(asked > 0, asked, 1.0))) ** 2
    found: Floats = np.where(answered > 0, share, noise.spread**2)
    return found


def _scatter(counted: Counted, model: Model) -> Floats:
    """Sum of squares around the mean (items, n); of a choice, of its five shares together."""
    _, _, two, three, four = counted.levels
    held = np.maximum(counted.n, 1)
    squares = counted.total + 2 * two + 6 * three + 12 * four
    found: Floats = squares - counted.total * (counted.total / held)
    for at in model.choices:
        counts = counted.levels[:, at].astype(np.float64)
        found[at] = counted.n[at] - (counts * counts).sum(axis=0) / held[at]
    return found


def _of_means(counted: Counted, model: Model) -> Floats:
    """Squared error of each item's mean: its own scatter, drawn to the segment's, drawn to the model's."""
    found, held = _scatter(counted, model), np.maximum(counted.n, 1)
    worth = np.zeros((model.width, 1))
    for noise, places in _kinds(model):
        rows = list(places)
        worth[rows] = noise.item_pooling
        total = np.full(held.shape[1], noise.pooling * noise.variance)
        for at in places:
            total += found[at]
        spare = held[rows].sum(axis=0) - len(rows)
        prior = noise.item_pooling * (total / (noise.pooling + spare))
        for at in places:
            found[at] += prior
    # (scatter + prior) / (answers to spare + worth of the prior), and once more by the answers.
    freedom = held + (worth - 1.0)
    freedom *= held
    found /= freedom
    found *= counted.known
    return found


def _kinds(model: Model) -> Iterator[tuple[Noise, tuple[int, ...]]]:
    if model.confidence is not None:
        yield model.confidence.scales, model.scales
        yield model.confidence.choices, tuple(sorted(model.choices))


def _answers_an_item(counted: Counted) -> Floats:
    """Mean number of answers of the items that have any; at least 1."""
    some = (counted.n > 0).sum(axis=0)
    found: Floats = counted.n.sum(axis=0) / np.maximum(some, 1)
    return np.maximum(found, 1.0)


def _relationship(placed: Placed, errors: Errors, model: Model) -> Floats:
    """Probability that the primary relationship is the one found, or that none is present."""
    levels = placed.relationships * SCALE_MAX
    square = np.stack([errors.dimension(dimension) for dimension in model.relationships])
    unknown = np.isnan(levels)
    square[unknown], levels[unknown] = errors.scales.spread**2, errors.scales.centre
    cut, window = model.present_cut * SCALE_MAX, model.primary_window * SCALE_MAX
    first = np.maximum(placed.primary, 0)
    column = np.arange(len(first))
    own, own_square = levels[first, column], square[first, column]
    highest = np.where(placed.present, levels, 0.0).max(axis=0)
    places = np.array([model.order.index(code) for code in _ROWS])
    place, none = places[first], placed.primary < 0
    found = np.ones(len(first))
    for row in range(len(_ROWS)):
        opened, reached = _opened(errors, model, row), at_least(levels[row] - cut, square[row])
        # An earlier one need only come near the highest; a later one must leave the primary behind.
        line = np.where(places[row] < place, highest - window, own + window)
        past = at_least(levels[row] - line, square[row] + own_square)
        rival = opened * np.where(none, reached, np.minimum(reached, past))
        found *= np.where(placed.primary == row, opened * reached, 1.0 - rival)
    return found


def _opened(errors: Errors, model: Model, row: int) -> Floats | float:
    gate = model.gates[row]
    if gate is None:
        return 1.0
    mean, square = errors.item(gate.position)
    return at_least(mean - gate.minimum, square)


def _architecture(placed: Placed, errors: Errors, model: Model) -> Floats:
    """Probability that the leading architecture leads clearly; of a mixed segment, that none does."""
    square = errors.share()
    first, second = placed.architectures[0], np.zeros(square.shape)
    for share in placed.architectures[1:]:
        second = np.maximum(second, np.minimum(first, share))
        first = np.maximum(first, share)
    enough = at_least(first - model.majority, square)
    # The lead is a difference of two shares that mirror each other: twice the error of one.
    ahead = at_least(first - second - model.lead, 4.0 * square)
    clear = np.minimum(enough, ahead)
    found: Floats = np.where(placed.primary_architecture >= 0, clear, 1.0 - clear)
    return found


def _quadrant(placed: Placed, squares: Mapping[int, Floats], model: Model) -> Floats:
    """Probability that interact (both before its cap and by it) and customize stay on their sides."""
    tasks, cut = placed.capabilities, model.quadrant_cut
    high = at_least(tasks[_N] - cut, squares[_N])
    high *= at_least(tasks[_I] - (cut - model.cap_margin), squares[_I])
    held = np.where(np.minimum(tasks[_N], tasks[_I] + model.cap_margin) >= cut, high, 1.0 - high)
    right = at_least(tasks[_C] - cut, squares[_C])
    found: Floats = held * np.where(tasks[_C] >= cut, right, 1.0 - right)
    return found


def confidence_note(model: Model, raters: int, coverage: float) -> str:
    """In a sentence or two: what the confidence of one placement was reckoned from."""
    if model.confidence is None:
        return f"{model.code} version {model.version} is not calibrated, so no confidence is given."
    who = (
        "one rater, whose error is taken from the model" if raters == 1 else f"how far {raters} raters differ"
    )
    return (
        f"From {who}, with {coverage:.0%} of the answers in: how far each figure that decides lies from the "
        "line it would have to cross, in units of its own error. Read off the model's curve, which says how "
        "often such a placement was the right one in simulated workshops."
    )
