"""From sheets to counts: whole numbers first, so that no order of raters or segments can change a score."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.agreement import LEVELS
from matrix.scoring.model import Model

UNANSWERED: Final = -1
_BLOCK: Final = 4096
# Sheets of one segment that are counted a sheet at a time; beyond, places are counted.
_FEW: Final = 60
_MOST: Final = int(np.iinfo(np.uint16).max)


Values = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Answers:
    """Sheets as arrays.

    `values` int8 or int16 (sheets, items): scale items 0-4, choice items 1-5, -1 unknown.
    `segments` int64 (sheets,): the segment each sheet speaks of, in any order.
    """

    values: Values
    segments: NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """Counts per segment, `ids` ascending.

    `ids` int64 (n,); `hist` uint16 (n, items, 5), counts of the values 0-4, or of the choices 1-5;
    `sheets` int64 (n,): sheets with at least one known answer.
    """

    ids: NDArray[np.int64]
    hist: NDArray[np.uint16]
    sheets: NDArray[np.int64]


def tally(answers: Answers, model: Model) -> Tally:
    """Count answers per segment and item. ValueError names a bad shape, or the item with a bad value."""
    values = np.asarray(answers.values)
    if values.dtype != np.int8:
        values = values.astype(np.int16, copy=False)
    segments = np.asarray(answers.segments, dtype=np.int64)
    _check_shape(values, segments, model)
    _check_range(values, model)
    order, ids, starts = _grouped(segments)
    ends = np.append(starts[1:], len(segments))
    if len(ids) and int((ends - starts).max()) > _MOST:
        raise ValueError(f"a segment has more than {_MOST} sheets")
    hist = np.zeros((len(ids), model.width, LEVELS), dtype=np.uint16)
    sheets = np.zeros(len(ids), dtype=np.int64)
    for low in range(0, len(ids), _BLOCK):
        high = min(low + _BLOCK, len(ids))
        span = slice(int(starts[low]), int(ends[high - 1]))
        rows = values[span] if order is None else values[order[span]]
        sizes = ends[low:high] - starts[low:high]
        owner = np.repeat(np.arange(high - low), sizes)
        if int(sizes.max()) <= _FEW:
            hist[low:high] = _sheet_by_sheet(rows, sizes, model)
        else:
            hist[low:high] = _place_by_place(rows, owner, high - low, model)
        known = (rows >= 0).any(axis=1)
        sheets[low:high] = np.bincount(owner[known], minlength=high - low)
    return Tally(ids, hist, sheets)


def _check_shape(values: Values, segments: NDArray[np.int64], model: Model) -> None:
    if values.ndim != 2 or values.shape[1] != model.width:
        raise ValueError(f"values must be (sheets, {model.width}), not {values.shape}")
    if segments.shape != (len(values),):
        raise ValueError(f"segments must be ({len(values)},), not {segments.shape}")


def _check_range(values: Values, model: Model) -> None:
    if not len(values):
        return
    low = np.where(values < 0, model.first_value, values).min(axis=0)
    bad = (values.min(axis=0) < UNANSWERED) | (low < model.first_value)
    bad |= values.max(axis=0) > model.first_value + LEVELS - 1
    if bad.any():
        raise ValueError(f"{model.items[int(bad.argmax())]} has an answer outside its range")


def _grouped(
    segments: NDArray[np.int64],
) -> tuple[NDArray[np.intp] | None, NDArray[np.int64], NDArray[np.int64]]:
    """Order that sorts the sheets (None when sorted), the ids, and where each segment begins."""
    order = None if bool((segments[1:] >= segments[:-1]).all()) else np.argsort(segments, kind="stable")
    held = segments if order is None else segments[order]
    first = np.ones(len(held), dtype=bool)
    first[1:] = held[1:] != held[:-1]
    starts = np.flatnonzero(first).astype(np.int64)
    return order, held[starts], starts


def _sheet_by_sheet(rows: Values, sizes: NDArray[np.int64], model: Model) -> NDArray[np.uint8]:
    """The first sheet of every segment, then the second of those that have one: five comparisons each."""
    levels = (rows - model.first_value).astype(np.int8)
    levels[rows < 0] = UNANSWERED
    first = np.cumsum(sizes) - sizes
    found = np.zeros((LEVELS, len(sizes), model.width), dtype=np.uint8)
    for turn in range(int(sizes.max())):
        there = np.flatnonzero(sizes > turn)
        sheet = levels[first[there] + turn]
        for level in range(LEVELS):
            if len(there) == len(sizes):
                found[level] += sheet == level
            else:
                found[level, there] += sheet == level
    return np.moveaxis(found, 0, 2)


def _place_by_place(rows: Values, owner: NDArray[np.intp], segments: int, model: Model) -> NDArray[np.int64]:
    """One `bincount` over (segment, item, level); unknown answers fall into a sixth place that is cut off."""
    level = rows - model.first_value
    level[rows < 0] = LEVELS
    places = (owner.astype(np.int32) * (model.width * (LEVELS + 1)))[:, None] + level
    places += np.arange(model.width, dtype=np.int32) * (LEVELS + 1)
    found = np.bincount(places.ravel(), minlength=segments * model.width * (LEVELS + 1))
    return found.reshape(segments, model.width, LEVELS + 1)[:, :, :LEVELS]
