"""Answers of many sheets of one workshop at once: the rules of one, in statements for all; all or nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from assessments.instrument import Item
from assessments.models import Participant, Sheet, Workshop
from assessments.permissions import readable_participants, see_workshop
from assessments.queries import askable, instrument_of
from assessments.services.answers import Value, checked_note, checked_value, known_item, must_collect
from assessments.services.imports.sheets import ABSENT, UNKNOWN, parted
from assessments.services.imports.staging import Merged, merge_sheets, stage_sheets
from assessments.signals import answers_saved
from connected.bulk import allow_seconds, insert_rows, stage
from connected.models import Segment
from connected.permissions import Actor, must_edit
from connected.services import BadItem, BadItems

# Thousands of sheets take longer than what a page asks for, and less than a request may.
SECONDS: Final = 60
_LONGEST_NAME: Final = 120
_SEALED: Final = "This person’s answers are their own until the discussion."

# In the order sheets are written in, so that two who write many never wait for each other in a circle.
_HOLD: Final = """
SELECT FROM assessments_sheet sheet
JOIN incoming_sheets USING (workspace_id, segment_id, workshop_id, participant_id, round)
ORDER BY sheet.segment_id, sheet.participant_id FOR UPDATE OF sheet
"""
_TAKE_AWAY: Final = """
UPDATE assessments_sheet sheet
SET evidence = sheet.evidence - gone.codes::text[], version = version + 1, updated_at = clock_timestamp()
FROM incoming_gone gone
WHERE sheet.participant_id = gone.participant_id AND sheet.segment_id = gone.segment_id
    AND sheet.workshop_id = %s AND sheet.round = %s AND sheet.evidence ?| gone.codes::text[]
RETURNING sheet.segment_id
"""


@dataclass(frozen=True)
class SavedAll:
    """What a list of answers did. ``answers`` were written; ``changed`` of them replaced another;
    ``unchanged`` stood there already."""

    participants_created: int
    sheets: int
    answers: int
    changed: int
    unchanged: int


@dataclass
class _Sheet:
    """One sheet of the list: a character an item, its evidence, and which item of the list said what."""

    digits: bytearray
    notes: dict[str, str] = field(default_factory=dict)
    said_by: dict[int, int] = field(default_factory=dict)


# Whose (an id, or a name that is new) and of which segment.
_Key = tuple[int | str, int]


@transaction.atomic
def save_all(*, by: Actor, workshop_id: int, items: Sequence[Mapping[str, Any]]) -> SavedAll:
    """Save answers of any number of sheets of a workshop, all or none; the same again changes nothing.

    ``items``: each a ``participant`` (an id, or a name: a new one takes part from now on), a ``segment``
    (id), and ``answers`` with ``evidence`` as :func:`save_answers` takes them; several may be of one sheet.
    Raises BadItems, WrongStep (not collecting), PermissionDenied, Http404.
    """
    allow_seconds(SECONDS)
    workshop = _held(by, workshop_id)
    if not by.may_write:
        must_edit(by)
    must_collect(workshop)
    sheets, bad = _Reading(by, workshop, items).sheets()
    if bad:
        raise BadItems(bad)
    ids, created = _make_participants(by, workshop, sheets)
    merged, freed = _write(
        by, workshop, {(ids.get(who, who), at): each for (who, at), each in sheets.items()}
    )
    if segments := sorted({*merged.segments, *freed}):
        answers_saved.send(sender=Sheet, workspace_id=by.workspace_id, segment_ids=segments)
    given = sum(len(each.digits) - each.digits.count(ABSENT) for each in sheets.values())
    return SavedAll(created, merged.sheets, given - merged.unchanged, merged.changed, merged.unchanged)


def _held(by: Actor, workshop_id: int) -> Workshop:
    """The workshop, which does not move before the answers are in."""
    see_workshop(by, workshop_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM assessments_workshop WHERE id = %s FOR SHARE", [workshop_id])
    return Workshop.objects.get(pk=workshop_id)


class _Reading:
    """A list against what its workshop asks, whom the actor may answer for, and the firm's segments."""

    def __init__(self, by: Actor, workshop: Workshop, items: Sequence[Mapping[str, Any]]) -> None:
        self.by, self.items = by, items
        self.asked: Mapping[str, Item] = askable(workshop)
        instrument = instrument_of(workshop)
        self.width = len(instrument) + len(instrument.situated)
        named = {item["segment"] for item in items}
        there = Segment.objects.filter(firm_id=workshop.firm_id, pk__in=named).order_by()
        self.segments = set(there.values_list("pk", flat=True))
        people = Participant.objects.filter(workshop=workshop)
        self.names = dict(people.values_list("name", "pk"))
        readable = readable_participants(by).filter(workshop=workshop)
        if not by.may_edit:
            readable = readable.filter(user_id=by.user_id or 0)
        self.open = set(readable.values_list("pk", flat=True))
        self.digits: dict[tuple[str, type, Value], int] = {}

    def sheets(self) -> tuple[dict[_Key, _Sheet], list[BadItem]]:
        found: dict[_Key, _Sheet] = {}
        bad: list[BadItem] = []
        for index, item in enumerate(self.items):
            wrong = list(self._take(index, item, found))
            bad += [BadItem(index, place, words) for place, words in wrong]
        return found, bad

    def _take(
        self, index: int, item: Mapping[str, Any], into: dict[_Key, _Sheet]
    ) -> Iterator[tuple[str, str]]:
        """Add one item to its sheet; gives what is wrong with it, each with its field."""
        who = self._who(item["participant"])
        if isinstance(who, _Refused):
            yield "participant", who.words
            return
        if item["segment"] not in self.segments:
            yield "segment", "There is no such segment in the workshop's firm."
            return
        answers, notes = item.get("answers") or {}, item.get("evidence") or {}
        if not answers and not notes:
            yield "answers", "There is nothing to save."
        sheet = into.setdefault((who, item["segment"]), _Sheet(bytearray([ABSENT]) * self.width))
        for code, value in answers.items():
            yield from self._answer(index, code, value, sheet)
        for code, text in notes.items():
            try:
                sheet.notes[known_item(self.asked, code)] = checked_note(code, text)
            except ValidationError as refusal:
                yield from _words(refusal)

    def _who(self, who: int | str) -> "int | str | _Refused":
        """The id, or a name nobody has here yet. Who may not edit answers for oneself alone."""
        if isinstance(who, int):
            return who if who in self.open else _Refused("There is no such participant.")
        name = who.strip()
        there = self.names.get(name)
        if there in self.open:
            return int(there or 0)
        if not self.by.may_edit:
            return _Refused("There is no such participant.")
        if there is not None:
            return _Refused(_SEALED)
        if not 1 <= len(name) <= _LONGEST_NAME:
            return _Refused(f"A name has 1 to {_LONGEST_NAME} characters.")
        return name

    def _answer(self, index: int, code: str, value: Value, sheet: _Sheet) -> Iterator[tuple[str, str]]:
        try:
            digit = self._digit(code, value)
        except ValidationError as refusal:
            yield from _words(refusal)
            return
        at = self.asked[code].position
        if sheet.digits[at] not in (ABSENT, digit):
            yield "value", f"Item {sheet.said_by[at]} of this list gives another answer to {code}."
        sheet.digits[at] = digit
        sheet.said_by.setdefault(at, index)

    def _digit(self, code: str, value: Value) -> int:
        """The character an answer is staged as. Few answers differ, so each is looked at once."""
        key = (code, type(value), value)
        found = self.digits.get(key)
        if found is None:
            answer = checked_value(self.asked[known_item(self.asked, code)], value)
            found = self.digits[key] = UNKNOWN if answer is None else ord(str(answer))
        return found


