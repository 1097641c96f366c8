"""A model that is edited, as the page shows it: sections of groups of rows of fields, each with its faults.

Every field shows what was typed; where that is not the base's value, the base's stands beside it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from assessments.instrument import Instrument
from matrix.findings.faults import told
from matrix.findings.words import capital, counted
from matrix.scoring import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS
from matrix.scoring.fields import canonical
from matrix.scoring.forks import Fault, Path, at
from matrix.scoring.typed import ADDED, FAMILIES, deriving, items, named, weights

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """One field. ``base``: the base's value where it is another; ``stands``: what somebody else saved."""

    name: str
    label: str
    value: str
    base: str | None
    stands: str | None
    faults: tuple[str, ...]
    options: Options = ()

    @property
    def id(self) -> str:
        """The name as an id that selectors can carry."""
        return _id(self.name)


@dataclass(frozen=True)
class Row:
    """Fields that belong to one question, or stand by themselves."""

    code: str
    words: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Group:
    """Rows under a heading; ``more``: items that may be added, under the name ``add`` and with ``weight``."""

    name: str
    title: str
    rows: tuple[Row, ...]
    faults: tuple[str, ...] = ()
    more: Options = ()
    add: str = ""
    weight: Entry | None = None

    @property
    def id(self) -> str:
        return _id(self.name)

    @property
    def placed(self) -> Iterator[tuple[str, Entry]]:
        """Every field, with the word for its place in the group."""
        yield from ((row.code or entry.label.lower(), entry) for row in self.rows for entry in row.entries)
        if self.weight:
            yield "add an item", self.weight


@dataclass(frozen=True)
class Section:
    title: str
    about: str
    groups: tuple[Group, ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for group in self.groups for _, entry in group.placed)

    @property
    def wrong(self) -> int:
        own = sum(len(group.faults) for group in self.groups)
        return own + sum(len(entry.faults) for entry in self.entries)

    @property
    def changed(self) -> int:
        return sum(entry.base is not None for entry in self.entries)

    @property
    def open(self) -> bool:
        return bool(self.wrong or self.changed)

    @property
    def state(self) -> str:
        """What a closed section says of itself."""
        parts = [f"{self.changed} changed"] if self.changed else []
        return ", ".join([*parts, f"{self.wrong} to mend"] if self.wrong else parts)


@dataclass(frozen=True)
class Wrong:
    """A fault in the list above the form, with the id to go to."""

    id: str
    where: str
    sentence: str


