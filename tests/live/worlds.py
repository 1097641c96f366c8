"""Firms made over REST, the way a script would, so that tests do not disturb the sample or each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import uuid4

from tests.callers import Api
from tests.matrix.worlds import GUEST

__all__ = ["GUEST", "Asked", "answer", "ask"]

_number = count(1)
_SUITE = uuid4().hex[:6]


@dataclass(frozen=True)
class Asked:
    """A firm, its segments and a workshop with participants, by id."""

    firm: int
    segments: tuple[int, ...]
    workshop: int
    participants: tuple[int, ...]

    @property
    def segment(self) -> int:
        return self.segments[0]

    @property
    def sheet(self) -> str:
        """Path of the first participant's sheet for the first segment."""
        return f"/w/sample/workshops/{self.workshop}/sheets/{self.participants[0]}/{self.segment}/"


def ask(api: Api, *, segments: int = 1, people: int = 1) -> Asked:
    """A firm whose workshop collects answers and has none yet."""
    name = f"Firm {_SUITE}-{next(_number)}"
    firm = api.made("firms/", {"name": name})["id"]
    made = [
        api.made("segments/", {"firm": firm, "name": f"Segment {place}"})["id"] for place in range(segments)
    ]
    names = [{"name": f"Rater {place}"} for place in range(people)]
    workshop = api.made("workshops/", {"firm": firm, "name": "Workshop", "participants": names})
    participants = tuple(each["id"] for each in workshop["participants"])
    return Asked(firm, tuple(made), workshop["id"], participants)


def answer(
    api: Api, asked: Asked, answers: Mapping[str, int | None] = GUEST, who: Sequence[int] | None = None
) -> None:
    """The same answers from everyone (or those named), for every segment."""
    for participant in who or asked.participants:
        for segment in asked.segments:
            body = {"participant": participant, "segment": segment, "answers": dict(answers)}
            api.made(f"workshops/{asked.workshop}/answers/", body)
