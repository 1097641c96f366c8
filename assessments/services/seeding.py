"""A synthetic portfolio, written at scale: for trying things out, demonstrations and benchmarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from assessments.models import Participant, Workshop
from assessments.queries import current_instrument, current_version
from assessments.services.imports.staging import stage_sheets
from assessments.synthetic import BLOCK, Block, draw_block, draw_digits
from connected.bulk import allow_seconds, draw_ids, insert_rows
from connected.models import Firm, Segment
from connected.permissions import Actor, must_edit

SECONDS: Final = 300
WORKSHOP_NAME: Final = "Synthetic answers"
_RATERS: Final = (
    ("Strategy lead", "board"),
    ("Front line", "front line"),
    ("Customer panel", "customers"),
    ("Operations", "operations"),
    ("Partner", "partners"),
)
_SEGMENT: Final = (
    "id",
    "workspace_id",
    "firm_id",
    "name",
    "offering",
    "customers",
    "revenue",
    "currency",
    "consent",
    "source",
)
_WRITE: Final = """
INSERT INTO assessments_sheet (
    workspace_id, workshop_id, participant_id, segment_id, round,
    answers, given, evidence, version, updated_at
)
SELECT workspace_id, workshop_id, participant_id, segment_id, round,
       answers, given, evidence, 1, clock_timestamp()
FROM incoming_sheets
"""


@dataclass(frozen=True)
class Seeded:
    """How many rows were made; firms of the same names that were there already are left as they are."""

    firms: int = 0
    segments: int = 0
    sheets: int = 0

    def __add__(self, other: "Seeded") -> "Seeded":
        return Seeded(self.firms + other.firms, self.segments + other.segments, self.sheets + other.sheets)


@transaction.atomic
def seed_portfolio(*, by: Actor, segments: int, raters: int = 3, seed: int = 1) -> Seeded:
    """Write a synthetic portfolio of so many segments, each answered by so many raters.

    The same seed gives the same firms, segments and answers, and a larger portfolio begins with the
    smaller one. Nothing is announced and nothing placed: start a run over the workspace afterwards.
    """
    must_edit(by)
    allow_seconds(SECONDS)
    done = Seeded()
    for number, first in enumerate(range(0, segments, BLOCK)):
        block = draw_block(seed, number, min(BLOCK, segments - first))
        done += _write(by, block, seed=seed, number=number, raters=raters)
    return done


def _write(by: Actor, block: Block, *, seed: int, number: int, raters: int) -> Seeded:
    names = [firm.name for firm in block.firms]
    there = set(Firm.objects.filter(name__in=names).values_list("name", flat=True))
    new = [at for at, name in enumerate(names) if name not in there]
    if not new:
        return Seeded()
    firm_ids = _firms(by, block, new)
    places = [at for at, segment in enumerate(block.segments) if segment.firm in firm_ids]
    segment_ids = _segments(by, block, places, firm_ids, f"Synthetic figures, seed {seed}")
    workshop_ids = _workshops(by, firm_ids)
    participant_ids = _participants(by, workshop_ids, raters)
    instrument = current_instrument()
    digits = draw_digits(block, instrument, seed, number, raters)[places]
    texts = digits.reshape(-1, len(instrument)).view(f"S{len(instrument)}").ravel().tolist()
    keys = (
        (by.workspace_id, workshop_ids[block.segments[at].firm], participant, segment_id, 1)
        for at, segment_id in zip(places, segment_ids, strict=True)
        for participant in participant_ids[block.segments[at].firm]
    )
    stage_sheets((*key, text.decode(), "{}", "{}") for key, text in zip(keys, texts, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_WRITE)
    return Seeded(len(new), len(places), len(texts))


def _firms(by: Actor, block: Block, new: Sequence[int]) -> dict[int, int]:
    ids = dict(zip(new, draw_ids(Firm, len(new)), strict=True))
    rows = [
        (ids[at], by.workspace_id, firm.name, firm.industry, firm.need, firm.refuses)
        for at, firm in enumerate(block.firms)
        if at in ids
    ]
    insert_rows(Firm, ["id", "workspace_id", "name", "industry", "need", "refuses"], rows)
    return ids


def _segments(
    by: Actor, block: Block, places: Sequence[int], firm_ids: dict[int, int], source: str
) -> list[int]:
    ids = draw_ids(Segment, len(places))
    sketches = [block.segments[at] for at in places]
    rows = (
        (
            pk,
            by.workspace_id,
            firm_ids[s.firm],
            s.name,
            s.offering,
            s.customers,
            s.revenue,
            "EUR",
            s.consent,
            source,
        )
        for pk, s in zip(ids, sketches, strict=True)
    )
    insert_rows(Segment, _SEGMENT, rows)
    return ids


def _workshops(by: Actor, firm_ids: dict[int, int]) -> dict[int, int]:
    ids = dict(zip(firm_ids, draw_ids(Workshop, len(firm_ids)), strict=True))
    instrument_id = current_version().pk
    rows = [(ids[at], by.workspace_id, pk, instrument_id, WORKSHOP_NAME) for at, pk in firm_ids.items()]
    insert_rows(Workshop, ["id", "workspace_id", "firm_id", "instrument_id", "name"], rows)
    return ids


def _participants(by: Actor, workshop_ids: dict[int, int], raters: int) -> dict[int, list[int]]:
    named = [*_RATERS, *((f"Rater {number}", "") for number in range(len(_RATERS) + 1, raters + 1))][:raters]
    drawn = iter(draw_ids(Participant, raters * len(workshop_ids)))
    ids = {at: [next(drawn) for _ in named] for at in workshop_ids}
    rows = [
        (pk, by.workspace_id, workshop_id, name, group)
        for at, workshop_id in workshop_ids.items()
        for pk, (name, group) in zip(ids[at], named, strict=True)
    ]
    insert_rows(Participant, ["id", "workspace_id", "workshop_id", "name", "group"], rows)
    return ids
