"""The sentence above the portfolio: which firms are shown, and what weighs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matrix.queries.firmlist import FirmList
from matrix.scoring import Cube, Weight

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
    """What the sentence says: which firms, part of whose name, and what weighs."""

    chosen: str
    named: str
    weight: Weight
    warning: str


def chosen_weight(value: str, cube: Cube) -> tuple[Weight, str]:
    """The weight asked for; by default customers where all are known, else each segment alike."""
    if value not in list(Weight):
        return (Weight.CUSTOMERS if Weight.CUSTOMERS in cube.usable() else Weight.NOTHING), ""
    weight, currencies = Weight(value), cube.currencies()
    if weight is Weight.REVENUE and len(currencies) > 1:
        said = " and ".join(currencies)
        return Weight.NOTHING, f"Revenues are in {said} and cannot be added up: choose firms of one currency."
    return weight, ""


def weight_choices(weight: Weight) -> list[Choice]:
    return [Choice(each.value, WEIGHT_WORDS[each], each is weight) for each in Weight]


def firm_choices(firms: FirmList, industries: Mapping[str, int]) -> list[Choice]:
    """All, by industry, and one by one; beyond a size the firms are found by name instead."""
    count, chosen = firms.all_count, firms.chosen
    found = [Choice("", f"all {count:,} firms" if count != 1 else "the one firm", not chosen)]
    found += [
        Choice(f"industry:{name}", f"{lower(name)} ({often:,})", f"industry:{name}" == chosen)
        for name, often in industries.items()
    ][:MOST_OPTIONS]
    listed = firms.every if count <= MOST_OPTIONS else firms.shown if chosen.startswith("firm:") else None
    rows = [] if listed is None else listed.values_list("pk", "name")
    return found + [Choice(f"firm:{pk}", name, f"firm:{pk}" == chosen) for pk, name in rows]


def lower(text: str) -> str:
    """The first letter small, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
