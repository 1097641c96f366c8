"""One segment's scores as plain values: codes instead of indices, None instead of NaN."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isnan

from matrix.scoring.score import NONE_PRESENT, Scores
from matrix.scoring.vocabulary import ARCHITECTURES, QUADRANTS, RELATIONSHIPS


@dataclass(frozen=True)
class Outcome:
    """What a page or an interface says of a placement. None: not known.

    Levels, shares, wants, coverage, agreement and confidence 0-1; `gap` -1 to 1; identify, differentiate,
    interact (capped) and customize 0-4. `buys_what_we_have`: known, and no relationship is present. `cells`:
    the present relationships in the primary architecture, as pairs of codes, the primary one first.
    """

    relationships: dict[str, float | None]
    present: tuple[str, ...]
    scheduled_repeat: bool
    primary_relationship: str | None
    buys_what_we_have: bool
    architectures: dict[str, float | None]
    primary_architecture: str | None
    mixed: bool
    split: bool
    cells: tuple[tuple[str, str], ...]
    identify: float | None
    differentiate: float | None
    interact: float | None
    customize: float | None
    capped: bool
    quadrant: str | None
    borderline: bool
    wanted: dict[str, float | None]
    gap: dict[str, float | None]
    intrusive: tuple[str, ...]
    coverage: float
    agreement: float | None
    raters: int
    confidence_cell: float | None = None
    confidence_quadrant: float | None = None


def outcome(scores: Scores, at: int = 0) -> Outcome:
    """The scores of the segment at that index."""
    present = _chosen(scores.present[at])
    primary = _coded(RELATIONSHIPS, scores.primary[at])
    architecture = _coded(ARCHITECTURES, scores.primary_architecture[at])
    identify, differentiate, _, customize = (_known(task) for task in scores.capabilities[at])
    quadrant = int(scores.quadrant[at])
    return Outcome(
        relationships=_by_code(RELATIONSHIPS, scores.relationships[at]),
        present=present,
        scheduled_repeat=bool(scores.scheduled_repeat[at]),
        primary_relationship=primary,
        buys_what_we_have=bool(scores.primary[at] == NONE_PRESENT),
        architectures=_by_code(ARCHITECTURES, scores.architectures[at]),
        primary_architecture=architecture,
        mixed=bool(scores.mixed[at]),
        split=bool(scores.split[at]),
        cells=_cells(primary, present, architecture),
        identify=identify,
        differentiate=differentiate,
        interact=_known(scores.interact[at]),
        customize=customize,
        capped=bool(scores.capped[at]),
        quadrant=list(QUADRANTS)[quadrant - 1] if quadrant else None,
        borderline=bool(scores.borderline[at]),
        wanted=_by_code(RELATIONSHIPS, scores.wanted[at]),
        gap=_by_code(RELATIONSHIPS, scores.gap[at]),
        intrusive=_chosen(scores.intrusive[at]),
        coverage=float(scores.coverage[at]),
        agreement=_known(scores.agreement[at]),
        raters=int(scores.raters[at]),
        confidence_cell=_known(scores.confidence_cell[at]),
        confidence_quadrant=_known(scores.confidence_quadrant[at]),
    )


def _cells(
    primary: str | None, present: tuple[str, ...], architecture: str | None
) -> tuple[tuple[str, str], ...]:
    if architecture is None:
        return ()
    rows = sorted(present, key=lambda code: code != primary)
    return tuple((row, architecture) for row in rows)


def _chosen(flags: Sequence[bool]) -> tuple[str, ...]:
    return tuple(code for code, flag in zip(RELATIONSHIPS, flags, strict=True) if flag)


def _by_code(codes: Collection[str], values: Sequence[float]) -> dict[str, float | None]:
    return {code: _known(value) for code, value in zip(codes, values, strict=True)}


def _coded(codes: Collection[str], index: int) -> str | None:
    return list(codes)[index] if index >= 0 else None


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
