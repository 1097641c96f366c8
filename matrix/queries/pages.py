"""What the firm and segment pages read: segments with where they stand, in plain values."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from assessments.models import Participant, Sheet, Workshop
from connected.models import Firm, Segment, Touchpoint
from connected.queries import letters
from matrix.findings.facts import Gate, Standing
from matrix.findings.gap import is_missed
from matrix.models import Placement, PlacementBase, Stale, StandingPlacement
from matrix.queries.models import present_cuts
from matrix.queries.placements import codes, located, proposed, standing, waiting
from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS, Model, Outcome

_FEW_SEGMENTS = 20_000
OPEN_STATES = ("preparing", "collecting", "discussing")


def outcome_of(placement: PlacementBase) -> Outcome:
    """A stored placement in the scoring core's plain values: the same that a receipt ends with."""
    levels = {code: getattr(placement, code.lower()) for code in RELATIONSHIPS}
    wanted = {code: getattr(placement, f"want_{code.lower()}") for code in RELATIONSHIPS}
    present, primary = tuple(codes(placement.present)), placement.primary_relationship
    column = placement.primary_architecture
    return Outcome(
        relationships=levels,
        present=present,
        scheduled_repeat=placement.scheduled_repeat,
        primary_relationship=primary,
        buys_what_we_have=placement.baseline,
        architectures={code: getattr(placement, code.lower()) for code in ARCHITECTURES},
        primary_architecture=column,
        mixed=placement.mixed,
        split=placement.split,
        cells=tuple((row, column) for row in sorted(present, key=lambda c: c != primary)) if column else (),
        identify=placement.identify,
        differentiate=placement.differentiate,
        interact=placement.interact,
        customize=placement.customize,
        capped=placement.interact_capped,
        quadrant=list(QUADRANTS)[placement.quadrant - 1] if placement.quadrant else None,
        borderline=bool(placement.borderline),
        wanted=wanted,
        gap={code: _less(wanted[code], levels[code]) for code in RELATIONSHIPS},
        intrusive=tuple(codes(placement.intrusive)),
        coverage=placement.coverage,
        agreement=placement.agreement,
        raters=placement.raters,
        confidence_cell=placement.confidence_cell,
        confidence_quadrant=placement.confidence_quadrant,
    )


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def standing_of(
    segment: Segment,
    letter: str,
    placement: PlacementBase | None,
    sheets: int,
    touchpoints: int,
    stale: bool,
    name: str = "",
) -> Standing:
    """A segment with its placement, if it has one, as the findings read it; ``name`` as it is told apart."""
    return Standing(
        id=segment.pk,
        letter=letter,
        name=name or segment.name,
        outcome=outcome_of(placement) if placement else None,
        gates=tuple(codes(placement.gates)) if placement else tuple(RELATIONSHIPS),
        agreement={c: getattr(placement, f"agree_{c.lower()}") for c in RELATIONSHIPS} if placement else {},
        sheets=sheets,
        touchpoints=touchpoints,
        consent=segment.consent,
        customers=segment.customers,
        stale=stale,
    )


@dataclass(frozen=True)
class Seated:
    """A segment of a firm's page: the row, its placement in force, and the same in plain values."""

    segment: Segment
    placement: StandingPlacement | None
    standing: Standing


def seated(firm: Firm) -> list[Seated]:
    """Every segment of a firm in order of age, with where it stands. Five queries."""
    segments = list(Segment.objects.filter(firm=firm).order_by("pk"))
    ids = [segment.pk for segment in segments]
    rows = StandingPlacement.objects.filter(segment_id__in=ids).select_related("model")
    rows = rows.defer("model__definition")  # Of each row's own: it is parsed once a process.
    placed = {row.segment_id: row for row in rows}
    sheets, touchpoints, stale = sheets_by_segment(ids), touchpoints_by_segment(ids), waiting(ids)
    marks = letters(ids)
    names = told_apart((each.pk, each.name, each.offering, each.situation) for each in segments)
    return [
        Seated(
            segment,
            placed.get(segment.pk),
            standing_of(
                segment,
                marks[segment.pk],
                placed.get(segment.pk),
                sheets.get(segment.pk, 0),
                touchpoints.get(segment.pk, 0),
                segment.pk in stale,
                names[segment.pk],
            ),
        )
        for segment in segments
    ]


def touchpoints_by_segment(ids: Iterable[int]) -> dict[int, int]:
    """How many touchpoints describe each segment's journey. One query."""
    rows = Touchpoint.objects.filter(segment_id__in=list(ids)).order_by().values_list("segment_id")
    return dict(rows.annotate(n=Count("pk")))


