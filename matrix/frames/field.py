"""Placements in force as arrays with their segments and firms, by one binary COPY."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from connected.models import Segment
from connected.walls import HERE
from matrix.frames.facts import Block, read_facts
from matrix.queries.heat import Field
from matrix.scoring import Facts

_FEW_FIRMS: Final = 500
_FEW: Final = 20_000
_EXTRA: Final = {
    "segment": ("i8", "f.segment_id"),
    "firm": ("i8", "f.firm_id"),
    "overall": ("f8", "coalesce(f.agreement, 'NaN')"),
    "coverage": ("f8", "f.coverage"),
}


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
    )
    whole = none.astype(np.int64)
    return Field.of(
        facts,
        ids=of("segment", whole),
        firms=of("firm", whole),
        overall=of("overall", none),
        coverage=of("coverage", none),
    )
