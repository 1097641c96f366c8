"""Questionnaires as data: an instrument file read into frozen values, or refused with place and reason.

Pure: no database, no clock. The file's order of items is the order of answers in every sheet, so a published
version is never changed, only followed by another. CS-1 and its items are described in docs/scoring.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypeVar

_Word = TypeVar("_Word", bound=StrEnum)

SCALE_MAX: Final = 4
ANCHORED: Final[tuple[int, ...]] = (0, 2, 4)
SITUATIONS: Final[Mapping[str, str]] = {
    "urgent": "In an urgent situation",
    "high_stakes": "When much is at stake",
}
"""Beside the routine one: what a segment wants may be asked for each, as ``P1.urgent``, or skipped."""


class InstrumentError(ValueError):
    """An instrument file cannot be used: `place` as in `items[3].anchors`, `reason` a sentence."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Part(StrEnum):
    RELATIONSHIPS = "relationships"
    WANTS = "wants"
    ARCHITECTURE = "architecture"
    CAPABILITIES = "capabilities"


class Kind(StrEnum):
    SCALE = "scale"
    CHOICE = "choice"


@dataclass(frozen=True)
class Choice:
    """One answer of a choice item; its order in the item, from 1, is the value stored."""

    code: str
    text: str


@dataclass(frozen=True)
class Condition:
    """Ask only when the answer to `item` is at least `minimum`."""

    item: str
    minimum: int


@dataclass(frozen=True)
class Item:
    """One question. `position`: its place in a sheet's array, from 0; `text`: what a participant reads.

    `situation`: one of SITUATIONS for a question about it, whose position is behind those of all others.
    """

    code: str
    position: int
    part: Part
    kind: Kind
    title: str
    text: str
    help: str
    anchors: Mapping[int, str]
    choices: tuple[Choice, ...]
    condition: Condition | None
    situation: str = ""

    @property
    def routine(self) -> str:
        """Its code without the situation: P1 of P1.urgent."""
        return self.code.removesuffix(f".{self.situation}")

    @property
    def is_choice(self) -> bool:
        return self.kind is Kind.CHOICE

    @property
    def values(self) -> range:
        """The answers that may be stored: 0-4 on a scale, 1-5 for five choices."""
        return range(1, len(self.choices) + 1) if self.is_choice else range(SCALE_MAX + 1)

    def label(self, value: int) -> str | None:
        """Words of an answer: anchor or choice; None between anchors. ValueError when it is no answer."""
        if value not in self.values:
            raise ValueError(f"{self.code} has no answer {value}")
        return self.choices[value - 1].text if self.is_choice else self.anchors.get(value)

    def value_of(self, written: str) -> int | None:
        """Read a written answer: '' is None (do not know), a number, or for a choice its code."""
        word = written.strip()
        if not word:
            return None
        by_code = {choice.code: order for order, choice in enumerate(self.choices, 1)}
        value = by_code.get(word.upper(), int(word) if word.isascii() and word.isdigit() else -1)
        if value not in self.values:
            raise ValueError(f"{self.code} takes {self.takes}, not “{word}”")
        return value

    @property
    def takes(self) -> str:
        """What may be written as an answer, for messages."""
        if self.is_choice:
            return f"{', '.join(choice.code for choice in self.choices)} or 1-{len(self.choices)}"
        return f"0-{SCALE_MAX}"


@dataclass(frozen=True)
class Instrument:
    """A questionnaire version: its items in order, and the codes of its short form.

    ``by_choice``: asked only where somebody chooses it; new workshops are asked the newest of the others.
    """

    code: str
    version: int
    title: str
    introduction: str
    items: tuple[Item, ...]
    short_form: tuple[str, ...]
    by_choice: bool = False

    @classmethod
    def from_json(cls, data: str | bytes | Mapping[str, Any]) -> "Instrument":
        """Parse and check an instrument. InstrumentError names the place and the reason."""
        raw = _parsed(data)
        instrument = cls(
            code=_text(raw, "code", "instrument"),
            version=_whole(raw, "version", "instrument", 1, 9999),
            title=_text(raw, "title", "instrument"),
            introduction=_text(raw, "introduction", "instrument"),
            items=tuple(_item(entry, place) for place, entry in enumerate(_list(raw, "items", "instrument"))),
            short_form=tuple(str(code) for code in _list(raw, "short_form", "instrument")),
            by_choice=_flag(raw, "by_choice", "instrument"),
        )
        _check_whole(instrument)
        return instrument

    @cached_property
    def positions(self) -> dict[str, int]:
        """Item code to place in a sheet's array."""
        return {item.code: item.position for item in self.items}

    @cached_property
    def choice_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_choice)

    @cached_property
    def short_items(self) -> tuple[Item, ...]:
        """The items of the short form, in the order of the instrument."""
        return tuple(item for item in self.items if item.code in self.short_form)

    @cached_property
    def parts(self) -> dict[Part, tuple[Item, ...]]:
        return {part: tuple(item for item in self.items if item.part is part) for part in Part}

    @cached_property
    def situated(self) -> tuple[Item, ...]:
        """What is asked once more for each of SITUATIONS, as items behind all others."""
        asked = [item for item in self.parts[Part.WANTS] if not item.is_choice and item.condition is None]
        pairs = [(situation, item) for situation in SITUATIONS for item in asked]
        return tuple(
            replace(item, code=f"{item.code}.{situation}", position=len(self) + at, situation=situation)
            for at, (situation, item) in enumerate(pairs)
        )

    @cached_property
    def answerable(self) -> dict[str, Item]:
        """By code, all that may be answered: the items, and those asked for each of SITUATIONS."""
        return {item.code: item for item in (*self.items, *self.situated)}

    def item(self, code: str) -> Item:
        """The item of that code; KeyError when there is none."""
        return self.items[self.positions[code]]

    def __len__(self) -> int:
        return len(self.items)


