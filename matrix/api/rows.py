"""A placement as a line of JSON or CSV, written by the database: no Python object a row.

Codes, never names; null (in CSV: empty) is "not known", never 0.
"""

from typing import Any, Final

from django.db.models import F, Func, QuerySet, TextField

from matrix.queries.placements import BITS
from matrix.scoring import ARCHITECTURES, RELATIONSHIPS

# What the SQL below calls a column, and where the query finds it.
COLUMNS: Final = {
    "firm": "segment__firm_id",
    "firm_name": "segment__firm__name",
    "segment": "segment_id",
    "segment_name": "segment__name",
    "offering": "segment__offering",
    "situation": "segment__situation",
    "model_code": "model__code",
    "model_version": "model__version",
    "run": "run_id",
} | {
    name: name
    for name in (
        "id", "present", "baseline", "primary_relationship", "primary_architecture", "mixed",
        "identify", "differentiate", "interact", "customize", "quadrant", "borderline", "confidence_cell",
        "confidence_quadrant", "agreement", "coverage", "raters", "fingerprint", "computed_at",
        *(code.lower() for code in (*RELATIONSHIPS, *ARCHITECTURES)),
    )
}  # fmt: skip


def _present(joiner: str, sql: dict[str, str]) -> str:
    """One text for each relationship present, in the matrix's order."""
    cases = (f"CASE WHEN {{present}} & {bit} > 0 THEN {sql[code]} END" for code, bit in BITS.items())
    return f"concat_ws('{joiner}', {', '.join(cases)})"


# JSON is put together from text: twice as quick as json_build_object, which parses what it has written.


def _number(sql: str) -> str:
    return f"coalesce(({sql})::text, 'null')"


def _code(sql: str) -> str:
    """A word that needs no escaping."""
    return f"""coalesce('"' || {sql} || '"', 'null')"""


def _text(sql: str) -> str:
    return f"to_json({sql}::text)::text"


def _object(parts: dict[str, str]) -> str:
    """Members that are JSON already, as one object. Braces are doubled: ``_Line`` formats this."""
    members = (f"""'"{name}":', {part}""" for name, part in parts.items())
    return "concat('{{', " + ", ',', ".join(members) + ", '}}')"


def _array(sql: dict[str, str]) -> str:
    return f"'[' || {_present(',', sql)} || ']'"


def _cell(code: str) -> str:
    """Null where no architecture leads, so that it is left out."""
    level = _number(f"{{{code.lower()}}}")
    head = f"""'{{{{"relationship":"{code}","architecture":"' || {{primary_architecture}}"""
    return f"""{head} || '","level":' || {level} || '}}}}'"""


def _plain(*names: str) -> dict[str, str]:
    return {name: f"{{{name}}}" for name in names}


def _numbers(*names: str) -> dict[str, str]:
    return {name: _number(f"{{{name}}}") for name in names}


_TASKS: Final = ("identify", "differentiate", "interact", "customize")
_MODEL: Final = "{model_code} || '.v' || {model_version}"
_QUADRANT: Final = "'Q' || {quadrant}"
_WHEN: Final = """to_char({computed_at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_TEXTS: Final = ("firm_name", "segment_name", "offering", "situation")

_JSON: Final = _object(
    {
        **_numbers("id", "firm"),
        "firm_name": _text("{firm_name}"),
        **_numbers("segment"),
        **{name: _text(f"{{{name}}}") for name in _TEXTS[1:]},
        "relationships": _object({code: _number(f"{{{code.lower()}}}") for code in RELATIONSHIPS}),
        "present": _array({code: f"""'"{code}"'""" for code in RELATIONSHIPS}),
        **_numbers("baseline"),
        "primary_relationship": _code("{primary_relationship}"),
        "architectures": _object({code: _number(f"{{{code.lower()}}}") for code in ARCHITECTURES}),
        "primary_architecture": _code("{primary_architecture}"),
        **_numbers("mixed"),
        "cells": _array({code: _cell(code) for code in RELATIONSHIPS}),
        **_numbers(*_TASKS),
        "quadrant": _code(_QUADRANT),
        **_numbers("borderline"),
        "confidence": _object(
            {"cell": _number("{confidence_cell}"), "quadrant": _number("{confidence_quadrant}")}
        ),
        **_numbers("agreement", "coverage", "raters"),
        "model": _code(_MODEL),
        "fingerprint": _code("{fingerprint}"),
        **_numbers("run"),
        "computed_at": _code(_WHEN),
    }
)

_LINE: Final = {
    **_plain("id", "firm", "firm_name", "segment", "segment_name", "offering", "situation"),
    **{code: f"{{{code.lower()}}}" for code in RELATIONSHIPS},
    "present": _present(" ", {code: f"'{code}'" for code in RELATIONSHIPS}),
    **_plain("baseline", "primary_relationship"),
    **{code: f"{{{code.lower()}}}" for code in ARCHITECTURES},
    **_plain("primary_architecture", "mixed"),
    "cells": _present(" ", {code: f"'{code}-' || {{primary_architecture}}" for code in RELATIONSHIPS}),
    **_plain(*_TASKS),
    "quadrant": _QUADRANT,
    **_plain("borderline", "confidence_cell", "confidence_quadrant", "agreement", "coverage", "raters"),
    "model": _MODEL,
    **_plain("fingerprint", "run"),
    "computed_at": _WHEN,
}
HEADER: Final = tuple(_LINE)


def _csv_cell(name: str, sql: str) -> str:
    """Text with an apostrophe where a spreadsheet would run it; the rest as it is."""
    if name not in _TEXTS:
        return f"({sql})::text"
    guard = rf"""CASE WHEN {sql} ~ E'^\'*[-=+@\t\r]' THEN '''' ELSE '' END"""
    return f"{guard} || {sql}"


# Several columns of one COPY, which quotes what needs it.
_CSV: Final = ", ".join(_csv_cell(*cell) for cell in _LINE.items())


class _Line(Func):
    """SQL in which ``{name}`` stands for a column of ``COLUMNS``."""

    output_field = TextField()

    def __init__(self, text: str) -> None:
        super().__init__(*(F(path) for path in COLUMNS.values()))
        self.text = text

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> tuple[str, tuple[()]]:
        columns = (compiler.compile(each)[0] for each in self.get_source_expressions())
        return self.text.format(**dict(zip(COLUMNS, columns, strict=True))), ()


def with_json(found: "QuerySet[Any]") -> "QuerySet[Any]":
    """Adds ``line``: the JSON of a placement as text."""
    rows: QuerySet[Any] = found.annotate(line=_Line(_JSON))
    return rows


def with_csv(found: "QuerySet[Any]") -> "QuerySet[Any]":
    """Adds ``line``: in SQL, as many columns as ``HEADER`` names."""
    rows: QuerySet[Any] = found.annotate(line=_Line(_CSV))
    return rows
