"""Simulated workshops: what is true of each segment, and what a few raters say of it.

True is what very many raters of the same kind would give: their mean on each item is known without drawing
them, and is scored by the same model. What a room of 1 to 15 says is drawn. Everything follows from the seed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX, Instrument
from assessments.synthetic.archetypes import LATENT, LOADS, TODAY
from matrix.scoring import Answers, Model, Scores, score, tally

Floats = NDArray[np.float64]

_MANY: Final = 50_000
_LEVELS: Final = SCALE_MAX + 1


@dataclass(frozen=True)
class Rooms:
    """What rooms are like; each segment gets one of each list.

    `sizes`: raters, in turn; `noise`: how far a rater's view of one item strays, on the scale 0-4;
    `lenient`: how far all that a rater says does, as a share of it; `strays`: how often a choice is a slip;
    `outliers`: share of raters who speak of something else than the segment; `missing`: share of answers
    not known; `camps`: share of segments seen in two ways by two parts of the raters.
    """

    sizes: tuple[int, ...]
    noise: tuple[float, ...]
    lenient: tuple[float, ...]
    strays: tuple[float, ...]
    outliers: tuple[float, ...]
    missing: tuple[float, ...]
    camps: float


FITTED: Final = Rooms(
    # More small rooms than large ones: that is where a claim is hardest to keep.
    sizes=(1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 15),
    noise=(0.3, 0.6, 0.9, 1.3),
    lenient=(0.0, 0.3, 0.6),
    strays=(0.02, 0.1, 0.25),
    outliers=(0.0, 0.0, 0.05, 0.15),
    missing=(0.0, 0.2, 0.5),
    camps=0.15,
)
"""The rooms that the model's curves were fitted on."""

UNSEEN: Final = Rooms(
    sizes=tuple(range(1, 16)),
    noise=(0.45, 0.75, 1.1),
    lenient=(0.15, 0.45),
    strays=(0.05, 0.15),
    outliers=(0.03, 0.07),
    missing=(0.05, 0.25, 0.45),
    camps=0.2,
)
"""Other rooms, on which the claims are tried."""


@dataclass(frozen=True)
class Simulated:
    """`hist` uint16 (n, items, 5) and `raters` (n,) of the rooms; `truth`: scores of very many raters."""

    hist: NDArray[np.uint16]
    raters: NDArray[np.int64]
    truth: Scores


def simulated(seed: int, segments: int, rooms: Rooms, instrument: Instrument, model: Model) -> Simulated:
    """As many rooms as segments."""
    rng = np.random.default_rng(seed)
    world = _World(rng, segments, rooms, instrument)
    size = np.array(rooms.sizes)[np.arange(segments) % len(rooms.sizes)]
    owner = np.repeat(np.arange(segments), size)
    tallied = tally(Answers(world.sheets(owner), owner.astype(np.int64)), model)
    hist = np.zeros((segments, model.width, _LEVELS), dtype=np.uint16)
    hist[tallied.ids] = tallied.hist
    sheets = np.zeros(segments, dtype=np.int64)
    sheets[tallied.ids] = tallied.sheets
    return Simulated(hist, sheets, score(world.everybody(), model))


