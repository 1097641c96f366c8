"""What would move a placement: the smallest set of answer changes that reaches a cell or a quadrant.

A change sets what the room says of one item to a whole level of 0-4, or of a choice to one architecture, as
if everyone who answered said so. Sets of one, two and three changes are tried in that order, those that give
up least first, then by ascending steps, and every candidate is scored by `score` itself: gates, caps,
coverage and windows hold. What cannot be reached by three is followed greedily, and not called the shortest
way. To give up is to lower an answer about what the firm does for the customer; who supplies is neither
higher nor lower. An item nobody knows can only be built up, as if from 0.

The two sides of a target (relationship and architecture, interact and customize) usually hang on different
items; then each is searched for itself, and the smallest set for the target is both together. What the
segment wants is not the firm's to change, so those items stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import isnan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX
from matrix.scoring.agreement import LEVELS
from matrix.scoring.aims import TARGETS, Goal, Target, goals_of, hits, missing, related
from matrix.scoring.model import Model
from matrix.scoring.narrow import narrowed, with_conditions
from matrix.scoring.outcome import Outcome, outcome
from matrix.scoring.score import Scores, score
from matrix.scoring.vocabulary import ARCHITECTURES, RELATIONSHIPS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = NDArray[np.uint16]

EXACT_UP_TO: Final = 3
"""Sets of so many changes are searched one and all."""
_LONGEST: Final = 8
_BLOCK: Final = 4096
_WANTS: Final = "wants"


class Reached(StrEnum):
    """How it ended. `THERE`: it stands there now; `FOUND`: by the moves; `BARRED`: no consent; `NONE`."""

    THERE = "there"
    FOUND = "found"
    BARRED = "barred"
    NONE = "none"


@dataclass(frozen=True)
class Move:
    """One item's answer, from what the room says now to `after`.

    `before`: mean 0-4, None when unanswered or a choice; `after`: 0-4, or 1-5 for a choice. `chosen`: the
    codes of a choice before (None: no majority) and after. `steps`: the distance, 4 for a whole scale; of a
    choice 4 times the share of people who choose otherwise; an unanswered item counts from 0. `gives_up`:
    lower than today, where lower means less done for the customer.
    """

    item: str
    before: float | None
    after: int
    chosen: tuple[str | None, str] | None
    steps: float
    gives_up: bool


@dataclass(frozen=True)
class Ways:
    """The answer for one target.

    `exact`: no smaller set does it, none of this size gives up less, and none of those takes fewer steps.
    `then`: the outcome after the moves (today's when there are none). `barred`: relationships not to be
    recommended for lack of consent.
    """

    target: Target
    reached: Reached
    moves: tuple[Move, ...]
    exact: bool
    then: Outcome
    barred: tuple[str, ...] = ()

    @property
    def steps(self) -> float:
        return sum(move.steps for move in self.moves)

    @property
    def gives_up(self) -> bool:
        return any(move.gives_up for move in self.moves)


def moves(
    row: Row,
    model: Model,
    target: Target,
    raters: int,
    asked: Bools | None = None,
    barred: Sequence[str] = (),
    building: bool = False,
    derived: Floats | None = None,
) -> Ways:
    """The smallest set of changes to the tally (items, 5) that moves it to the target.

    `raters`, `asked` (items,) as for `score`. `barred`: relationships that lack consent: none of them is
    recommended, neither as the target nor as what comes along. `building`: nothing may be given up.
    `derived` (items,): values of touchpoints that stand in for answers, NaN where none; a change of such an
    item is one of what the touchpoints say.
    """
    every = np.ones(model.width, dtype=bool) if asked is None else asked
    instead = np.full(model.width, np.nan) if derived is None else derived
    search = _Search(row, model, raters, every, barred, building, instead)
    today = search.outcome({})
    goals = goals_of(target, model, barred)
    if all(search.holds(goal) for goal in goals):
        return Ways(target, Reached.THERE, (), True, today)
    if target.relationship in barred:
        return Ways(target, Reached.BARRED, (), True, today, (str(target.relationship),))
    chosen: dict[int, int] = {}
    exact = True
    for goal in goals:
        found = search.smallest(goal)
        if found is None:
            exact, found = False, search.greedy(goal)
        if found is None:
            return Ways(target, Reached.NONE, (), False, today, tuple(barred))
        chosen |= found
    return Ways(target, Reached.FOUND, search.told(chosen), exact, search.outcome(chosen), tuple(barred))


class _Search:
    """One segment's tally and all that may be changed in it. A change is a position with its new level."""

    def __init__(
        self,
        row: Row,
        model: Model,
        raters: int,
        asked: Bools,
        barred: Sequence[str],
        building: bool,
        derived: Floats,
    ) -> None:
        self.derived, self.stands_in = derived, ~np.isnan(derived)
        self.row, self.model, self.raters, self.asked, self.building = row, model, raters, asked, building
        self.neutral = {each.position for each in model.votes}
        self.barred = [list(RELATIONSHIPS).index(code) for code in barred]
        self.n = row.sum(axis=1, dtype=np.int64)
        self.now = score(row[None], model, np.array([raters]), asked, derived[None])

    def outcome(self, chosen: dict[int, int]) -> Outcome:
        row, instead = self.row.copy(), self.derived.copy()
        for at, level in chosen.items():
            if self.stands_in[at]:
                instead[at] = level
            else:
                row[at] = self._said(at, level)
        raters = np.array([self.raters])
        return outcome(score(row[None], self.model, raters, self.asked, instead[None]))

    def _said(self, at: int, level: int) -> Row:
        """The item's counts when everyone who answered (or, if nobody has, every rater) says this."""
        counts = np.zeros(LEVELS, dtype=np.uint16)
        counts[level] = self.n[at] or max(self.raters, 1)
        return counts

    def holds(self, goal: Goal) -> bool:
        return bool(hits(self.now, goal, self.model)[0])

    def mean(self, at: int) -> float:
        """What the room, or the journey in its place, says of a scale item; 0 when nobody knows."""
        if self.stands_in[at]:
            return float(self.derived[at])
        n = int(self.n[at])
        return sum(level * int(count) for level, count in enumerate(self.row[at])) / n if n else 0.0

    def steps(self, at: int, level: int) -> float:
        n = int(self.n[at])
        if at in self.model.choices:
            return SCALE_MAX * (1 - int(self.row[at, level]) / n) if n else float(SCALE_MAX)
        return abs(level - self.mean(at))

    def gives_up(self, at: int, level: int) -> bool:
        return at not in self.neutral and level < self.mean(at)

    def options(self, goal: Goal) -> dict[int, list[int]]:
        """Levels that each item of the goal may take on."""
        wants = set(self.model.parts.get(_WANTS, ()))
        found = {}
        for at in goal.positions:
            if at not in wants:
                found[at] = [level for level in range(LEVELS) if self._open(at, level)]
        return found

    def _open(self, at: int, level: int) -> bool:
        """Not what everyone says already, and not nothing of what nobody knows."""
        if self.stands_in[at]:
            same = bool(self.derived[at] == level)
        elif not self.n[at]:
            return level > 0 or at in self.model.choices
        else:
            same = int(self.row[at, level]) == int(self.n[at])
        return not same and not (self.building and self.gives_up(at, level))

    def smallest(self, goal: Goal) -> dict[int, int] | None:
        """Sets by size, then by steps, then in the order of the questionnaire; the first that gets there."""
        if self.holds(goal):
            return {}
        options = self.options(goal)
        scene = _Scene(self, goal)
        for size in range(1, EXACT_UP_TO + 1):
            spots, levels = _candidates(options, size)
            order = self._ranked(spots, levels)
            for low in range(0, len(order), _BLOCK):
                some = order[low : low + _BLOCK]
                hits = np.flatnonzero(scene.reached(spots[some], levels[some]))
                if len(hits):
                    best = some[hits[0]]
                    return dict(zip(spots[best].tolist(), levels[best].tolist(), strict=True))
        return None

    def _ranked(self, spots: NDArray[np.int64], levels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Order of candidates (n, size): what gives up least, then the fewest steps, then as they come."""
        every = [(at, level) for at in range(self.model.width) for level in range(LEVELS)]
        shape = (self.model.width, LEVELS)
        cost = np.array([self.steps(*each) for each in every]).reshape(shape)
        lost = np.array([self.gives_up(*each) for each in every]).reshape(shape)
        steps = np.round(cost[spots, levels].sum(axis=1), 9)
        order: NDArray[np.int64] = np.lexsort((steps, lost[spots, levels].sum(axis=1)))
        return order

    def greedy(self, goal: Goal) -> dict[int, int] | None:
        """One change after another, each the one that leaves least missing; then without the idle ones."""
        options, scene = self.options(goal), _Scene(self, goal)
        chosen: dict[int, int] = {}
        missing = scene.missing([chosen])[0]
        while len(chosen) < _LONGEST:
            tried = [
                {**chosen, at: level} for at, own in options.items() if at not in chosen for level in own
            ]
            if not tried:
                return None
            left = scene.missing(tried)
            cost = np.array([sum(self.steps(at, level) for at, level in each.items()) for each in tried])
            best = int(np.lexsort((cost, np.round(left, 9)))[0])
            if left[best] >= missing - 1e-9:
                return None
            chosen, missing = tried[best], left[best]
            if missing <= 0:
                return self._needed(chosen, scene)
        return None

    def _needed(self, chosen: dict[int, int], scene: "_Scene") -> dict[int, int]:
        for at in list(chosen):
            without = {spot: level for spot, level in chosen.items() if spot != at}
            if scene.missing([without])[0] <= 0:
                chosen = without
        return chosen

    def told(self, chosen: dict[int, int]) -> tuple[Move, ...]:
        return tuple(self._told(at, chosen[at]) for at in sorted(chosen))

    def _told(self, at: int, level: int) -> Move:
        item, n = self.model.items[at], int(self.n[at])
        steps = round(self.steps(at, level), 9)
        if at in self.model.choices:
            codes = list(ARCHITECTURES)
            lead = next(
                (code for code, count in zip(codes, self.row[at], strict=True) if count * 2 > n), None
            )
            return Move(item, None, level + 1, (lead, codes[level]), steps, False)
        mean = float(self.now.item_mean[0, at])
        return Move(item, None if isnan(mean) else mean, level, None, steps, self.gives_up(at, level))


class _Scene:
    """Scores many candidates for one goal on the model held to what the goal hangs on."""

    def __init__(self, search: _Search, goal: Goal) -> None:
        self.goal, self.search = goal, search
        more = related(search.model) if search.barred else set()
        self.keep = with_conditions({*goal.positions, *more}, search.model)
        self.model = narrowed(search.model, self.keep)
        self.spot = np.zeros(search.model.width, dtype=np.int64)
        self.spot[list(self.keep)] = np.arange(len(self.keep))
        self.row = search.row[list(self.keep)]
        self.instead = search.derived[list(self.keep)]
        self.said = np.array([[search._said(at, level) for level in range(LEVELS)] for at in self.keep])

    def reached(self, spots: NDArray[np.int64], levels: NDArray[np.int64]) -> Bools:
        """(n,) whether the changes, both (n, size), get there."""
        hist, instead = self._copies(len(spots))
        places, rows = self.spot[spots], np.arange(len(spots))
        for column in range(spots.shape[1]):
            at, level = places[:, column], levels[:, column]
            hist[rows, at] = self.said[at, level]
            instead[rows, at] = np.where(np.isnan(self.instead[at]), np.nan, level)
        scores = self._scored(hist, instead)
        return hits(scores, self.goal, self.model) & self._allowed(scores)

    def missing(self, some: Sequence[dict[int, int]]) -> Floats:
        """(n,) how far each set of changes is from the goal; 0 there, infinite where it is not allowed."""
        hist, instead = self._copies(len(some))
        for order, chosen in enumerate(some):
            for at, level in chosen.items():
                spot = self.spot[at]
                hist[order, spot] = self.said[spot, level]
                instead[order, spot] = level if self.search.stands_in[at] else np.nan
        scores = self._scored(hist, instead)
        left = np.where(
            hits(scores, self.goal, self.model), 0.0, np.maximum(missing(scores, self.goal, self.model), 1e-6)
        )
        return np.where(self._allowed(scores), left, np.inf)

    def _copies(self, n: int) -> tuple[Row, Floats]:
        return np.repeat(self.row[None], n, axis=0), np.repeat(self.instead[None], n, axis=0)

    def _scored(self, hist: Row, instead: Floats) -> Scores:
        raters = np.full(len(hist), self.search.raters)
        return score(hist, self.model, raters, self.search.asked[list(self.keep)], instead)

    def _allowed(self, scores: Scores) -> Bools:
        """Nothing becomes present that lacks consent and is not present today."""
        allowed = np.ones(len(scores), dtype=bool)
        for row in self.search.barred:
            if not self.search.now.present[0, row]:
                allowed &= ~scores.present[:, row]
        return allowed


def _candidates(options: dict[int, list[int]], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions and levels (n, size) of every set of that many items."""
    spots, levels = list(_sets(options, size)), []
    counts = []
    for some in spots:
        grid = np.stack(np.meshgrid(*(options[at] for at in some), indexing="ij"), axis=-1)
        levels.append(grid.reshape(-1, size))
        counts.append(len(levels[-1]))
    if not spots:
        return np.zeros((0, size), dtype=np.int64), np.zeros((0, size), dtype=np.int64)
    return np.repeat(np.array(spots), counts, axis=0), np.concatenate(levels)


def _sets(options: dict[int, list[int]], size: int) -> Iterator[tuple[int, ...]]:
    return combinations((at for at, own in options.items() if own), size)


__all__ = ["EXACT_UP_TO", "TARGETS", "Move", "Reached", "Target", "Ways", "moves"]
