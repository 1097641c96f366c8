"""Where a placement could be moved to, what that hangs on, and how much is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX
from matrix.scoring.model import Model
from matrix.scoring.narrow import with_conditions
from matrix.scoring.outcome import Outcome
from matrix.scoring.score import Scores, reaches
from matrix.scoring.vocabulary import ARCHITECTURES, CAPABILITIES, QUADRANTS, RELATIONSHIPS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_I, _, _N, _C = range(len(CAPABILITIES))

NEED_CONSENT: Final = ("CB", "AE")
"""Relationships in which the firm moves first: not to be recommended where consent is refused [CS 4]."""


@dataclass(frozen=True)
class Target:
    """Where to: a relationship that leads in a leading architecture, or a quadrant."""

    relationship: str | None = None
    architecture: str | None = None
    quadrant: str | None = None

    @classmethod
    def named(cls, code: str) -> "Target":
        """Read CO-MM or Q4; ValueError in words for anything else."""
        word = code.strip().upper()
        row, _, column = word.partition("-")
        if word in QUADRANTS:
            return cls(quadrant=word)
        if row in RELATIONSHIPS and column in ARCHITECTURES:
            return cls(row, column)
        raise ValueError(
            f"Give a cell such as CO-MM ({', '.join(RELATIONSHIPS)} and {', '.join(ARCHITECTURES)}) "
            f"or a quadrant ({', '.join(QUADRANTS)})."
        )

    @property
    def code(self) -> str:
        return self.quadrant or f"{self.relationship}-{self.architecture}"


TARGETS: Final = (
    *(Target(row, column) for row in RELATIONSHIPS for column in ARCHITECTURES),
    *(Target(quadrant=code) for code in QUADRANTS),
)


def wished(found: Outcome) -> Target:
    """Where the segment wants to be: the relationship it wants most, from whoever supplies most today.

    The first of equals; the first column or row where nothing is known.
    """
    wanted = {code: value for code, value in found.wanted.items() if value is not None}
    shares = {code: value for code, value in found.architectures.items() if value is not None}
    row = max(wanted, key=lambda code: wanted[code]) if wanted else next(iter(RELATIONSHIPS))
    column = max(shares, key=lambda code: shares[code]) if shares else next(iter(ARCHITECTURES))
    return Target(row, column)


@dataclass(frozen=True)
class Goal:
    """What is to hold, and the positions it hangs on."""

    aims: tuple[tuple[str, int], ...]
    positions: tuple[int, ...]


def goals_of(target: Target, model: Model, barred: Sequence[str] = ()) -> list[Goal]:
    """Parts of the target that hang on different items, and so can be reached one by one.

    Parts that share an item, or the items of a relationship that must not become present, are one goal.
    """
    if target.quadrant:
        named = QUADRANTS[target.quadrant]
        parts = [
            Goal((("interact", int(named.interact_high)),), _of_tasks(model, "IN")),
            Goal((("customize", int(named.customize_high)),), _of_tasks(model, "C")),
        ]
    else:
        row, column = list(RELATIONSHIPS).index(str(target.relationship)), str(target.architecture)
        votes = with_conditions({each.position for each in model.votes}, model)
        parts = [
            Goal((("relationship", row),), with_conditions(related(model), model)),
            Goal((("architecture", list(ARCHITECTURES).index(column)),), votes),
        ]
    ties = [set(with_conditions(related(model, code), model)) for code in barred]
    one, other = (_held_by(set(part.positions), ties) for part in parts)
    if one & other:
        return [Goal(parts[0].aims + parts[1].aims, tuple(sorted(one | other)))]
    return [Goal(part.aims, tuple(sorted(own))) for part, own in zip(parts, (one, other), strict=True)]


def _held_by(spots: set[int], ties: Sequence[set[int]]) -> set[int]:
    """These positions and, where a change of them could make present what must not be, all it hangs on."""
    grown = spots.union(*(tie for tie in ties if spots & tie))
    return spots if grown == spots else _held_by(grown, ties)


def _of_tasks(model: Model, codes: str) -> tuple[int, ...]:
    tasks = [model.capabilities[list(CAPABILITIES).index(code)] for code in codes]
    return with_conditions({load.position for task in tasks for load in task.loads}, model)


def related(model: Model, code: str | None = None) -> set[int]:
    """Positions of what the relationships, or that one, hang on."""
    spots = {
        load.position
        for dimension in model.relationships
        for load in dimension.loads
        if code in (None, dimension.code)
    }
    return spots | {gate.position for gate in model.gates if gate and code in (None, gate.relationship)}


def hits(scores: Scores, goal: Goal, model: Model) -> Bools:
    """(n,) whether all of the goal holds."""
    found = np.ones(len(scores), dtype=bool)
    for kind, index in goal.aims:
        if kind == "relationship":
            found &= scores.primary == index
        elif kind == "architecture":
            found &= scores.primary_architecture == index
        else:
            values = axis(scores, kind)
            found &= ~np.isnan(values) & (reaches(values, model.quadrant_cut) == bool(index))
    return found


def axis(scores: Scores, kind: str) -> Floats:
    """Interact after its cap, or customize; 0-4."""
    return scores.interact if kind == "interact" else scores.capabilities[:, _C]


def missing(scores: Scores, goal: Goal, model: Model) -> Floats:
    """(n,) a measure that falls on the way: shares of a scale by which lines are missed, and rivals ahead."""
    left = np.zeros(len(scores))
    for kind, index in goal.aims:
        if kind == "relationship":
            left += _missing_relationship(scores, index, model)
        elif kind == "architecture":
            left += _missing_architecture(scores, index, model)
        else:
            left += _missing_task(scores, kind, bool(index), model)
    return left


def _missing_relationship(scores: Scores, row: int, model: Model) -> Floats:
    levels = np.nan_to_num(scores.relationships)
    left: Floats = np.maximum(model.present_cut - levels[:, row], 0)
    if gate := model.gates[row]:
        mean = np.nan_to_num(scores.item_mean[:, gate.position])
        left = left + np.maximum(gate.minimum - mean, 0) / SCALE_MAX
    order = [list(RELATIONSHIPS).index(code) for code in model.order]
    for rival in range(len(order)):
        if rival == row:
            continue
        ahead = levels[:, rival] - levels[:, row] - model.primary_window
        earlier = order.index(rival) < order.index(row)
        blocks = scores.present[:, rival] & ((ahead > 0) | earlier)
        # How far a rival is above the line from which it counts: what would have to come down.
        above = levels[:, rival] - model.present_cut
        if gate := model.gates[rival]:
            mean = np.nan_to_num(scores.item_mean[:, gate.position])
            above = np.minimum(above, (mean - gate.minimum) / SCALE_MAX)
        way_out = np.minimum(above, ahead) if not earlier else above
        left = left + np.where(blocks, 0.1 + np.maximum(way_out, 0), 0.0)
    return left


def _missing_architecture(scores: Scores, column: int, model: Model) -> Floats:
    shares = np.nan_to_num(scores.architectures)
    own = shares[:, column]
    other = np.delete(shares, column, axis=1).max(axis=1)
    known = reaches(scores.architectures.max(axis=1), 0)
    left = np.maximum(model.majority - own, 0) + np.maximum(model.lead - (own - other), 0)
    found: Floats = left + np.where(known, 0.0, 1.0)
    return found


def _missing_task(scores: Scores, kind: str, high: bool, model: Model) -> Floats:
    values = axis(scores, kind)
    gap = (model.quadrant_cut - values) * (1 if high else -1)
    left: Floats = np.where(np.isnan(values), SCALE_MAX, np.maximum(gap, 0))
    if high and kind == "interact":
        # The cap may hold it down: what identify lacks counts too, or raising it would seem idle.
        limit = np.nan_to_num(scores.capabilities[:, _I]) + model.cap_margin
        left = left + np.maximum(model.quadrant_cut - limit, 0)
        left = left + np.maximum(model.quadrant_cut - np.nan_to_num(scores.capabilities[:, _N]), 0)
    return left
