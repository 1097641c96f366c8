"""What differs between two versions of a model, by plain names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matrix.findings.words import capital, counted, listed
from matrix.scoring import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS
from matrix.scoring.versions import Difference

_SECTIONS: Final = {
    "instrument": "Questionnaire",
    "minimum_coverage": "What must be answered",
    "minimum_raters": "What must be answered",
    "presence": "When a relationship is present",
    "intrusion": "When a relationship intrudes",
    "architectures": "Architecture",
    "quadrant": "Quadrant",
    "derive": "What the journey says",
    "confidence": "Confidence",
}
# As a model is read: what was asked, where it places, how sure; a stored file keeps no order of its own.
_ORDER: Final = (
    "instrument", "minimum_coverage", "minimum_raters", "relationships", "presence", "wanted", "intrusion",
    "architectures", "capabilities", "quadrant", "derive", "confidence",
)  # fmt: skip
_CODES: Final = (*RELATIONSHIPS, *CAPABILITIES)
_PLACES: Final = {
    ("instrument", "code"): "code",
    ("instrument", "version"): "version",
    ("minimum_coverage",): "least share of what was asked",
    ("minimum_raters",): "least raters for agreement",
    ("presence", "cut"): "least level, 0-1",
    ("presence", "window"): "this near the highest, the order decides",
    ("presence", "order"): "order",
    ("intrusion", "unwanted"): "relationships that can intrude",
    ("intrusion", "sensed"): "answers that show sensing or acting",
    ("intrusion", "unwilling", "item"): "the answer that shows unwillingness",
    ("intrusion", "unwilling", "maximum"): "highest answer that still shows it",
    ("architectures", "majority"): "share of the votes that leads",
    ("architectures", "lead"): "least lead over the second",
    ("architectures", "split", "item"): "splitting: the answer asked",
    ("architectures", "split", "from"): "splitting: from",
    ("architectures", "split", "to"): "splitting: to",
    ("quadrant", "cut"): "high from, 0-4",
    ("quadrant", "band"): "borderline within",
    ("quadrant", "cap_margin"): "interact at most above identify",
}
_GATE: Final = {"item": "gate: the answer", "minimum": "gate: least mean", "partial": "gate: half-way from"}
# Curves and rules that nobody reads number by number count as one.
_WHOLE: Final = {"confidence": 1, "derive": 3}


@dataclass(frozen=True)
class Line:
    """One row of the table: where, what, and both values as text; a dash for none."""

    section: str
    what: str
    before: str
    after: str


def lines(found: Iterable[Difference], title: Callable[[str], str]) -> list[Line]:
    """The differences to be read. ``title`` gives an item's, by its code."""
    said: dict[tuple[str, str], Line] = {}
    for each in sorted(found, key=_turn):
        section, what = _named(each.place, title)
        if each.place[0] in _WHOLE:
            said.setdefault((section, what), Line(section, what, *_there(each)))
        else:
            said[section, what] = Line(section, what, _text(each.before), _text(each.after))
    return list(said.values())


def _turn(each: Difference) -> tuple[int, int]:
    """Where in a table it comes: by family, then by relationship or capability; otherwise as found."""
    family, code = each.place[0], each.place[1] if len(each.place) > 1 else ""
    return (
        _ORDER.index(family) if family in _ORDER else len(_ORDER),
        _CODES.index(code) if code in _CODES else 0,
    )


def headline(count: int, before: str, after: str) -> str:
    if not count:
        return f"{before} and {after} score alike"
    return f"{capital(counted(count, 'difference'))} between {before} and {after}"


def _there(each: Difference) -> tuple[str, str]:
    """Rules and curves are there, or not, or other ones: never printed."""
    if each.before is None:
        return "–", "there"
    return ("there", "–") if each.after is None else ("there", "changed")


def _named(place: Sequence[str], title: Callable[[str], str]) -> tuple[str, str]:
    family, *rest = place
    if family in ("relationships", "wanted", "capabilities"):
        return _of_family(family, rest, title)
    section = _SECTIONS.get(family, family)
    if family in _WHOLE:
        item = place[2] if family == "derive" and place[1] in ("items", "checks") and len(place) > 2 else ""
        if item in RELATIONSHIPS:
            return section, RELATIONSHIPS[item].name
        return section, f"{item}, {title(item)}" if item else "limits" if family == "derive" else "curves"
    if family == "architectures" and rest[0] in ("choices", "scales"):
        return section, f"{rest[1]}, {title(rest[1])}: votes for {ARCHITECTURES[rest[2]].short.lower()}"
    return section, _PLACES.get(tuple(place), ", ".join(rest))


def _of_family(family: str, rest: Sequence[str], title: Callable[[str], str]) -> tuple[str, str]:
    code, *where = rest
    if family == "capabilities":
        section = CAPABILITIES[code].name
    else:
        section = ("Wanted: " if family == "wanted" else "") + RELATIONSHIPS[code].name
    if where[0] == "gate":
        return section, _GATE[where[1]]
    item = where[-1]
    return section, f"weight of {item}, {title(item)}"


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(_entry, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _entry(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value.get('item', '')} from {value.get('minimum', '')}"
    return str(value)


_SAYS: Final = {
    "relationships": "weights or gates",
    "architectures": "weights or gates",
    "capabilities": "weights or gates",
    "wanted": "weights or gates",
    "presence": "cuts",
    "intrusion": "cuts",
    "quadrant": "cuts",
    "minimum_coverage": "what must be answered",
    "minimum_raters": "what must be answered",
    "derive": "what the journey says",
}


def other_rules(before: str, after: str, sections: Iterable[str]) -> str:
    """A line in a history where another model begins: "Model cs-1 v1 → cs-1 v3: other cuts"."""
    named = dict.fromkeys(_SAYS.get(section, section) for section in sections)
    return f"Model {before} → {after}: other {listed(named)}"


def other_questionnaire(before: tuple[str, int], after: tuple[str, int], anew: int | None, total: int) -> str:
    """A line in a history where another questionnaire begins. ``anew``: questions no older answer answers."""
    one, other = (f"{code} v{version}" for code, version in (before, after))
    if before[0] == after[0]:
        one, other = str(before[1]), str(after[1])
    many = "not comparable" if anew is None else f"{anew} of {total} items not comparable"
    return f"Questionnaire {one} → {other}: {many}"
