"""Placements in force as arrays with their segments and firms, by one binary COPY."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db.models import F, QuerySet
from numpy.typing import NDArray

from connected.models import Segment
from connected.walls import HERE
from matrix.frames.facts import COLUMNS, Block, facts_of, read_facts
from matrix.models import StandingPlacement
from matrix.queries.heat import Field
from matrix.queries.models import parsed
from matrix.scoring import ARCHITECTURES, NONE_PRESENT, RELATIONSHIPS, UNKNOWN, Cube, Facts, currency_number

_PLAIN: Final = {
    "raters": "raters", "mask": "present", "quadrant": "quadrant", "borderline": "borderline",
    "intrusive": "intrusive", "model": "model_id", "segment": "segment_id",
}  # fmt: skip
_NAMED: Final = {"overall": "agreement"}
_CURRENCY: Final = re.compile("[A-Z]{3}")
_FEW_FIRMS: Final = 500
_FEW: Final = 20_000
_EXTRA: Final = {
    "segment": ("i8", "f.segment_id"),
    "firm": ("i8", "f.firm_id"),
    "overall": ("f8", "coalesce(f.agreement, 'NaN')"),
    "coverage": ("f8", "f.coverage"),
}
# What COLUMNS and _EXTRA are made of.
_NEEDED: Final = (
    "segment_id", "firm_id", "raters", "present", "primary_relationship", "baseline", "primary_architecture",
    "mixed", "quadrant", "borderline", "interact", "customize", "agreement", "coverage",
    "rd", "co", "cb", "ae", "agree_rd", "agree_co", "agree_cb", "agree_ae",
    "customers", "revenue", "currency", "want_rd", "want_co", "want_cb", "want_ae", "intrusive", "model_id",
    "confidence_cell",
)  # fmt: skip


def read_field(firms: frozenset[int] | None) -> Field:
    """The placements in force of these firms (None: all of the workspace), by segment."""
    blocks: list[tuple[Facts, Block]] = []
    where, values = ("", []) if firms is None else _of_firms(firms)
    read_facts(
        f"""(
            SELECT p.*, s.firm_id, s.customers, s.revenue, s.currency FROM connected_segment s
            JOIN matrix_standing p ON p.workspace_id = s.workspace_id AND p.segment_id = s.id
            WHERE s.{HERE} {where} ORDER BY p.segment_id
        )""",
        lambda facts, extra: blocks.append((facts, extra)),
        values=values,
        extra=_EXTRA,
    )
    return _joined(blocks)


def field_of(rows: Sequence[tuple[StandingPlacement, Segment]]) -> Field:
    """The same of placements that were read with their models already, in whatever order."""
    given = sorted(rows, key=lambda row: row[0].segment_id)
    cuts = {placement.model_id: parsed(placement.model).present_cut for placement, _ in given}
    block = {
        name: np.array([_value(name, *row) for row in given], dtype=kind)
        for name, (kind, _) in {**COLUMNS, **_EXTRA}.items()
    }
    return _joined([(facts_of(block, cuts), block)] if given else [])


def _value(name: str, placement: StandingPlacement, segment: Segment) -> Any:
    """One value as :data:`COLUMNS` and :data:`_EXTRA` select it."""
    if name in _PLAIN:
        return getattr(placement, _PLAIN[name]) or 0
    if name == "row":
        return _place(RELATIONSHIPS, placement.primary_relationship, placement.baseline)
    if name == "column":
        return _place(ARCHITECTURES, placement.primary_architecture, placement.mixed)
    if name == "currency":
        known = segment.revenue is not None and _CURRENCY.fullmatch(segment.currency)
        return currency_number(segment.currency) if known else 0
    if name == "firm":
        return segment.firm_id
    held = getattr(segment if name in ("customers", "revenue") else placement, _NAMED.get(name, name))
    return float("nan") if held is None else float(held)


def _place(codes: Mapping[str, Any], code: str | None, settled: bool) -> int:
    return list(codes).index(code) if code is not None else NONE_PRESENT if settled else UNKNOWN


def sum_up(rows: "QuerySet[Any]", few: int) -> tuple[Cube, Field]:
    """These placements as sums, and one by one while they are at most ``few``: else the field is empty.

    One COPY; memory stays flat however many there are.
    """
    summed, blocks = Cube.empty(), list[tuple[Facts, Block]]()

    def take(facts: Facts, extra: Block) -> None:
        nonlocal summed
        summed = summed.plus(Cube.of(facts))
        if len(summed) > few:
            blocks.clear()
        else:
            blocks.append((facts, extra))

    sizes = {name: F(f"segment__{name}") for name in ("firm_id", "customers", "revenue", "currency")}
    listed = rows.annotate(**sizes).order_by("segment_id").values(*_NEEDED)
    with suppress(EmptyResultSet):
        source, values = listed.query.sql_with_params()
        read_facts(f"({source})", take, values=values, extra=_EXTRA)
    return summed, _joined(blocks)


def narrowed(rows: "QuerySet[Any]", segments: "QuerySet[Segment]") -> "QuerySet[Any]":
    """Rows of these segments, by name where they are few: see :func:`_of_firms`."""
    ids = list(segments.order_by().values_list("pk", flat=True)[: _FEW + 1])
    return rows.filter(segment_id__in=ids) if len(ids) <= _FEW else rows


def _of_firms(firms: frozenset[int]) -> tuple[str, list[Any]]:
    """Segments by name where they are few: the planner would read a whole generation to join some hundred."""
    if len(firms) <= _FEW_FIRMS:
        ids = list(Segment.objects.filter(firm__in=firms).order_by().values_list("pk", flat=True)[: _FEW + 1])
        if len(ids) <= _FEW:
            return "AND p.segment_id = ANY(%s)", [ids]
    return "AND s.firm_id = ANY(%s)", [sorted(firms)]


def _joined(blocks: list[tuple[Facts, Block]]) -> Field:
    def of(name: str, like: NDArray[Any]) -> NDArray[Any]:
        parts = [getattr(facts, name) if hasattr(facts, name) else extra[name] for facts, extra in blocks]
        return np.concatenate(parts) if parts else like

    none, four = np.zeros(0), np.zeros((0, 4))
    facts = Facts(
        levels=of("levels", four),
        present=of("present", four.astype(bool)),
        row=of("row", none.astype(np.int8)),
        column=of("column", none.astype(np.int8)),
        raters=of("raters", none.astype(np.int64)),
        agreement=of("agreement", four),
        quadrant=of("quadrant", none.astype(np.int8)),
        borderline=of("borderline", none.astype(bool)),
        interact=of("interact", none),
        customize=of("customize", none),
        customers=of("customers", none),
        revenue=of("revenue", none),
        currency=of("currency", none.astype(np.int64)),
        asked=of("asked", four.astype(bool)),
        missed=of("missed", four.astype(bool)),
        intrusive=of("intrusive", four.astype(bool)),
        confidence=of("confidence", none),
    )
    whole = none.astype(np.int64)
    return Field.of(
        facts,
        ids=of("segment", whole),
        firms=of("firm", whole),
        overall=of("overall", none),
        coverage=of("coverage", none),
    )
