"""Reading a model file strictly: each value knows its place, and says it when something is wrong with it."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any


class ModelError(ValueError):
    """A scoring model cannot be used: `place` as in `model.relationships.CO.gate`, `reason` a sentence."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True)
class Field:
    """A value of the file together with where it stands."""

    value: Any
    place: str

    def fail(self, reason: str) -> ModelError:
        return ModelError(self.place, reason)

    def object(self, needed: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Field"]:
        """The members by name: all that are needed, nothing that is neither needed nor optional."""
        members = self.members()
        for name in needed:
            if name not in members:
                raise ModelError(f"{self.place}.{name}", "is missing")
        for name in members:
            if name not in set(needed) | set(optional):
                raise ModelError(f"{self.place}.{name}", "is not known here")
        return members

    def members(self) -> dict[str, "Field"]:
        if not isinstance(self.value, Mapping):
            raise self.fail("must be an object")
        return {str(name): Field(value, f"{self.place}.{name}") for name, value in self.value.items()}

    def entries(self) -> list["Field"]:
        if not isinstance(self.value, list):
            raise self.fail("must be a list")
        return [Field(value, f"{self.place}[{order}]") for order, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fail("must be a text that is not empty")
        return self.value

    def word(self, allowed: Collection[str], what: str) -> str:
        if not isinstance(self.value, str) or self.value not in allowed:
            raise self.fail(f"{self.value!r} is not {what}")
        return self.value

    def number(self, low: float = -math.inf, high: float = math.inf) -> Fraction:
        """An exact, finite number within bounds: 0.8 is eight tenths, not its nearest binary fraction."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | Decimal):
            raise self.fail("must be a number")
        if not math.isfinite(self.value):
            raise self.fail("must be finite")
        if not low <= self.value <= high:
            raise self.fail(f"must be from {low:g} to {high:g}")
        return Fraction(str(self.value))

    def whole(self, low: int, high: int) -> int:
        number = self.number(low, high)
        if number.denominator != 1:
            raise self.fail("must be a whole number")
        return int(number)

    def weights(self, allowed: Collection[str], what: str, negative: bool = False) -> dict[str, Fraction]:
        """Weights by code: finite, not all zero, negative only where that has a meaning."""
        found = {}
        for name, field in self.members().items():
            if name not in allowed:
                raise ModelError(field.place, f"there is no {what} {name}")
            found[name] = field.number()
            if found[name] < 0 and not negative:
                raise ModelError(field.place, "must not be negative")
        if not any(found.values()):
            raise self.fail("has no weight above zero")
        return found


def parsed(data: str | bytes | Mapping[str, Any]) -> Field:
    """The file as a field named `model`; a name given twice is refused, for one would be lost."""
    if isinstance(data, Mapping):
        return Field(data, "model")
    try:
        return Field(json.loads(data, object_pairs_hook=_once), "model")
    except ModelError:
        raise
    except ValueError as error:
        raise ModelError("model", f"is not JSON: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ModelError("model", f"{twice!r} is given twice in one object")
    return found


def canonical(value: Any) -> str:
    """JSON with sorted names and numbers in one form, so that 1 and 1.0, 0.80 and 0.8 fingerprint alike."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, float | Decimal):
        return int(value) if value == int(value) else float(value)
    return value