def answered(firms: "QuerySet[Firm]") -> bool:
    """Whether anybody has answered for one of these firms. One query, asked where nothing is placed."""
    rows = Sheet.objects.filter(segment__firm__in=firms.order_by(), given__contains=[True])
    return rows.exists()


def sheets_by_segment(ids: Iterable[int]) -> dict[int, int]:
    """Sheets handed in per segment, in its newest workshop that has any. One query."""
    rows = (
        Sheet.objects.filter(segment_id__in=list(ids), given__contains=[True])
        .order_by()
        .values_list("segment_id", "workshop_id")
        .annotate(n=Count("participant_id", distinct=True))
    )
    return {segment: count for segment, _, count in sorted(rows)}


def open_workshop(firm_id: int) -> Workshop | None:
    """The firm's newest workshop that still collects or discusses."""
    return Workshop.objects.filter(firm_id=firm_id, state__in=OPEN_STATES).order_by("-pk").first()


def gates_of(model: Model) -> dict[str, Gate]:
    """The model's gates by relationship."""
    return {gate.relationship: Gate(gate.item, gate.minimum) for gate in model.gates if gate}


@dataclass(frozen=True)
class FirmLine:
    """One line of the firms list; `bare` segments have no journey."""

    pk: int
    name: str
    industry: str
    segments: int
    placed: int
    bare: int

    @property
    def unplaced(self) -> int:
        return self.segments - self.placed


@dataclass(frozen=True)
class FirmHead:
    """A firm by name, with how many segments it has."""

    pk: int
    name: str
    segments: int


def firm_heads(rows: "QuerySet[Firm]") -> list[FirmHead]:
    """One query, for a page that says nothing else of a firm's segments, or reads them anyway."""
    return [FirmHead(*row) for row in rows.annotate(n=Count("segments")).values_list("pk", "name", "n")]


def firm_lines(rows: "QuerySet[Firm]") -> list[FirmLine]:
    """Firms with how many segments they have, how many are placed, how many lack a journey. Four queries.

    Counted by firm over everything rather than firm by firm: a count for each of five thousand firms
    would read the placements in force as often.
    """
    firms = list(rows.values_list("pk", "name", "industry"))
    ids = [pk for pk, *_ in firms]
    segments = Segment.objects.filter(firm__in=ids).order_by()
    described = Touchpoint.objects.filter(segment=OuterRef("pk"))
    total = _counted(segments, "firm")
    bare = _counted(segments.filter(~Exists(described)), "firm")
    placed = _placed(segments, sum(total.values()), ids)
    return [
        FirmLine(pk, name, industry, total.get(pk, 0), placed.get(pk, 0), bare.get(pk, 0))
        for pk, name, industry in firms
    ]


def _placed(segments: "QuerySet[Segment]", count: int, firms: list[int]) -> dict[int, int]:
    """Placed segments by firm; by the segments' ids while they are few, so that one index finds them."""
    if count > _FEW_SEGMENTS:
        standing = StandingPlacement.objects.filter(located(), segment__firm__in=firms)
        return _counted(standing.order_by(), "segment__firm")
    firm_of = dict(segments.values_list("pk", "firm_id"))
    rows = StandingPlacement.objects.filter(located(), segment_id__in=list(firm_of)).order_by()
    return dict(Counter(firm_of[pk] for pk in rows.values_list("segment_id", flat=True)))


def _counted(rows: "QuerySet[Any]", by: str) -> dict[int, int]:
    return dict(rows.values_list(by).annotate(n=Count("pk")))


@dataclass(frozen=True)
class Pulse:
    """What the open segment page asks each second: which placement is in force, and is one on its way.

    ``tried``: how often a newer one was tried in vain; None when none is due.
    """

    placement: int | None
    tried: int | None


def pulse(segments: "QuerySet[Segment]", segment_id: int) -> Pulse | None:
    """One query; None when the segment is not among those the actor may see."""
    row = (
        segments.filter(pk=segment_id)
        .annotate(
            placement=Subquery(StandingPlacement.objects.filter(segment=OuterRef("pk")).values("pk")[:1]),
            tried=Subquery(Stale.objects.filter(segment=OuterRef("pk")).values("attempts")[:1]),
        )
        .values_list("placement", "tried")
        .first()
    )
    return Pulse(*row) if row else None


def told_apart(rows: Iterable[tuple[int, str, str, str]]) -> dict[int, str]:
    """Names of one firm's segments from (id, name, offering, situation), with what tells twins apart."""
    given = list(rows)
    often = Counter(name for _, name, _, _ in given)
    offered = Counter((name, offering) for _, name, offering, _ in given)
    found = {}
    for pk, name, offering, situation in given:
        beside = offering if offered[name, offering] == 1 else " · ".join(filter(None, (offering, situation)))
        found[pk] = f"{name} ({beside})" if often[name] > 1 and beside else name
    return found


