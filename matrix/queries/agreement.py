"""What a workshop's agreement reads: everybody's last sheets as arrays, who is in which part, the rules."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assessments.models import Participant, Sheet, Workshop
from assessments.permissions import groups_compared
from matrix.findings import agreement as findings
from matrix.scoring import (
    OUTSIDE,
    Answers,
    Model,
    Part,
    Rules,
    Sights,
    gaps,
    levels,
    owners,
    parts_of,
    sights,
    tally,
)

_SAID: Final[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parent.parent / "data" / "agreement.json").read_text(encoding="utf-8")
)
RULES: Final = Rules.from_json(_SAID)
GROUP_MINIMUM: Final = int(_SAID["groups"]["people"])
APART: Final = float(_SAID["groups"]["apart"])
"""Groups whose means differ by so much, of 4, see an item differently."""
TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Room:
    """Sheets of a workshop: the last of each person about each segment; `ids` their segments, ascending.

    `asked` (sheets, items): something was said, "do not know" included; `owner` (sheets,): the part of
    whoever said it, OUTSIDE for people who came after the groups were closed.
    """

    answers: Answers
    asked: NDArray[np.bool_]
    owner: NDArray[np.int64]
    parts: tuple[Part, ...]
    ids: tuple[int, ...]
    people: int


def room(workshop: Workshop, core: Model) -> Room:
    """Two queries, whatever there is."""
    late = workshop.groups_closed_at
    people = list(
        Participant.objects.filter(workshop=workshop).order_by("pk").values_list("pk", "group", "created_at")
    )
    named = [(pk, group) for pk, group, joined in people if late is None or joined <= late]
    parts = parts_of([group for _, group in named], GROUP_MINIMUM)
    part_of = dict(zip((pk for pk, _ in named), owners(parts, len(named)).tolist(), strict=True))
    sheets = _last_sheets(workshop, core.width)
    who = [part_of.get(person, OUTSIDE) for (_, person) in sheets]
    values = _values([digits for digits, _ in sheets.values()], core.width)
    segments = np.array([segment for segment, _ in sheets], dtype=np.int64)
    asked = np.array([given for _, given in sheets.values()], dtype=bool).reshape(values.shape)
    owner = np.array(who, dtype=np.int64)
    scales = values[:, list(core.scales)] >= 0
    speak = {person for (_, person), row in zip(sheets, scales, strict=True) if row.any()}
    ids = tuple(sorted(set(segments.tolist())))
    return Room(Answers(values, segments), asked, owner, parts, ids, len(speak))


def _last_sheets(workshop: Workshop, width: int) -> dict[tuple[int, int], tuple[str, list[bool]]]:
    """(segment, participant) to digits and what was given."""
    # By participant: the index of sheets by segment does not lead with the workshop.
    rows = Sheet.objects.filter(participant__workshop=workshop).order_by("round")
    return {
        (segment, person): (digits, given)
        for segment, person, digits, given in rows.values_list(
            "segment_id", "participant_id", "digits", "given"
        )
        if len(digits) == width
    }


def _values(digits: Sequence[str], width: int) -> NDArray[np.int16]:
    """0-5 from the digits, -1 from "-"."""
    read = np.frombuffer("".join(digits).encode(), dtype=np.uint8).astype(np.int16)
    return np.maximum(read - ord("0"), -1).reshape(len(digits), width)


def units(found: Room, core: Model) -> NDArray[np.int64]:
    """Counts (n, 5) of every scale item asked about every segment."""
    hist = tally(found.answers, core).hist[:, list(core.scales)]
    return hist.reshape(-1, hist.shape[-1]).astype(np.int64)


@dataclass(frozen=True)
class View:
    """One group on one item: `n` know, `unknown` were asked and do not."""

    n: int
    unknown: int
    mean: float | None
    median: float | None


@dataclass(frozen=True)
class Comparison:
    """What the parts say of the segments `ids`; `levels` (segments, parts, 4) 0-1, NaN where not shown."""

    ids: tuple[int, ...]
    sights: Sights
    levels: NDArray[np.float64]
    level_gaps: NDArray[np.float64]

    def widest(self, most: int) -> list[tuple[int, int]]:
        """(place of the segment, item) of the widest gaps that may be shown, widest first."""
        gap = np.nan_to_num(self.sights.gap, nan=-1.0).ravel()
        order = np.argsort(-gap, kind="stable")[:most]
        return [divmod(int(each), self.sights.gap.shape[1]) for each in order if gap[each] >= 0]

    def views(self, at: int, position: int) -> list[View]:
        """One a part; nothing unless the item may be shown."""
        found = self.sights
        if not found.shown[at, position]:
            return []
        return [
            View(
                int(found.n[at, part, position]),
                int(found.unknown[at, part, position]),
                _known(found.mean[at, part, position]),
                _known(found.median[at, part, position]),
            )
            for part in range(found.n.shape[1])
        ]

    def level(self, at: int, row: int) -> list[float | None]:
        """Of one relationship, one a part."""
        return [_known(value) for value in self.levels[at, :, row]]

    def level_gap(self, at: int, row: int) -> float | None:
        return _known(self.level_gaps[at, row])


def comparison(workshop: Workshop, found: Room, core: Model) -> Comparison | None:
    """The one door to what groups say; None where they may not be compared, or there are not two."""
    if silence(workshop, found):
        return None
    number = len(found.parts)
    seen = sights(found.answers, found.asked, found.owner, number, found.ids, core, GROUP_MINIMUM)
    by_part = levels(seen, core)
    return Comparison(found.ids, seen, by_part, gaps(by_part))


def silence(workshop: Workshop, found: Room) -> str:
    """Why groups are not compared; empty when they are."""
    if workshop.groups_withdrawn:
        return findings.WITHDRAWN
    if not groups_compared(workshop):
        return findings.BEFORE
    return findings.groups_silent(found.parts, GROUP_MINIMUM)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
