"""A placement as JSON and as a line of CSV, from plain values: no object a row.

Codes, never names; null is "not known", never 0.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any, Final

from assessments.tables.delimited import guard
from connected.api.bodies import as_json
from matrix.queries.placements import codes
from matrix.scoring import ARCHITECTURES, RELATIONSHIPS

Row = Mapping[str, Any]

#: What to ask of the database for a row.
COLUMNS: Final = (
    "id", "segment__firm_id", "segment__firm__name", "segment_id", "segment__name", "segment__offering",
    "segment__situation", "rd", "co", "cb", "ae", "present", "baseline", "primary_relationship",
    "pr", "rt", "mm", "cw", "pp", "primary_architecture", "mixed",
    "identify", "differentiate", "interact", "customize", "quadrant", "borderline",
    "confidence_cell", "confidence_quadrant", "agreement", "coverage", "raters",
    "model__code", "model__version", "fingerprint", "run_id", "computed_at",
)  # fmt: skip

# Sixteen masks: worked out once, not once a row.
_PRESENT: Final = tuple(codes(mask) for mask in range(16))
_LEVELS: Final = tuple((code, code.lower()) for code in RELATIONSHIPS)
_SHARES: Final = tuple((code, code.lower()) for code in ARCHITECTURES)
BLOCK: Final = 2000


def body(row: Row) -> dict[str, Any]:
    """The JSON of one placement."""
    present = _PRESENT[row["present"]]
    return {
        "id": row["id"],
        "firm": row["segment__firm_id"],
        "firm_name": row["segment__firm__name"],
        "segment": row["segment_id"],
        "segment_name": row["segment__name"],
        "offering": row["segment__offering"],
        "situation": row["segment__situation"],
        "relationships": {code: row[column] for code, column in _LEVELS},
        "present": present,
        "baseline": row["baseline"],
        "primary_relationship": row["primary_relationship"],
        "architectures": {code: row[column] for code, column in _SHARES},
        "primary_architecture": row["primary_architecture"],
        "mixed": row["mixed"],
        "cells": _cells(row, present),
        "identify": row["identify"],
        "differentiate": row["differentiate"],
        "interact": row["interact"],
        "customize": row["customize"],
        "quadrant": _quadrant(row),
        "borderline": row["borderline"],
        "confidence": {"cell": row["confidence_cell"], "quadrant": row["confidence_quadrant"]},
        "agreement": row["agreement"],
        "coverage": row["coverage"],
        "raters": row["raters"],
        "model": f"{row['model__code']}.v{row['model__version']}",
        "fingerprint": row["fingerprint"],
        "run": row["run_id"],
        "computed_at": row["computed_at"],
    }


def _cells(row: Row, present: list[str]) -> list[dict[str, Any]]:
    architecture = row["primary_architecture"]
    if architecture is None:
        return []
    return [
        {"relationship": code, "architecture": architecture, "level": row[code.lower()]} for code in present
    ]


def _quadrant(row: Row) -> str | None:
    return None if row["quadrant"] is None else f"Q{row['quadrant']}"


def ndjson(rows: Iterable[Row]) -> Iterator[bytes]:
    """One placement a line, in blocks; the last line is ``{"complete": true, "rows": n}``."""
    number, block = 0, bytearray()
    for number, row in enumerate(rows, 1):
        block += as_json(body(row))
        block += b"\n"
        if number % BLOCK == 0:
            yield bytes(block)
            block.clear()
    yield bytes(block) + as_json({"complete": True, "rows": number}) + b"\n"


_PLAIN: Final = ("identify", "differentiate", "interact", "customize")
_AFTER: Final = ("agreement", "coverage", "raters", "model", "fingerprint", "run", "computed_at")
HEADER: Final = (
    "id", "firm", "firm_name", "segment", "segment_name", "offering", "situation", *RELATIONSHIPS, "present",
    "baseline", "primary_relationship", *ARCHITECTURES, "primary_architecture", "mixed", "cells", *_PLAIN,
    "quadrant", "borderline", "confidence_cell", "confidence_quadrant", *_AFTER,
)  # fmt: skip


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """A header and one placement a line, in blocks. Empty is "not known"; lists are parted by spaces."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    for number, row in enumerate(rows, 1):
        writer.writerow(_line(row))
        if number % BLOCK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _line(row: Row) -> list[Any]:
    present, architecture = _PRESENT[row["present"]], row["primary_architecture"]
    cells = [f"{code}-{architecture}" for code in present] if architecture else []
    return [
        row["id"],
        row["segment__firm_id"],
        guard(row["segment__firm__name"]),
        row["segment_id"],
        guard(row["segment__name"]),
        guard(row["segment__offering"]),
        guard(row["segment__situation"]),
        *(row[column] for _, column in _LEVELS),
        " ".join(present),
        _word(row["baseline"]),
        row["primary_relationship"],
        *(row[column] for _, column in _SHARES),
        architecture,
        _word(row["mixed"]),
        " ".join(cells),
        *(row[name] for name in _PLAIN),
        _quadrant(row),
        _word(row["borderline"]),
        row["confidence_cell"],
        row["confidence_quadrant"],
        row["agreement"],
        row["coverage"],
        row["raters"],
        f"{row['model__code']}.v{row['model__version']}",
        row["fingerprint"],
        row["run_id"],
        row["computed_at"].isoformat(),
    ]


def _word(truth: bool | None) -> str | None:
    return None if truth is None else "true" if truth else "false"
