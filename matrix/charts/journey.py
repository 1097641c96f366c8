"""Where in the journey a relationship starts, as a mark beside its name."""

from dataclasses import dataclass
from typing import Final

from matrix.scoring import RELATIONSHIPS, STAGES, STEPS

_STAGE: Final = 5


@dataclass(frozen=True)
class JourneyMark:
    """A hairline of ``width``, thick from ``start`` on; ``step``: the R it starts in; ``label`` says all."""

    width: int
    start: int
    step: str
    stage: str
    label: str


def journey_mark(code: str) -> JourneyMark:
    """The mark of a relationship; the stages and their order are those of the vocabulary."""
    stage = RELATIONSHIPS[code].starts
    step = next(name for name, stages in STEPS.items() if stage in stages)
    at = STAGES.index(stage)
    return JourneyMark(len(STAGES) * _STAGE, at * _STAGE, step, stage, f"starts at {stage}, in {step}")
