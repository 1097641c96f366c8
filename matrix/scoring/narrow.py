"""A scoring model held to some of its items, so that many candidates are scored quickly by the same `score`.

Whatever is reckoned from those items alone comes out bit for bit as under the whole model; everything else is
not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from matrix.scoring.model import Dimension, Model

_NEVER = 9.0
"""Above every answer: an item that is not kept never splits, and is never unwilling below -9."""


def with_conditions(positions: Iterable[int], model: Model) -> tuple[int, ...]:
    """The positions with those of the items on which some of them depend, in order."""
    found = set(positions)
    while more := {model.condition_of[at].on for at in found if at in model.condition_of} - found:
        found |= more
    return tuple(sorted(found))


def narrowed(model: Model, keep: Sequence[int]) -> Model:
    """The model on the items at these positions, in this order.

    `keep` holds, with an item, the one its condition hangs on (`with_conditions`).
    """
    place = {at: spot for spot, at in enumerate(keep)}
    votes = model.votes if all(each.position in place for each in model.votes) else ()
    willing, split = model.unwilling, model.split
    return replace(
        model,
        items=tuple(model.items[at] for at in keep),
        parts={name: tuple(place[at] for at in spots if at in place) for name, spots in model.parts.items()},
        conditions=tuple(
            replace(each, position=place[each.position], on=place[each.on])
            for each in model.conditions
            if each.position in place
        ),
        choices=frozenset(place[at] for at in model.choices if at in place),
        relationships=_family(model.relationships, place),
        wanted=_family(model.wanted, place),
        capabilities=_family(model.capabilities, place),
        gates=tuple(
            replace(gate, position=place[gate.position]) if gate and gate.position in place else None
            for gate in model.gates
        ),
        derive=None,
        confidence=None,
        votes=tuple(replace(each, position=place[each.position]) for each in votes),
        sensed=tuple(
            replace(each, position=place[each.position]) for each in model.sensed if each.position in place
        ),
        unwilling=(willing[0], place[willing[1]], willing[2])
        if willing[1] in place
        else (willing[0], 0, -_NEVER),
        split=(split[0], place[split[1]], split[2], split[3])
        if split[1] in place
        else (split[0], 0, _NEVER, _NEVER),
    )


def _family(family: Sequence[Dimension], place: dict[int, int]) -> tuple[Dimension, ...]:
    """Dimensions whose every item is kept; the others have none, so that they are not known."""
    return tuple(
        replace(
            dimension,
            loads=tuple(replace(load, position=place[load.position]) for load in dimension.loads)
            if all(load.position in place for load in dimension.loads)
            else (),
        )
        for dimension in family
    )
