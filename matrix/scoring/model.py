"""A scoring model: weights, gates and cuts as data, checked against the questionnaire it scores.

Weights are kept as exact fractions and, for the arithmetic, as the smallest whole numbers in the same
proportion: multiplying every weight of a dimension by one factor therefore leaves each score unchanged to
the last bit.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from math import gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX, Instrument, Part
from matrix.scoring.calibration import Calibration, calibration
from matrix.scoring.derive import Derive
from matrix.scoring.fields import Field, ModelError, canonical, parsed
from matrix.scoring.vocabulary import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS

__all__ = ["Dimension", "Gate", "Load", "Model", "ModelError", "Sensed", "Votes"]

_WORDS: dict[str, Collection[str]] = {
    "relationships": RELATIONSHIPS,
    "wanted": RELATIONSHIPS,
    "capabilities": CAPABILITIES,
}
_SECTIONS = ("code", "version", "title", "instrument", "minimum_coverage", "minimum_raters", "relationships")
_MORE = ("presence", "wanted", "intrusion", "architectures", "capabilities", "quadrant")


@dataclass(frozen=True)
class Load:
    """What one item weighs in one dimension. A negative weight counts the answer from the far end, 4 - x."""

    item: str
    position: int
    weight: Fraction
    whole: int


@dataclass(frozen=True)
class Dimension:
    """A weighted mean of items."""

    code: str
    loads: tuple[Load, ...]

    @cached_property
    def top(self) -> int:
        """Sum of the whole weights without sign."""
        return sum(abs(load.whole) for load in self.loads)


@dataclass(frozen=True)
class Gate:
    """A relationship is present only when the mean of `item` reaches `minimum`; `partial` is half-way."""

    relationship: str
    item: str
    position: int
    minimum: float
    partial: float | None


@dataclass(frozen=True)
class Votes:
    """What an architecture item gives: a choice its votes to the one chosen, a scale mean / 4 of each."""

    item: str
    position: int
    is_choice: bool
    gives: Mapping[str, Fraction]

    @property
    def weight(self) -> Fraction:
        """The most this item can give to one architecture; its weight in coverage."""
        return max(self.gives.values())


@dataclass(frozen=True)
class Sensed:
    """From `minimum` on this item shows acting or sensing, which intrudes where sharing data is unwelcome."""

    item: str
    position: int
    minimum: float
    relationships: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """The item at `position` counts only where the mean of the one at `on` reaches `minimum`."""

    position: int
    on: int
    minimum: int


@dataclass(frozen=True)
class Model:
    """A checked scoring model. Cuts are floats: levels and shares 0-1, tasks and items 0-4."""

    code: str
    version: int
    title: str
    instrument: tuple[str, int]
    items: tuple[str, ...]
    parts: Mapping[str, tuple[int, ...]]
    conditions: tuple[Asked, ...]
    choices: frozenset[int]
    relationships: tuple[Dimension, ...]
    gates: tuple[Gate | None, ...]
    wanted: tuple[Dimension, ...]
    capabilities: tuple[Dimension, ...]
    votes: tuple[Votes, ...]
    present_cut: float
    primary_window: float
    order: tuple[str, ...]
    unwanted: tuple[str, ...]
    sensed: tuple[Sensed, ...]
    unwilling: tuple[str, int, float]
    majority: float
    lead: float
    split: tuple[str, int, float, float]
    quadrant_cut: float
    quadrant_band: float
    cap_margin: float
    minimum_coverage: float
    minimum_raters: int
    fingerprint: str = field(repr=False)
    derive: Derive | None = None
    confidence: Calibration | None = None

    @classmethod
    def from_json(cls, data: str | bytes | Mapping[str, Any], instrument: Instrument) -> "Model":
        """Parse and check a model for this instrument. ModelError names the place and the reason."""
        root = parsed(data)
        return _Reading(root, instrument).model()

    @property
    def width(self) -> int:
        """Number of items; the length of a sheet's array."""
        return len(self.items)

    @cached_property
    def positions(self) -> dict[str, int]:
        return {code: position for position, code in enumerate(self.items)}

    @cached_property
    def first_value(self) -> NDArray[np.int16]:
        """Lowest answer per item: 0 on a scale, 1 for a choice. Stored level = answer - first value."""
        found = np.zeros(self.width, dtype=np.int16)
        found[list(self.choices)] = 1
        return found

    @cached_property
    def scales(self) -> tuple[int, ...]:
        """Positions of the items answered on 0-4."""
        return tuple(position for position in range(self.width) if position not in self.choices)

    @cached_property
    def item_weights(self) -> tuple[Fraction, ...]:
        """Weight of each item in coverage, summing to 1: parts count alike, and dimensions in each."""
        found = [Fraction(0)] * self.width
        for family in (self.relationships, self.wanted, self.capabilities):
            for dimension in family:
                for load in dimension.loads:
                    found[load.position] += Fraction(abs(load.whole), dimension.top * len(family) * 4)
        every = sum((votes.weight for votes in self.votes), Fraction(0))
        for votes in self.votes:
            found[votes.position] += votes.weight / every / 4
        return tuple(found)

    @cached_property
    def condition_of(self) -> dict[int, Asked]:
        return {asked.position: asked for asked in self.conditions}


