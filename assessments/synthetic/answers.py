"""Raters' answers around what a block's segments are like."""

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX, Instrument
from assessments.synthetic.archetypes import LATENT, LOADS, TODAY, WANTED, WANTS
from assessments.synthetic.portfolio import Block

CROWD, PEERS = 3, 4
UNKNOWN, ABSENT = ord("-"), ord(".")


def draw_digits(
    block: Block, instrument: Instrument, seed: int, number: int, raters: int
) -> NDArray[np.uint8]:
    """Answers as characters, segments x raters x items: a digit, "-" for do not know, "." for not asked."""
    rng = np.random.default_rng([seed, number, raters])
    shape = (len(block.today), raters, len(instrument))
    digits = _scales(rng, block, instrument, shape) + np.uint8(ord("0"))
    for item in instrument.choice_items:
        digits[:, :, item.position] = _votes(rng, block, shape[:2]) + ord("1")
    digits[rng.random(shape) < 0.04] = UNKNOWN
    _leave_out(digits, instrument)
    return digits[: len(block.segments)]


def _scales(
    rng: np.random.Generator, block: Block, instrument: Instrument, shape: tuple[int, int, int]
) -> NDArray[np.uint8]:
    segments, raters, _ = shape
    centre = _centres(rng, block, instrument)[:, None, :]
    lenient = rng.normal(0, 0.25, (segments, raters, 1))
    # In one segment of ten people see quite different things.
    spread = np.where(rng.random((segments, 1, 1)) < 0.1, 1.4, 0.55)
    seen = centre + lenient + spread * rng.standard_normal(shape, dtype=np.float32)
    return np.clip(np.rint(seen), 0, SCALE_MAX).astype(np.uint8)


def _centres(rng: np.random.Generator, block: Block, instrument: Instrument) -> NDArray[np.float64]:
    """The level of each item in each segment before anyone rates it."""
    today = TODAY[block.today] + block.maturity[:, None] + rng.normal(0, 0.4, (len(block.today), len(LATENT)))
    wanted = WANTED[block.wanted] + rng.normal(0, 0.4, (len(block.wanted), len(WANTS)))
    names = (*LATENT, *WANTS)
    loads = np.zeros((len(names), len(instrument)))
    offsets = np.full(len(instrument), SCALE_MAX / 2)
    for code, (shown, offset) in LOADS.items():
        if code in instrument.positions:
            offsets[instrument.positions[code]] = offset
            for latent, weight in shown.items():
                loads[names.index(latent), instrument.positions[code]] = weight
    centres: NDArray[np.float64] = np.hstack([today, wanted]) @ loads + offsets
    for code, architecture in (("A5", CROWD), ("A6", PEERS)):
        if code in instrument.positions:
            centres[:, instrument.positions[code]] = np.where(block.architecture == architecture, 3.4, 0.5)
    return centres


def _votes(rng: np.random.Generator, block: Block, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Architecture each rater names, 0-4: mostly what it is, half each where supply is mixed, rarely any."""
    mixed = rng.random(shape) < 0.5
    vote = np.where(mixed, block.second[:, None], block.architecture[:, None])
    stray = rng.random(shape) < 0.06
    return np.where(stray, rng.integers(5, size=shape), vote).astype(np.uint8)


def _leave_out(digits: NDArray[np.uint8], instrument: Instrument) -> None:
    """Follow-ups are not given where the answer before does not call for them."""
    for item in instrument.items:
        if item.condition is not None:
            asked = digits[:, :, instrument.positions[item.condition.item]]
            met = (asked != UNKNOWN) & (asked >= ord("0") + item.condition.minimum)
            digits[:, :, item.position][~met] = ABSENT
