"""What a portfolio page looks at: sums over all its placements, and each of them while they are few."""

from dataclasses import dataclass
from typing import Final

from connected.permissions import Actor
from matrix import frames
from matrix.frames import cube
from matrix.queries.firmlist import FirmList
from matrix.queries.heat import Field
from matrix.scoring import Cube

# Above so many a page names no single segment but by what it asks the database for.
NAMEABLE: Final = 5_000


@dataclass(frozen=True)
class Seen:
    """`field` is None where the placements are too many to be told one by one."""

    cube: Cube
    field: Field | None
    segments: int


def look(actor: Actor, firms: FirmList) -> Seen:
    """From the workspace's cube where the actor sees it all and asks for all; else read and summed up."""
    whole = cube.read() if not firms.narrowed and actor.firms is None else None
    if whole and len(whole.cube) > NAMEABLE:
        return Seen(whole.cube, None, whole.segments)
    chosen = firms.ids()
    field = frames.read_field(chosen if chosen is not None else actor.firms)
    few = field if len(field) <= NAMEABLE else None
    return Seen(Cube.of(field.facts()), few, firms.segments())
