"""What a file would make that is not there yet, named for whoever looks before it is taken over."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from assessments.models import Participant
from assessments.services.imports.places import SegmentKey, Segments, find_firms, segment_keys
from assessments.tables import Table
from connected.models import Firm

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class New:
    """One thing to be made: ``row`` names it first; ``like`` is one that is there and differs by little."""

    kind: str
    name: str
    row: int
    like: str = ""


def news(table: Table, columns: Mapping[str, Sequence[str]]) -> list[New]:
    """New firms, segments and participants of a table whose rows are sound, each at its first row."""
    firms = find_firms(columns["firm"])
    found = list(_firms(table.numbers, columns["firm"], firms))
    if "segment" in columns and "touchpoint" not in columns:
        found += _segments(table.numbers, segment_keys(columns), Segments(firms))
    if "participant" in columns:
        found += _participants(table.numbers, columns)
    return found


def _firms(numbers: Sequence[int], names: Sequence[str], there: Mapping[str, int]) -> Iterator[New]:
    known = {_bare(name): name for name in Firm.objects.values_list("name", flat=True)}
    for name, row in _first(names, numbers).items():
        if name not in there:
            yield New("firm", name, row, known.get(_bare(name), ""))


def _segments(numbers: Sequence[int], keys: Sequence[SegmentKey], there: Segments) -> Iterator[New]:
    alike: dict[tuple[str, str], list[SegmentKey]] = defaultdict(list)
    for each in there.all():
        alike[each.firm, _bare(each.segment)].append(each)
    for key, row in _first(keys, numbers).items():
        exact = there.exact(key)
        if there.find(exact) is None:
            near = (each for each in alike[key.firm, _bare(key.segment)] if _near(exact, each))
            yield New("segment", _words(exact), row, next(map(_words, near), ""))


def _participants(numbers: Sequence[int], columns: Mapping[str, Sequence[str]]) -> Iterator[New]:
    people = list(zip(columns["firm"], columns["participant"], strict=True))
    names = set(columns["firm"])
    rows = Participant.objects.filter(workshop__firm__name__in=names).exclude(workshop__state="committed")
    there = set(rows.values_list("workshop__firm__name", "name"))
    for (firm, name), row in _first(people, numbers).items():
        if (firm, name) not in there:
            yield New("participant", f"{name}, {firm}", row)


def _first(keys: Iterable[Key], numbers: Sequence[int]) -> dict[Key, int]:
    first: dict[Key, int] = {}
    for key, number in zip(keys, numbers, strict=True):
        first.setdefault(key, number)
    return first


def _near(one: SegmentKey, other: SegmentKey) -> bool:
    """Whether they differ by capitals, spaces or an empty cell only."""
    pairs = ((one.offering, other.offering), (one.situation or "", other.situation or ""))
    return all(not a or not b or _bare(a) == _bare(b) for a, b in pairs)


def _words(key: SegmentKey) -> str:
    return ", ".join(filter(None, (key.segment, key.offering, key.situation)))


def _bare(text: str) -> str:
    return "".join(text.casefold().split())
