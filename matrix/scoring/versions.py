"""What differs between two model files, value by value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matrix.scoring.fields import canonical

# They say which file it is, not how it scores.
_NAMES = ("code", "version", "title")


@dataclass(frozen=True)
class Difference:
    """A value at a place of the file, such as ``("quadrant", "cut")``; None where a file has none there."""

    place: tuple[str, ...]
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every place with another value, in the order of the files; a list is one value, 1 and 1.0 are the same.

    Empty when both score alike, whatever they are called.
    """
    was, becomes = dict(_leaves(before)), dict(_leaves(after))
    places = [*was, *(place for place in becomes if place not in was)]
    return [
        Difference(place, was.get(place), becomes.get(place))
        for place in places
        if place[0] not in _NAMES and _written(was, place) != _written(becomes, place)
    ]


def _written(leaves: Mapping[tuple[str, ...], Any], place: tuple[str, ...]) -> str | None:
    return canonical(leaves[place]) if place in leaves else None


def _leaves(value: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, member in value.items():
        if isinstance(member, Mapping) and member:
            yield from _leaves(member, (*place, str(name)))
        else:
            yield (*place, str(name)), member
