"""What to do now: one next step, and the list of what is missing, as rules over what is there.

A step names a deed (`Deed`); which address does it, and whether the actor may, is the page's business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matrix.findings.facts import ENOUGH_COVERAGE, NEEDED, SPLIT, Gate, Standing, thin
from matrix.findings.segment import doubt, shares
from matrix.findings.words import capital, counted, listed, number, per_cent, relationships
from matrix.scoring import RELATIONSHIPS, Outcome

CONSENTING: Final = ("CB", "AE")
PRESENT: Final = 0.4
IDLE: Final = 8
"""Lacks from this order on are worth a line, not worth being the next step."""


class Deed(StrEnum):
    """What a step asks for; its value is the words on the button."""

    ADD_SEGMENT = "Add a segment"
    EDIT_SEGMENT = "Edit the segment"
    JOURNEY = "Describe the journey"
    SEE_JOURNEY = "See the journey"
    WORKSHOP = "Start a workshop"
    COLLECT = "Collect answers"
    DISCUSS = "See the answers"
    SEGMENT = "See why"
    PORTFOLIO = "See the portfolio"


@dataclass(frozen=True)
class Step:
    """``lead`` what is the matter, ``text`` why and how; ``segment`` the one it is about, if any."""

    lead: str
    text: str
    deed: Deed
    segment: int | None = None


def next_step(segments: Sequence[Standing], gates: Mapping[str, Gate], workshop_open: bool) -> Step:
    """The one thing to do now for a firm."""
    if not segments:
        return Step(
            "Say whom this firm serves, and with what.",
            "Add the first segment: one offering for one group of customers.",
            Deed.ADD_SEGMENT,
        )
    for rule in (_unanswered, _few, _thin, _split, _no_journey):
        if step := rule(segments, workshop_open):
            return step
    pressing = [step for order, step in _all_missing(segments, gates, workshop_open) if order < IDLE]
    if pressing:
        return _aloud(pressing[0], segments)
    return Step(
        "Nothing is pressing here.",
        "Every segment is placed and described, and no room is split. Compare it with the other firms.",
        Deed.PORTFOLIO,
    )


def _aloud(step: Step, segments: Sequence[Standing]) -> Step:
    """A line of the list as a sentence of its own: the segment by name instead of by letter."""
    segment = next(s for s in segments if s.id == step.segment)
    rest = step.lead.removeprefix(segment.letter).strip()
    return Step(f"{segment.name} {rest}.", f"{step.text}.", step.deed, step.segment)


def _unanswered(segments: Sequence[Standing], workshop_open: bool) -> Step | None:
    silent = [s for s in segments if not s.sheets and s.outcome is None]
    if len(silent) < len(segments):
        return None
    bare = [s for s in silent if not s.touchpoints]
    if len(bare) == len(silent) and not workshop_open:
        return Step(
            f"Walk through the journey of {silent[0].name}.",
            "Touchpoints make the answers checkable. Describe a few, then ask people.",
            Deed.JOURNEY,
            silent[0].id,
        )
    if workshop_open:
        return Step("The workshop is open; nobody has answered yet.", _enough(), Deed.COLLECT)
    return Step("Ask the people who know.", f"A workshop collects their answers. {_enough()}", Deed.WORKSHOP)


def _few(segments: Sequence[Standing], workshop_open: bool) -> Step | None:
    short = [s for s in segments if s.few]
    if not short:
        return None
    nearest = max(short, key=lambda s: (s.sheets, -s.id))
    gone = NEEDED - nearest.sheets
    if nearest.sheets:
        lead = f"{_more_people(gone)} {'places' if gone == 1 else 'place'} {nearest.name}."
        text = _so_far(nearest.sheets)
    else:
        lead, text = f"Nobody has answered for {nearest.name}.", _enough()
    return Step(lead, text, Deed.COLLECT if workshop_open else Deed.WORKSHOP, nearest.id)


def _thin(segments: Sequence[Standing], workshop_open: bool) -> Step | None:
    found = [(s.outcome.coverage, s.id, s) for s in segments if s.outcome is not None and thin(s.outcome)]
    if not found:
        return None
    coverage, _, segment = min(found, key=lambda each: each[:2])
    return Step(
        f"{per_cent(coverage)} of the answers for {segment.name} are in.",
        _open_items(),
        Deed.COLLECT if workshop_open else Deed.WORKSHOP,
        segment.id,
    )


def _open_items() -> str:
    return f"A placement is firm from {per_cent(ENOUGH_COVERAGE)}: ask for the items still open."


def _more_people(count: int) -> str:
    return capital(counted(count, "more person", "more people"))


def _split(segments: Sequence[Standing], workshop_open: bool) -> Step | None:
    found = [
        (value, s.id, s, code)
        for s in segments
        for code, value in s.agreement.items()
        if value is not None and value < SPLIT
    ]
    if not found:
        return None
    _, _, segment, code = min(found, key=lambda each: each[:2])
    name = RELATIONSHIPS[code].name.lower()
    return Step(
        f"Talk about {name} for {segment.name}. The room is split.",
        "A mean cannot tell a split room from one in the middle; the answers item by item can.",
        Deed.DISCUSS,
        segment.id,
    )


def _no_journey(segments: Sequence[Standing], workshop_open: bool) -> Step | None:
    bare = next((s for s in segments if not s.touchpoints), None)
    if bare is None:
        return None
    return Step(
        f"Describe the journey of {bare.name}.",
        "Its answers stand alone so far: touchpoints are what they can be checked against.",
        Deed.JOURNEY,
        bare.id,
    )


def _so_far(sheets: int) -> str:
    verb = "has" if sheets == 1 else "have"
    return f"{capital(number(sheets))} of {number(NEEDED)} people needed {verb} answered."


def _enough() -> str:
    return f"A placement is firm from {number(NEEDED)} people."


def missing(segments: Sequence[Standing], gates: Mapping[str, Gate], workshop_open: bool) -> list[Step]:
    """What is missing for the firm, most pressing first, one deed a line. ``gates`` by relationship."""
    return [step for _, step in _all_missing(segments, gates, workshop_open)]


def _all_missing(
    segments: Sequence[Standing], gates: Mapping[str, Gate], workshop_open: bool
) -> list[tuple[int, Step]]:
    found: list[tuple[int, Step]] = []
    for segment in segments:
        found += _missing_of(segment, gates, workshop_open)
    return sorted(found, key=lambda each: each[0])


def _missing_of(s: Standing, gates: Mapping[str, Gate], workshop_open: bool) -> list[tuple[int, Step]]:
    found: list[tuple[int, Step]] = []

    def add(order: int, lead: str, text: str, deed: Deed) -> None:
        found.append((order, Step(f"{s.letter} {lead}", text, deed, s.id)))

    deed = Deed.COLLECT if workshop_open else Deed.WORKSHOP
    if s.few:
        have = "no answers yet" if not s.sheets else f"{s.sheets} of {NEEDED} people"
        add(0, f"has {have}", f"{s.name} {'is provisional' if s.placed else 'cannot be placed'}", deed)
    elif s.outcome is not None and not s.placed:
        add(0, "cannot be placed", f"{s.name}: {_unknown(s.outcome)}", deed)
    elif s.outcome is not None and thin(s.outcome):
        add(0, "is provisional", f"{s.name}: {doubt(s.outcome)}", deed)
    if split := [c for c, v in s.agreement.items() if v is not None and v < SPLIT]:
        add(
            1,
            f"is split on {relationships(split)}",
            f"{s.name}: the answers lie so far apart that a mean says little",
            Deed.DISCUSS,
        )
    if not s.touchpoints:
        add(3, "has no journey", f"{s.name}: nothing to check the answers against", Deed.JOURNEY)
    if s.outcome is not None:
        _missing_of_placed(s, gates, add)
    if s.customers is None:
        add(
            8,
            "has no number of customers",
            f"{s.name} drops out where levels are weighted by customers",
            Deed.EDIT_SEGMENT,
        )
    return found


def _unknown(found: Outcome) -> str:
    gets = found.primary_relationship is not None or found.buys_what_we_have
    about = "who supplies it" if gets else "what it gets"
    return f"too little is answered about {about}"


def _missing_of_placed(
    s: Standing, gates: Mapping[str, Gate], add: Callable[[int, str, str, Deed], None]
) -> None:
    outcome = s.outcome
    assert outcome is not None
    if outcome.mixed:
        add(2, "has mixed supply", f"{shares(outcome)}: consider splitting {s.name}", Deed.EDIT_SEGMENT)
    elif outcome.split:
        text = "Part of its supply comes from individuals: consider splitting it"
        add(6, "may be two offerings", text, Deed.EDIT_SEGMENT)
    wanting = [c for c in CONSENTING if c in outcome.present] + (["AE"] if outcome.scheduled_repeat else [])
    if s.consent != "yes" and wanting:
        word = "is not given" if s.consent == "no" else "is unsure"
        add(
            4,
            "needs its consent settled",
            f"{capital(relationships(dict.fromkeys(wanting)))} happens, consent {word}",
            Deed.EDIT_SEGMENT,
        )
    for code in _held_back(s, gates):
        gate, wanted = gates[code], round((outcome.wanted[code] or 0) * 100)
        text = f"Wanted at {wanted}, but {gate.item} is below {gate.minimum:g}, so it is not present"
        add(5, f"wants {RELATIONSHIPS[code].name.lower()}", text, Deed.SEGMENT)
    if outcome.capped and outcome.interact is not None:
        add(
            6,
            "is held back by identify",
            f"It caps interact at {outcome.interact:.1f}: {s.name}",
            Deed.SEGMENT,
        )


def _held_back(s: Standing, gates: Mapping[str, Gate]) -> list[str]:
    """Relationships the segment wants and whose level would do, were it not for the gate.

    Where it is not wanted a gate that is not met is no lack: rows are kinds, not ranks.
    """
    outcome = s.outcome
    if outcome is None or s.consent == "no":
        return []
    reaches = [
        code for code in gates if min(outcome.relationships[code] or 0, outcome.wanted[code] or 0) >= PRESENT
    ]
    return [code for code in reaches if code not in s.gates]


@dataclass(frozen=True)
class Disputed:
    """An item raters do not agree on."""

    code: str
    title: str
    word: str
    value: float


def segment_step(
    s: Standing, disputed: Sequence[Disputed], gates: Mapping[str, Gate], workshop_open: bool
) -> Step:
    """The one thing to do now for a segment. ``disputed``: lowest agreement first."""
    if s.few:
        return _collect(s, workshop_open)
    if s.outcome is not None and thin(s.outcome):
        lead = f"{per_cent(s.outcome.coverage)} of its answers are in."
        return Step(lead, _open_items(), Deed.COLLECT if workshop_open else Deed.WORKSHOP, s.id)
    if disputed and disputed[0].word == "split":
        codes = [item.code for item in disputed if item.word == "split"]
        return Step(
            f"Talk about {listed(codes[:3])}. The room is split.",
            f"{disputed[0].title}: the answers lie so far apart that their mean says little.",
            Deed.DISCUSS,
            s.id,
        )
    if not s.touchpoints:
        return Step(
            "Describe its journey.",
            "Touchpoints are what the answers can be checked against.",
            Deed.JOURNEY,
            s.id,
        )
    pressing = [step for order, step in _all_missing([s], gates, workshop_open) if order < IDLE]
    if pressing:
        rest = pressing[0].lead.removeprefix(s.letter).strip()
        return Step(f"It {rest}.", f"{pressing[0].text}.", pressing[0].deed, s.id)
    if disputed:
        return Step(
            f"Talk about {disputed[0].code} first.",
            f"{disputed[0].title}: of all items the raters agree on it least.",
            Deed.DISCUSS,
            s.id,
        )
    return Step(
        "Nothing is missing here.", "The raters agree and the journey is described.", Deed.SEE_JOURNEY, s.id
    )


def _collect(s: Standing, workshop_open: bool) -> Step:
    deed = Deed.COLLECT if workshop_open else Deed.WORKSHOP
    if not s.sheets:
        lead = (
            "The workshop is open; nobody has answered yet." if workshop_open else "Ask the people who know."
        )
        return Step(lead, _enough(), deed, s.id)
    gone = NEEDED - s.sheets
    return Step(
        f"{_more_people(gone)} {'makes' if gone == 1 else 'make'} this placement firm.",
        _so_far(s.sheets),
        deed,
        s.id,
    )