class _World:
    """Segments, and the rooms that look at them."""

    def __init__(self, rng: np.random.Generator, segments: int, rooms: Rooms, instrument: Instrument) -> None:
        self.rng, self.n, self.instrument = rng, segments, instrument
        self.noise = self.one_of(rooms.noise)
        self.lenient = self.noise * self.one_of(rooms.lenient)
        self.stray = self.one_of(rooms.strays)
        self.outlier = self.one_of(rooms.outliers)
        self.missing = self.one_of(rooms.missing)
        self.choices = [item.position for item in instrument.choice_items]
        self.centre, self.first, self.second = self.segments()
        self.shift, self.minority = self.camps(rooms.camps)
        self.elsewhere = rng.permutation(segments)

    def one_of(self, values: tuple[float, ...]) -> Floats:
        return self.rng.choice(np.array(values), self.n)

    def segments(self) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
        """Level of each item before anyone rates it; the architecture each choice points to, and could."""
        rng, places = self.rng, self.instrument.positions
        kind = rng.random(self.n) < 0.5
        like = TODAY[rng.integers(len(TODAY), size=self.n)] + rng.normal(0, 0.4, (self.n, len(LATENT)))
        other = rng.uniform(-0.3, 4.3, (self.n, len(LATENT)))
        latent = np.where(kind[:, None], like, other)
        centre = np.zeros((self.n, len(self.instrument)))
        for item in self.instrument.items:
            loads, offset = LOADS.get(item.code, ({}, 0.0))
            for code, weight in loads.items():
                if code in LATENT:
                    centre[:, item.position] += weight * latent[:, LATENT.index(code)]
            centre[:, item.position] += offset
        centre += rng.normal(0, 0.5, centre.shape)
        first = rng.integers(_LEVELS, size=(self.n, 1))
        own = rng.random((self.n, len(self.choices))) < 0.15
        second = (first + rng.integers(1, _LEVELS, size=(self.n, 1))) % _LEVELS
        first = np.where(own, rng.integers(_LEVELS, size=own.shape), first)
        crowd, peers = first[:, 0] == 3, first[:, 0] == 4
        centre[:, places["A5"]] = np.where(crowd, 3.4, 0.4) + rng.normal(0, 0.5, self.n)
        centre[:, places["A6"]] = np.where(peers, 3.4, 0.5) + rng.normal(0, 0.5, self.n)
        return centre, first, np.broadcast_to(second, first.shape)

    def camps(self, share: float) -> tuple[Floats, Floats]:
        """How far the second camp sees each item from the first, and how large it is; mixed supply too."""
        rng = self.rng
        split = rng.random(self.n) < share
        seen = rng.normal(0, 1.6, self.centre.shape) * (rng.random(self.centre.shape) < 0.6)
        minority = np.where(split, rng.uniform(0.2, 0.5, self.n), 0.0)
        return seen, minority

    def sheets(self, owner: NDArray[np.intp]) -> NDArray[np.int16]:
        """Answers (sheets, items) of the raters of each segment, -1 unknown."""
        rng, shape = self.rng, (len(owner), len(self.instrument))
        lost = rng.random(len(owner)) < self.outlier[owner]
        of = np.where(lost, self.elsewhere[owner], owner)
        second = ~lost & (rng.random(len(owner)) < self.minority[owner])
        seen = self.centre[of] + self.shift[of] * second[:, None]
        seen += self.lenient[owner][:, None] * rng.standard_normal((len(owner), 1))
        seen += self.noise[owner][:, None] * rng.standard_normal(shape)
        values = np.clip(np.rint(seen), 0, SCALE_MAX)
        chosen = np.where(second[:, None], self.second[of], self.first[of])
        slip = rng.random(chosen.shape) < self.stray[owner][:, None]
        values[:, self.choices] = np.where(slip, rng.integers(_LEVELS, size=chosen.shape), chosen)
        values[:, self.choices] += 1
        values[rng.random(shape) < self.missing[owner][:, None]] = -1
        for item in self.instrument.items:
            if item.condition is not None:
                led = values[:, self.instrument.positions[item.condition.item]]
                values[led < item.condition.minimum, item.position] = -1
        return values.astype(np.int16)

    def everybody(self) -> NDArray[np.uint16]:
        """Tallies (n, items, 5) of so many raters that chance is gone."""
        outlier, minority = self.outlier, (1 - self.outlier) * self.minority
        shares = np.zeros((*self.centre.shape, _LEVELS))
        other = self.elsewhere
        for weight, centre, chosen in (
            (1 - outlier - minority, self.centre, self.first),
            (minority, self.centre + self.shift, self.second),
            (outlier, self.centre[other], self.first[other]),
        ):
            shares += weight[:, None, None] * self.seen(centre, chosen)
        found: NDArray[np.uint16] = np.rint(shares * _MANY).astype(np.uint16)
        return found

    def seen(self, centre: Floats, chosen: NDArray[np.int64]) -> Floats:
        """How the answers of raters who see this fall on the five levels: (n, items, 5)."""
        found = _shares(centre, np.hypot(self.noise, self.lenient)[:, None])
        meant = np.eye(_LEVELS)[chosen]
        stray = self.stray[:, None, None]
        found[:, self.choices] = (1 - stray) * meant + stray / _LEVELS
        return found


def _shares(centre: Floats, spread: Floats) -> Floats:
    """How a rounded normal falls on 0-4, ends included: (n, items, 5)."""
    lines = np.arange(SCALE_MAX) + 0.5
    below = normal((lines - centre[..., None]) / spread[..., None])
    edges = np.concatenate([np.zeros((*centre.shape, 1)), below, np.ones((*centre.shape, 1))], axis=-1)
    found: Floats = np.diff(edges, axis=-1)
    return found


def normal(z: Floats) -> Floats:
    """Normal distribution function, to 2e-7 (Abramowitz and Stegun, Handbook, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(z) / np.sqrt(2))
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    tail = sum(term * t ** (power + 1) for power, term in enumerate(terms)) * np.exp(-z * z / 2) / 2
    found: Floats = np.where(z > 0, 1 - tail, tail)
    return found
