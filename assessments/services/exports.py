"""Files out: the same four kinds, with the same columns, as imports take; only what the actor may see."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import Case, IntegerField, QuerySet, Value, When

from assessments.instrument import Instrument
from assessments.models import Sheet, Workshop
from assessments.permissions import readable_participants, visible_workshops
from assessments.queries import instrument_of
from assessments.services.imports.columns import ANSWERS, columns_of
from assessments.services.imports.kinds import FIRMS, KINDS, SEGMENTS, Kind
from connected.bulk import allow_seconds
from connected.models import Segment
from connected.permissions import Actor, visible_firms, visible_segments, visible_touchpoints

FILES: Final = (*KINDS, ANSWERS)
# Seconds until the first row; after that each block is a statement of its own.
PATIENCE: Final = 60
BLOCK: Final = 2000
_SHEET_COLUMNS: Final = ("round", "participant_id", "segment_id", "answers", "given", "evidence", "wants")
# Participants whose sheets are read at once: some ten thousand sheets at most times.
PEOPLE: Final = 300

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
    people = (
        readable_participants(by)
        .filter(workshop_id__in=workshops)
        .order_by("workshop__firm__name", "id")
        .values_list("workshop_id", "id", "name")
    )
    taken: dict[int, tuple[Workshop, str]] = {}
    for _, group in groupby(people.iterator(chunk_size=BLOCK), key=itemgetter(0)):
        taken |= {pk: (workshops[workshop_id], name) for workshop_id, pk, name in group}
        if len(taken) >= PEOPLE:
            yield from _answers_of(taken)
            taken = {}
    yield from _answers_of(taken)


def _answers_of(people: dict[int, tuple[Workshop, str]]) -> Iterator[Row]:
    # By index and without joins: in a workspace filled just now the planner would guess those wrong.
    sheets = Sheet.objects.filter(participant_id__in=people).order_by()
    rows = [row for row in sheets.values_list(*_SHEET_COLUMNS) if row[0] == people[row[1]][0].round]
    firms = list(dict.fromkeys(workshop.firm_id for workshop, _ in people.values()))
    place = {firm_id: at for at, firm_id in enumerate(firms)}
    rows.sort(key=lambda row: (place[people[row[1]][0].firm_id], row[2], row[1]))
    segments = Segment.objects.select_related("firm").in_bulk({row[2] for row in rows})
    for _, participant_id, segment_id, *sheet in rows:
        workshop, participant = people[participant_id]
        segment = segments[segment_id]
        for item, value, evidence in _given(instrument_of(workshop), *sheet):
            yield (
                segment.firm.name,
                segment.name,
                segment.offering,
                participant,
                item,
                value,
                segment.situation,
                evidence,
            )


def _given(
    instrument: Instrument,
    answers: list[int | None],
    given: list[bool],
    evidence: dict[str, str],
    wants: dict[str, int | None],
) -> Iterator[tuple[str, int | str | None, str]]:
    for item, value, was_given in zip(instrument.items, answers, given, strict=True):
        if was_given:
            code = item.choices[value - 1].code if item.is_choice and value is not None else value
            yield item.code, code, evidence.get(item.code, "")
    for item in instrument.situated:
        if item.code in wants:
            yield item.code, wants[item.code], evidence.get(item.code, "")
