"""Scores of many segments at once, from their tallies.

Every operation is elementwise over segments and sums items in one fixed order, so a segment's score does not
depend on its neighbours nor on how many are reckoned together. Levels, shares and wants are kept on a grid of
2^-24, tasks on 2^-22: both are exact in single and in double precision, and so are their sums in receipts.
Thresholds are tested on the published numbers with a tolerance of one millionth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX
from matrix.scoring.agreement import LEVELS, consensus_of
from matrix.scoring.confidence import Counted, Placed, confidence
from matrix.scoring.model import Asked, Dimension, Model
from matrix.scoring.vocabulary import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

NONE_PRESENT: Final = -1
"""`primary`: known, and none of the four is present ("buy what we have"); `primary_architecture`: mixed."""
UNKNOWN: Final = -2
"""`primary` and `primary_architecture`: not enough answers to say."""
TOLERANCE: Final = 1e-6
LEVEL_BITS: Final = 24
TASK_BITS: Final = 22
_BLOCK: Final = 4096
_ROWS, _COLUMNS, _TASKS = len(RELATIONSHIPS), len(ARCHITECTURES), len(CAPABILITIES)
_I, _D, _N, _C = range(_TASKS)


@dataclass(frozen=True)
class Scores:
    """Scores of n segments in the order of the tallies. NaN: not known.

    `relationships` (n, 4) 0-1; `present` (n, 4); `gate_met` (n, 4), true where there is no gate;
    `scheduled_repeat` (n,): the partial gate of automatic execution;
    `primary` (n,): index into RELATIONSHIPS, NONE_PRESENT or UNKNOWN; `relationship_agreement` (n, 4) 0-1;
    `architectures` (n, 5) shares 0-1; `primary_architecture` (n,): index, NONE_PRESENT (mixed) or UNKNOWN;
    `mixed` (n,); `split` (n,): suggest splitting the offering;
    `capabilities` (n, 4) means 0-4 of I D N C before the cap; `interact` (n,) after it; `capped` (n,);
    `quadrant` (n,): 1-4, 0 unknown; `borderline` (n,);
    `wanted` (n, 4) 0-1; `gap` (n, 4) wanted minus today; `intrusive` (n, 4);
    `coverage` (n,) 0-1; `raters` (n,); `agreement` (n,) 0-1, mean over scale items with enough raters;
    `confidence_cell`, `confidence_quadrant` (n,) 0-1: how likely the primary cell (the pair of `primary` and
    `primary_architecture`, "buy what we have" and mixed included) and the quadrant are right; NaN also where
    the model is not calibrated; `interact_error`, `customize_error` (n,) 0-4: standard errors, likewise;
    `item_mean` (n, items) 0-4, NaN for choices; `item_n` (n, items).
    """

    relationships: Floats
    present: Bools
    gate_met: Bools
    scheduled_repeat: Bools
    primary: Codes
    relationship_agreement: Floats
    architectures: Floats
    primary_architecture: Codes
    mixed: Bools
    split: Bools
    capabilities: Floats
    interact: Floats
    capped: Bools
    quadrant: Codes
    borderline: Bools
    wanted: Floats
    gap: Floats
    intrusive: Bools
    coverage: Floats
    raters: Ints
    agreement: Floats
    confidence_cell: Floats
    confidence_quadrant: Floats
    interact_error: Floats
    customize_error: Floats
    item_mean: Floats
    item_n: Ints

    def __len__(self) -> int:
        return len(self.raters)

    @classmethod
    def blank(cls, n: int, model: Model) -> "Scores":
        """Room for n segments, to be filled block by block."""
        widths = dict.fromkeys(_FOURS, (n, _ROWS)) | {"architectures": (n, _COLUMNS)}
        widths |= {"item_mean": (n, model.width), "item_n": (n, model.width)}
        return cls(**{f.name: np.empty(widths.get(f.name, (n,)), _kind(f.name)) for f in fields(cls)})


_FOURS = (
    *("relationships", "present", "gate_met", "relationship_agreement"),
    *("capabilities", "wanted", "gap", "intrusive"),
)
_CODES = ("primary", "primary_architecture", "quadrant")
_FLAGS = ("present", "gate_met", "scheduled_repeat", "mixed", "split", "capped", "borderline", "intrusive")


def _kind(name: str) -> Any:
    if name in _CODES:
        return np.int8
    if name in _FLAGS:
        return np.bool_
    return np.int64 if name in ("raters", "item_n") else np.float64


@dataclass(frozen=True)
class Shake:
    """Other weights for each segment: factors, positive, that the model's are multiplied by.

    `loads`: by dimension (loads, n); `votes`: by item and architecture (n,). What is not named stays.
    """

    loads: Mapping[Dimension, Floats]
    votes: Mapping[str, Mapping[str, Floats]]

    def part(self, span: slice) -> "Shake":
        return Shake(
            {dimension: factors[:, span] for dimension, factors in self.loads.items()},
            {item: {code: own[span] for code, own in gives.items()} for item, gives in self.votes.items()},
        )


_AS_THEY_ARE: Final = Shake({}, {})


def score(
    hist: NDArray[np.uint16],
    model: Model,
    raters: Ints | None = None,
    asked: Bools | None = None,
    derived: Floats | None = None,
    shake: Shake = _AS_THEY_ARE,
) -> Scores:
    """Score tallies (n, items, 5).

    `raters` (n,): sheets per segment; by default the most answers any item has.
    `asked` (items,) or (n, items): which items were put to the raters, by default all; the short form
    passes its own, so that an item nobody was asked does not count as unanswered.
    `derived` (n, items): values 0-4 that stand in for the asked means, NaN where the asked are used.
    `shake`: other weights for each segment, in coverage by segment left as they are.
    ValueError for a wrong shape.
    """
    if hist.ndim != 3 or hist.shape[1:] != (model.width, LEVELS):
        raise ValueError(f"hist must be (n, {model.width}, {LEVELS}), not {hist.shape}")
    n = len(hist)
    asked = np.broadcast_to(np.ones(model.width, dtype=bool) if asked is None else asked, (n, model.width))
    if raters is not None and raters.shape != (n,):
        raise ValueError(f"raters must be ({n},), not {raters.shape}")
    if derived is not None and derived.shape != (n, model.width):
        raise ValueError(f"derived must be ({n}, {model.width}), not {derived.shape}")
    out = Scores.blank(n, model)
    for low in range(0, n, _BLOCK):
        span = slice(low, min(low + _BLOCK, n))
        own = None if raters is None else raters[span]
        block = _Block(hist[span], own, asked[span], model, shake.part(span))
        block.settle(None if derived is None else derived[span])
        for name, value in block.scored().items():
            getattr(out, name)[span] = value.T
    return out


def reaches(value: Floats, least: float) -> Bools:
    """value >= least, within the tolerance; NaN reaches nothing."""
    found: Bools = value >= least - TOLERANCE
    return found


def on_grid(value: Floats, bits: int) -> Floats:
    """The nearest multiple of 2^-bits."""
    scale = float(2**bits)
    found: Floats = np.rint(value * scale) / scale
    return found


class _Block:
    """A few thousand segments, items first, so that each step is one pass over memory that stays in cache."""

    def __init__(
        self, hist: NDArray[np.uint16], raters: Ints | None, asked: Bools, model: Model, shake: Shake
    ) -> None:
        self.model, self.shake = model, shake
        self.levels = np.ascontiguousarray(hist.transpose(2, 1, 0), dtype=np.int32)
        first, *rest = self.levels
        self.n = first + rest[0] + rest[1] + rest[2] + rest[3]
        self.total = rest[0] + 2 * rest[1] + 3 * rest[2] + 4 * rest[3]
        self.known = self.n > 0
        self.mean = self.total / np.maximum(self.n, 1)
        self.applies = np.ones_like(self.known)
        self.asked = asked.T
        self.stands_in = np.zeros_like(self.known)
        self.raters = self.n.max(axis=0, initial=0).astype(np.int64) if raters is None else raters

    def settle(self, derived: Floats | None) -> None:
        """Put derived values in place of means, then find out what applies."""
        if derived is not None:
            self.stands_in = ~np.isnan(derived.T)
            self.mean = np.where(self.stands_in, derived.T, self.mean)
            self.known |= self.stands_in
        for condition in self.model.conditions:
            self.applies[condition.position] = self.reached(condition)
        self.known &= self.applies
        self.asked = (self.asked & self.applies) | self.known

    def reached(self, condition: Asked) -> Bools:
        found: Bools = self.known[condition.on] & reaches(self.mean[condition.on], condition.minimum)
        return found

    def scored(self) -> dict[str, NDArray[Any]]:
        levels = np.stack([self.level(dimension) for dimension in self.model.relationships])
        wanted = np.stack([self.level(dimension) for dimension in self.model.wanted])
        tasks = np.stack([on_grid(self.weighted(task), TASK_BITS) for task in self.model.capabilities])
        agreement, by_item = self.agreement()
        found = {
            "relationships": levels,
            "wanted": wanted,
            "gap": wanted - levels,
            "capabilities": tasks,
            "agreement": agreement,
            "relationship_agreement": self.agreement_by_relationship(by_item),
            "coverage": self.coverage(),
            "raters": self.raters,
            "item_n": self.n,
            "item_mean": self.item_means(),
        }
        found |= self.presence(levels)
        found |= self.architecture()
        found |= _quadrant(tasks, self.model)
        found["intrusive"] = self.intrusive(levels, wanted, found["present"])
        found |= self.confidence(found)
        return found

    def confidence(self, found: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        counted = Counted(self.levels, self.n, self.total, self.mean, self.known, self.asked)
        placed = Placed(**{f.name: found[f.name] for f in fields(Placed)})
        made = confidence(counted, placed, self.model)
        return {name: on_grid(value, LEVEL_BITS) for name, value in made.items()}

    def weighted(self, dimension: Dimension) -> Floats:
        """Weighted mean 0-4 over the items known; NaN where too little of the weight asked is answered."""
        points = np.zeros(self.n.shape[1])
        answered, possible = np.zeros_like(points), np.zeros_like(points)
        factors = self.shake.loads.get(dimension) if self.shake.loads else None
        for order, load in enumerate(dimension.loads):
            known, mean = self.known[load.position], self.mean[load.position]
            weight: Any = abs(load.whole) if factors is None else abs(load.whole) * factors[order]
            points += weight * known * (mean if load.whole > 0 else SCALE_MAX - mean)
            answered += weight * known
            possible += weight * self.asked[load.position]
        return _where_covered(points, answered, possible, self.model)

    def level(self, dimension: Dimension) -> Floats:
        return on_grid(self.weighted(dimension) / SCALE_MAX, LEVEL_BITS)

    def presence(self, levels: Floats) -> dict[str, NDArray[Any]]:
        met, failed = np.ones(levels.shape, dtype=bool), np.zeros(levels.shape, dtype=bool)
        scheduled = np.zeros(levels.shape[1], dtype=bool)
        for row, gate in enumerate(self.model.gates):
            if gate is None:
                continue
            known, mean = self.known[gate.position], self.mean[gate.position]
            met[row] = known & reaches(mean, gate.minimum)
            failed[row] = known & ~met[row]
            if gate.partial is not None:
                scheduled |= failed[row] & reaches(mean, gate.partial)
        present = met & reaches(levels, self.model.present_cut)
        # What more answers could still make present: level high enough or unknown, gate not seen to fail.
        could_be = ~present & ~failed & (np.isnan(levels) | reaches(levels, self.model.present_cut))
        primary = _primary(levels, present, could_be, self.model)
        return {"present": present, "gate_met": met, "scheduled_repeat": scheduled, "primary": primary}

    def architecture(self) -> dict[str, NDArray[Any]]:
        votes, less = np.zeros((_COLUMNS, self.n.shape[1])), np.zeros((_COLUMNS, self.n.shape[1]))
        answered, possible = np.zeros(self.n.shape[1]), np.zeros(self.n.shape[1])
        for item in self.model.votes:
            at, known = item.position, self.known[item.position]
            answered += float(item.weight) * known
            possible += float(item.weight) * self.asked[at]
            factors = self.shake.votes.get(item.item, {})
            for column, code in enumerate(ARCHITECTURES):
                gives = float(item.gives.get(code, 0))
                size = abs(gives) * factors.get(code, 1)
                if item.is_choice:
                    votes[column] += size * self.levels[column, at] / np.maximum(self.n[at], 1)
                elif gives:
                    (votes if gives > 0 else less)[column] += size * known * self.mean[at] / SCALE_MAX
        votes = np.maximum(votes - less, 0.0)
        cast = votes[0] + votes[1] + votes[2] + votes[3] + votes[4]
        covered = ~np.isnan(_where_covered(cast, answered, possible, self.model)) & (cast > 0)
        shares = on_grid(np.where(covered, votes / np.where(cast > 0, cast, 1.0), np.nan), LEVEL_BITS)
        return self.leading(shares, covered)

    def leading(self, shares: Floats, covered: Bools) -> dict[str, NDArray[Any]]:
        ranked = np.sort(shares, axis=0)
        clear = reaches(ranked[-1], self.model.majority) & reaches(ranked[-1] - ranked[-2], self.model.lead)
        first = np.where(clear, np.argmax(shares, axis=0), np.where(covered, NONE_PRESENT, UNKNOWN))
        _, at, low, high = self.model.split
        between = self.known[at] & reaches(self.mean[at], low) & (self.mean[at] <= high + TOLERANCE)
        return {
            "architectures": shares,
            "primary_architecture": first.astype(np.int8),
            "mixed": covered & ~clear,
            "split": covered & (~clear | between),
        }

    def intrusive(self, levels: Floats, wanted: Floats, present: Bools) -> Bools:
        found = np.zeros(levels.shape, dtype=bool)
        rows = list(RELATIONSHIPS)
        for code in self.model.unwanted:
            row = rows.index(code)
            found[row] = present[row] & (levels[row] > wanted[row] + TOLERANCE)
        _, at, most = self.model.unwilling
        unwilling = self.known[at] & (self.mean[at] <= most + TOLERANCE)
        for sensed in self.model.sensed:
            sensing = self.known[sensed.position] & reaches(self.mean[sensed.position], sensed.minimum)
            for code in sensed.relationships:
                found[rows.index(code)] |= sensing & unwilling
        return found

    def coverage(self) -> Floats:
        """Share of the answers asked for that were given, each item by its weight."""
        expected = np.where(self.asked, self.raters, 0)
        for condition in self.model.conditions:
            followed = self.levels[condition.minimum :, condition.on].sum(axis=0)
            expected[condition.position] = np.where(self.asked[condition.position], followed, 0)
        given = np.where(self.known, self.n, 0)
        expected = np.maximum(expected, given)
        given = np.where(self.known & self.stands_in, expected, given)
        answered, possible = np.zeros(self.n.shape[1]), np.zeros(self.n.shape[1])
        for at, weight in enumerate(self.model.item_weights):
            answered += float(weight) * given[at]
            possible += float(weight) * expected[at]
        return on_grid(answered / np.where(possible > 0, possible, 1.0), LEVEL_BITS)

    def agreement(self) -> tuple[Floats, Floats]:
        """Mean consensus per segment, and consensus (items, n); NaN below the smallest number of raters."""
        by_item = consensus_of(list(self.levels), self.n, self.total, self.model.minimum_raters)
        by_item[~self.known] = np.nan
        by_item[list(self.model.choices)] = np.nan
        return _mean_known(by_item), by_item

    def agreement_by_relationship(self, by_item: Floats) -> Floats:
        spots = [[load.position for load in dimension.loads] for dimension in self.model.relationships]
        return np.stack([_mean_known(by_item[at]) for at in spots])

    def item_means(self) -> Floats:
        means = np.where(self.stands_in | (self.n > 0), self.mean, np.nan)
        means[list(self.model.choices)] = np.nan
        return means


def _where_covered(points: Floats, answered: Floats, possible: Floats, model: Model) -> Floats:
    enough = (answered > 0) & (answered >= (model.minimum_coverage - TOLERANCE) * possible)
    found: Floats = np.where(enough, points / np.where(answered > 0, answered, 1.0), np.nan)
    return found


def _mean_known(values: Floats) -> Floats:
    """Mean over the first axis of what is known, summed in one order; NaN where nothing is."""
    total, number = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for row in values:
        known = ~np.isnan(row)
        total += np.where(known, row, 0.0)
        number += known
    return on_grid(np.where(number > 0, total / np.maximum(number, 1), np.nan), LEVEL_BITS)


def _primary(levels: Floats, present: Bools, could_be: Bools, model: Model) -> Codes:
    """Among the present within the window of the highest present, the earliest in the journey."""
    highest = np.where(present, levels, -np.inf).max(axis=0)
    first = np.where(could_be.any(axis=0), UNKNOWN, NONE_PRESENT)
    rows = list(RELATIONSHIPS)
    for code in reversed(model.order):
        row = rows.index(code)
        near = present[row] & reaches(levels[row], highest - model.primary_window)
        first = np.where(near, row, first)
    return first.astype(np.int8)


def _quadrant(tasks: Floats, model: Model) -> dict[str, NDArray[Any]]:
    limit = tasks[_I] + model.cap_margin
    interact = np.minimum(tasks[_N], limit)
    known = ~np.isnan(interact) & ~np.isnan(tasks[_C])
    high_n, high_c = reaches(interact, model.quadrant_cut), reaches(tasks[_C], model.quadrant_cut)
    band = model.quadrant_band + TOLERANCE
    near = (np.abs(interact - model.quadrant_cut) <= band) | (np.abs(tasks[_C] - model.quadrant_cut) <= band)
    return {
        "interact": interact,
        "capped": tasks[_N] > limit,
        "quadrant": np.where(known, 1 + high_c + 2 * high_n, 0).astype(np.int8),
        "borderline": known & near,
    }
