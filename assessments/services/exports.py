"""Files out: the same four kinds, with the same columns, as imports take; only what the actor may see."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import Case, IntegerField, QuerySet, Value, When

from assessments.instrument import Instrument
from assessments.models import Sheet, Workshop
from assessments.permissions import readable_participants, visible_workshops
from assessments.queries import instrument_of
from assessments.services.imports.columns import ANSWERS, columns_of
from assessments.services.imports.kinds import FIRMS, KINDS, SEGMENTS, Kind
from connected.bulk import allow_seconds
from connected.permissions import Actor, visible_firms, visible_segments, visible_touchpoints

FILES: Final = (*KINDS, ANSWERS)
# Seconds until the first row; after that each block is a statement of its own.
PATIENCE: Final = 60
BLOCK: Final = 2000
_SHEET_COLUMNS: Final = (
    "workshop_id",
    "segment__firm__name",
    "segment__name",
    "segment__offering",
    "segment__situation",
    "participant__name",
    "answers",
    "given",
    "evidence",
)

Row = Sequence[Any]


def header_of(what: str) -> list[str]:
    """Columns of an export, as its import takes them."""
    return [column.name for column in columns_of(what)]


def export_rows(*, by: Actor, what: str) -> Iterator[Row]:
    """The rows of one of FILES, read while they are taken: keep the workspace context open until the end."""
    allow_seconds(PATIENCE)
    return _answers(by) if what == ANSWERS else _rows(by, KINDS[what])


def _rows(by: Actor, spec: Kind) -> Iterator[Row]:
    to_segment = {name: f"segment__{path}" for name, path in SEGMENTS.fields.items()}
    paths = {"firm": "firm__name"} if spec is SEGMENTS else {"firm": "segment__firm__name", **to_segment}
    found = _visible(by, spec).order_by(*_order(spec), "id")
    columns = [paths[name] for name in spec.place] + list(spec.fields.values())
    return found.values_list(*columns).iterator(chunk_size=BLOCK)


def _visible(by: Actor, spec: Kind) -> "QuerySet[Any]":
    if spec is FIRMS:
        return visible_firms(by)
    return visible_segments(by) if spec is SEGMENTS else visible_touchpoints(by)


def _order(spec: Kind) -> tuple[str, ...]:
    if spec is FIRMS:
        return ("name",)
    return ("firm__name",) if spec is SEGMENTS else ("segment__firm__name", "segment_id", "position")


def current_workshops(by: Actor) -> dict[int, Workshop]:
    """By id, the workshop of each visible firm that an import would write into, else its newest."""
    open_first = Case(When(state="committed", then=Value(1)), default=Value(0), output_field=IntegerField())
    newest = visible_workshops(by).order_by("firm_id", open_first, "-id").distinct("firm_id")
    return {workshop.pk: workshop for workshop in newest}


def _answers(by: Actor) -> Iterator[Row]:
    """One row an answer given, of the current round of each firm's current workshop, where revealed."""
    workshops = current_workshops(by)
    sheets = (
        Sheet.objects.filter(workshop_id__in=workshops, participant__in=readable_participants(by))
        .order_by("segment__firm__name", "segment_id", "participant_id")
        .values_list("round", *_SHEET_COLUMNS)
    )
    for round_of, workshop_id, firm, segment, offering, situation, participant, *sheet in sheets.iterator(
        chunk_size=BLOCK
    ):
        workshop = workshops[workshop_id]
        if round_of == workshop.round:
            for item, value, evidence in _given(instrument_of(workshop), *sheet):
                yield firm, segment, offering, participant, item, value, situation, evidence


def _given(
    instrument: Instrument, answers: list[int | None], given: list[bool], evidence: dict[str, str]
) -> Iterator[tuple[str, int | str | None, str]]:
    for item, value, was_given in zip(instrument.items, answers, given, strict=True):
        if was_given:
            code = item.choices[value - 1].code if item.is_choice and value is not None else value
            yield item.code, code, evidence.get(item.code, "")