def names_of(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """(segment, firm) names by segment. One query, none for none."""
    if not ids:
        return {}
    rows = Segment.objects.filter(pk__in=list(ids)).order_by("pk")
    firms: dict[int, list[tuple[int, str, str, str]]] = {}
    named: dict[int, str] = {}
    for pk, name, offering, situation, firm, firm_name in rows.values_list(
        "pk", "name", "offering", "situation", "firm_id", "firm__name"
    ):
        firms.setdefault(firm, []).append((pk, name, offering, situation))
        named[firm] = firm_name
    return {pk: (name, named[firm]) for firm, own in firms.items() for pk, name in told_apart(own).items()}


def segment_names(firm_id: int) -> dict[int, str]:
    """Names of a firm's segments in order of age. One query."""
    rows = Segment.objects.filter(firm_id=firm_id).order_by("pk")
    return told_apart(rows.values_list("pk", "name", "offering", "situation"))


def placement_rows(firms: frozenset[int] | None) -> Iterator[tuple[object, ...]]:
    """The placements in force as lines of a file, sorted by firm and segment. Two queries."""
    cuts = present_cuts()
    for row in standing(firms).order_by("segment__firm__name", "segment_id").iterator(chunk_size=2000):
        segment, found = row.segment, outcome_of(row)
        yield (
            segment.firm.name,
            segment.name,
            segment.offering,
            segment.situation,
            segment.customers,
            *found.relationships.values(),
            " ".join(found.present),
            found.primary_relationship,
            found.primary_architecture,
            found.identify,
            found.differentiate,
            found.interact,
            found.customize,
            found.quadrant,
            row.borderline,
            found.confidence_cell,
            found.confidence_quadrant,
            found.agreement,
            found.coverage,
            found.raters,
            str(row.model),
            row.computed_at.isoformat(),
            *found.wanted.values(),
            " ".join(code for code in found.relationships if is_missed(found, code, cuts[row.model_id])),
            " ".join(found.intrusive),
        )


def neighbours(segment: Segment) -> tuple[list[tuple[int, str]], int]:
    """All segments of the same firm as (id, name) in order of age, and the place of this one."""
    rows = list(segment_names(segment.firm_id).items())
    return rows, [pk for pk, _ in rows].index(segment.pk)


def in_force(segment: Segment) -> StandingPlacement | None:
    """The placement in force of one segment, its tally and model at hand."""
    return (
        StandingPlacement.objects.filter(segment=segment)
        .select_related("model__instrument", "run")
        .defer("model__definition", "model__instrument__definition")
        .first()
    )


def given_evidence(
    segment: Segment, participants: "QuerySet[Participant]"
) -> dict[str, list[tuple[str, str]]]:
    """Notes by item, as (participant, note), of those participants whose sheets may be seen. One query.

    Only the newest workshop that has sheets for the segment speaks, as in its placement.
    """
    sheets = Sheet.objects.filter(segment=segment, participant__in=participants).select_related("participant")
    found: dict[str, list[tuple[str, str]]] = {}
    newest = None
    for sheet in sheets.order_by("-workshop_id", "participant_id", "-round"):
        newest = newest or sheet.workshop_id
        for item, note in sheet.evidence.items():
            if note and sheet.workshop_id == newest:
                found.setdefault(item, []).append((sheet.participant.name, note))
    return found


_TELLING = (
    "primary_relationship", "primary_architecture", "baseline", "mixed", "present", "quadrant", "borderline",
    "raters", "model_id",
)  # fmt: skip


def earlier(segment: Segment, most: int = 20) -> list[Placement]:
    """The last placement of each state a segment was in, newest first: not one for every saved answer.

    A state is its cell, what is present, its quadrant, the number of raters and the model. Two queries.
    """
    rows = Placement.objects.filter(segment=segment).exclude(proposed()).order_by("-pk")
    last, before = [], None
    for pk, *state in rows.values_list("pk", *_TELLING):
        if state != before:
            last.append(pk)
            before = state
        if len(last) == most:
            break
    found = rows.filter(pk__in=last).select_related("model", "run").defer("tally")
    return list(found)


__all__ = [
    "FirmHead",
    "FirmLine",
    "Pulse",
    "Seated",
    "earlier",
    "firm_heads",
    "firm_lines",
    "gates_of",
    "given_evidence",
    "in_force",
    "names_of",
    "neighbours",
    "open_workshop",
    "outcome_of",
    "placement_rows",
    "pulse",
    "seated",
    "segment_names",
    "sheets_by_segment",
    "standing_of",
    "told_apart",
    "touchpoints_by_segment",
]
