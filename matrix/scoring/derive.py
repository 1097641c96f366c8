"""What a journey says about items: the rules of a model, as data, checked when the model is read.

A rule speaks of the touchpoints of some steps of the journey and of what they state. `share`: the weighted
share of those that meet conditions, led to 0-4 by a curve; `best`: the value of the best that any of them
meets; `votes`: whom they name, to be held against a choice. Which value a model uses for an item, the asked
or the derived, stands with the rule.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from assessments.instrument import SCALE_MAX
from matrix.scoring.fields import Field, ModelError
from matrix.scoring.vocabulary import ARCHITECTURES, RELATIONSHIPS

YES_NO: Final = ("no", "yes")
STATED: Final[dict[str, tuple[str, ...]]] = {
    "step": ("recognize", "request", "respond", "repeat"),
    "initiator": ("customer", "firm", "system", "peer"),
    "trigger": ("customer_act", "calendar", "campaign", "sensed"),
    "decides": ("customer", "shortlist", "consent"),
    "direction": ("one_way", "two_way"),
    "identified": YES_NO,
    "carries_context": YES_NO,
    "content": ("same", "segment", "individual"),
    "supplier": ("own", "partner", "individual", "member"),
    "latency": ("instant", "minutes", "hours", "days", "weeks"),
    "medium": ("personal", "physical", "digital"),
}
"""What touchpoints state and the words for it; a code is the place of the word, -1 is "not stated"."""

ASKED, DERIVED = "asked", "derived"
_STRAIGHT: Final = ((0.0, 0.0), (1.0, float(SCALE_MAX)))


@dataclass(frozen=True)
class Where:
    """Conditions that must all hold: attribute to the codes allowed."""

    clauses: tuple[tuple[str, frozenset[int]], ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(attribute for attribute, _ in self.clauses)


@dataclass(frozen=True)
class Share:
    """Weighted share of the touchpoints that meet `where`, led through `curve` (share, value), ascending.

    `across` (attribute, least): those that meet it must lie in as many kinds of it, else the value is that of
    no share; a journey that has fewer kinds says nothing either way.
    """

    where: Where
    curve: tuple[tuple[float, float], ...]
    across: tuple[str, int] | None


@dataclass(frozen=True)
class Best:
    """The highest value whose conditions one touchpoint meets; 0 when none does."""

    levels: tuple[tuple[Where, float], ...]


@dataclass(frozen=True)
class Ballot:
    """Shares of the touchpoints by what they state: by word of `of` the architectures it stands for."""

    of: str
    to: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Rule:
    """How `code`, an item or a relationship to check, is derived from touchpoints of `steps` (codes)."""

    code: str
    steps: frozenset[int]
    how: Share | Best | Ballot
    used: bool
    position: int | None


@dataclass(frozen=True)
class Derive:
    """The rules of a model, and when they may speak.

    A segment's journey is enough from `minimum` touchpoints on with `per_step` in each step; an item's value
    is usable when `minimum_coverage` of its touchpoints state what it needs. From a difference above `gap`
    (points of 0-4) evidence is asked for. Signature touchpoints count `signature` times.
    """

    minimum: int
    per_step: int
    signature: int
    minimum_coverage: float
    gap: float
    rules: tuple[Rule, ...]

    @property
    def used(self) -> tuple[Rule, ...]:
        """The rules whose derived value the model scores with."""
        return tuple(rule for rule in self.rules if rule.used)

    @classmethod
    def from_field(cls, place: Field, scales: Collection[str], positions: Mapping[str, int]) -> "Derive":
        """Read the section. `scales`: items on 0-4; `positions`: all items. ModelError as elsewhere."""
        numbers = ("minimum", "per_step", "signature", "minimum_coverage", "gap")
        top = place.object((*numbers, "items"), ("checks",))
        rules = [_item(code, member, scales, positions) for code, member in top["items"].members().items()]
        checks = top["checks"].members() if "checks" in top else {}
        rules += [_check(code, member, scales, positions) for code, member in checks.items()]
        return cls(
            minimum=top["minimum"].whole(1, 1000),
            per_step=top["per_step"].whole(0, 100),
            signature=top["signature"].whole(1, 100),
            minimum_coverage=float(top["minimum_coverage"].number(0, 1)),
            gap=float(top["gap"].number(0, SCALE_MAX)),
            # Databases keep no order of names, and the same model must read alike everywhere.
            rules=tuple(sorted(rules, key=_place)),
        )


def _place(rule: Rule) -> tuple[int, int, str]:
    """Items in the order of the questionnaire, then the checks."""
    check = rule.position is None or isinstance(rule.how, Ballot)
    return int(check), -1 if rule.position is None else rule.position, rule.code


def _item(code: str, place: Field, scales: Collection[str], positions: Mapping[str, int]) -> Rule:
    if code not in scales:
        raise ModelError(place.place, f"there is no item on the scale 0-4 called {code}")
    members = place.object((), ("steps", "share", "curve", "across", "best", "evidence"))
    used = "evidence" in members and members["evidence"].word((ASKED, DERIVED), "asked or derived") == DERIVED
    if ("share" in members) == ("best" in members):
        raise place.fail("needs either share or best")
    how = _share(members) if "share" in members else _best(place, members)
    return Rule(code, _steps(members), how, used, positions[code])


def _check(code: str, place: Field, scales: Collection[str], positions: Mapping[str, int]) -> Rule:
    """What is held against a figure and never used for one: a relationship's level, or a choice."""
    if code in RELATIONSHIPS:
        members = place.object(("share",), ("steps", "curve", "across"))
        return Rule(code, _steps(members), _share(members), False, None)
    if code not in positions or code in scales:
        raise ModelError(place.place, f"{code} is neither a relationship nor a choice item")
    members = place.object(("votes",), ("steps",))
    return Rule(code, _steps(members), _ballot(members["votes"]), False, positions[code])


