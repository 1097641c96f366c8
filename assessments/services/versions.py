"""A running workshop moves to another version of its questionnaire, and back: no answer is lost or invented.

One verb for both ways. Answers to questions both versions ask go along. Of the others each sheet's are kept
with the version that is left, and come back with it. See docs/decisions/0016-crosswalks.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from assessments.instrument import SITUATIONS, Instrument
from assessments.models import KeptSheet, Participant, Upgrade, Workshop
from assessments.permissions import answer_for, segment_in
from assessments.queries import Way, askable, asked_before, instrument_of, sheet_of, way_to
from assessments.services.answers import (
    NOT_GIVEN,
    Conflict,
    Current,
    MovedOn,
    Seen,
    Value,
    checked_note,
    checked_seen,
    checked_value,
    must_collect,
    save_once,
)
from assessments.services.workshops import announce, locked
from connected.bulk import allow_seconds
from connected.permissions import Actor
from connected.states import WrongStep

# Thousands of sheets take longer than what a page asks for, and less than a request may.
SECONDS: Final = 60
# While others may still answer what is asked anew.
MOVABLE: Final = ("preparing", "collecting")

_KEY: Final = "workspace_id, participant_id, segment_id, round"
_OF_WORKSHOP: Final = """workshop_id = %(workshop)s
    AND participant_id IN (SELECT id FROM assessments_participant WHERE workshop_id = %(workshop)s)"""
_KEEP: Final = f"""
INSERT INTO assessments_keptsheet
    ({_KEY}, workshop_id, instrument_id, answers, given, evidence, wants, version, kept_at)
SELECT {_KEY}, workshop_id, %(before)s, answers, given, evidence, wants, version, clock_timestamp()
FROM assessments_sheet WHERE {_OF_WORKSHOP}
ON CONFLICT ({_KEY}, instrument_id) DO UPDATE SET
    answers = excluded.answers, given = excluded.given, evidence = excluded.evidence,
    wants = excluded.wants, version = excluded.version, kept_at = excluded.kept_at
"""  # noqa: S608 - constants only
# When a sheet was last answered stays as it was: nobody has answered.
_REWRITE: Final = """
WITH o AS (
    SELECT s.id, s.segment_id, s.answers, s.given, s.evidence, s.wants,
        k.answers AS k_answers, k.given AS k_given,
        coalesce(k.evidence, '{{}}') AS k_evidence, coalesce(k.wants, '{{}}') AS k_wants
    FROM (SELECT * FROM assessments_sheet WHERE {sheets}) s
    LEFT JOIN assessments_keptsheet k ON k.workspace_id = s.workspace_id
        AND k.participant_id = s.participant_id AND k.segment_id = s.segment_id AND k.round = s.round
        AND k.instrument_id = %(after)s
)
UPDATE assessments_sheet s SET
    answers = ARRAY[{answers}]::smallint[],
    given = ARRAY[{given}]::boolean[],
    evidence = (o.evidence - %(left)s::text[]) || (o.k_evidence - %(carried)s::text[]),
    wants = (o.wants - %(left)s::text[]) || (o.k_wants - %(carried)s::text[]),
    version = s.version + 1
