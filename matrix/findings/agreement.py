"""Whether others would have answered alike, and who sees it differently, in words."""

from collections.abc import Sequence
from typing import Final

from matrix.findings.words import capital, counted, decimals, figures, listed, number, people
from matrix.scoring import Part, Reliability, Rules, Silent

_SAYS: Final = {
    "same": "Different people would largely have given the same answers.",
    "alike": "Different people would have given similar answers, though not the same: "
    "trust large differences, not small ones.",
    "depends": "The answers depend a good deal on who is asked.",
    "chance": "People agree no more than by chance: the answers tell more about who was asked "
    "than about the firm.",
}
_SHORT: Final = {
    "same": "that people would largely have given the same answers",
    "alike": "that people would have given similar answers",
    "depends": "that the answers depend a good deal on who is asked",
    "chance": "that people agree no more than by chance",
}
CLOSED: Final = "Blind: nothing is told before the discussion."
BEFORE: Final = (
    "Groups are compared once the discussion begins: while answers come in, watching a comparison would tell "
    "what one person just answered."
)
WITHDRAWN: Final = (
    "Groups are not compared any more: someone was removed since, and comparing before with after would tell "
    "what this person had answered. A new workshop can compare groups again."
)


def alpha_says(found: Reliability | Silent, rules: Rules) -> str:
    """What alpha means, for someone who does not know it."""
    if isinstance(found, Reliability):
        return _SAYS[found.band]
    return {
        Silent.FEW_PEOPLE: f"Too few people: whether others would have answered alike can be said from "
        f"{number(rules.people)} on.",
        Silent.FEW_SHARED: f"Too few shared answers: {number(rules.shared)} questions that two people "
        "or more answered are needed.",
        Silent.ALL_ALIKE: "Everyone gave one and the same answer to every question, so nothing tells "
        "agreement from habit.",
    }[found]


def alpha_sure(found: Reliability, rules: Rules) -> str:
    """The interval in words, and what else could be so."""
    low, high = rules.band(found.low), rules.band(found.high)
    said = (
        f"From {counted(found.units, 'question')} that two or more answered. With other questions of this "
        f"kind alpha would lie between {figure(found.low)} and {figure(found.high)} in 19 of 20 cases"
    )
    others = list(dict.fromkeys(band for band in (low, high) if band != found.band))
    if not others:
        return said + ", and the sentence would be the same."
    return f"{said}: it could also be {' or '.join(_SHORT[band] for band in others)}."


def figure(value: float) -> str:
    """.52, −.04."""
    return decimals(value) if value >= 0 else "−" + decimals(-value)


def part_name(part: Part) -> str:
    """front line; customers and others; others."""
    return listed([*part.groups, *(["others"] if part.rest else [])])


def groups_silent(parts: Sequence[Part], minimum: int) -> str:
    """Why there is nothing to compare; empty when there are two groups or more."""
    if len(parts) >= 2:
        return ""
    return (
        f"Groups are compared where there are two of {people(minimum)} or more. Smaller ones are counted "
        "together, so that no figure speaks for one or two people."
    )


def groups_headline(apart: int, compared: int) -> str:
    if not compared:
        return "Nothing to compare between groups"
    if not apart:
        return f"Groups see all {counted(compared, 'question')} that can be compared much alike"
    some = figures(apart, compared)
    return f"Groups are a step or more apart on {some(apart)} of {some(compared)} questions"


def gap_says(title: str, parts: Sequence[str], means: Sequence[float | None]) -> str:
    """Who is highest and who lowest, in a sentence."""
    known = [(mean, name) for mean, name in zip(means, parts, strict=True) if mean is not None]
    (low, lowest), (high, highest) = min(known), max(known)
    return f"Widest: “{title}”, where {highest} say {high:.1f} and {lowest} {low:.1f} of 4."


def level_says(name: str, parts: Sequence[str], levels: Sequence[float | None]) -> str:
    known = [(level, part) for level, part in zip(levels, parts, strict=True) if level is not None]
    if len(known) < 2:
        return f"{name}: too little may be shown"
    (low, lowest), (high, highest) = min(known), max(known)
    if round(high * 100) == round(low * 100):
        return f"{name}: all see {round(high * 100)}"
    return f"{name}: {highest} {round(high * 100)}, {lowest} {round(low * 100)}"


def hidden_says(hidden: int, minimum: int) -> str:
    """How many items are left out, and why."""
    if not hidden:
        return ""
    verb = "is" if hidden == 1 else "are"
    return capital(
        f"{counted(hidden, 'item')} {verb} left out: in one group or another fewer than {number(minimum)} "
        "know, or nobody was asked."
    )
