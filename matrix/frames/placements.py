"""Placements into the database: a few by the ORM, many as binary COPY of rows packed by numpy.

A run with a generation of its own fills that table directly: nothing can read it until it is sealed. The
small partition is guarded by row-level security, which COPY cannot pass: there, rows go through a temporary
table.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import chain
from typing import Any, Final

import numpy as np
from django.db import DatabaseError, connection
from numpy.typing import NDArray

from matrix.frames.sheets import SIGNATURE, TRAILER, Counted, Scored, asked_items
from matrix.frames.sums import Summing
from matrix.models import Placement, PlacementBase
from matrix.queries import models
from matrix.scoring import ARCHITECTURES, CAPABILITIES, NONE_PRESENT, RELATIONSHIPS, Model

LEVELS: Final = 5
# Live re-scores write a handful of rows; from here on packing and COPY are quicker.
MANY: Final = 200
_BYTE: Final = 255
# Rows packed at a time: they stay in the processor's cache.
_BLOCK: Final = 2_000
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Generation:
    """Where placements go: of which model, run (None: live) and partition (0: the small one), and when.

    ``now``: the database's time of the transaction.
    """

    workspace_id: int
    model_id: int
    run_id: int | None
    number: int
    now: datetime


@dataclass(frozen=True)
class _Column:
    """Values (n,) and which of them are known; ``sizes`` (n,): how many of its bytes each one has.

    Texts are ``S`` arrays, and as long as they are.
    """

    values: NDArray[Any]
    known: NDArray[np.bool_] | None = None
    sizes: NDArray[np.intp] | None = None


def histogram(placement: PlacementBase) -> NDArray[np.uint16]:
    """The tally a placement was scored from, uint16 (items, 5)."""
    held, width = bytes(placement.tally), models.parsed(placement.model).width
    counts = np.frombuffer(held, dtype="u1" if len(held) == width * LEVELS else "<u2")
    return counts.astype(np.uint16).reshape(width, LEVELS)


def _tallies(hist: NDArray[np.uint16]) -> _Column:
    """A byte a count; two, low byte first, in a tally that has a count above 255.

    Each by its own counts alone, so that no neighbour changes a byte of what is written.
    """
    counts = hist.reshape(len(hist), -1)
    size = counts.shape[1]
    large = counts.max(axis=1) > _BYTE
    if not large.any():
        return _Column(counts.astype("u1").view(f"V{size}")[:, 0])
    held = np.zeros((len(hist), 2 * size), dtype="u1")
    held[~large, :size] = counts[~large]
    held[large] = counts[large].astype("<u2").view("u1")
    return _Column(held.view(f"V{2 * size}")[:, 0], sizes=np.where(large, 2 * size, size))


def derived_of(placement: PlacementBase) -> NDArray[np.float64] | None:
    """What touchpoints said in place of answers, (items,), NaN where the answers count; None: all answers."""
    if placement.derived is None:
        return None
    return np.frombuffer(bytes(placement.derived), dtype="<f4").astype(np.float64)


def asked_of(placement: PlacementBase) -> NDArray[np.bool_]:
    """(items,): what its raters were asked."""
    width, questionnaire = models.parsed(placement.model).width, models.questionnaire(placement.model)
    short_items = [item.position for item in questionnaire.short_items]
    found: NDArray[np.bool_] = asked_items(np.array([placement.form == "short"]), width, short_items)[0]
    return found


def place_counted(counted: Counted, model: Model, into: Generation, summing: Summing | None = None) -> int:
    """Score what was counted and insert one placement a segment; returns how many.

    ``summing`` takes note of what goes into a generation of its own.
    """
    if into.number == 0:
        return write_placements(counted.scored(model), into)
    if not len(counted):
        return 0
    parts = (
        _summed(counted.part(slice(low, low + _BLOCK)).scored(model), into, summing)
        for low in range(0, len(counted), _BLOCK)
    )
    return _stream(parts, len(counted), into.number)


def _summed(scored: Scored, into: Generation, summing: Summing | None) -> dict[str, _Column]:
    columns, scores = _columns(scored, into), scored.scores
    if summing is not None:
        plain = {name: column.values for name, column in columns.items()}
        borderline = scores.borderline & (scores.quadrant > 0)
        codes = {"row": scores.primary, "column": scores.primary_architecture, "borderline": borderline}
        summing.add(plain | codes)
    return columns


def write_placements(scored: Scored, into: Generation) -> int:
    """Insert one placement a segment beside the generations; returns how many."""
    n = len(scored.scores)
    if not n:
        return 0
    columns = _columns(scored, into)
    return _insert(columns, n) if n < MANY else _copy(columns, n)


_FLOATS: Final = {
    "relationships": ("rd", "co", "cb", "ae"),
    "relationship_agreement": ("agree_rd", "agree_co", "agree_cb", "agree_ae"),
    "architectures": ("pr", "rt", "mm", "cw", "pp"),
    "wanted": ("want_rd", "want_co", "want_cb", "want_ae"),
}
_MASKS: Final = {"present": "present", "gates": "gate_met", "intrusive": "intrusive"}
_TRUTHS: Final = {"scheduled_repeat": "scheduled_repeat", "mixed": "mixed", "split": "split",
                  "interact_capped": "capped"}  # fmt: skip


def _columns(scored: Scored, into: Generation) -> dict[str, _Column]:
    """Everything a placement holds but its own id, by name of the column."""
    scores, n = scored.scores, len(scored.scores)
    tasks = dict(zip(CAPABILITIES, scores.capabilities.T, strict=True))
    floats = {
        name: getattr(scores, block)[:, at]
        for block, names in _FLOATS.items()
        for at, name in enumerate(names)
    }
    floats |= {
        "identify": tasks["I"],
        "differentiate": tasks["D"],
        "interact": scores.interact,
        "customize": tasks["C"],
        "agreement": scores.agreement,
        "coverage": scores.coverage,
        "confidence_cell": scores.confidence_cell,
        "confidence_quadrant": scores.confidence_quadrant,
    }
    quadrant = scores.quadrant.astype(np.int16)
    found = {"segment_id": _Column(scored.tally.ids)} | _constants(into, n)
    found |= {name: _Column(values, ~np.isnan(values)) for name, values in floats.items()}
    found |= {name: _Column(_mask(getattr(scores, field))) for name, field in _MASKS.items()}
    found |= {name: _Column(getattr(scores, field)) for name, field in _TRUTHS.items()}
    found |= {
        "baseline": _Column(scores.primary == NONE_PRESENT),
        "primary_relationship": _coded(scores.primary, list(RELATIONSHIPS)),
        "primary_architecture": _coded(scores.primary_architecture, list(ARCHITECTURES)),
        "quadrant": _Column(quadrant, quadrant > 0),
        "borderline": _Column(scores.borderline, quadrant > 0),
        "raters": _Column(scores.raters.astype(np.int32)),
        "form": _Column(np.where(scored.short, b"short", b"full")),
        "fingerprint": _Column(np.array(scored.fingerprints, dtype="S16")),
        "tally": _tallies(scored.tally.hist),
    }
    if scored.derived is not None:
        instead = np.ascontiguousarray(scored.derived, dtype="<f4")
        known = np.isnan(scored.derived).sum(axis=1) < instead.shape[1]
        found["derived"] = _Column(instead.view(f"V{instead.shape[1] * 4}")[:, 0], known)
    return found


def _constants(into: Generation, n: int) -> dict[str, _Column]:
    moment = (into.now - _EPOCH).total_seconds() * 1_000_000
    wide = {"workspace_id": into.workspace_id, "model_id": into.model_id, "generation": into.number}
    found = {name: _Column(np.full(n, value, dtype=np.int64)) for name, value in wide.items()}
    found["computed_at"] = _Column(np.full(n, round(moment), dtype=np.int64))
    found["run_id"] = _Column(
        np.full(n, into.run_id or 0, dtype=np.int64), np.full(n, into.run_id is not None)
    )
    return found


def _mask(flags: NDArray[np.bool_]) -> NDArray[np.int16]:
    bits = np.left_shift(1, np.arange(flags.shape[1]))
    found: NDArray[np.int16] = (flags * bits).sum(axis=1).astype(np.int16)
    return found


def _coded(at: NDArray[np.int8], codes: Sequence[str]) -> _Column:
    names = np.array([code.encode() for code in codes])
    return _Column(names[np.maximum(at, 0)], at >= 0)


def _insert(columns: dict[str, _Column], n: int) -> int:
    plain = {name: _objects(name, column) for name, column in columns.items()}
    rows = [Placement(**{name: values[at] for name, values in plain.items()}) for at in range(n)]
    return len(Placement.objects.bulk_create(rows))


def _objects(name: str, column: _Column) -> list[Any]:
    """Values as Python has them; None where not known."""
    values = column.values.tolist()
    if column.values.dtype.kind == "S":
        values = [value.decode() for value in values]
    elif name == "computed_at":
        values = [_EPOCH + np.timedelta64(value, "us").item() for value in values]
    if column.sizes is not None:
        values = [value[:size] for value, size in zip(values, column.sizes.tolist(), strict=True)]
    if column.known is None:
        return list(values)
    return [value if known else None for value, known in zip(values, column.known.tolist(), strict=True)]


def _stream(parts: Iterator[dict[str, _Column]], n: int, generation: int) -> int:
    """COPY rows part by part: while the database takes one, a thread scores the next."""
    first = next(parts)
    names = ", ".join(first)
    blocks = (
        b"".join(_packed(columns, len(columns["segment_id"].values))) for columns in chain([first], parts)
    )
    with ThreadPoolExecutor(max_workers=1) as thread, connection.cursor() as cursor:
        rows = _Ahead(chain([SIGNATURE], blocks, [TRAILER]), thread)
        try:
            with connection.wrap_database_errors:
                cursor.copy_expert(
                    f"COPY matrix_placement_g{generation} ({names}) FROM STDIN (FORMAT binary)", rows
                )
        except DatabaseError:
            # The driver says only that reading failed; what is wrong with a segment is what counts.
            if rows.stumbled is not None:
                raise rows.stumbled from None
            raise
    return n


class _Ahead:
    """A file that COPY reads, one block a call; the next is made meanwhile."""

    def __init__(self, blocks: Iterator[bytes], thread: Executor) -> None:
        self.blocks, self.thread = blocks, thread
        self.coming = thread.submit(next, blocks, b"")
        self.stumbled: Exception | None = None

    def read(self, size: int) -> bytes:
        try:
            block = self.coming.result()
        except Exception as error:
            self.stumbled = error
            raise
        self.coming = self.thread.submit(next, self.blocks, b"")
        return block


def _copy(columns: dict[str, _Column], n: int) -> int:
    """Into the small partition, by way of a temporary table."""
    names, table = ", ".join(columns), "fresh_placements"
    rows = BytesIO(b"".join([SIGNATURE, *_packed(columns, n), TRAILER]))
    with connection.cursor() as cursor:
        like = f"SELECT {names} FROM matrix_placement WITH NO DATA"
        cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {like}")
        with connection.wrap_database_errors:
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", rows)
        cursor.execute(f"INSERT INTO matrix_placement ({names}) SELECT {names} FROM {table}")
        cursor.execute(f"DROP TABLE {table}")
    return n


def _packed(columns: dict[str, _Column], n: int) -> list[bytes]:
    """Rows of binary COPY (PostgreSQL manual, COPY, "Binary Format"), block by block.

    Each row is laid out at its widest; then the bytes of unknown values and of shorter texts are left out.
    """
    layout: list[Any] = [("fields", ">i2")]
    for name, column in columns.items():
        layout += [(f"{name}#", ">i4"), (name, _wire(column.values.dtype))]
    row = np.dtype(layout)
    rows = np.zeros(min(n, _BLOCK), dtype=row)
    rows["fields"] = len(columns)
    for name in columns:
        rows[f"{name}#"] = row[name].itemsize
    return [_block(columns, rows, low, min(n, low + _BLOCK)) for low in range(0, n, _BLOCK)]


def _block(columns: dict[str, _Column], rows: NDArray[Any], low: int, high: int) -> bytes:
    rows = rows[: high - low]
    keep = np.ones((len(rows), rows.itemsize), dtype=bool)
    for name, column in columns.items():
        values = column.values[low:high]
        rows[name] = values
        place, width = rows.dtype.fields[name][1], rows.dtype[name].itemsize  # type: ignore[index]
        if values.dtype.kind == "S":
            filled = np.ascontiguousarray(values).view(np.uint8).reshape(len(rows), width) > 0
            rows[f"{name}#"] = filled.sum(axis=1)
            if not filled.all():
                keep[:, place : place + width] = filled
        elif column.sizes is not None:
            rows[f"{name}#"] = sizes = column.sizes[low:high]
            keep[:, place : place + width] = np.arange(width) < sizes[:, None]
        elif column.known is not None:
            rows[f"{name}#"] = width
        if column.known is not None and not (known := column.known[low:high]).all():
            rows[f"{name}#"][~known] = -1
            keep[:, place : place + width] &= known[:, None]
    whole = rows.view(np.uint8).reshape(len(rows), rows.itemsize)
    return whole[keep].tobytes()


def _wire(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The same in the order of bytes that PostgreSQL reads."""
    return np.dtype("u1") if dtype.kind == "b" else dtype.newbyteorder(">")
