"""Crosswalks: what became of each item between two versions of a questionnaire, read and checked, or refused.

Pure. A code means one question for good: an item that is the same, or only reworded, keeps its code, and any
other takes a code the older version does not have. So an answer belongs to the question it was given to,
whichever version a page that is still open may show.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from assessments.instrument import Instrument, Item


class CrosswalkError(ValueError):
    """A crosswalk cannot be used: `place` as in `items[3].of`, `reason` a sentence."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Became(StrEnum):
    SAME = "same"
    REWORDED = "reworded"
    SPLIT = "split"
    MERGED = "merged"
    NEW = "new"


#: The answer to one is an answer to the other.
CARRIED: Final = frozenset({Became.SAME, Became.REWORDED})
# How many older items each is made of, in words for a refusal.
_MADE_OF: Final[dict[Became, tuple[int, int, str]]] = {
    Became.SAME: (1, 1, "exactly one older item"),
    Became.REWORDED: (1, 1, "exactly one older item"),
    Became.SPLIT: (1, 1, "exactly one older item"),
    Became.MERGED: (2, 99, "two older items or more"),
    Became.NEW: (0, 0, "no older item"),
}
_TOP: Final = ("code", "from", "to", "items", "dropped")


@dataclass(frozen=True)
class Step:
    """One item of the newer version: what it is, of which older items, and why in a sentence, or ""."""

    item: str
    became: Became
    of: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Dropped:
    """An older item nothing takes the place of."""

    item: str
    why: str


@dataclass(frozen=True)
class Crosswalk:
    """From one version of a questionnaire to another: a step for each newer item, in its order."""

    code: str
    before: int
    after: int
    steps: tuple[Step, ...]
    dropped: tuple[Dropped, ...]

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], older: Instrument, newer: Instrument) -> "Crosswalk":
        """Read and check against both versions. CrosswalkError names the place and the reason."""
        return _Reading(raw, older, newer).crosswalk()

    @cached_property
    def carried(self) -> frozenset[str]:
        """Codes whose answers count in both versions."""
        return frozenset(step.item for step in self.steps if step.became in CARRIED)

    @cached_property
    def asked_again(self) -> tuple[Step, ...]:
        """Items of the newer version that no older answer answers."""
        return tuple(step for step in self.steps if step.became not in CARRIED)

    @cached_property
    def left(self) -> tuple[str, ...]:
        """Codes of the older version that the newer one does not ask: split, merged or dropped."""
        used = (code for step in self.asked_again for code in step.of)
        return tuple(dict.fromkeys([*used, *(each.item for each in self.dropped)]))


