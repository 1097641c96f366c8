"""Reading questionnaires, workshops and how far their sheets have come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from assessments import models
from assessments.crosswalk import Crosswalk
from assessments.findings import Progress
from assessments.instrument import Instrument, Item, asks
from assessments.models import Form, Participant, Sheet, Upgrade, Workshop
from connected.models import Membership, Segment


def current_version(code: str = "cs-1") -> models.Instrument:
    """The newest version of a questionnaire that new workshops are asked: not one only asked by choice.

    Raises LookupError when none has been loaded.
    """
    asked = models.Instrument.objects.filter(code=code).exclude(definition__contains={"by_choice": True})
    version = asked.order_by("-version").first()
    if version is None:
        raise LookupError(f"No questionnaire {code} is loaded: run “python manage.py load_versions”.")
    return version


def versions(code: str = "cs-1") -> list[models.Instrument]:
    """Every version of a questionnaire that is loaded, the oldest first."""
    return list(models.Instrument.objects.filter(code=code).order_by("version"))


@lru_cache(maxsize=64)
def _read(version_id: int) -> Instrument:
    # Versions never change, and the app's role may not write them: one reading serves the process.
    return Instrument.from_json(models.Instrument.objects.get(pk=version_id).definition)


def questionnaires() -> list[Instrument]:
    """Those that a new workshop may be asked, the oldest first."""
    return [_read(version.pk) for version in versions()]


def current_instrument() -> Instrument:
    """The questionnaire new workshops are asked."""
    return _read(current_version().pk)


def instrument_of(workshop: Workshop) -> Instrument:
    """The questionnaire version a workshop was started with."""
    return _read(workshop.instrument_id)


@dataclass(frozen=True)
class Way:
    """From the version a workshop is asked to another, by a crosswalk read in its direction or against it."""

    crosswalk: Crosswalk
    before_id: int
    after_id: int
    before: Instrument
    after: Instrument

    @property
    def forward(self) -> bool:
        return self.after.version > self.before.version

    @property
    def carried(self) -> frozenset[str]:
        """Codes both versions ask."""
        return self.crosswalk.carried

    @property
    def left(self) -> tuple[str, ...]:
        """Codes only the version that is left asks, in its order."""
        return tuple(item.code for item in self.before.items if item.code not in self.carried)

    @property
    def asked_again(self) -> tuple[str, ...]:
        """Codes only the version that is come to asks, in its order."""
        return tuple(item.code for item in self.after.items if item.code not in self.carried)


@lru_cache(maxsize=16)
def _crosswalk(pk: int) -> Crosswalk:
    row = models.Crosswalk.objects.get(pk=pk)
    return Crosswalk.from_json(row.definition, _read(row.before_id), _read(row.after_id))


def crosswalk_between(one: int, other: int) -> Crosswalk | None:
    """What became of each item between two versions, by their ids, in whichever order; None unless joined."""
    ends = models.Crosswalk.objects.filter(before_id__in=(one, other), after_id__in=(one, other))
    pk = ends.values_list("pk", flat=True).first()
    return None if pk is None else _crosswalk(pk)


def way_to(workshop: Workshop, version: int) -> Way | None:
    """The way from what a workshop is asked to another version; None where no crosswalk leads there."""
    now = instrument_of(workshop)
    after = models.Instrument.objects.filter(code=now.code, version=version).first()
    found = crosswalk_between(workshop.instrument_id, after.pk) if after else None
    if after is None or found is None:
        return None
    return Way(found, workshop.instrument_id, after.pk, now, _read(after.pk))


def newer_version(workshop: Workshop) -> int | None:
    """The newest version a crosswalk leads on to from what a workshop is asked."""
    joined = models.Crosswalk.objects.filter(before_id=workshop.instrument_id)
    return joined.order_by("-after__version").values_list("after__version", flat=True).first()


def moves_of(workshop: Workshop) -> list[Upgrade]:
    """How a workshop came to the version it is asked, newest first."""
    rows = Upgrade.objects.filter(workshop=workshop).select_related("before", "after", "created_by")
    return list(rows.order_by("-id"))


@dataclass(frozen=True)
class Given:
    """Answers there are: by (participant, item position) how many, and sheets begun by participant."""

    answers: Mapping[tuple[int, int], int]
    sheets: Mapping[int, int]

    def of_items(self, positions: Iterable[int]) -> int:
        wanted = set(positions)
        return sum(count for (_, at), count in self.answers.items() if at in wanted)


_GIVEN = """
SELECT participant_id, at - 1, count(*) FROM {table}, generate_subscripts(given, 1) AS at
WHERE workshop_id = %s AND given[at] {more} GROUP BY 1, 2
"""


def given_in(workshop: Workshop) -> Given:
    """What the sheets of a workshop answer, of all rounds; sheets begun are those of this round."""
    begun = Sheet.objects.filter(participant__workshop=workshop, round=workshop.round).order_by()
    sheets = begun.values_list("participant_id").annotate(number=Count("pk"))
    return Given(_given("assessments_sheet", "", [workshop.pk]), dict(sheets))


def kept_of(workshop: Workshop, instrument_id: int) -> Given:
    """What is kept of a version the workshop was asked before."""
    of = [workshop.pk, instrument_id]
    return Given(_given("assessments_keptsheet", "AND instrument_id = %s", of), {})


def _given(table: str, more: str, values: list[int]) -> dict[tuple[int, int], int]:
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN.format(table=table, more=more), values)
        return {(person, at): count for person, at, count in cursor.fetchall()}


_CHANGED = """
SELECT count(*) FROM assessments_sheet s
JOIN assessments_keptsheet k ON k.workspace_id = s.workspace_id AND k.participant_id = s.participant_id
    AND k.segment_id = s.segment_id AND k.round = s.round AND k.instrument_id = %s,
    unnest(%s::int[], %s::int[]) AS c (here, there)
