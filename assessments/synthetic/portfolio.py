"""Firms and segments of the synthetic portfolio, in blocks: a large one begins with the small one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assessments.synthetic.archetypes import FIRST_WORDS, INDUSTRIES, WAYS, Industry

# Segments of five firms in a row: 20 on average, never the same size twice running.
SIZES: Final = (12, 20, 28, 16, 24)
GROUPS_EACH: Final = 4
FIRMS_A_BLOCK: Final = 500
BLOCK: Final = FIRMS_A_BLOCK // len(SIZES) * sum(SIZES)

# How often the people of a segment want what they get; else any other way.
CONTENT: Final = 0.6
CONSENT: Final = ("yes", "no", "unsure")


@dataclass(frozen=True)
class FirmSketch:
    name: str
    industry: str
    need: str
    refuses: str


@dataclass(frozen=True)
class SegmentSketch:
    """A segment; ``firm`` is its firm's place in the block. Revenue in whole EUR a year."""

    firm: int
    name: str
    offering: str
    customers: int
    revenue: int
    consent: str


@dataclass(frozen=True)
class Block:
    """At most BLOCK segments and their firms, with what the answers of all BLOCK centre on.

    ``today``, ``wanted``: index into WAYS; ``architecture``, ``second``: 0-4 of PR RT MM CW PP, where
    second differs when supply is mixed; ``maturity``: how far the firm lies above its industry.
    """

    firms: tuple[FirmSketch, ...]
    segments: tuple[SegmentSketch, ...]
    today: NDArray[np.intp]
    wanted: NDArray[np.intp]
    architecture: NDArray[np.intp]
    second: NDArray[np.intp]
    maturity: NDArray[np.float64]


def draw_block(seed: int, number: int, segments: int) -> Block:
    """Block ``number`` from 0, with its first ``segments`` (1 to BLOCK). The same seed, the same block."""
    rng = np.random.default_rng([seed, number])
    industry = rng.integers(len(INDUSTRIES), size=FIRMS_A_BLOCK)
    maturity = rng.normal(0, 0.35, FIRMS_A_BLOCK)
    owner, place = _owners()
    ways, wanted = _ways(rng, industry[owner])
    architecture, second = _architectures(rng, industry, owner)
    customers = np.array([each.customers for each in INDUSTRIES])[industry[owner]] * rng.lognormal(
        0, 1.1, BLOCK
    )
    spend = np.array([each.spend for each in INDUSTRIES])[industry[owner]] * rng.lognormal(0, 0.4, BLOCK)
    consent = rng.choice(3, size=BLOCK, p=(0.45, 0.15, 0.4))
    firms = tuple(_firm(number * FIRMS_A_BLOCK + at, INDUSTRIES[each]) for at, each in enumerate(industry))
    sketches = tuple(
        _segment(
            INDUSTRIES[industry[owner[at]]],
            int(owner[at]),
            int(place[at]),
            customers[at],
            spend[at],
            consent[at],
        )
        for at in range(segments)
    )
    return Block(
        firms=firms[: owner[segments - 1] + 1],
        segments=sketches,
        today=ways,
        wanted=wanted,
        architecture=architecture,
        second=second,
        maturity=maturity[owner],
    )


def _owners() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each segment of a whole block its firm, and its place within that firm."""
    sizes = np.tile(SIZES, FIRMS_A_BLOCK // len(SIZES))
    owner = np.repeat(np.arange(FIRMS_A_BLOCK), sizes)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return owner, np.arange(BLOCK) - first[owner]


def _ways(rng: np.random.Generator, industry: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    shares = np.array([[each.ways.get(way, 0.0) for way in WAYS] for each in INDUSTRIES])
    today = _pick(rng, shares[industry])
    other = rng.integers(len(WAYS), size=len(industry))
    return today, np.where(rng.random(len(industry)) < CONTENT, today, other)


def _architectures(
    rng: np.random.Generator, industry: NDArray[np.intp], owner: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A firm has one architecture; some of its segments another, and in some supply is mixed."""
    shares = np.array([each.architectures for each in INDUSTRIES])
    main = _pick(rng, shares[industry])[owner]
    other = _pick(rng, shares[industry[owner]])
    own = np.where(rng.random(len(owner)) < 0.85, main, other)
    return own, np.where(rng.random(len(owner)) < 0.08, other, own)


def _pick(rng: np.random.Generator, shares: NDArray[np.float64]) -> NDArray[np.intp]:
    """One column a row, by the row's shares, which add up to 1."""
    drawn = rng.random((len(shares), 1))
    picked: NDArray[np.intp] = (shares.cumsum(axis=1) < drawn).sum(axis=1)
    return np.minimum(picked, np.intp(shares.shape[1] - 1))


def _firm(number: int, industry: Industry) -> FirmSketch:
    turn, word = divmod(number, len(FIRST_WORDS))
    name = f"{FIRST_WORDS[word]} {industry.nouns[turn % 2]}"
    # The same words come round again; a number keeps firms apart.
    return FirmSketch(
        f"{name} {turn // 2 + 1}" if turn > 1 else name, industry.name, industry.need, industry.refuses
    )


def _segment(
    industry: Industry, firm: int, place: int, customers: float, spend: float, consent: int
) -> SegmentSketch:
    offering, group = divmod(place, GROUPS_EACH)
    heads = max(1, round(customers))
    return SegmentSketch(
        firm=firm,
        name=industry.groups[(group + firm) % len(industry.groups)],
        offering=industry.offerings[offering],
        customers=heads,
        revenue=round(heads * spend),
        consent=CONSENT[consent],
    )
