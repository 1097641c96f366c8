"""How groups of participants see the same thing, so that no figure speaks for fewer than a group may have.

Everyone belongs to exactly one part. A part is a group of at least `minimum` people; all others, and people
without a group, are one part together, joined with the smallest groups until it is large enough as well.
Parts are the same for every item and every segment. An item of a segment is shown for all parts or for none:
shown where in each part, and among people outside the parts, nobody knows it or `minimum` people do, and
likewise for those who were asked. Whatever is subtracted from whatever else, a total included, is then nought
or speaks for `minimum` people. Every other figure, as a relationship's, is reckoned from shown items only.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.agreement import LEVELS, counts, median, sums
from matrix.scoring.model import Model
from matrix.scoring.tally import Answers, tally

OUTSIDE: Final = -1
"""The part of someone who joined after the parts were closed."""
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Part:
    """People compared as one. `groups`: in the words of the first who used them; `rest`: others are in it."""

    groups: tuple[str, ...]
    rest: bool
    members: tuple[int, ...]


@dataclass(frozen=True)
class Sights:
    """What each part says of each item of each segment; blank wherever `shown` is false.

    `shown` and `gap` (segments, items), the others (segments, parts, items): `n` know, `unknown` were asked
    and do not; `gap` is the highest mean less the lowest.
    """

    shown: NDArray[np.bool_]
    n: NDArray[np.int64]
    unknown: NDArray[np.int64]
    mean: NDArray[np.float64]
    median: NDArray[np.float64]
    gap: NDArray[np.float64]


def parts_of(groups: Sequence[str], minimum: int) -> tuple[Part, ...]:
    """The parts of people with these groups ("" is none), largest first; fewer than two compare nothing."""
    held: dict[str, list[int]] = {}
    words: dict[str, str] = {}
    for person, group in enumerate(groups):
        plain = " ".join(group.split())
        words.setdefault(plain.casefold(), plain)
        held.setdefault(plain.casefold(), []).append(person)
    large = {key: people for key, people in held.items() if key and len(people) >= minimum}
    rest = [person for key, people in held.items() if key not in large for person in people]
    ranked = sorted(large, key=lambda key: (-len(large[key]), key))
    joined: list[str] = []
    while ranked and 0 < len(rest) < minimum:
        joined.append(ranked.pop())
        rest += large[joined[-1]]
    parts = [Part((words[key],), False, tuple(large[key])) for key in ranked]
    if len(rest) >= minimum:
        parts.append(Part(tuple(words[key] for key in joined), True, tuple(sorted(rest))))
    return tuple(parts)


def owners(parts: Sequence[Part], people: int) -> NDArray[np.int64]:
    """(people,): the part of each, OUTSIDE where none has them."""
    found = np.full(people, OUTSIDE, dtype=np.int64)
    for number, part in enumerate(parts):
        found[list(part.members)] = number
    return found


def sights(
    answers: Answers,
    asked: NDArray[np.bool_],
    owner: NDArray[np.int64],
    parts: int,
    segments: Sequence[int],
    core: Model,
    minimum: int,
) -> Sights:
    """What may be shown of these segments.

    One sheet a person and segment: `asked` (sheets, items) where anything was said, "do not know" included;
    `owner` (sheets,) the part of who said it. Choices have no order and are never shown.
    """
    hist, heard = _by_part(answers, asked, owner, parts, segments, core)
    n = counts(hist)
    fine = ((n == 0) | (n >= minimum)) & ((heard == 0) | (heard >= minimum))
    shown = fine.all(axis=1) & (np.count_nonzero(n[:, 1:], axis=1) >= 2)
    shown[:, sorted(core.choices)] = False
    known = shown[:, None, :] & (n[:, 1:] > 0)
    mean = np.where(known, sums(hist[:, 1:]) / np.maximum(n[:, 1:], 1), np.nan)
    return Sights(
        shown,
        np.where(known, n[:, 1:], 0),
        np.where(shown[:, None, :], (heard - n)[:, 1:], 0),
        mean,
        np.where(known, median(hist[:, 1:]), np.nan),
        gaps(mean),
    )


def _by_part(
    answers: Answers,
    asked: NDArray[np.bool_],
    owner: NDArray[np.int64],
    parts: int,
    segments: Sequence[int],
    core: Model,
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """(segments, 1 + parts, items, 5) counts and (segments, 1 + parts, items) asked; first those outside."""
    ids = np.asarray(segments, dtype=np.int64)
    place = np.searchsorted(ids, answers.segments) * (parts + 1) + owner - OUTSIDE
    found = tally(Answers(answers.values, place), core)
    hist = np.zeros((len(ids) * (parts + 1), core.width, LEVELS), dtype=np.uint16)
    hist[found.ids] = found.hist
    heard = np.zeros(hist.shape[:2], dtype=np.int64)
    np.add.at(heard, place, asked | (answers.values >= 0))
    shape = (len(ids), parts + 1, core.width)
    return hist.reshape(*shape, LEVELS), heard.reshape(shape)


def levels(found: Sights, core: Model) -> NDArray[np.float64]:
    """Relationships as each part sees them: (segments, parts, 4), 0-1; NaN where too little is shown.

    From shown items that are asked of everyone; a part needs the model's coverage of their weight.
    """
    told = [_level(found, core, loads_of(core, row)) for row in range(len(core.relationships))]
    return np.stack(told, axis=-1)


def loads_of(core: Model, relationship: int) -> list[tuple[int, int]]:
    """(item, weight) of a relationship, without items that are asked of some only."""
    loads = core.relationships[relationship].loads
    return [(load.position, load.whole) for load in loads if load.position not in core.condition_of]


def _level(found: Sights, core: Model, loads: Collection[tuple[int, int]]) -> NDArray[np.float64]:
    weights = np.array([weight for _, weight in loads], dtype=np.float64)
    means = found.mean[:, :, [position for position, _ in loads]]
    held = np.where(np.isnan(means), 0.0, weights)
    weight = held.sum(axis=-1)
    enough = weight >= core.minimum_coverage * weights.sum() - _TOLERANCE
    total = (np.nan_to_num(means) * held).sum(axis=-1)
    return np.where(enough, total / np.where(enough, weight, 1) / (LEVELS - 1), np.nan)


def gaps(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Highest less lowest over the parts of (segments, parts, n); NaN where fewer than two are known."""
    known = ~np.isnan(figures)
    high = np.where(known, figures, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(known, figures, np.inf).min(axis=1, initial=np.inf)
    two = known.sum(axis=1) >= 2
    found: NDArray[np.float64] = np.where(two, np.where(two, high, 0) - np.where(two, low, 0), np.nan)
    return found