FROM o WHERE o.id = s.id
RETURNING s.segment_id, {carried}, {kept}, {returned}
"""
# What pages still open on this version sent while it was not asked, for sheets nobody has begun.
_REVIVE: Final = f"""
INSERT INTO assessments_sheet ({_KEY}, workshop_id, answers, given, evidence, wants, version, updated_at)
SELECT {_KEY}, workshop_id, answers, given, evidence, wants, version + 1, clock_timestamp()
FROM assessments_keptsheet WHERE workshop_id = %(workshop)s AND instrument_id = %(after)s
ON CONFLICT DO NOTHING RETURNING segment_id
"""  # noqa: S608 - constants only


@transaction.atomic
def move_version(*, by: Actor, workshop_id: int, version: int) -> Upgrade | None:
    """Ask a workshop another version of its questionnaire; None where it is asked that one already.

    Answers to common questions stay, with their evidence; those to others are kept with the version that is
    left, and those kept of the other come back. Raises ValidationError (instrument_version) where no
    crosswalk leads there, WrongStep unless the workshop is preparing or collecting.
    """
    allow_seconds(SECONDS)
    workshop = locked(by, workshop_id)
    if instrument_of(workshop).version == version:
        return None
    must_be_movable(workshop)
    way = way_to(workshop, version)
    if way is None:
        raise ValidationError(
            {"instrument_version": f"No crosswalk leads from {workshop.instrument} to v{version}."}
        )
    segments, counts = _rewrite(workshop, way)
    workshop.instrument_id = way.after_id
    workshop.save(update_fields=["instrument", "updated_at"])
    announce(workshop, segments)
    return Upgrade.objects.create(
        workspace_id=by.workspace_id,
        workshop=workshop,
        before_id=way.before_id,
        after_id=way.after_id,
        created_by_id=by.user_id,
        **counts,
    )


def must_be_movable(workshop: Workshop) -> None:
    """WrongStep, saying what to do first, where its questions stay as they are."""
    if workshop.state not in MOVABLE:
        raise WrongStep(
            f"“{workshop.name}” is {workshop.state}: its questions change only before the discussion. "
            "Collect again first."
        )


def _rewrite(workshop: Workshop, way: Way) -> tuple[list[int], dict[str, int]]:
    """The segments whose sheets were rewritten, and how many answers went where."""
    given: dict[str, Any] = {
        "workshop": workshop.pk,
        "before": way.before_id,
        "after": way.after_id,
        "left": _with_situations(way.left),
        "carried": _with_situations(way.carried),
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, given)
        cursor.execute(_rewriting(way), given)
        rows = cursor.fetchall()
        cursor.execute(_REVIVE, given)
        revived = [row[0] for row in cursor.fetchall()]
    carried, kept, returned = (sum(row[place] for row in rows) for place in (1, 2, 3))
    counts = {"sheets": len(rows) + len(revived), "carried": carried, "kept": kept, "returned": returned}
    return [row[0] for row in rows] + revived, counts


def _with_situations(codes: Iterable[str]) -> list[str]:
    """The codes, and those of the same questions for other situations."""
    return [f"{code}{more}" for code in codes for more in ("", *(f".{each}" for each in SITUATIONS))]


def _rewriting(way: Way) -> str:
    """The statement that puts each answer where the other version has its question. Only numbers go in."""
    place = {code: position + 1 for code, position in way.before.positions.items()}
    there = {code: position + 1 for code, position in way.after.positions.items()}
    source = [
        ("o.", place[item.code]) if item.code in way.carried else ("o.k_", there[item.code])
        for item in way.after.items
    ]
    return _REWRITE.format(
        sheets=_OF_WORKSHOP,
        answers=", ".join(f"{row}answers[{at}]" for row, at in source),
        given=", ".join(f"coalesce({row}given[{at}], false)" for row, at in source),
        carried=_count("o.given", (place[code] for code in way.carried)),
        kept=_count("o.given", (place[code] for code in way.left)),
        returned=_count("o.k_given", (there[code] for code in way.asked_again)),
    )


def _count(array: str, places: Iterable[int]) -> str:
    return " + ".join(["0", *(f"coalesce({array}[{place}], false)::int" for place in places)])


@dataclass(frozen=True)
class FromPage:
    """What a page's answers did. ``kept``: items not asked any more, kept with their version."""

    version: int
    asks: int
    kept: tuple[str, ...]


@transaction.atomic
def save_from_page(
    *,
    by: Actor,
    workshop_id: int,
    participant_id: int,
    segment_id: int,
    answers: Mapping[str, Value],
    evidence: Mapping[str, str],
    expected: Mapping[str, Seen],
) -> FromPage:
    """As :func:`save_answers`, for pages that may be open since before the workshop was moved.

    Answers to questions of a version it was asked before are kept with that version.
    """
    given = (answers, evidence, expected)
    try:
        return _save_from_page(by, workshop_id, participant_id, segment_id, given)
    except MovedOn:
        return _save_from_page(by, workshop_id, participant_id, segment_id, given)


