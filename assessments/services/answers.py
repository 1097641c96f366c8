"""Answers: one, or many of one sheet, each saved where it belongs and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from psycopg2.extras import Json

from assessments.instrument import Instrument, Item
from assessments.models import Participant, Sheet, Workshop
from assessments.permissions import answer_for
from assessments.queries import askable, instrument_of
from assessments.signals import answers_saved
from connected.models import Segment
from connected.permissions import Actor
from connected.states import WrongStep

Value = int | str | None
NOT_GIVEN: Final = "not given"
Seen = int | Literal["not given"] | None
EVIDENCE_LENGTH = 2000

# An element of the new array replaces the stored one only where it was given now. PostgreSQL reads the
# stored row under its lock, so two people who save two items of one sheet at once both keep theirs.
MERGE = """
    ON CONFLICT (workspace_id, segment_id, workshop_id, participant_id, round) DO UPDATE SET
        answers = (
            SELECT array_agg(
                CASE WHEN excluded.given[i] THEN excluded.answers[i] ELSE sheet.answers[i] END ORDER BY i
            )
            FROM generate_subscripts(excluded.given, 1) AS i
        ),
        given = (
            SELECT array_agg(excluded.given[i] OR sheet.given[i] ORDER BY i)
            FROM generate_subscripts(excluded.given, 1) AS i
        ),
        evidence = (sheet.evidence || excluded.evidence) - %(removed)s::text[],
        wants = sheet.wants || excluded.wants,
        version = sheet.version + 1,
        updated_at = excluded.updated_at
"""
# FOR SHARE: a move of the workshop waits for answers on their way, and answers wait for the move.
# A value that is stored already is never a conflict: the answer to an earlier try got lost on its way back.
_SAVE = f"""
WITH collecting AS (
    SELECT id, workspace_id, round FROM assessments_workshop
    WHERE id = %(workshop)s AND state = 'collecting' AND instrument_id = %(instrument)s
    FOR SHARE
)
INSERT INTO assessments_sheet AS sheet (
    workspace_id, workshop_id, participant_id, segment_id, round,
    answers, given, evidence, wants, version, updated_at
)
SELECT workspace_id, id, %(participant)s, %(segment)s, round,
       %(answers)s::smallint[], %(given)s::boolean[], %(evidence)s, %(wants)s, 1, clock_timestamp()
FROM collecting
{MERGE}
    WHERE NOT EXISTS (
        SELECT FROM unnest(%(checked)s::int[], %(seen)s::smallint[], %(seen_given)s::boolean[])
            AS c (i, value, given)
        WHERE (c.given, c.value) IS DISTINCT FROM (sheet.given[c.i], sheet.answers[c.i])
          AND (TRUE, excluded.answers[c.i]) IS DISTINCT FROM (sheet.given[c.i], sheet.answers[c.i])
    )
    AND NOT EXISTS (
        SELECT FROM unnest(%(wants_checked)s::text[], %(wants_seen)s::int[], %(wants_seen_given)s::boolean[])
            AS c (code, value, given),
            LATERAL (SELECT sheet.wants ? c.code AS given, (sheet.wants ->> c.code)::int AS value) AS s
        WHERE (c.given, c.value) IS DISTINCT FROM (s.given, s.value)
          AND (TRUE, (excluded.wants ->> c.code)::int) IS DISTINCT FROM (s.given, s.value)
    )
