"""The answers file: one row an answer, taken over as whole sheets in one statement."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from assessments.models import Participant, Sheet, Workshop
from assessments.permissions import readable_participants
from assessments.queries import askable, current_version, instrument_of
from assessments.services.answers import EVIDENCE_LENGTH
from assessments.services.imports.places import (
    SECONDS,
    SegmentKey,
    Segments,
    leave_out,
    make_firms,
    misnamed,
    take_turns,
)
from assessments.services.imports.sheets import Questions, SheetKey, Sheets, parted
from assessments.services.imports.staging import merge_sheets, stage_sheets
from assessments.signals import answers_saved
from assessments.tables import Blocks, Problem, Table, TableError
from connected.bulk import insert_rows
from connected.models import Segment
from connected.permissions import Actor, must_edit

WORKSHOP_NAME: Final = "Imported answers"
REQUIRED: Final = ("firm", "segment", "offering", "participant", "item", "value")
OPTIONAL: Final = ("situation", "evidence")
_LENGTHS: Final = {
    "firm": 120,
    "segment": 120,
    "offering": 160,
    "situation": 120,
    "participant": 120,
    "evidence": EVIDENCE_LENGTH,
}
# How much of an import is done when its rows have been looked at, read, staged and saved.
SURVEYED, READ, STAGED, SAVED = 0.25, 0.65, 0.75, 0.8
# What is wrong is told in full; nobody mends more than this by hand.
MOST_PROBLEMS: Final = 100_000
_NAMES: Final = ("firm", "segment", "participant")


@dataclass(frozen=True)
class Imported:
    """What an answers file did.

    ``answers`` were written; ``changed`` of them replaced another; ``unchanged`` stood there already.
    """

    firms_created: int
    segments_created: int
    workshops_created: int
    participants_created: int
    sheets: int
    answers: int
    changed: int
    unchanged: int


@transaction.atomic
def import_answers(
    *,
    by: Actor,
    table: Blocks,
    dry_run: bool = False,
    patience: int = SECONDS,
    told: Callable[[float], None] = lambda share: None,
) -> Imported:
    """Take over an answers file, all or nothing; the same file again changes nothing.

    Firms, segments and participants are made when missing. Answers go into the firm's newest workshop
    that is not committed, else into a new one. ``dry_run`` counts and writes nothing. ``told`` hears how
    much is done, 0-1; what it raises ends the import. Rows are held a block at a time, sheets all.
    ``patience``: seconds each step of it may take in the database.
    Raises TableError naming every bad row, PermissionDenied.
    """
    must_edit(by)
    take_turns(by, patience)
    named, problems = _survey(table, told)
    firms, firms_created = make_firms(by, named)
    workshops = _current_workshops(firms)
    problems += _not_collecting(named, workshops)
    sheets = _read_sheets(table, _asked(firms, workshops), problems, told)
    problems += _ambiguous(Segments(firms), sheets.rows)
    problems += _sealed(by, workshops, sheets.rows)
    if problems:
        raise TableError(problems)
    segments, segments_created = make_segments(by, firms, sheets.rows)
    workshops_created = _make_workshops(by, firms, workshops)
    participants, participants_created = _make_participants(by, workshops, sheets.rows)
    told(STAGED)
    _stage(by, sheets, segments, workshops, participants)
    told(SAVED)
    merged = merge_sheets()
    if dry_run:
        transaction.set_rollback(True)
    elif merged.segments:
        answers_saved.send(sender=Sheet, workspace_id=by.workspace_id, segment_ids=merged.segments)
    told(1.0)
    return Imported(
        firms_created=firms_created,
        segments_created=segments_created,
        workshops_created=workshops_created,
        participants_created=participants_created,
        sheets=merged.sheets,
        answers=sheets.answers - merged.unchanged,
        changed=merged.changed,
        unchanged=merged.unchanged,
    )


def _survey(table: Blocks, told: Callable[[float], None]) -> tuple[dict[str, int], list[Problem]]:
    """The firms a file names, each with its first row, and what cannot be read or is misnamed."""
    named: dict[str, int] = {}
    problems: list[Problem] = []
    for block in table.blocks():
        numbers, columns = block.numbers, block.take(REQUIRED, OPTIONAL)
        wrong = _misnamed(numbers, columns)
        problems += [*block.problems, *wrong]
        _not_too_many(problems)
        numbers, firms = _with_firm(numbers, columns, wrong)
        for number, firm in zip(numbers, firms["firm"], strict=True):
            named.setdefault(firm, number)
        told(SURVEYED * block.share)
    return named, problems


def _with_firm(
    numbers: Sequence[int], columns: Mapping[str, Sequence[str]], wrong: Iterable[Problem]
) -> tuple[Sequence[int], Mapping[str, Sequence[str]]]:
    """The rows whose firm has a name that will do."""
    return leave_out(numbers, columns, {problem.row for problem in wrong if problem.column == "firm"})


def _not_too_many(problems: Sequence[Problem]) -> None:
    if len(problems) > MOST_PROBLEMS:
        reason = f"there are more than {MOST_PROBLEMS:,} problems; what follows was not looked at"
        raise TableError([*problems, Problem(problems[-1].row + 1, "", reason)])


def _read_sheets(
    table: Blocks, asked: Mapping[str, Questions], problems: list[Problem], told: Callable[[float], None]
) -> Sheets:
    """The rows as sheets; what cannot be read is added to ``problems``."""
    sheets = Sheets()
    for block, numbers, columns in _readable(table):
        problems += sheets.take(numbers, columns, asked)
        _not_too_many(problems)
        told(SURVEYED + (READ - SURVEYED) * block.share)
    if sheets.twice:
        first: dict[tuple[SheetKey, int], tuple[int, int]] = {}
        for _, numbers, columns in _readable(table):
            problems += sheets.contradictions(numbers, columns, asked, first)
    return sheets


def _readable(table: Blocks) -> Iterator[tuple[Table, Sequence[int], Mapping[str, Sequence[str]]]]:
    for block in table.blocks():
        columns = block.take(REQUIRED, OPTIONAL)
        yield block, *_with_firm(block.numbers, columns, _misnamed(block.numbers, columns))


def _misnamed(numbers: Sequence[int], columns: Mapping[str, Sequence[str]]) -> list[Problem]:
    return [
        problem
        for name, longest in _LENGTHS.items()
        if name in columns
        for problem in misnamed(numbers, name, columns[name], longest=longest, required=name in _NAMES)
    ]


def _current_workshops(firms: Mapping[str, int]) -> dict[str, Workshop]:
    """By firm, its newest workshop that is not committed; none of them moves until the answers are in."""
    newest = (
        Workshop.objects.filter(firm_id__in=firms.values())
        .exclude(state="committed")
        .order_by("firm_id", "-id")
        .distinct("firm_id")
    )
    ids = sorted(newest.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM assessments_workshop WHERE id = ANY(%s) ORDER BY id FOR SHARE", [ids])
    names = {pk: name for name, pk in firms.items()}
    return {names[workshop.firm_id]: workshop for workshop in Workshop.objects.filter(pk__in=ids)}


def _not_collecting(firms: Mapping[str, int], workshops: Mapping[str, Workshop]) -> list[Problem]:
    return [
        Problem(
            firms[firm],
            "firm",
            f"“{workshop.name}” of this firm is {workshop.state}: it takes answers while it is collecting",
            firm,
        )
        for firm, workshop in workshops.items()
        if workshop.state != "collecting"
    ]


def _asked(firms: Mapping[str, int], workshops: Mapping[str, Workshop]) -> dict[str, Questions]:
    """What each firm is asked, by its workshop's questionnaire and form, or by those of a new workshop."""
    fresh = Workshop(instrument=current_version())
    forms: dict[tuple[int, str], Questions] = {}
    found = {}
    for firm in firms:
        workshop = workshops.get(firm, fresh)
        kind = (workshop.instrument_id, workshop.form)
        if kind not in forms:
            instrument = instrument_of(workshop)
            forms[kind] = Questions(len(forms), len(instrument), askable(workshop), instrument.situated)
        found[firm] = forms[kind]
    return found


