"""A model somebody is still editing: everything that is wrong with it at once, and what it becomes.

A fork is a model's file without the names (code, version, title) and without its calibration. What was typed
stays as it was typed: a text where a number should be is a fault, not a loss.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from assessments.instrument import Instrument
from matrix.scoring.fields import ModelError
from matrix.scoring.model import Model
from matrix.scoring.versions import differences

Path = tuple[str | int, ...]
"""Where a value stands in a file, such as ``("relationships", "CO", "loads", "R4")``."""

NAMES: Final = ("code", "version", "title")
CONFIDENCE: Final = "confidence"
# Confidence was fitted to these: other weights, gates or cuts of the placement make other claims.
_PLACING: Final = (
    "minimum_coverage", "relationships", "presence", "architectures", "capabilities", "quadrant",
)  # fmt: skip
# They hold one value against another, which says nothing where the other is at fault itself.
_BESIDE: Final = ("must be below the minimum", "begins above its end")


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place, in the words of :class:`ModelError`."""

    path: Path
    reason: str


def fork_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What of a model can be edited."""
    return {name: deepcopy(value) for name, value in definition.items() if name not in (*NAMES, CONFIDENCE)}


def keeps_confidence(base: Mapping[str, Any], fork: Mapping[str, Any]) -> bool:
    """Whether the base's calibration, where it has one, speaks of the fork as well."""
    return CONFIDENCE in base and not any(
        each.place[0] in _PLACING for each in differences(fork_of(base), fork)
    )


def complete(
    fork: Mapping[str, Any], base: Mapping[str, Any], *, code: str, version: int, title: str
) -> dict[str, Any]:
    """The fork as a model's file, with the base's calibration where that still holds."""
    calibrated = {CONFIDENCE: base[CONFIDENCE]} if keeps_confidence(base, fork) else {}
    return {"code": code, "version": version, "title": title, **fork, **calibrated}


def faults(fork: Mapping[str, Any], base: Mapping[str, Any], instrument: Instrument) -> list[Fault]:
    """Everything that is wrong with a fork, in the order of reading; empty when it can be scored with.

    The reader stops at what it meets first. So that place is noted, put right as in the sound ``base``, and
    all is read again; each round brings the fork nearer to the base, so this ends.
    """
    trial: dict[str, Any] = {name: base[name] for name in NAMES} | deepcopy(dict(fork))
    sound = {name: base[name] for name in (*NAMES, *fork_of(base))}
    found: dict[Path, Fault] = {}
    while True:
        try:
            Model.from_json(trial, instrument)
        except ModelError as error:
            path = _path(error.place, trial, sound)
            if path not in found and not _rests_on(found, path, error.reason):
                found[path] = Fault(path, error.reason)
            if not _another_gate_item(trial, path, instrument):
                _put_right(trial, sound, path)
        else:
            return list(found.values())


def at(definition: Any, path: Path) -> Any:
    """The value at a path; None where there is none."""
    for step in path:
        if isinstance(definition, list):
            definition = definition[int(step)] if int(step) < len(definition) else None
        elif isinstance(definition, Mapping):
            definition = definition.get(str(step))
        else:
            return None
    return definition


def put(definition: MutableMapping[str, Any], path: Path, value: Any) -> None:
    """Set the value at a path, making objects on the way; None takes it away."""
    *way, last = path
    into: Any = definition
    for step in way:
        into = into[int(step)] if isinstance(into, list) else into.setdefault(str(step), {})
    if isinstance(into, list):
        into[int(last)] = value
    elif value is None:
        into.pop(str(last), None)
    else:
        into[str(last)] = value


def _rests_on(found: Mapping[Path, Fault], path: Path, reason: str) -> bool:
    """Whether a comparison failed on something that is told already."""
    if reason not in _BESIDE:
        return False
    within = path if reason == _BESIDE[1] else path[:-1]
    return any(other[: len(within)] == within for other in found)


def _another_gate_item(trial: Mapping[str, Any], path: Path, instrument: Instrument) -> bool:
    """Let a gate look at an item it may look at, so that its other numbers are read as well."""
    if path[-2:] != ("gate", "item"):
        return False
    loads: Mapping[str, Any] = at(trial, (*path[:-2], "loads"))
    asked = {item.code for item in instrument.items if item.condition is None}
    able = sorted(code for code, weight in loads.items() if code in asked and weight)
    if not able or at(trial, path) == able[0]:
        return False
    at(trial, path[:-1])["item"] = able[0]
    return True


def _put_right(trial: dict[str, Any], sound: Mapping[str, Any], path: Path) -> None:
    """Take the base's value at the place, or around it where that is what stands there already."""
    while path and at(trial, path) == at(sound, path):
        path = path[:-1]
    if path:
        put(trial, path, deepcopy(at(sound, path)))
    else:
        trial.clear()
        trial.update(deepcopy(dict(sound)))


def _path(place: str, *definitions: Mapping[str, Any]) -> Path:
    """The path of a place as the reader names it. Codes may have dots, so it is looked up, not taken apart.

    A member that is missing stands in no file: its path is its object's and its name.
    """
    known = {name: path for each in definitions for name, path in _places(each, "model", ())}
    if place in known:
        return known[place]
    around = max((name for name in known if place.startswith(f"{name}.")), key=len, default="model")
    return (*known.get(around, ()), place.removeprefix(f"{around}."))


def _places(value: Any, place: str, path: Path) -> Iterator[tuple[str, Path]]:
    yield place, path
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _places(member, f"{place}.{name}", (*path, name))
    elif isinstance(value, list):
        for order, member in enumerate(value):
            yield from _places(member, f"{place}[{order}]", (*path, order))