class _Reading:
    """One pass over a crosswalk with both versions at hand."""

    def __init__(self, raw: Mapping[str, Any], older: Instrument, newer: Instrument) -> None:
        self.raw, self.older, self.newer = raw, older, newer

    def crosswalk(self) -> Crosswalk:
        self._names()
        steps = tuple(self._step(entry, place) for place, entry in self._entries("items"))
        dropped = tuple(self._dropped(entry, place) for place, entry in self._entries("dropped"))
        found = Crosswalk(self.newer.code, self.older.version, self.newer.version, steps, dropped)
        self._every_newer(found)
        self._every_older(found)
        for order, step in enumerate(steps):
            self._fits(step, f"items[{order}]", found.carried)
        return found

    def _names(self) -> None:
        if not isinstance(self.raw, Mapping):
            raise CrosswalkError("crosswalk", "must be an object")
        for name in self.raw:
            if name not in _TOP:
                raise CrosswalkError(f"crosswalk.{name}", "is not known here")
        ends = (self.raw.get("code"), self.raw.get("from"), self.raw.get("to"))
        if self.older.code != self.newer.code or ends != (
            self.newer.code, self.older.version, self.newer.version
        ):  # fmt: skip
            raise CrosswalkError("crosswalk", "names other versions than the two it is read with")
        if self.older.version >= self.newer.version:
            raise CrosswalkError("crosswalk.to", "must be a later version")

    def _entries(self, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        entries = self.raw.get(name)
        if not isinstance(entries, list):
            raise CrosswalkError(f"crosswalk.{name}", "must be a list")
        for order, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                raise CrosswalkError(f"{name}[{order}]", "must be an object")
            yield f"{name}[{order}]", entry

    def _step(self, entry: Mapping[str, Any], place: str) -> Step:
        _known(entry, ("item", "is", "of", "why"), place)
        code = _code(entry, place, self.newer, "newer")
        try:
            became = Became(str(entry.get("is")))
        except ValueError as error:
            raise CrosswalkError(f"{place}.is", f"must be one of {', '.join(Became)}") from error
        of = entry.get("of", [])
        if not isinstance(of, list) or not all(isinstance(each, str) for each in of):
            raise CrosswalkError(f"{place}.of", "must be a list of codes")
        for each in of:
            if each not in self.older.positions:
                raise CrosswalkError(f"{place}.of", f"the older version has no item {each}")
        least, most, words = _MADE_OF[became]
        if not least <= len(set(of)) <= most or len(set(of)) != len(of):
            raise CrosswalkError(f"{place}.of", f"{became} is made of {words}")
        return Step(code, became, tuple(of), _why(entry, place))

    def _dropped(self, entry: Mapping[str, Any], place: str) -> Dropped:
        _known(entry, ("item", "why"), place)
        return Dropped(_code(entry, place, self.older, "older"), _why(entry, place))

    def _every_newer(self, found: Crosswalk) -> None:
        codes = [step.item for step in found.steps]
        for order, code in enumerate(codes):
            if code in codes[:order]:
                raise CrosswalkError(f"items[{order}].item", f"{code} is told of twice")
        for item in self.newer.items:
            if item.code not in codes:
                raise CrosswalkError("crosswalk.items", f"{item.code} of the newer version is missing")

    def _every_older(self, found: Crosswalk) -> None:
        """Each older item goes one way: into one item, into the parts of a split, or out."""
        ways: dict[str, list[tuple[int, Became]]] = {}
        for order, step in enumerate(found.steps):
            for code in step.of:
                ways.setdefault(code, []).append((order, step.became))
        for code, into in ways.items():
            _one_way(code, into)
        gone: set[str] = set()
        for order, each in enumerate(found.dropped):
            if each.item in gone or each.item in ways:
                reason = "told of twice" if each.item in gone else "dropped, and used as well"
                raise CrosswalkError(f"dropped[{order}].item", f"{each.item} is {reason}")
            gone.add(each.item)
        for item in self.older.items:
            if item.code not in ways and item.code not in gone:
                raise CrosswalkError("crosswalk.dropped", f"{item.code} is neither used nor dropped")

    def _fits(self, step: Step, place: str, carried: frozenset[str]) -> None:
        if step.became not in CARRIED:
            if step.item in self.older.positions:
                reason = f"{step.item} was another question: take a code the older version does not have"
                raise CrosswalkError(f"{place}.item", reason)
            return
        if step.of != (step.item,):
            raise CrosswalkError(f"{place}.of", f"{step.item} is {step.became}, so it keeps its code")
        older, newer = self.older.item(step.item), self.newer.item(step.item)
        if reason := _other_scale(older, newer, carried):
            raise CrosswalkError(f"{place}.is", f"{step.item} is not {step.became}: {reason}")
        alike = _words(older) == _words(newer)
        if step.became is Became.SAME and not alike:
            raise CrosswalkError(f"{place}.is", f"{step.item} is not the same: its words differ")
        if step.became is Became.REWORDED and alike:
            raise CrosswalkError(f"{place}.is", f"{step.item} is not reworded: it is word for word the same")


def _one_way(code: str, into: list[tuple[int, Became]]) -> None:
    """``into``: the places of the items made of it, and what each is."""
    if len(into) > 1 and {became for _, became in into} != {Became.SPLIT}:
        raise CrosswalkError(f"items[{into[1][0]}].of", f"{code} is used twice")
    if into[0][1] is Became.SPLIT and len(into) == 1:
        raise CrosswalkError(f"items[{into[0][0]}].is", f"{code} is split into one item only")


def _known(entry: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
    for name in entry:
        if name not in names:
            raise CrosswalkError(f"{place}.{name}", "is not known here")


def _code(entry: Mapping[str, Any], place: str, version: Instrument, which: str) -> str:
    code = entry.get("item")
    if not isinstance(code, str) or code not in version.positions:
        raise CrosswalkError(f"{place}.item", f"the {which} version has no item {code}")
    return code


def _why(entry: Mapping[str, Any], place: str) -> str:
    why = entry.get("why", "")
    if not isinstance(why, str):
        raise CrosswalkError(f"{place}.why", "must be a text")
    return why


def _other_scale(older: Item, newer: Item, carried: frozenset[str]) -> str:
    """What makes an answer mean something else, or ""."""
    if older.kind is not newer.kind:
        return f"a {older.kind} became a {newer.kind}"
    if older.part is not newer.part:
        return "it moved to another part"
    if [choice.code for choice in older.choices] != [choice.code for choice in newer.choices]:
        return "its choices differ"
    if older.condition != newer.condition:
        return "it is asked under another condition"
    if older.condition is not None and older.condition.item not in carried:
        return f"it follows from {older.condition.item}, which is asked anew"
    return ""


def _words(item: Item) -> tuple[Any, ...]:
    """What a participant answers by; title and help explain it."""
    return item.text, dict(item.anchors), tuple(choice.text for choice in item.choices)