@dataclass
class Editor:
    """Reads a fork beside its base. ``stands``: the fork as somebody else saved it meanwhile."""

    fork: Mapping[str, Any]
    base: Mapping[str, Any]
    questions: Instrument
    faults: Sequence[Fault]
    stands: Mapping[str, Any] | None = None
    _left: dict[Path, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fault in self.faults:
            value = at(self.fork, fault.path)
            self._left.setdefault(fault.path, []).append(told(fault.reason, value))

    def sections(self) -> list[Section]:
        found = [
            Section("What must be answered", _ABOUT["answered"], (self.answered(),)),
            Section("Relationships", _ABOUT["relationships"], tuple(self.family("relationships"))),
            Section("When a relationship is present", _ABOUT["presence"], (self.presence(), self.order())),
            Section("Architecture", _ABOUT["architectures"], tuple(self.architecture())),
            Section(
                "Identify, differentiate, interact, customize", _ABOUT["capabilities"],
                tuple(self.family("capabilities")),
            ),
            Section("Quadrant", _ABOUT["quadrant"], (self.plain("Cut", _QUADRANT),)),
            Section("What the segment wants", _ABOUT["wanted"], tuple(self.family("wanted"))),
            Section("When a relationship intrudes", _ABOUT["intrusion"], (self.intrusion(),)),
        ]  # fmt: skip
        if "derive" in self.fork:
            found.append(Section("What the journey says", _ABOUT["derive"], tuple(self.derive())))
        return found

    def family(self, family: str) -> Iterator[Group]:
        named_by: Mapping[str, Any] = CAPABILITIES if family == "capabilities" else RELATIONSHIPS
        for code in FAMILIES[family]:
            place = weights(family, code)
            there = items(place, self.fork, self.base, order=self.questions)
            rows = [self.weight(place, item) for item in there]
            if family == "relationships":
                rows.append(self.gate(code))
            more = [(item, words) for item, words in self.scales() if item not in there]
            yield self.group(place, named_by[code].name, rows, more=more, weighs=True)

    def weight(self, place: Path, item: str) -> Row:
        question = self.questions.item(item)
        return Row(item, question.text, (self.entry((*place, item), "Weight"),))

    def gate(self, code: str) -> Row:
        place: Path = ("relationships", code, "gate")
        entries = (
            self.entry((*place, "item"), "Gate asks", options=[("", "no gate"), *self.scales()]),
            self.entry((*place, "minimum"), "Met from, 0-4"),
            self.entry((*place, "partial"), "Half-way from"),
        )
        return Row("", "Gate: present only where the mean of one item is high enough", entries)

    def answered(self) -> Group:
        return self.plain("Least", _ANSWERED)

    def presence(self) -> Group:
        return self.plain("Cuts", _PRESENCE)

    def order(self) -> Group:
        place: Path = ("presence", "order")
        options = [(code, each.name) for code, each in RELATIONSHIPS.items()]
        entries = [self.entry((*place, n), f"{n + 1}.", options=options) for n in range(len(RELATIONSHIPS))]
        row = Row("", "Of several about as high, the first of these is primary", tuple(entries))
        return self.group(place, "Order", [row])

    def architecture(self) -> Iterator[Group]:
        for kind, title in (("choices", "Votes of choices"), ("scales", "Votes of scales")):
            place: Path = ("architectures", kind)
            there = items(place, self.fork, self.base, order=self.questions)
            rows = [self.votes((*place, item), item) for item in there]
            more = [(item, words) for item, words in self.scales() if item not in there]
            yield self.group(place, title, rows, more=more if kind == "scales" else ())
        yield self.plain("Cuts", _ARCHITECTURE, path=("architectures", "split"))

    def votes(self, place: Path, item: str) -> Row:
        entries = [self.entry((*place, code), each.short) for code, each in ARCHITECTURES.items()]
        return Row(item, self.questions.item(item).text, (*entries, *self.of_row(place)))

    def of_row(self, place: Path) -> tuple[Entry, ...]:
        """A row that is wrong as a whole says so in an entry without a field."""
        faults = tuple(self._left.pop(place, ()))
        return (Entry(named(place), "", "", None, None, faults),) if faults else ()

    def intrusion(self) -> Group:
        rows = []
        for place, each in enumerate(self.fork["intrusion"]["sensed"]):
            question = self.questions.item(each["item"])
            path: Path = ("intrusion", "sensed", place, "minimum")
            rows.append(Row(each["item"], question.text, (self.entry(path, "Acts or senses from"),)))
        unwilling = self.fork["intrusion"]["unwilling"]["item"]
        path = ("intrusion", "unwilling", "maximum")
        words = self.questions.item(unwilling).text
        rows.append(Row(unwilling, words, (self.entry(path, "Unwilling up to"),)))
        return self.group(("intrusion",), "Limits", rows)

    def derive(self) -> Iterator[Group]:
        yield self.plain("Limits", _DERIVE)
        rows = [
            Row(item, self.questions.item(item).text, (self.used(("derive", "items", item, "evidence")),))
            for item in deriving(self.fork, self.questions)
        ]
        yield self.group(("derive", "items"), "What it scores with", rows)

    def used(self, path: Path) -> Entry:
        return self.entry(path, "Scores with", options=_EVIDENCE, absent="asked")

    def plain(self, title: str, lines: Mapping[Path, str], path: Path | None = None) -> Group:
        """Numbers that stand by themselves, each with its words."""
        rows = [Row("", "", (self.entry(place, words),)) for place, words in lines.items()]
        return self.group(path or (*next(iter(lines))[:1], ""), title, rows)

    def group(
        self, path: Path, title: str, rows: Sequence[Row], more: Options = (), weighs: bool = False
    ) -> Group:
        added = self.added(path) if weighs and more else None
        within = [place for place in self._left if place[: len(path)] == path]
        faults = tuple(sentence for place in within for sentence in self._left.pop(place))
        add = named((*path, ADDED)) if more else ""
        return Group(named(path), title, tuple(rows), faults, more, add, added)

    def added(self, path: Path) -> Entry:
        """The weight of an item that is to be added: kept, and at fault, until the item is chosen."""
        held = self.entry((*path, ADDED), "with weight")
        return replace(held, name=named((*path, ADDED, "weight")), base=None)

    def entry(self, path: Path, label: str, options: Options = (), absent: str = "") -> Entry:
        value, base = _text(at(self.fork, path), absent), _text(at(self.base, path), absent)
        stands = None if self.stands is None else _text(at(self.stands, path), absent)
        return Entry(
            named(path),
            label,
            value,
            None if value == base else base or "none",
            None if stands is None or stands == value else stands or "nothing",
            tuple(self._left.pop(path, ())),
            _with(options, value),
        )

    def scales(self) -> list[tuple[str, str]]:
        return [
            (item.code, f"{item.code} {item.title}") for item in self.questions.items if not item.is_choice
        ]


def wrong(sections: Sequence[Section]) -> list[Wrong]:
    """Every fault of a page, in its order."""
    found = []
    for section in sections:
        for group in section.groups:
            where = f"{section.title}, {group.title[:1].lower()}{group.title[1:]}"
            found += [Wrong(group.id, where, sentence) for sentence in group.faults]
            for word, entry in group.placed:
                place = ": ".join(part for part in (where, word) if part)
                found += [Wrong(entry.id, place, sentence) for sentence in entry.faults]
    return found


def headline(found: Sequence[Wrong]) -> str:
    return f"{capital(counted(len(found), 'thing'))} to mend before it can be scored with"


def _id(name: str) -> str:
    return "f-" + re.sub(r"[^\w-]", "_", name)


def _with(options: Options, value: str) -> Options:
    """The options, and what was sent where it is none of them: nothing typed is lost."""
    if not options or any(code == value for code, _ in options):
        return options
    return [(value, value or "choose"), *options]


def _text(value: Any, absent: str = "") -> str:
    if value is None:
        return absent
    return value if isinstance(value, str) else canonical(value)


_ANSWERED: Final[dict[Path, str]] = {
    ("minimum_coverage",): "Least share of the weight asked that must be answered, 0-1",
    ("minimum_raters",): "Least number of raters for agreement",
}
_PRESENCE: Final[dict[Path, str]] = {
    ("presence", "cut"): "Least level at which a relationship is present, 0-1",
    ("presence", "window"): "This near the highest level, the order below decides, 0-1",
}
_ARCHITECTURE: Final[dict[Path, str]] = {
    ("architectures", "majority"): "Share of the votes from which one architecture leads, 0-1",
    ("architectures", "lead"): "Its least lead over the second, 0-1",
    ("architectures", "split", "from"): "Advise to split where part of the supply is from people: from, 0-4",
    ("architectures", "split", "to"): "The same: to, 0-4",
}
_QUADRANT: Final[dict[Path, str]] = {
    ("quadrant", "cut"): "Interact and customize are high from, 0-4",
    ("quadrant", "band"): "Borderline within this of the cut, 0-2",
    ("quadrant", "cap_margin"): "Interact is at most this above identify, 0-4",
}
_DERIVE: Final[dict[Path, str]] = {
    ("derive", "minimum"): "Touchpoints a journey needs before it may speak",
    ("derive", "per_step"): "Touchpoints it needs in each step",
    ("derive", "minimum_coverage"): "Share of an item's touchpoints that must say what it needs, 0-1",
    ("derive", "gap"): "Difference from which evidence is asked for, 0-4",
    ("derive", "signature"): "A signature touchpoint counts as so many",
}
_EVIDENCE: Final = (("asked", "what raters said"), ("derived", "what the journey says"))
_ABOUT: Final = {
    "answered": "Below these, a figure is “not known” and never 0.",
    "relationships": "A level is the weighted mean of its items. Only proportions count: doubling all "
    "weights of one relationship changes nothing. Leave a weight empty to take its item out.",
    "presence": "A relationship is present where its gate is met and its level reaches the cut.",
    "architectures": "Choices give their votes to the architecture chosen, scales in proportion to the "
    "answer; a negative vote takes away.",
    "capabilities": "Each task is the weighted mean of its items, 0-4.",
    "quadrant": "One cut on both axes.",
    "wanted": "A negative weight counts the answer from the far end.",
    "intrusion": "Acting or sensing where sharing data is unwelcome.",
    "derive": "Where touchpoints say something of an item, the model scores with one of the two, "
    "never a mix.",
}
