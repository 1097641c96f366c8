"""Why a placement changed, in sentences."""

from matrix.findings.words import capital, counted, listed, people, per_cent
from matrix.scoring import (
    ARCHITECTURES,
    BASELINE,
    CAPABILITIES,
    QUADRANTS,
    RELATIONSHIPS,
    Change,
    Moved,
    Reason,
    Step,
    Turn,
)

_KINDS = {
    "answer": "changed answers",
    "participants": "people who joined or left",
    "touchpoints": "what touchpoints say",
    "questions": "the questions asked",
    "weights": "the model’s weights",
    "gates": "the model’s gates and cuts",
}


def headline(found: Change) -> str:
    """The finding: what turned, or that nothing did."""
    turns = {(turn.name, turn.code): turn for turn in found.turns}
    cell = [turns[name, None] for name in ("primary", "architecture") if (name, None) in turns]
    if cell:
        return f"It moved: {listed(_moved(turn) for turn in cell)}"
    if quadrant := turns.get(("quadrant", None)):
        return f"It moved {_moved(quadrant)}"
    present = [turn for turn in found.turns if turn.name == "present"]
    if present:
        return capital(listed(_turned(turn) for turn in present))
    if not any(any(score.parts) or score.before != score.after for score in found.scores):
        return "Nothing changed"
    return "The figures moved, the placement did not"


def summary(found: Change) -> str:
    """What lies between the two, in one sentence."""
    kinds = list(dict.fromkeys(step.kind for step in found.steps))
    if not kinds:
        return "The same answers under the same model."
    said = []
    for kind in kinds:
        if kind == "answer":
            items = sum(step.kind == "answer" for step in found.steps)
            said.append(f"changed answers to {counted(items, 'item')}")
        elif kind == "participants":
            said.append(_who(next(step for step in found.steps if step.kind == kind)))
        else:
            said.append(_KINDS[kind])
    return f"What lies between: {listed(said)}."


def _who(step: Step) -> str:
    """Participants inside a sentence: one person who joined."""
    more = round((step.after or 0) - (step.before or 0))
    if not more:
        return "other people who answered"
    return f"{people(abs(more))} who {'joined' if more > 0 else 'left'}"


def unsplit(score: Moved) -> str:
    """Why a score that changed has no parts; empty when it has."""
    if score.before is not None and score.after is not None:
        return ""
    when = "before" if score.before is None else "now"
    few = "fewer than three people to compare" if score.kind == "agreement" else "too little answered"
    return f"{few} {when}, so there is no difference to split"


def step_words(step: Step, title: str = "") -> str:
    """A step as the head of a row."""
    if step.kind == "answer":
        return f"{step.item} {title}".strip()
    if step.kind == "touchpoints":
        return f"{step.item} {title}".strip() + ", from touchpoints"
    if step.kind == "participants":
        more = round((step.after or 0) - (step.before or 0))
        if not more:
            return "Other people answered"
        return f"{capital(people(abs(more)))} {'joined' if more > 0 else 'left'}"
    return capital(_KINDS[step.kind])


def step_detail(step: Step) -> str:
    """From what to what: 1.0 to 3.0, producer to retailer."""
    if step.chosen:
        one, other = (ARCHITECTURES[code].short.lower() if code else "no majority" for code in step.chosen)
        return f"{one} to {other}" if one != other else f"{one}, by other numbers"
    if step.kind in ("answer", "touchpoints"):
        return f"{_mean(step.before)} to {_mean(step.after)}"
    if step.kind == "participants":
        return f"{round(step.before or 0)} to {round(step.after or 0)}"
    return ""


def sentences(found: Change) -> list[str]:
    """One for each label that turned: 'Coach behavior became present because R8 rose from 1.0 to 3.0 ...'."""
    return [sentence(turn, found) for turn in found.turns if turn.name != "borderline"]


def sentence(turn: Turn, found: Change) -> str:
    head = capital(_turned(turn))
    reasons = [words for reason in turn.reasons if (words := reason_words(reason))]
    by = _by(found.steps[turn.step])
    return f"{head} because {listed(reasons)}. {by}" if reasons else f"{head}. {by}"


def _by(step: Step) -> str:
    """The step that turned it last, on the way in order."""
    names = {
        "answer": f"The answer to {step.item} turned it.",
        "touchpoints": f"What touchpoints say of {step.item} turned it.",
        "participants": "People who joined or left turned it.",
        "questions": "Another set of questions turned it.",
        "weights": "The model’s weights turned it.",
        "gates": "The model’s gates and cuts turned it.",
    }
    return names[step.kind]