_Given = tuple[Mapping[str, Value], Mapping[str, str], Mapping[str, Seen]]


def _save_from_page(
    by: Actor, workshop_id: int, participant_id: int, segment_id: int, given: _Given
) -> FromPage:
    participant = answer_for(by, workshop_id, participant_id)
    workshop, asks = participant.workshop, instrument_of(participant.workshop).version
    late = _late_items(workshop, {*given[0], *given[1]})
    for instrument_id, (instrument, codes) in late.items():
        _keep_late(participant, segment_id, instrument_id, instrument, _only(given, codes))
    kept = tuple(code for _, codes in late.values() for code in codes)
    rest = _only(given, {*given[0], *given[1], *given[2]} - set(kept))
    if kept and not rest[0] and not rest[1]:
        sheet = sheet_of(participant, segment_id)
        return FromPage(sheet.version if sheet else 0, asks, kept)
    saved = save_once(by, workshop_id, participant_id, segment_id, *rest)
    return FromPage(saved.version, asks, kept)


def _late_items(workshop: Workshop, codes: set[str]) -> dict[int, tuple[Instrument, list[str]]]:
    """Codes not asked now, by the version that asked them last; what no version asked is left out."""
    unknown = codes - askable(workshop).keys()
    found: dict[int, tuple[Instrument, list[str]]] = {}
    if not unknown:
        return found
    for instrument_id, instrument in asked_before(workshop):
        there = sorted(unknown & instrument.answerable.keys() - instrument_of(workshop).answerable.keys())
        if there:
            found[instrument_id] = instrument, there
        unknown -= set(there)
    return found


def _only(given: _Given, codes: Iterable[str]) -> _Given:
    wanted = set(codes)
    answers, evidence, expected = given
    return (
        {code: value for code, value in answers.items() if code in wanted},
        {code: text for code, text in evidence.items() if code in wanted},
        {code: seen for code, seen in expected.items() if code in wanted},
    )


def _keep_late(
    participant: Participant, segment_id: int, instrument_id: int, instrument: Instrument, given: _Given
) -> None:
    """Add answers to what is kept of a version. Raises as saving does."""
    answers, evidence, expected = given
    workshop = Workshop.objects.select_for_update(of=("self",), no_key=True).get(pk=participant.workshop_id)
    if workshop.instrument_id != participant.workshop.instrument_id:
        raise MovedOn
    must_collect(workshop)
    segment_in(workshop, segment_id)
    kept, _ = KeptSheet.objects.select_for_update().get_or_create(
        workspace_id=workshop.workspace_id,
        workshop=workshop,
        participant=participant,
        segment_id=segment_id,
        round=workshop.round,
        instrument_id=instrument_id,
        defaults={"answers": [None] * len(instrument), "given": [False] * len(instrument)},
    )
    _must_be_seen(kept, instrument, expected, answers)
    for code, value in answers.items():
        checked = checked_value(instrument.answerable[code], value)
        if (at := instrument.positions.get(code)) is None:
            kept.wants[code] = checked
        else:
            kept.answers[at], kept.given[at] = checked, True
    notes = {code: checked_note(code, text) for code, text in evidence.items()}
    kept.evidence = {code: text for code, text in {**kept.evidence, **notes}.items() if text}
    kept.save(update_fields=["answers", "given", "evidence", "wants"])


def _must_be_seen(
    kept: KeptSheet, instrument: Instrument, expected: Mapping[str, Seen], answers: Mapping[str, Value]
) -> None:
    """Conflict where someone else answered what this sender did not see, unless alike."""
    stored = []
    for code in expected:
        if (at := instrument.positions.get(code)) is None:
            current = Current(code, code in kept.wants, kept.wants.get(code))
        else:
            current = Current(code, kept.given[at], kept.answers[at])
        mine = checked_value(instrument.answerable[code], answers[code]) if code in answers else NOT_GIVEN
        if current.seen not in (checked_seen(instrument.answerable[code], expected[code]), mine):
            stored.append(current)
    if stored:
        raise Conflict(tuple(stored))


__all__ = ["MOVABLE", "FromPage", "move_version", "must_be_movable", "save_from_page"]
