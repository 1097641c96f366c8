"""What asked and derived say beside each other, and what a journey lacks before it may speak."""

from collections.abc import Mapping, Sequence
from typing import Final

from matrix.findings.words import capital, counted, listed, number
from matrix.scoring import (
    ARCHITECTURES,
    RELATIONSHIPS,
    STATED,
    Ballot,
    Best,
    Compared,
    Derive,
    Line,
    Rule,
    Share,
)

STEP_NAMES: Final = dict(zip(STATED["step"], ("Recognize", "Request", "Respond", "Repeat"), strict=True))
_SAID: Final[dict[tuple[str, str], str]] = {
    ("initiator", "customer"): "the customer starts it",
    ("initiator", "firm"): "the firm starts it",
    ("initiator", "system"): "a system starts it",
    ("initiator", "peer"): "a peer starts it",
    ("trigger", "customer_act"): "the customer’s act sets it off",
    ("trigger", "calendar"): "the calendar sets it off",
    ("trigger", "campaign"): "a campaign sets it off",
    ("trigger", "sensed"): "a sensed state sets it off",
    ("decides", "customer"): "the customer decides",
    ("decides", "shortlist"): "the customer decides from a shortlist",
    ("decides", "consent"): "the firm decides under consent",
    ("direction", "one_way"): "it goes one way",
    ("direction", "two_way"): "it goes both ways",
    ("identified", "no"): "the customer is not identified",
    ("identified", "yes"): "the customer is identified",
    ("carries_context", "no"): "it starts from nothing known",
    ("carries_context", "yes"): "it carries earlier context",
    ("content", "same"): "the content is the same for all",
    ("content", "segment"): "the content is by segment",
    ("content", "individual"): "the content is individual",
    ("supplier", "own"): "the firm supplies it",
    ("supplier", "partner"): "a partner firm supplies it",
    ("supplier", "individual"): "an individual supplies it",
    ("supplier", "member"): "a member supplies it",
    ("latency", "instant"): "it answers at once",
    ("latency", "minutes"): "it answers within minutes",
    ("latency", "hours"): "it answers within hours",
    ("latency", "days"): "it answers within days",
    ("latency", "weeks"): "it answers within weeks",
    ("medium", "personal"): "it is personal",
    ("medium", "physical"): "it is physical",
    ("medium", "digital"): "it is digital",
}
"""What a touchpoint states, as a clause."""


def headline(compared: Sequence[Compared], touchpoints: int, enough: bool) -> str:
    """What the comparison comes to."""
    if not touchpoints:
        return "Nothing is derived yet: the journey is not described."
    both = [each for each in compared if each.difference is not None and each.usable]
    if not enough or not both:
        lead = "derived values may not speak yet" if not enough else "too few are both asked and derived"
        return f"{capital(counted(touchpoints, 'touchpoint'))} described: {lead}."
    apart = [each.code for each in both if each.asks]
    if not apart:
        return f"Asked and derived agree on all {counted(len(both), 'item')} that can be compared."
    names = listed(apart) if len(apart) <= 4 else f"{number(len(apart))} of {number(len(both))} items"
    return f"Asked and derived are far apart on {names}: ask for evidence."


def agenda_headline(gaps: int, disputes: int) -> str:
    """What a workshop has to settle, over the segments shown."""
    if not gaps and not disputes:
        return "Agenda"
    parts = []
    if gaps:
        parts.append(f"{counted(gaps, 'item')} {'asks' if gaps == 1 else 'ask'} for evidence")
    if disputes:
        parts.append(f"{counted(disputes, 'item')} {'divides' if disputes == 1 else 'divide'} the room")
    return capital(f"{listed(parts)}")


def missing(by_step: Sequence[int], derive: Derive) -> str:
    """What a journey lacks before its derived values may be used; empty when nothing."""
    lacking = derive.minimum - sum(by_step)
    bare = [name for name, count in zip(STEP_NAMES.values(), by_step, strict=True) if count < derive.per_step]
    parts = []
    if lacking > 0:
        parts.append(counted(max(lacking, len(bare)), "more touchpoint"))
    if bare:
        parts.append(f"none in {listed(bare)} yet" if derive.per_step == 1 else f"too few in {listed(bare)}")
    if not parts:
        return ""
    return f"Before derived values may be used: {', '.join(parts)}."


def difference(each: Compared, gap: float) -> str:
    """How asked and derived compare, in words."""
    if each.difference is None:
        if each.n == 0 and each.asked is None:
            return "not asked" if each.among and each.counted else "neither asked nor derived"
        return "nothing derived"
    if not each.usable:
        return "not to be used yet"
    if each.asks:
        return "ask for evidence"
    return f"within {gap:g}"


def instead(line: Line) -> str:
    """Beside a mean that is derived: where it is from, and what people said; empty beside one of answers."""
    if line.derived is None or line.why_not is not None:
        return ""
    return f"from touchpoints; {'nobody answered' if line.asked is None else f'people said {line.asked:.2f}'}"


def taken(derived: Mapping[str, float]) -> str:
    """Which items a placement takes from touchpoints; empty when none."""
    if not derived:
        return ""
    return (
        f"{listed(derived)} {'is' if len(derived) == 1 else 'are'} taken from the journey’s touchpoints, not "
        "from what people said: this model says so."
    )


def rule_words(rule: Rule) -> str:
    """How a value is derived, as a sentence."""
    where = _where(rule)
    if isinstance(rule.how, Share):
        clauses = listed(clause(name, codes) for name, codes in rule.how.where.clauses)
        across = ""
        if rule.how.across:
            name, least = rule.how.across
            across = f", seen in {number(least)} kinds of {name} or more"
        return f"Share of {where} where {clauses}{across}."
    if isinstance(rule.how, Best):
        levels = "; ".join(
            f"{value:g} where {listed(clause(name, codes) for name, codes in level.clauses)}"
            for level, value in rule.how.levels
        )
        return f"The best of {where}: {levels}; else 0."
    return f"By {rule.how.of} of {where}."


def _where(rule: Rule) -> str:
    names = [name for at, name in enumerate(STEP_NAMES.values()) if at in rule.steps]
    return "all touchpoints" if len(names) == len(STEP_NAMES) else f"{listed(names)} touchpoints"


def clause(name: str, codes: frozenset[int]) -> str:
    """What of an attribute is allowed, as a clause."""
    words = [_SAID[name, STATED[name][code]] for code in sorted(codes)]
    return " or ".join(words)


def group_name(ballot: Ballot, at: int) -> str:
    """A group of a vote: the architectures it stands for."""
    return " or ".join(ARCHITECTURES[code].short.lower() for code in ballot.to[at][1])


def title_of(rule: Rule, titles: dict[str, str]) -> str:
    """What a rule speaks of, in the words of the questionnaire or the matrix."""
    if rule.code in RELATIONSHIPS:
        return f"{RELATIONSHIPS[rule.code].name}: level, as points of 4"
    return titles.get(rule.code, rule.code)
