"""The sentence above the portfolio: which firms are shown, and what weighs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matrix.queries.heat import Field
from matrix.queries.pages import FirmLine
from matrix.scoring import Weight

MOST_OPTIONS: Final = 200

WEIGHT_WORDS: Final = {
    Weight.CUSTOMERS: "customers",
    Weight.REVENUE: "revenue",
    Weight.SHEETS: "sheets",
    Weight.NOTHING: "nothing",
}
LACKS: Final = {Weight.CUSTOMERS: "no customer numbers", Weight.REVENUE: "no revenue"}
"""What a segment without a weight has not got; sheets and nothing are never lacking."""


@dataclass(frozen=True)
class Choice:
    """An option of the sentence."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Selection:
    """What the sentence says: which firms (None: all), part of whose name, and what weighs."""

    firms: frozenset[int] | None
    chosen: str
    named: str
    weight: Weight
    warning: str


def chosen_firms(value: str, named: str, lines: Sequence[FirmLine]) -> tuple[str, str, frozenset[int] | None]:
    """(option, part of a name, firms) of the sentence; an option there is not means all of them."""
    kind, _, name = value.partition(":")
    found = None
    if kind == "industry" and name:
        found = {line.pk for line in lines if line.industry == name}
    if kind == "firm":
        found = {line.pk for line in lines if str(line.pk) == name}
    value = value if found else ""
    if not (named := named.strip()):
        return value, "", frozenset(found) if found else None
    like = {line.pk for line in lines if named.casefold() in line.name.casefold()}
    return value, named, frozenset(like & found if found else like)


def chosen_weight(value: str, field: Field) -> tuple[Weight, str]:
    """The weight asked for; by default customers where all are known, else each segment alike."""
    usable = field.usable()
    if value not in list(Weight):
        return (Weight.CUSTOMERS if Weight.CUSTOMERS in usable else Weight.NOTHING), ""
    weight = Weight(value)
    if weight is Weight.REVENUE and len(field.currencies) > 1:
        said = " and ".join(field.currencies)
        return Weight.NOTHING, f"Revenues are in {said} and cannot be added up: choose firms of one currency."
    return weight, ""


def weight_choices(weight: Weight) -> list[Choice]:
    return [Choice(each.value, WEIGHT_WORDS[each], each is weight) for each in Weight]


def firm_choices(lines: Sequence[FirmLine], chosen: str) -> list[Choice]:
    """All, by industry, and one by one; beyond a size the firms are found by name instead."""
    count = len(lines)
    found = [Choice("", f"all {count} firms" if count != 1 else "the one firm", not chosen)]
    found += [
        Choice(f"industry:{name}", f"{lower(name)} ({often})", f"industry:{name}" == chosen)
        for name, often in industries(lines).items()
    ][:MOST_OPTIONS]
    few = count <= MOST_OPTIONS
    firms = [Choice(f"firm:{line.pk}", line.name, f"firm:{line.pk}" == chosen) for line in lines]
    return found + [firm for firm in firms if few or firm.chosen]


def industries(lines: Sequence[FirmLine]) -> dict[str, int]:
    """How many firms each industry has, by name."""
    found: dict[str, int] = {}
    for line in lines:
        if line.industry:
            found[line.industry] = found.get(line.industry, 0) + 1
    return dict(sorted(found.items()))


def lower(text: str) -> str:
    """The first letter small, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