@dataclass(frozen=True)
class _Refused:
    words: str


def _words(refusal: ValidationError) -> Iterator[tuple[str, str]]:
    for place, words in refusal.message_dict.items():
        yield from ((place, word) for word in words)


def _make_participants(
    by: Actor, workshop: Workshop, sheets: Mapping[_Key, _Sheet]
) -> tuple[dict[int | str, int], int]:
    """Ids of the names that were new, and how many of them had to be made."""
    names = sorted({who for who, _ in sheets if isinstance(who, str)})
    if not names:
        return {}, 0
    rows = [(by.workspace_id, workshop.pk, name) for name in names]
    made = insert_rows(Participant, ["workspace_id", "workshop_id", "name"], rows, skip_existing=True)
    there = Participant.objects.filter(workshop=workshop, name__in=names)
    return dict(there.values_list("name", "pk")), made


def _write(by: Actor, workshop: Workshop, sheets: Mapping[_Key, _Sheet]) -> tuple[Merged, list[int]]:
    """What merging did, and the segments of sheets that lost evidence."""
    beside = instrument_of(workshop).situated

    def row(who: int | str, segment: int, sheet: _Sheet) -> tuple[object, ...]:
        answers, wants = parted(sheet.digits, beside)
        notes = json.dumps({code: text for code, text in sheet.notes.items() if text}, ensure_ascii=False)
        return (by.workspace_id, workshop.pk, who, segment, workshop.round, answers, notes, wants)

    stage_sheets(row(*key, sheet) for key, sheet in sheets.items())
    gone = [
        (who, segment, "{" + ",".join(code for code, text in sheet.notes.items() if not text) + "}")
        for (who, segment), sheet in sheets.items()
        if not all(sheet.notes.values())
    ]
    freed = _take_away(workshop, gone) if gone else []
    return merge_sheets(), freed


def _take_away(workshop: Workshop, gone: Sequence[tuple[int | str, int, str]]) -> list[int]:
    """Remove the evidence that is now empty; the segments of sheets that had any."""
    stage("incoming_gone", {"participant_id": "bigint", "segment_id": "bigint", "codes": "text"}, gone)
    with connection.cursor() as cursor:
        cursor.execute(_HOLD)
        cursor.execute(_TAKE_AWAY, [workshop.pk, workshop.round])
        return [row[0] for row in cursor.fetchall()]