RETURNING sheet.*
"""  # noqa: S608 - constants only


@dataclass(frozen=True)
class Current:
    """What is stored for one item now. ``value`` None with ``given`` is "do not know"."""

    item: str
    given: bool
    value: int | None

    @property
    def seen(self) -> Seen:
        """As a sender that has now seen it would say in ``expected``."""
        return self.value if self.given else NOT_GIVEN


class MovedOn(Exception):
    """The workshop was moved to another version of its questionnaire meanwhile; nothing was saved."""


class Conflict(Exception):
    """Someone else changed what this actor saw; nothing was saved. ``current`` says what stands now."""

    def __init__(self, current: tuple[Current, ...]) -> None:
        items = ", ".join(each.item for each in current)
        super().__init__(f"Someone else answered {items} in the meantime.")
        self.current = current


def save_answer(
    *,
    by: Actor,
    workshop_id: int,
    participant_id: int,
    segment_id: int,
    item: str,
    value: Value,
    evidence: str | None = None,
    expected: Mapping[str, Seen] | None = None,
) -> Sheet:
    """Save one answer and return its sheet; see :func:`save_answers`."""
    return save_answers(
        by=by,
        workshop_id=workshop_id,
        participant_id=participant_id,
        segment_id=segment_id,
        answers={item: value},
        evidence=None if evidence is None else {item: evidence},
        expected=expected,
    )


@transaction.atomic
def save_answers(
    *,
    by: Actor,
    workshop_id: int,
    participant_id: int,
    segment_id: int,
    answers: Mapping[str, Value],
    evidence: Mapping[str, str] | None = None,
    expected: Mapping[str, Seen] | None = None,
) -> Sheet:
    """Save answers of one sheet in one statement, the other items untouched, and return the sheet.

    ``answers``: item code to 0-4, for a choice 1-5 or the code; None is "do not know".
    ``evidence``: item code to text; "" takes it away. ``expected``: what the sender last saw of an
    item, :data:`NOT_GIVEN` for nothing; items left out are not checked.
    Raises ValidationError (item, value), WrongStep (not collecting), Conflict, Http404.
    """
    try:
        return save_once(by, workshop_id, participant_id, segment_id, answers, evidence, expected)
    except MovedOn:
        return save_once(by, workshop_id, participant_id, segment_id, answers, evidence, expected)


def save_once(
    by: Actor,
    workshop_id: int,
    participant_id: int,
    segment_id: int,
    answers: Mapping[str, Value],
    evidence: Mapping[str, str] | None,
    expected: Mapping[str, Seen] | None,
) -> Sheet:
    """One try at :func:`save_answers`; MovedOn where its positions are not those of the workshop any more."""
    participant = answer_for(by, workshop_id, participant_id)
    workshop = participant.workshop
    must_collect(workshop)
    if not answers and not evidence:
        raise ValidationError({"answers": "There is nothing to save."})
    if not Segment.objects.filter(pk=segment_id, firm_id=workshop.firm_id).exists():
        raise Http404("No such segment in this workshop.")
    asked = askable(workshop)
    values = {known_item(asked, code): checked_value(asked[code], value) for code, value in answers.items()}
    notes = {known_item(asked, code): checked_note(code, text) for code, text in (evidence or {}).items()}
    saw = expected or {}
    seen = {known_item(asked, code): checked_seen(asked[code], value) for code, value in saw.items()}
    instrument = instrument_of(workshop)
    rows = Sheet.objects.raw(_SAVE, _parameters(instrument, participant, segment_id, values, notes, seen))
    sheet = next(iter(rows), None)
    if sheet is None:
        raise _refusal(instrument, participant, segment_id, seen)
    answers_saved.send(sender=Sheet, workspace_id=by.workspace_id, segment_ids=[segment_id])
    return sheet


def _parameters(
    instrument: Instrument,
    participant: Participant,
    segment_id: int,
    values: Mapping[str, int | None],
    notes: Mapping[str, str],
    seen: Mapping[str, Seen],
) -> dict[str, object]:
    wants = {code: value for code, value in values.items() if code not in instrument.positions}
    routine, beside = _told_apart(instrument, seen)
    return {
        "workshop": participant.workshop_id,
        "instrument": participant.workshop.instrument_id,
        "participant": participant.pk,
        "segment": segment_id,
        "answers": [values.get(item.code) for item in instrument.items],
        "given": [item.code in values for item in instrument.items],
        "evidence": Json({code: text for code, text in notes.items() if text}),
        "removed": [code for code, text in notes.items() if not text],
        "wants": Json(wants),
        "checked": [instrument.positions[code] + 1 for code in routine],
        "seen": [None if value == NOT_GIVEN else value for value in routine.values()],
        "seen_given": [value != NOT_GIVEN for value in routine.values()],
        "wants_checked": list(beside),
        "wants_seen": [None if value == NOT_GIVEN else value for value in beside.values()],
        "wants_seen_given": [value != NOT_GIVEN for value in beside.values()],
    }


def _told_apart(instrument: Instrument, seen: Mapping[str, Seen]) -> tuple[dict[str, Seen], dict[str, Seen]]:
    """What was seen of the items, and of what is asked beside."""
    routine = {code: value for code, value in seen.items() if code in instrument.positions}
    return routine, {code: value for code, value in seen.items() if code not in instrument.positions}


def must_collect(workshop: Workshop) -> None:
    """WrongStep unless it takes answers now."""
    if workshop.state != "collecting":
        raise WrongStep(f"“{workshop.name}” is {workshop.state}: it takes answers while it is collecting.")


def known_item(asked: Mapping[str, Item], code: str) -> str:
    """The code, or ValidationError when it is not asked."""
    if code not in asked:
        raise ValidationError({"item": f"This workshop does not ask “{code}”."})
    return code


def checked_value(item: Item, value: Value) -> int | None:
    """The value as stored, or ValidationError saying what the item takes."""
    if isinstance(value, str):
        try:
            return item.value_of(value)
        except ValueError as error:
            raise ValidationError({"value": str(error)}) from error
    if value is None or (not isinstance(value, bool) and isinstance(value, int) and value in item.values):
        return value
    raise ValidationError({"value": f"{item.code} takes {item.takes}, not “{value}”"})


def checked_seen(item: Item, seen: Seen) -> Seen:
    """What a sender saw, as stored: a choice by its code or order, like a value. Raises as for a value."""
    return seen if seen == NOT_GIVEN else checked_value(item, seen)


def checked_note(code: str, text: str) -> str:
    """Evidence as kept: trimmed."""
    trimmed = text.strip()
    if len(trimmed) > EVIDENCE_LENGTH:
        raise ValidationError({"evidence": f"The evidence for {code} exceeds {EVIDENCE_LENGTH} characters."})
    return trimmed


def _refusal(
    instrument: Instrument, participant: Participant, segment_id: int, seen: Mapping[str, Seen]
) -> WrongStep | Conflict | MovedOn:
    """Why the statement wrote nothing: the workshop moved on meanwhile, or someone else answered."""
    workshop = Workshop.objects.get(pk=participant.workshop_id)
    if workshop.instrument_id != participant.workshop.instrument_id:
        return MovedOn()
    if workshop.state != "collecting":
        return WrongStep(f"“{workshop.name}” is {workshop.state}: it takes answers while it is collecting.")
    sheet = Sheet.objects.get(participant=participant, segment_id=segment_id, round=workshop.round)
    stored = (_current(instrument, sheet, code) for code in seen)
    return Conflict(tuple(each for each in stored if each.seen != seen[each.item]))


def _current(instrument: Instrument, sheet: Sheet, code: str) -> Current:
    if code not in instrument.positions:
        return Current(code, code in sheet.wants, sheet.wants.get(code))
    place = instrument.positions[code]
    return Current(code, sheet.given[place], sheet.answers[place])
