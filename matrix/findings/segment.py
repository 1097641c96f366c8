"""What the scores of one segment say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matrix.findings.facts import ENOUGH_COVERAGE, NEEDED, Gate, few, firm, thin
from matrix.findings.words import (
    GETS,
    MORE,
    are,
    capital,
    counted,
    decimals,
    listed,
    number,
    people,
    per_cent,
    relationships,
)
from matrix.scoring import ARCHITECTURES, BASELINE, CAPABILITIES, CLOSE, QUADRANTS, RELATIONSHIPS, Outcome

APART: Final = 0.8
"""Tasks at least so far apart (of 4) have a strongest and a weakest worth naming."""


@dataclass(frozen=True)
class Run:
    """A piece of a sentence; ``strong`` pieces carry the finding."""

    text: str
    strong: bool = False


def verdict(found: Outcome) -> tuple[Run, ...]:
    """Where the segment stands, as one sentence in pieces."""
    start = "This segment " if firm(found) else "So far, this segment "
    if few(found):
        start = f"So far, from {people(found.raters)}, this segment "
    if found.primary_relationship is None and not found.buys_what_we_have:
        return (Run(start + "cannot be placed: too little is answered to say which relationship it gets."),)
    if found.buys_what_we_have:
        got = (Run(start + "can "), Run(BASELINE, True))
    else:
        got = (Run(start + "gets "), Run(GETS[str(found.primary_relationship)], True))
    return (*got, *_source(found), *_also(found), Run("."))


def _source(found: Outcome) -> tuple[Run, ...]:
    if found.primary_architecture:
        return (Run(" from a "), Run(ARCHITECTURES[found.primary_architecture].name.lower(), True))
    if found.mixed:
        return (Run(" from "), Run("mixed supply", True), Run(f", {shares(found)}"))
    return (Run(", from an architecture not yet known"),)


def _also(found: Outcome) -> tuple[Run, ...]:
    if found.buys_what_we_have:
        return (Run(": none of the four relationships is present"),)
    others = [code for code in found.present if code != found.primary_relationship]
    return (Run(f", with {relationships(others)} present too"),) if others else ()


def shares(found: Outcome, least: float = 0.1) -> str:
    """54 % market maker, 31 % retailer: the votes that matter, largest first."""
    votes = sorted(((share, code) for code, share in found.architectures.items() if share), reverse=True)
    kept = [(share, code) for share, code in votes if share >= least]
    return ", ".join(f"{per_cent(share)} {ARCHITECTURES[code].short.lower()}" for share, code in kept)


def certainty(found: Outcome) -> str:
    """How far the raters stand behind it: number and agreement, never a probability."""
    if not firm(found):
        return f"Provisional: {doubt(found)}."
    if found.agreement is None:
        return f"{capital(counted(found.raters, 'rater'))}."
    return f"{capital(counted(found.raters, 'rater'))}, agreement {decimals(found.agreement)}."


def doubt(found: Outcome) -> str:
    """Why a placement is provisional: too few people, too few answers, or both; empty when it is firm."""
    said = []
    if few(found):
        verb = "has" if found.raters == 1 else "have"
        said.append(f"{number(found.raters)} of {number(NEEDED)} people needed {verb} answered")
    if thin(found):
        said.append(
            f"{per_cent(found.coverage)} of the answers are in, firm from {per_cent(ENOUGH_COVERAGE)}"
        )
    return "; ".join(said)


def summary(found: Outcome) -> tuple[str, str]:
    """A line for lists: the cell, and what is to be said besides."""
    head = cell_name(found)
    lead = "" if firm(found) else f"Provisional: {doubt(found)}. "
    return head, (lead + " ".join(_remarks(found))).strip()


def cell_name(found: Outcome) -> str:
    """Curated offering × connected producer."""
    if found.buys_what_we_have:
        row = capital(BASELINE)
    elif found.primary_relationship:
        row = RELATIONSHIPS[found.primary_relationship].name
    else:
        row = "Relationship not known"
    if found.primary_architecture:
        return f"{row} × {ARCHITECTURES[found.primary_architecture].name.lower()}"
    return f"{row} × {'mixed supply' if found.mixed else 'architecture not known'}"


def _remarks(found: Outcome) -> list[str]:
    said = []
    others = [code for code in found.present if code != found.primary_relationship]
    if others:
        said.append(f"{capital(relationships(others))} {are(others)} present too.")
    if found.buys_what_we_have:
        said.append("None of the four relationships is present.")
    if found.scheduled_repeat:
        said.append("A scheduled repeat, not automatic execution.")
    if found.mixed:
        said.append(f"Supply is mixed: {shares(found)}. Consider splitting the offering.")
    elif found.split:
        said.append("Part of the supply comes from individuals. Consider splitting the offering.")
    if found.intrusive:
        said.append(
            f"{capital(relationships(found.intrusive))} {are(found.intrusive)} more than this segment wants."
        )
    return said


def quadrant_words(found: Outcome) -> str:
    """Q4 One-to-one · interact 3.1, customize 2.9; borderline where it is."""
    if found.quadrant is None or found.interact is None or found.customize is None:
        return "quadrant not known"
    name = f"{found.quadrant} {QUADRANTS[found.quadrant].name}"
    pair = f"interact {found.interact:.1f}, customize {found.customize:.1f}"
    return f"{'Borderline ' if found.borderline else ''}{name} · {pair}"


# --- Headlines ----------------------------------------------------------------------------------


def wants_headline(found: Outcome) -> str:
    """What wanted and today say together."""
    if found.intrusive:
        return f"{capital(relationships(found.intrusive))} {are(found.intrusive)} more than they want"
    gaps = {code: gap for code, gap in found.gap.items() if gap is not None}
    if not gaps:
        return "Today and wanted"
    most = max(gaps, key=lambda code: gaps[code])
    if gaps[most] >= CLOSE:
        return f"They want more {MORE[most]} than they get"
    least = min(gaps, key=lambda code: gaps[code])
    if gaps[least] <= -CLOSE:
        return f"They get more {MORE[least]} than they ask for"
    return "They get about what they want" if len(gaps) == len(RELATIONSHIPS) else "Today and wanted"


def want_remark(found: Outcome, code: str, gate: Gate | None, gate_met: bool, cut: float) -> str:
    """What is to be said of one relationship, under its name."""
    level, gap = found.relationships.get(code), found.gap.get(code)
    if level is None:
        return "too little answered to say"
    if gate and not gate_met:
        if code == "AE" and found.scheduled_repeat:
            return f"scheduled repeat only: {gate.item} below {gate.minimum:g}"
        return f"not present: {gate.item} below {gate.minimum:g}"
    if code in found.intrusive:
        return "intrusive: more than they want"
    if code not in found.present:
        return f"not present: below {round(cut * 100)}"
    if gap is None:
        return "present; what is wanted is not known"
    if abs(gap) < CLOSE:
        return "present, about as wanted"
    return "present, wanted more" if gap > 0 else "present, more than asked for"


def intrusion_note(found: Outcome) -> str:
    """One sentence on intrusion, for below the picture."""
    if found.intrusive:
        return (
            f"{capital(relationships(found.intrusive))} {are(found.intrusive)} intrusive here: present "
            "beyond what is wanted, or acting on data this segment would rather not share."
        )
    watched = [code for code in ("CB", "AE") if code in found.present]
    if not watched:
        return "Nothing is intrusive: neither coach behavior nor automatic execution is present."
    verb = "stays" if len(watched) == 1 else "stay"
    return f"Nothing is intrusive: {relationships(watched)} {verb} within what is wanted."


def consent_note(consent: str) -> str:
    """What the consent gate means for recommendations."""
    return {
        "no": "Consent is not given: coach behavior and automatic execution are not recommended here, "
        "whatever is wanted.",
        "unsure": "Consent is unsure: settle it before recommending coach behavior or automatic execution.",
    }.get(consent, "")


def architecture_headline(found: Outcome) -> str:
    if found.primary_architecture:
        return capital(ARCHITECTURES[found.primary_architecture].gloss)
    if found.mixed:
        return "No architecture leads"
    return "Architecture"


def architecture_note(found: Outcome) -> str:
    if found.mixed:
        return (
            f"Mixed supply, {shares(found)}: no bar stands clear past the line. "
            "Splitting the offering would make each part readable."
        )
    if found.split:
        return "Part of the supply comes from individuals outside the trade: consider splitting the offering."
    if found.primary_architecture is None:
        return "Too little is answered about who supplies, owns, is paid and answers for failure."
    return "Who performs the core counts most. Mixed supply would show as no bar clear past the line."


def capability_headline(found: Outcome) -> str:
    tasks = {"I": found.identify, "D": found.differentiate, "N": found.interact, "C": found.customize}
    known = {code: value for code, value in tasks.items() if value is not None}
    if len(known) < len(tasks):
        return "Capabilities"
    if found.capped:
        return "Interact is held back by identify"
    best, worst = max(known, key=lambda c: known[c]), min(known, key=lambda c: known[c])
    if known[best] - known[worst] < APART:
        return "The four tasks stand close together"
    return f"Strongest at {_task(best)}, weakest at {_task(worst)}"


def _task(code: str) -> str:
    return {"I": "identifying", "D": "differentiating", "N": "interacting", "C": "customizing"}[code]


def capability_glosses(found: Outcome, limit: float | None) -> dict[str, str]:
    """A few words under each task; the cap under interact."""
    glosses = dict.fromkeys(CAPABILITIES, "")
    if limit is not None and found.interact is not None:
        glosses["N"] = (
            f"held to its cap, {limit:.1f}" if found.capped else f"below its cap of {min(limit, 4):.1f}"
        )
    return glosses


def quadrant_headline(found: Outcome) -> str:
    if found.quadrant is None:
        return "Capability quadrant"
    where = "near the border" if found.borderline else "clear of the border"
    return f"{QUADRANTS[found.quadrant].name}, {where}"


def agenda_headline(spreads: Mapping[str, str]) -> str:
    """Words by item code (high, mixed, split, one outlier, too few), lowest agreement first."""
    split = [code for code, word in spreads.items() if word == "split"]
    if split:
        more = f" and {number(len(split) - 3)} more" if len(split) > 3 else ""
        return f"The room is split on {listed(split[:3])}{more}"
    if spreads and all(word == "too few" for word in spreads.values()):
        return "Too few people to compare"
    if any(word in ("mixed", "one outlier") for word in spreads.values()):
        return "Talk about these first"
    return "The raters agree" if spreads else "Agreement"


__all__ = [
    "Run",
    "agenda_headline",
    "architecture_headline",
    "architecture_note",
    "capability_glosses",
    "capability_headline",
    "cell_name",
    "certainty",
    "consent_note",
    "doubt",
    "intrusion_note",
    "quadrant_headline",
    "quadrant_words",
    "shares",
    "summary",
    "verdict",
    "want_remark",
    "wants_headline",
]