class _Reading:
    """One pass over a model file with its instrument at hand."""

    def __init__(self, root: Field, instrument: Instrument) -> None:
        self.root = root
        self.instrument = instrument
        self.scales = {item.code for item in instrument.items if not item.is_choice}
        self.choices = {item.code for item in instrument.items if item.is_choice}

    def model(self) -> Model:
        top = self.root.object((*_SECTIONS, *_MORE), ("derive", "confidence"))
        named = top["instrument"].object(("code", "version"))
        pair = (named["code"].text(), named["version"].whole(1, 9999))
        if pair != (self.instrument.code, self.instrument.version):
            raise top["instrument"].fail("is not the questionnaire given with the model")
        presence = top["presence"].object(("cut", "window", "order"))
        intrusion = top["intrusion"].object(("unwanted", "sensed", "unwilling"))
        unwilling = intrusion["unwilling"].object(("item", "maximum"))
        architectures = top["architectures"].object(("choices", "scales", "majority", "lead", "split"))
        quadrant = top["quadrant"].object(("cut", "band", "cap_margin"))
        relationships, gates = self.relationships(top["relationships"])
        return Model(
            code=top["code"].text(),
            version=top["version"].whole(1, 9999),
            title=top["title"].text(),
            instrument=pair,
            items=tuple(item.code for item in self.instrument.items),
            parts={part.value: self.part(part) for part in Part},
            conditions=self.conditions(),
            choices=frozenset(item.position for item in self.instrument.choice_items),
            relationships=relationships,
            gates=gates,
            wanted=self.family(top["wanted"], negative=True),
            capabilities=self.family(top["capabilities"]),
            votes=self.votes(architectures["choices"], architectures["scales"]),
            present_cut=above_zero(presence["cut"], 1),
            primary_window=float(presence["window"].number(0, 1)),
            order=self.order(presence["order"]),
            unwanted=self.codes(intrusion["unwanted"]),
            sensed=tuple(self.sensed(entry) for entry in intrusion["sensed"].entries()),
            unwilling=(*self.scale(unwilling["item"]), float(unwilling["maximum"].number(0, SCALE_MAX))),
            majority=above_zero(architectures["majority"], 1),
            lead=float(architectures["lead"].number(0, 1)),
            split=self.split(architectures["split"]),
            quadrant_cut=above_zero(quadrant["cut"], SCALE_MAX),
            quadrant_band=float(quadrant["band"].number(0, SCALE_MAX / 2)),
            cap_margin=float(quadrant["cap_margin"].number(0, SCALE_MAX)),
            minimum_coverage=above_zero(top["minimum_coverage"], 1),
            minimum_raters=top["minimum_raters"].whole(1, 1000),
            derive=self.derive(top["derive"]) if "derive" in top else None,
            fingerprint=sha256(canonical(self.root.value).encode()).hexdigest(),
            confidence=calibration(top["confidence"]) if "confidence" in top else None,
        )

    def derive(self, place: Field) -> Derive:
        return Derive.from_field(place, self.scales, self.instrument.positions)

    def part(self, part: Part) -> tuple[int, ...]:
        return tuple(item.position for item in self.instrument.parts[part])

    def conditions(self) -> tuple[Asked, ...]:
        return tuple(
            Asked(item.position, self.instrument.positions[item.condition.item], item.condition.minimum)
            for item in self.instrument.items
            if item.condition
        )

    def scale(self, place: Field) -> tuple[str, int]:
        code = place.word(self.scales, "an item on the scale 0-4")
        return code, self.instrument.positions[code]

    def codes(self, place: Field) -> tuple[str, ...]:
        return tuple(entry.word(RELATIONSHIPS, "a relationship") for entry in place.entries())

    def order(self, place: Field) -> tuple[str, ...]:
        codes = self.codes(place)
        if sorted(codes) != sorted(RELATIONSHIPS):
            raise place.fail("must name each relationship once")
        return codes

    def relationships(self, place: Field) -> tuple[tuple[Dimension, ...], tuple[Gate | None, ...]]:
        dimensions, gates = [], []
        for code, member in place.object(RELATIONSHIPS).items():
            parts = member.object(("loads",), ("gate",))
            dimension = self.dimension(code, parts["loads"])
            dimensions.append(dimension)
            gates.append(self.gate(dimension, parts["gate"]) if "gate" in parts else None)
        order = [list(RELATIONSHIPS).index(dimension.code) for dimension in dimensions]
        ranked = sorted(range(len(order)), key=order.__getitem__)
        return tuple(dimensions[i] for i in ranked), tuple(gates[i] for i in ranked)

    def family(self, place: Field, negative: bool = False) -> tuple[Dimension, ...]:
        words = _WORDS[place.place.removeprefix("model.")]
        members = place.object(words)
        return tuple(self.dimension(code, members[code], negative) for code in words)

    def dimension(self, code: str, place: Field, negative: bool = False) -> Dimension:
        weights = place.weights(self.scales, "item on the scale 0-4 called", negative)
        kept = {item: weight for item, weight in weights.items() if weight}
        by = lcm(*(weight.denominator for weight in kept.values()))
        wholes = {item: int(weight * by) for item, weight in kept.items()}
        shared = gcd(*wholes.values())
        places = self.instrument.positions
        loads = [Load(item, places[item], kept[item], wholes[item] // shared) for item in kept]
        return Dimension(code, tuple(sorted(loads, key=lambda load: load.position)))

    def gate(self, dimension: Dimension, place: Field) -> Gate:
        members = place.object(("item", "minimum"), ("partial",))
        item, position = self.scale(members["item"])
        if item not in {load.item for load in dimension.loads}:
            raise members["item"].fail(f"{item} does not load on {dimension.code}, which its gate guards")
        minimum = above_zero(members["minimum"], SCALE_MAX)
        partial = above_zero(members["partial"], SCALE_MAX) if "partial" in members else None
        if partial is not None and partial >= minimum:
            raise members["partial"].fail("must be below the minimum")
        if self.instrument.item(item).condition:
            raise members["item"].fail(f"{item} is not asked of everyone, so its gate could never be met")
        return Gate(dimension.code, item, position, minimum, partial)

    def votes(self, choices: Field, scales: Field) -> tuple[Votes, ...]:
        found = []
        for code, member in choices.members().items():
            item = Field(code, member.place).word(self.choices, "a choice item")
            position = self.instrument.positions[item]
            gives = member.weights(ARCHITECTURES, "architecture")
            if [choice.code for choice in self.instrument.items[position].choices] != list(ARCHITECTURES):
                raise member.fail("asks for something else than the five architectures in order")
            if set(gives) != set(ARCHITECTURES):
                raise member.fail(f"must give a vote for each of {', '.join(ARCHITECTURES)}")
            found.append(Votes(item, position, True, gives))
        for code, member in scales.members().items():
            item, position = self.scale(Field(code, member.place))
            gives = member.weights(ARCHITECTURES, "architecture", negative=True)
            if max(gives.values()) <= 0:
                raise member.fail("gives no architecture a vote")
            found.append(Votes(item, position, False, gives))
        if not choices.members():
            raise choices.fail("has no item")
        return tuple(sorted(found, key=lambda votes: votes.position))

    def sensed(self, place: Field) -> Sensed:
        members = place.object(("item", "minimum", "relationships"))
        minimum = above_zero(members["minimum"], SCALE_MAX)
        return Sensed(*self.scale(members["item"]), minimum, self.codes(members["relationships"]))

    def split(self, place: Field) -> tuple[str, int, float, float]:
        members = place.object(("item", "from", "to"))
        low, high = (float(members[end].number(0, SCALE_MAX)) for end in ("from", "to"))
        if low > high:
            raise place.fail("begins above its end")
        return (*self.scale(members["item"]), low, high)


def above_zero(place: Field, high: float) -> float:
    number = place.number(0, high)
    if not number:
        raise place.fail("must be above zero")
    return float(number)
