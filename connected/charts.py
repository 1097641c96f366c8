"""Geometry of the journey picture: touchpoints in, numbers for an SVG out. Pure; colours are CSS's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from connected.findings import MEDIA, SHARP, STEPS, Contact, worst

WIDTH = 1180
LEFT, RIGHT = 70.0, 1174.0
LANES = {"personal": 62, "physical": 112, "digital": 162}
STEP_GAP = 22.0
# A step is never narrower than its name.
NARROWEST = 100.0
PAIN_TOP, PAIN_UNIT = 211, 15
# Radius by importance 0-4; unknown importance is drawn small and hollow.
RADII = {None: 6, 0: 5, 1: 7, 2: 9, 3: 11, 4: 13}
LABEL_LENGTH = 30


@dataclass(frozen=True)
class Point:
    """One touchpoint: a dot on its lane, its number, a star, a bar of pain."""

    contact: Contact
    x: float
    y: int
    radius: int
    pain_height: int
    label: str

    @property
    def star(self) -> tuple[float, float]:
        return round(self.x - 8, 1), round(self.y - self.radius - 20, 1)

    @property
    def bar_x(self) -> float:
        return round(self.x - 4, 1)

    @property
    def label_y(self) -> int:
        return PAIN_TOP + self.pain_height + 15

    @property
    def bottom(self) -> int:
        return self.label_y + 14 if self.label else PAIN_TOP + self.pain_height + 6

    @property
    def label_end(self) -> str:
        """Near an edge the label leans inwards."""
        if self.x > WIDTH - 110:
            return "end"
        return "" if self.x < 150 else "mid"


@dataclass(frozen=True)
class Span:
    """One step's stretch of the line; ``empty`` where it has no touchpoint."""

    name: str
    left: float
    right: float
    empty: bool


@dataclass(frozen=True)
class Line:
    """The whole picture, in units of a ``WIDTH`` x ``height`` view box."""

    points: list[Point]
    spans: list[Span]
    path: str
    height: int
    lanes: list[tuple[str, int]] = field(
        default_factory=lambda: [(word.capitalize(), LANES[code]) for code, word in MEDIA.items()]
    )
    pain_y: int = PAIN_TOP - 1
    number_y: int = PAIN_TOP - 9


def line(contacts: Sequence[Contact]) -> Line:
    """Lay touchpoints out in journey order; an empty step keeps a place, so that the hole is seen."""
    by_step = [[contact for contact in contacts if contact.step == step] for step in STEPS]
    sore = worst(contacts)
    points, spans, left = [], [], LEFT
    for name, group, width in zip(STEPS.values(), by_step, _widths(by_step), strict=True):
        pitch = width / max(1, len(group))
        points += [
            _point(contact, round(left + (place + 0.5) * pitch, 1), contact is sore)
            for place, contact in enumerate(group)
        ]
        spans.append(Span(name, round(left, 1), round(left + width, 1), not group))
        left += width + STEP_GAP
    return Line(points, spans, _curve(points), max([240, *(point.bottom for point in points)]))


def _widths(by_step: Sequence[Sequence[Contact]]) -> list[float]:
    """The width of each step: by its touchpoints, but never narrower than its name."""
    counts = [max(1, len(group)) for group in by_step]
    free, share = RIGHT - LEFT - STEP_GAP * (len(counts) - 1), sum(counts)
    for count in sorted(counts):
        if free * count / share < NARROWEST:
            free, share = free - NARROWEST, share - count
    return [max(NARROWEST, free * count / share) for count in counts]


def _point(contact: Contact, x: float, sorest: bool) -> Point:
    pain = contact.pain or 0
    label = _clipped(contact.name) if sorest and pain >= SHARP else ""
    return Point(contact, x, LANES[contact.medium], RADII[contact.importance], pain * PAIN_UNIT, label)


def _clipped(name: str) -> str:
    return name if len(name) <= LABEL_LENGTH else name[: LABEL_LENGTH - 1].rsplit(" ", 1)[0] + " …"


def _curve(points: Sequence[Point]) -> str:
    """An SVG path through the dots, leaving and reaching each of them level."""
    if not points:
        return ""
    parts = [f"M{points[0].x} {points[0].y}"]
    for before, after in pairwise(points):
        middle = round((before.x + after.x) / 2, 1)
        parts.append(f"C{middle} {before.y} {middle} {after.y} {after.x} {after.y}")
    return "".join(parts)