def _steps(members: Mapping[str, Field]) -> frozenset[int]:
    words = STATED["step"]
    return _codes(members["steps"], "step") if "steps" in members else frozenset(range(len(words)))


def _codes(place: Field, attribute: str) -> frozenset[int]:
    words = STATED[attribute]
    found = frozenset(words.index(each.word(words, f"a word for {attribute}")) for each in place.entries())
    if not found:
        raise place.fail("names nothing")
    return found


def _where(place: Field) -> Where:
    members = place.members()
    if not members:
        raise place.fail("has no condition")
    for name, member in members.items():
        if name not in STATED or name == "step":
            raise ModelError(member.place, f"touchpoints do not state {name}")
    return Where(tuple((name, _codes(members[name], name)) for name in STATED if name in members))


def _share(members: Mapping[str, Field]) -> Share:
    curve = _curve(members["curve"]) if "curve" in members else _STRAIGHT
    across = _across(members["across"]) if "across" in members else None
    return Share(_where(members["share"]), curve, across)


def _curve(place: Field) -> tuple[tuple[float, float], ...]:
    points = []
    for entry in place.entries():
        pair = entry.entries()
        if len(pair) != 2:
            raise entry.fail("must be a share and a value")
        points.append((float(pair[0].number(0, 1)), float(pair[1].number(0, SCALE_MAX))))
    shares = [share for share, _ in points]
    if len(points) < 2 or shares != sorted(set(shares)):
        raise place.fail("must be two points or more, by rising share")
    return tuple(points)


def _across(place: Field) -> tuple[str, int]:
    members = place.object(("attribute", "least"))
    attribute = members["attribute"].word([name for name in STATED if name != "step"], "what they state")
    return attribute, members["least"].whole(2, len(STATED[attribute]))


def _best(place: Field, members: Mapping[str, Field]) -> Best:
    for name in ("curve", "across"):
        if name in members:
            raise members[name].fail("goes with share only")
    levels = []
    for entry in members["best"].entries():
        parts = entry.object(("where", "value"))
        levels.append((_where(parts["where"]), float(parts["value"].number(0, SCALE_MAX))))
    values = [value for _, value in levels]
    if not values or values != sorted(values, reverse=True):
        raise members["best"].fail("must name values from the highest down")
    return Best(tuple(levels))


def _ballot(place: Field) -> Ballot:
    members = place.object(("of", "to"))
    of = members["of"].word([name for name in STATED if name != "step"], "what they state")
    to = []
    for word, member in members["to"].members().items():
        code = STATED[of].index(Field(word, member.place).word(STATED[of], f"a word for {of}"))
        to.append((code, tuple(e.word(ARCHITECTURES, "an architecture") for e in member.entries())))
    named = [code for _, codes in to for code in codes]
    if sorted(named) != sorted(ARCHITECTURES):
        raise members["to"].fail("must name each architecture once")
    columns = list(ARCHITECTURES)
    return Ballot(of, tuple(sorted(to, key=lambda group: columns.index(group[1][0]))))