def _ambiguous(there: Segments, rows: Mapping[SheetKey, int]) -> Iterator[Problem]:
    """Rows whose segment may be one of several."""
    for key, number in rows.items():
        try:
            there.exact(key.segment)
        except LookupError as error:
            yield Problem(number, "segment", str(error), key.segment.segment)


def _sealed(by: Actor, workshops: Mapping[str, Workshop], rows: Mapping[SheetKey, int]) -> Iterator[Problem]:
    """Rows that would write over answers this actor may not read."""
    ids = [workshop.pk for workshop in workshops.values()]
    there = _participants(ids)
    readable = readable_participants(by).filter(workshop_id__in=ids).values_list("pk", flat=True)
    sealed = set(there.values()) - set(readable)
    told = set()
    for key, number in rows.items() if sealed else ():
        workshop = workshops.get(key.segment.firm)
        named = (workshop.pk, key.participant) if workshop else None
        if named and there.get(named) in sealed and named not in told:
            told.add(named)
            reason = "this person’s answers are their own until the discussion"
            yield Problem(number, "participant", reason, key.participant)


def make_segments(
    by: Actor, firms: Mapping[str, int], rows: Mapping[SheetKey, int]
) -> tuple[dict[SegmentKey, int], int]:
    """The id of each segment a file names, and how many had to be made. ``rows``: its first row."""
    there = Segments(firms)
    exact = {key.segment: there.exact(key.segment) for key in rows}
    missing = sorted({key for key in exact.values() if there.find(key) is None})
    if not missing:
        return {key: there.at(found) for key, found in exact.items()}, 0
    made = insert_rows(
        Segment,
        ["workspace_id", "firm_id", "name", "offering", "situation"],
        [(by.workspace_id, firms[key.firm], key.segment, key.offering, key.situation) for key in missing],
        skip_existing=True,
    )
    there = Segments(firms)
    return {key: there.at(found) for key, found in exact.items()}, made