def asks(item: Item, answers: Mapping[str, int | None]) -> bool:
    """Whether the item is asked, given one sheet's answers by code. An unknown answer asks no follow-up."""
    if item.condition is None:
        return True
    given = answers.get(item.condition.item)
    return given is not None and given >= item.condition.minimum


def canonical(code: str) -> str:
    """A code as items have it, however it is written: ``p1.High-Stakes`` is ``P1.high_stakes``."""
    item, dot, situation = code.partition(".")
    return item.upper() + dot + situation.lower().replace("-", "_")


def _parsed(data: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(data, Mapping):
        return data
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise InstrumentError("instrument", f"is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise InstrumentError("instrument", "must be an object")
    return raw


def _text(raw: Mapping[str, Any], key: str, place: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InstrumentError(f"{place}.{key}", "must be a text that is not empty")
    return value


def _whole(raw: Mapping[str, Any], key: str, place: str, least: int, most: int) -> int:
    value = raw.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InstrumentError(f"{place}.{key}", f"must be a whole number from {least} to {most}")
    return value


def _flag(raw: Mapping[str, Any], key: str, place: str) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        raise InstrumentError(f"{place}.{key}", "must be true or false")
    return value


def _list(raw: Mapping[str, Any], key: str, place: str) -> Sequence[Any]:
    value = raw.get(key)
    if not isinstance(value, list) or not value:
        raise InstrumentError(f"{place}.{key}", "must be a list that is not empty")
    return value


def _item(raw: Any, position: int) -> Item:
    place = f"items[{position}]"
    if not isinstance(raw, Mapping):
        raise InstrumentError(place, "must be an object")
    kind = _one_of(Kind, raw, "kind", place)
    help_text = raw.get("help", "")
    if not isinstance(help_text, str):
        raise InstrumentError(f"{place}.help", "must be a text")
    return Item(
        code=_text(raw, "code", place),
        position=position,
        part=_one_of(Part, raw, "part", place),
        kind=kind,
        title=_text(raw, "title", place),
        text=_text(raw, "text", place),
        help=help_text,
        anchors=_anchors(raw, place) if kind is Kind.SCALE else {},
        choices=_choices(raw, place) if kind is Kind.CHOICE else (),
        condition=_condition(raw, place),
    )


def _one_of(words: type[_Word], raw: Mapping[str, Any], key: str, place: str) -> _Word:
    try:
        return words(str(raw.get(key)))
    except ValueError as error:
        allowed = ", ".join(words)
        raise InstrumentError(f"{place}.{key}", f"must be one of {allowed}") from error


def _anchors(raw: Mapping[str, Any], place: str) -> dict[int, str]:
    anchors = raw.get("anchors")
    if not isinstance(anchors, Mapping) or sorted(anchors) != [str(value) for value in ANCHORED]:
        raise InstrumentError(f"{place}.anchors", "must describe 0, 2 and 4")
    return {value: _text(anchors, str(value), f"{place}.anchors") for value in ANCHORED}


def _choices(raw: Mapping[str, Any], place: str) -> tuple[Choice, ...]:
    found = []
    for order, entry in enumerate(_list(raw, "choices", place)):
        spot = f"{place}.choices[{order}]"
        if not isinstance(entry, Mapping):
            raise InstrumentError(spot, "must be an object")
        found.append(Choice(_text(entry, "code", spot), _text(entry, "text", spot)))
    if len({choice.code for choice in found}) != len(found):
        raise InstrumentError(f"{place}.choices", "must have different codes")
    if len(found) != SCALE_MAX + 1:
        raise InstrumentError(f"{place}.choices", f"must be {SCALE_MAX + 1}, one for each place of the tally")
    return tuple(found)


def _condition(raw: Mapping[str, Any], place: str) -> Condition | None:
    entry = raw.get("condition")
    if entry is None:
        return None
    if not isinstance(entry, Mapping):
        raise InstrumentError(f"{place}.condition", "must be an object with item and minimum")
    spot = f"{place}.condition"
    return Condition(_text(entry, "item", spot), _whole(entry, "minimum", spot, 1, SCALE_MAX))


def _check_whole(instrument: Instrument) -> None:
    codes = [item.code for item in instrument.items]
    for position, code in enumerate(codes):
        if code in codes[:position]:
            raise InstrumentError(f"items[{position}].code", f"{code} is used twice")
    for order, code in enumerate(instrument.short_form):
        if code not in codes:
            raise InstrumentError(f"instrument.short_form[{order}]", f"there is no item {code}")
        if code in instrument.short_form[:order]:
            raise InstrumentError(f"instrument.short_form[{order}]", f"{code} is listed twice")
    for item in instrument.items:
        _check_condition(item, codes, instrument)


def _check_condition(item: Item, codes: list[str], instrument: Instrument) -> None:
    if item.condition is None:
        return
    place = f"items[{item.position}].condition"
    if item.condition.item not in codes[: item.position]:
        raise InstrumentError(place, f"{item.condition.item} is not an item asked before {item.code}")
    if instrument.item(item.condition.item).is_choice:
        raise InstrumentError(place, f"{item.condition.item} is a choice and has no minimum")