WHERE s.workshop_id = %s
    AND (s.given[c.here], s.answers[c.here]) IS DISTINCT FROM (k.given[c.there], k.answers[c.there])
"""


def changed_since(workshop: Workshop, way: Way) -> int:
    """Answers to common questions that differ from those kept of the version the way leads to."""
    codes = sorted(way.carried)
    here, there = ([end.positions[code] + 1 for code in codes] for end in (way.before, way.after))
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [way.after_id, here, there, workshop.pk])
        found: int = cursor.fetchone()[0]
    return found


def asked_before(workshop: Workshop) -> list[tuple[int, Instrument]]:
    """Other versions a workshop was asked, by id, the one left last first."""
    rows = Upgrade.objects.filter(workshop=workshop).order_by("-id").values_list("before_id", flat=True)
    return [(pk, _read(pk)) for pk in dict.fromkeys(rows) if pk != workshop.instrument_id]


def items_of(workshop: Workshop) -> tuple[Item, ...]:
    """The items a workshop may ask, in order: all, or those of the short form."""
    instrument = instrument_of(workshop)
    return instrument.short_items if workshop.form == Form.SHORT else instrument.items


def wants_of(workshop: Workshop) -> tuple[Item, ...]:
    """What a workshop may ask beside, for other situations than the routine one; nobody has to answer it."""
    routine = {item.code for item in items_of(workshop)}
    found = instrument_of(workshop).situated
    return tuple(item for item in found if item.code.partition(".")[0] in routine)


def askable(workshop: Workshop) -> dict[str, Item]:
    """By code, everything that may be answered: the items, and what is asked beside."""
    return {item.code: item for item in (*items_of(workshop), *wants_of(workshop))}


def wants_in(instrument: Instrument, sheet: Sheet | None) -> dict[str, int | None]:
    """What a sheet answers for other situations, by code and in order; as :func:`answers_of`."""
    said = sheet.wants if sheet else {}
    return {item.code: said[item.code] for item in instrument.situated if item.code in said}


def answers_of(instrument: Instrument, sheet: Sheet | None) -> dict[str, int | None]:
    """What a sheet answers, by item code. "Do not know" is None; what is not answered is absent."""
    if sheet is None:
        return {}
    given = (item for item in instrument.items if sheet.given[item.position])
    return {item.code: sheet.answers[item.position] for item in given}


def asked(items: Iterable[Item], answers: Mapping[str, int | None]) -> tuple[Item, ...]:
    """The items this sheet's answers call for: a follow-up only when its condition is met."""
    return tuple(item for item in items if asks(item, answers))


def sheet_of(participant: Participant, segment_id: int) -> Sheet | None:
    """A participant's sheet for a segment in the workshop's round, or None before the first answer."""
    return Sheet.objects.filter(
        participant=participant,
        workshop_id=participant.workshop_id,
        segment_id=segment_id,
        round=participant.workshop.round,
    ).first()


def progress_of(items: Iterable[Item], answers: Mapping[str, int | None]) -> Progress:
    due = asked(items, answers)
    given = [answers[item.code] for item in due if item.code in answers]
    unknown = sum(value is None for value in given)
    return Progress(asked=len(due), answered=len(given) - unknown, unknown=unknown)


def progress(
    workshop: Workshop, participants: Iterable[Participant], segments: Iterable[Segment]
) -> dict[tuple[int, int], Progress]:
    """(participant, segment) to how far that sheet has come; one query for the whole grid."""
    people, groups = [each.pk for each in participants], [each.pk for each in segments]
    instrument, items = instrument_of(workshop), items_of(workshop)
    sheets = Sheet.objects.filter(participant__in=people, segment__in=groups, round=workshop.round)
    begun = {(each.participant_id, each.segment_id): answers_of(instrument, each) for each in sheets}
    untouched = progress_of(items, {})
    return {
        (person, group): progress_of(items, begun[person, group]) if (person, group) in begun else untouched
        for person in people
        for group in groups
    }


def with_counts(workshops: "QuerySet[Workshop]") -> "QuerySet[Workshop]":
    """Workshops with ``people``, ``segments``, ``begun`` (sheets of this round) and ``last_answer``."""
    sheets = Sheet.objects.filter(participant__workshop=OuterRef("pk"), round=OuterRef("round"))
    newest = sheets.order_by().values("participant__workshop").annotate(newest=Max("updated_at"))
    return workshops.select_related("firm").annotate(
        people=_number(Participant.objects.filter(workshop=OuterRef("pk")), "workshop"),
        segments=_number(Segment.objects.filter(firm=OuterRef("firm")), "firm"),
        begun=_number(sheets, "participant__workshop"),
        last_answer=Subquery(newest.values("newest")),
    )


def _number(rows: "QuerySet[Any]", by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def groups_in(workshop: Workshop) -> list[tuple[str, int]]:
    """The groups of a workshop with how many are in each, by name; those without one last, as ""."""
    rows = Participant.objects.filter(workshop=workshop).order_by().values("group")
    sizes = rows.annotate(people=Count("pk")).values_list("group", "people")
    return sorted(sizes, key=lambda each: (not each[0], each[0].casefold()))


def members_not_in(workshop: Workshop) -> "QuerySet[Membership]":
    """Members of the workspace who do not take part yet."""
    taking_part = Participant.objects.filter(workshop=workshop, user__isnull=False).values("user_id")
    return Membership.objects.exclude(user_id__in=taking_part).select_related("user").order_by("user__name")
