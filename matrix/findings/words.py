"""Putting words together: lists, numbers, capitals, and how the matrix's terms read inside a sentence."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from matrix.scoring import ARCHITECTURES, RELATIONSHIPS

NBSP: Final = "\N{NO-BREAK SPACE}"
"""Between a figure and its per cent sign, which must not part."""

_NUMBERS: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip

GETS: Final = {
    "RD": "a respond-to-desire relationship",
    "CO": "a curated offering",
    "CB": "coach behavior",
    "AE": "automatic execution",
}
"""A relationship as something a customer gets."""

DOES: Final = {
    "RD": ("answers a clear request", "answer a clear request"),
    "CO": ("helps to choose", "help to choose"),
    "CB": ("coaches", "coach"),
    "AE": ("acts first", "act first"),
}
"""A relationship as what one segment's firm does, and several."""

MORE: Final = {
    "RD": "ease of ordering",
    "CO": "help in choosing",
    "CB": "coaching",
    "AE": "automatic execution",
}
"""A relationship as something there can be more of."""

WHERE: Final = {
    "PR": "the firm makes it",
    "RT": "it resells",
    "MM": "other firms sell",
    "CW": "individuals supply",
    "PP": "members supply each other",
}
"""An architecture as a place."""


def number(count: int) -> str:
    """0 to 12 in words, more in digits, thousands apart."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def figures(*counts: int) -> Callable[[int], str]:
    """How the numbers of one sentence are written: all in words, or all in digits when one needs them."""
    return number if max(counts, default=0) < len(_NUMBERS) else "{:,}".format


def counted(count: int, noun: str, plural: str = "") -> str:
    """one segment, two segments, 14 segments."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def listed(words: Iterable[str]) -> str:
    """a; a and b; a, b and c."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def capital(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def relationships(codes: Iterable[str]) -> str:
    return listed(RELATIONSHIPS[code].name.lower() for code in codes)


def architectures(codes: Iterable[str]) -> str:
    return listed(ARCHITECTURES[code].short.lower() for code in codes)


def people(count: int) -> str:
    """one person, two people: never the same word as the answers they give."""
    return counted(count, "person", "people")


def per_cent(share: float) -> str:
    return f"{round(share * 100)}{NBSP}%"


def decimals(value: float) -> str:
    """.81 and 1.00: an agreement as it is printed beside its word."""
    return f"{value:.2f}".removeprefix("0")


def are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
