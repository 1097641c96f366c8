"""How far the answering of a workshop has come, and the words that say so. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assessments.crosswalk import Became, Step
from assessments.instrument import Item


class Offered(Protocol):
    """What tells a segment from another of the same name."""

    offering: str
    situation: str


def told_apart(segment: Offered) -> str:
    """Offering and situation as they stand under a segment's name; "" when it has neither."""
    return " · ".join(part for part in (segment.offering, segment.situation) if part)


def number_of_questions(items: Sequence[Item]) -> str:
    """How many questions a sheet has, and why that differs: "35 or 36 questions: one follows from R10"."""
    follows = [item.condition.item for item in items if item.condition]
    if not follows:
        return f"{len(items)} questions"
    many = "one follows" if len(follows) == 1 else f"{len(follows)} follow"
    least, most = len(items) - len(follows), len(items)
    numbers = f"{least} or {most}" if len(follows) == 1 else f"{least} to {most}"
    return f"{numbers} questions: {many} from {' and '.join(dict.fromkeys(follows))}"


@dataclass(frozen=True)
class Progress:
    """One sheet: of ``asked`` items ``answered`` have a value and ``unknown`` a "do not know"."""

    asked: int
    answered: int = 0
    unknown: int = 0

    @property
    def given(self) -> int:
        return self.answered + self.unknown

    @property
    def open(self) -> int:
        return self.asked - self.given

    @property
    def state(self) -> str:
        """``none``, ``begun`` or ``complete``."""
        if not self.given:
            return "none"
        return "begun" if self.open else "complete"


def composition(sizes: Sequence[tuple[str, int]]) -> str:
    """Who is in the room: "3 board, 4 customers, 1 without a group"; "" when nobody takes part."""
    return ", ".join(f"{size} {name or 'without a group'}" for name, size in sizes)


def headline(rows: Iterable[tuple[str, Iterable[Progress]]]) -> str:
    """What the grid of participants (name, their sheets) shows; "" when there is nothing to say."""
    people = [(name, tuple(sheets)) for name, sheets in rows]
    sheets = [sheet for _, row in people for sheet in row]
    if not sheets:
        return ""
    complete = sum(sheet.state == "complete" for sheet in sheets)
    if complete == len(sheets):
        return "Everyone has answered everything" if len(sheets) > 1 else "The one sheet is complete"
    if all(sheet.state == "none" for sheet in sheets):
        return "Nobody has answered yet"
    idle = [name for name, row in people if all(sheet.state == "none" for sheet in row)]
    done = f"{complete:,} of {len(sheets):,} sheets {'is' if complete == 1 else 'are'} complete"
    return (done if complete else "No sheet is complete yet") + _idle(idle)


def _idle(names: list[str]) -> str:
    if not names:
        return ""
    if len(names) == 1:
        return f"; {names[0]} has not begun"
    if len(names) == 2:
        return f"; {names[0]} and {names[1]} have not begun"
    return f"; {len(names):,} people have not begun"


def move_headline(asked_again: int, forward: bool, version: int) -> str:
    """What moving a workshop to another version of its questionnaire comes to."""
    if not forward:
        return f"Back to version {version}: each sheet says again what it said"
    if not asked_again:
        return f"Version {version} asks nothing that is not answered already"
    return f"Version {version} asks {number_words(asked_again, 'question')} anew; the others stay answered"


def number_words(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def became_words(step: Step) -> str:
    """What became of a newer item's older ones, as a person says it."""
    of = " and ".join(step.of)
    return {
        Became.SAME: "as it was",
        Became.REWORDED: "other words, the same question",
        Became.SPLIT: f"a part of {of}, which asked two things at once",
        Became.MERGED: f"one question instead of {of}",
        Became.NEW: "new",
    }[step.became]