def _turned(turn: Turn) -> str:
    name = RELATIONSHIPS[turn.code].name.lower() if turn.code else ""
    on = bool(turn.after)
    if turn.name == "present":
        return f"{name} {'became present' if on else 'is no longer present'}"
    if turn.name == "intrusive":
        return f"{name} {'became intrusive' if on else 'is no longer intrusive'}"
    if turn.name == "scheduled_repeat":
        return "a scheduled repeat is in place" if on else "there is no scheduled repeat any more"
    if turn.name == "capped":
        return "interact is held back by identify" if on else "interact is no longer held back by identify"
    if turn.name == "borderline":
        return "it lies near the border now" if on else "it lies clear of the border now"
    what = {"primary": "the relationship", "architecture": "the architecture", "quadrant": "the quadrant"}
    return f"{what[turn.name]} went {_moved(turn)}"


def _moved(turn: Turn) -> str:
    return f"from {_named(turn.name, turn.before)} to {_named(turn.name, turn.after)}"


def _named(name: str, value: str | bool | None) -> str:
    if value is None:
        return "not known"
    word = str(value)
    if name == "primary":
        return BASELINE if word == "baseline" else RELATIONSHIPS[word].name.lower()
    if name == "architecture":
        return "mixed supply" if word == "mixed" else ARCHITECTURES[word].name.lower()
    return f"{word} {QUADRANTS[word].name.lower()}"


def reason_words(reason: Reason) -> str:
    """What crossed its line, with both figures and the line it crossed."""
    if reason.what == "present":
        name = RELATIONSHIPS[reason.code].name.lower()
        return f"{name} {'became present' if reason.up else 'is no longer present'}"
    if reason.before is None or reason.after is None:
        known = "became known" if reason.before is None else "is no longer known"
        return f"{_what(reason)} {known}"
    one, other = _figure(reason, reason.before), _figure(reason, reason.after)
    if reason.what == "window":
        name = RELATIONSHIPS[reason.code].name.lower()
        near = "came near" if reason.up else "fell out of reach of"
        return f"{name} {near} the highest level present"
    if reason.what == "ahead":
        return f"{_what(reason)} went from {one} to {other} and ahead of the others"
    moved = "stayed at" if one == other else "rose from" if reason.after > reason.before else "fell from"
    figures = one if one == other else f"{one} to {other}"
    return f"{_what(reason)} {moved} {figures}, {_line(reason)}"


def _line(reason: Reason) -> str:
    side = "at or above" if reason.up else "below"
    line = f"{side} its line of {_figure(reason, reason.line_after)}"
    if reason.line_before == reason.line_after:
        return line
    return f"{line} (before: {_figure(reason, reason.line_before)})"


def _what(reason: Reason) -> str:
    if reason.what == "gate":
        return f"the mean of {reason.code}"
    if reason.what == "level":
        return f"the level of {RELATIONSHIPS[reason.code].name.lower()}"
    if reason.what in ("share", "ahead"):
        return f"the share of {ARCHITECTURES[reason.code].short.lower()}"
    if reason.what == "lead":
        return f"the lead of {ARCHITECTURES[reason.code].short.lower()}"
    return reason.what


def _figure(reason: Reason, value: float) -> str:
    if reason.what == "level":
        return str(round(value * 100))
    if reason.what in ("share", "ahead", "lead"):
        return per_cent(value)
    return f"{value:g}" if value == round(value, 1) and value != round(value) else f"{value:.1f}"


def score_name(score: Moved) -> str:
    """The name of a score as pages print it."""
    if score.kind in ("relationship", "wanted"):
        name = RELATIONSHIPS[score.code].name
        return name if score.kind == "relationship" else f"{name}, wanted"
    if score.kind == "architecture":
        return ARCHITECTURES[score.code].name
    if score.kind == "capability":
        return f"{CAPABILITIES[score.code].name}{', before its cap' if score.code == 'N' else ''}"
    return {"held": "Interact", "coverage": "Coverage", "agreement": "Agreement"}[score.kind]


def _mean(value: float | None) -> str:
    return "no answer" if value is None else f"{value:.1f}"


__all__ = [
    "headline",
    "reason_words",
    "score_name",
    "sentence",
    "sentences",
    "step_detail",
    "step_words",
    "summary",
    "unsplit",
]
