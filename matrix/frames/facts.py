"""Placements in force with their segments' sizes, out of the database as arrays."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matrix.frames.sheets import SIGNATURE
from matrix.queries.models import present_cuts
from matrix.scoring import ARCHITECTURES, RELATIONSHIPS, Facts, missed

_BLOCK: Final = 50_000
_FLOATS: Final = (
    "rd", "co", "cb", "ae", "agree_rd", "agree_co", "agree_cb", "agree_ae", "interact", "customize",
    "customers", "revenue", "want_rd", "want_co", "want_cb", "want_ae", "confidence_cell",
)  # fmt: skip


def _place(codes: Sequence[str], column: str, settled: str) -> str:
    """Where a code stands among the codes; -1 where it is settled that there is none, -2 not known."""
    listed = ", ".join(f"'{code}'" for code in codes)
    found = f"array_position(ARRAY[{listed}]::varchar[], f.{column}) - 1"
    return f"coalesce({found}, CASE WHEN f.{settled} THEN -1 ELSE -2 END)::smallint"


# Every value of fixed size and none NULL, so that rows are one array: NaN for a float not known.
COLUMNS: Final = {
    "raters": ("i8", "f.raters::bigint"),
    "mask": ("i2", "f.present"),
    "row": ("i2", _place(list(RELATIONSHIPS), "primary_relationship", "baseline")),
    "column": ("i2", _place(list(ARCHITECTURES), "primary_architecture", "mixed")),
    "quadrant": ("i2", "coalesce(f.quadrant, 0)::smallint"),
    "borderline": ("i2", "coalesce(f.borderline, false)::int::smallint"),
    "intrusive": ("i2", "coalesce(f.intrusive, 0)::smallint"),
    "model": ("i8", "coalesce(f.model_id, 0)::bigint"),
    "currency": (
        "i4",
        "CASE WHEN f.revenue IS NOT NULL AND f.currency ~ '^[A-Z]{3}$'"
        " THEN ('x' || encode(convert_to(f.currency, 'UTF8'), 'hex'))::bit(24)::int ELSE 0 END",
    ),
} | {name: ("f8", f"coalesce(f.{name}::double precision, 'NaN')") for name in _FLOATS}

_WANTS: Final = ("want_rd", "want_co", "want_cb", "want_ae")

Block = dict[str, NDArray[Any]]


def read_facts(
    source: str,
    take: Callable[[Facts, Block], None],
    *,
    values: Sequence[Any] | Mapping[str, Any] = (),
    before: str = "",
    extra: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> None:
    """Read placements with sizes in one COPY and hand them to ``take`` in blocks.

    ``source``: what to select from, named ``f``, trusted, after ``before`` (a WITH clause); ``values`` for
    its places. ``extra``: more columns of fixed size, name to type and SQL, given beside the facts.
    """
    columns = {**COLUMNS, **extra}
    select = ", ".join(sql for _, sql in columns.values())
    reader = _Reader({name: kind for name, (kind, _) in columns.items()}, take)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cursor.cursor
        statement = raw.mogrify(
            f"COPY ({before} SELECT {select} FROM {source} f) TO STDOUT (FORMAT binary)", values
        )
        raw.copy_expert(statement.decode(), reader, size=1 << 20)
    reader.finish()


class _Reader:
    """A file COPY writes to: unpacks rows of fixed size a block at a time, so that memory stays flat."""

    def __init__(self, kinds: dict[str, str], take: Callable[[Facts, Block], None]) -> None:
        # Nothing else can be asked while a COPY runs.
        self.cuts = present_cuts()
        layout: list[Any] = [("fields", ">i2")]
        for name, kind in kinds.items():
            layout += [(f"{name}#", ">i4"), (name, f">{kind}")]
        self.names, self.row, self.take = list(kinds), np.dtype(layout), take
        self.held, self.skip = bytearray(), len(SIGNATURE)

    def write(self, data: bytes) -> int:
        self.held += data
        while len(self.held) >= self.skip + self.row.itemsize * _BLOCK:
            self._unpack(_BLOCK)
        return len(data)

    def finish(self) -> None:
        """What is left is less than a block, and the two bytes that end a COPY."""
        self._unpack((len(self.held) - self.skip) // self.row.itemsize)

    def _unpack(self, count: int) -> None:
        if count <= 0:
            return
        end = self.skip + count * self.row.itemsize
        rows = np.frombuffer(bytes(self.held[self.skip : end]), dtype=self.row)
        block = {name: rows[name].astype(self.row[name].newbyteorder("=")) for name in self.names}
        del self.held[:end]
        self.skip = 0
        self.take(
            facts_of(block, self.cuts), {name: block[name] for name in self.names if name not in COLUMNS}
        )


def facts_of(block: Block, cuts: Mapping[int, float]) -> Facts:
    """Facts of plain columns named as in :data:`COLUMNS`; ``cuts``: from which level present, by model."""
    levels, wanted = _side_by_side(block, "rd", "co", "cb", "ae"), _side_by_side(block, *_WANTS)
    present, intrusive = _flags(block["mask"]), _flags(block["intrusive"])
    return Facts(
        levels=levels,
        present=present,
        asked=intrusive | ~(np.isnan(levels) | np.isnan(wanted)),
        missed=missed(wanted, levels, present, _cuts(block["model"], cuts)) & ~intrusive,
        intrusive=intrusive,
        confidence=block["confidence_cell"],
        row=block["row"].astype(np.int8),
        column=block["column"].astype(np.int8),
        raters=block["raters"].astype(np.int64),
        agreement=_side_by_side(block, "agree_rd", "agree_co", "agree_cb", "agree_ae"),
        quadrant=block["quadrant"].astype(np.int8),
        borderline=block["borderline"] > 0,
        interact=block["interact"],
        customize=block["customize"],
        customers=block["customers"],
        revenue=block["revenue"],
        currency=block["currency"].astype(np.int64),
    )


def _flags(masks: NDArray[Any]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (masks.astype(np.int64)[:, None] >> np.arange(len(RELATIONSHIPS))) & 1 > 0
    return found


def _cuts(models: NDArray[Any], cuts: Mapping[int, float]) -> NDArray[np.float64]:
    """(n, 1): of each row's model; NaN for a model not known."""
    each, place = np.unique(models, return_inverse=True)
    return np.array([cuts.get(model, np.nan) for model in each.tolist()])[place][:, None]


def _side_by_side(block: Block, *names: str) -> NDArray[np.float64]:
    return np.column_stack([block[name] for name in names])