def _make_workshops(by: Actor, firms: Mapping[str, int], workshops: dict[str, Workshop]) -> int:
    """A new workshop for each firm that has none to write into; adds them to ``workshops``."""
    made = Workshop.objects.bulk_create(
        Workshop(
            workspace_id=by.workspace_id,
            firm_id=firm_id,
            instrument=current_version(),
            name=WORKSHOP_NAME,
            created_by_id=by.user_id,
        )
        for name, firm_id in firms.items()
        if name not in workshops
    )
    names = {pk: name for name, pk in firms.items()}
    workshops.update({names[workshop.firm_id]: workshop for workshop in made})
    return len(made)


def _make_participants(
    by: Actor, workshops: Mapping[str, Workshop], rows: Mapping[SheetKey, int]
) -> tuple[dict[tuple[int, str], int], int]:
    """The id of each participant by workshop and name, and how many had to be made."""
    wanted = {(workshops[key.segment.firm].pk, key.participant) for key in rows}
    ids = [workshop.pk for workshop in workshops.values()]
    there = _participants(ids)
    missing = sorted(wanted - there.keys())
    if not missing:
        return there, 0
    values = [(by.workspace_id, *key) for key in missing]
    made = insert_rows(Participant, ["workspace_id", "workshop_id", "name"], values, skip_existing=True)
    return _participants(ids), made


def _participants(workshop_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    rows = Participant.objects.filter(workshop_id__in=workshop_ids).values_list("workshop_id", "name", "pk")
    return {(workshop_id, name): pk for workshop_id, name, pk in rows}


def _stage(
    by: Actor,
    sheets: Sheets,
    segments: Mapping[SegmentKey, int],
    workshops: Mapping[str, Workshop],
    participants: Mapping[tuple[int, str], int],
) -> None:
    def row(key: SheetKey, digits: bytearray) -> tuple[object, ...]:
        workshop = workshops[key.segment.firm]
        evidence = json.dumps(sheets.evidence.get(key, {}), ensure_ascii=False)
        participant = participants[workshop.pk, key.participant]
        segment = segments[key.segment]
        answers, wants = parted(digits, instrument_of(workshop).situated)
        place = (by.workspace_id, workshop.pk, participant, segment, workshop.round)
        return (*place, answers, evidence, wants)

    stage_sheets(row(key, digits) for key, digits in sheets.digits.items())
