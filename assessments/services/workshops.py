"""Workshops and who takes part: start, move, add, drop."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from assessments.models import WORKSHOP_STATES, Form, Instrument, Participant, Reveal, Sheet, Workshop
from assessments.permissions import REVEALED, edit_workshop, groups_closed
from assessments.queries import current_version, versions
from assessments.signals import answers_saved
from connected.models import Membership
from connected.permissions import Actor, edit_firm

CLOSED = "Groups stay as they were when the discussion began: changes would tell single answers."


@transaction.atomic
def start_workshop(
    *,
    by: Actor,
    firm_id: int,
    name: str,
    form: str = Form.FULL,
    reveal: str = Reveal.OPEN,
    instrument_version: int | None = None,
    participants: Iterable[tuple[str, str]] = (),
) -> Workshop:
    """A workshop that collects answers from now on.

    Without ``instrument_version`` it is asked the newest questionnaire that is not asked by choice only.
    ``participants`` are (name, group) pairs. ValidationError names the field, or the participant.
    """
    workshop = Workshop(
        workspace_id=by.workspace_id,
        firm=edit_firm(by, firm_id),
        instrument=current_version() if instrument_version is None else _version(instrument_version),
        name=name.strip(),
        form=form,
        reveal=reveal,
        created_by_id=by.user_id,
    )
    workshop.full_clean()
    workshop.save()
    for person, group in participants:
        _add(workshop, person, group, None)
    return workshop


def _version(number: int) -> Instrument:
    there = {each.version: each for each in versions()}
    if number not in there:
        listed = ", ".join(map(str, there))
        raise ValidationError({"instrument_version": f"There is no version {number}; there are: {listed}."})
    return there[number]


@transaction.atomic
def move_workshop(*, by: Actor, workshop_id: int, state: str) -> Workshop:
    """Take a workshop to another state of WORKSHOP_STATES; WrongStep says what would be allowed."""
    workshop = locked(by, workshop_id)
    if state not in WORKSHOP_STATES.table:
        raise ValidationError({"state": f"A workshop is never “{state}”."})
    then = WORKSHOP_STATES.check(workshop.state, state)
    if workshop.groups_closed_at is None and REVEALED & {workshop.state, then}:
        workshop.groups_closed_at = timezone.now()
    workshop.state = then
    workshop.save(update_fields=["state", "groups_closed_at", "updated_at"])
    if workshop.reveal == Reveal.BLIND:
        # By participant: the index of sheets by segment does not lead with the workshop.
        sheets = Sheet.objects.filter(participant__workshop=workshop).order_by()
        announce(workshop, sheets.values_list("segment_id", flat=True).distinct())
    return workshop


@transaction.atomic
def add_participant(
    *, by: Actor, workshop_id: int, name: str, group: str = "", user_id: int | None = None
) -> Participant:
    """Someone who answers. ``user_id`` ties them to a member who then fills in their own sheets."""
    workshop = locked(by, workshop_id)
    if group.strip() and groups_closed(workshop):
        raise ValidationError({"group": f"{CLOSED} Whoever joins now has none."})
    if user_id is not None:
        _must_be_new_member(workshop, user_id)
    return _add(workshop, name, group, user_id)


@transaction.atomic
def set_groups(*, by: Actor, workshop_id: int, groups: Mapping[int, str]) -> Workshop:
    """Put participants, by id, into groups ("" is none). ValidationError once a discussion has begun."""
    workshop = locked(by, workshop_id)
    people = {each.pk: each for each in Participant.objects.filter(workshop=workshop, pk__in=groups)}
    if people.keys() != groups.keys():
        raise Http404("No such participant.")
    changed = {pk: " ".join(group.split()) for pk, group in groups.items()}
    changed = {pk: group for pk, group in changed.items() if group != people[pk].group}
    if changed and groups_closed(workshop):
        raise ValidationError(CLOSED)
    for pk, group in changed.items():
        people[pk].group = group
        people[pk].full_clean()
        people[pk].save(update_fields=["group"])
    return workshop


@transaction.atomic
def drop_participant(*, by: Actor, workshop_id: int, participant_id: int) -> None:
    """Take someone out of a workshop, with the sheets they filled in."""
    workshop = locked(by, workshop_id)
    participant = Participant.objects.filter(pk=participant_id, workshop=workshop).first()
    if participant is None:
        raise Http404("No such participant.")
    segments = list(Sheet.objects.filter(participant=participant).values_list("segment_id", flat=True))
    participant.delete()
    if segments and groups_closed(workshop):
        workshop.groups_withdrawn = True
        workshop.save(update_fields=["groups_withdrawn", "updated_at"])
    announce(workshop, segments)


def locked(by: Actor, workshop_id: int) -> Workshop:
    """The row is the lock: an answer or a group on its way is in before a move, or refused after it."""
    edit_workshop(by, workshop_id)
    return Workshop.objects.select_for_update(of=("self",)).select_related("firm").get(pk=workshop_id)


def _add(workshop: Workshop, name: str, group: str, user_id: int | None) -> Participant:
    participant = Participant(
        workspace_id=workshop.workspace_id,
        workshop=workshop,
        name=name.strip(),
        group=" ".join(group.split()),
        user_id=user_id,
    )
    participant.full_clean()
    participant.save()
    return participant


def _must_be_new_member(workshop: Workshop, user_id: int) -> None:
    if not Membership.objects.filter(user_id=user_id).exists():
        raise ValidationError({"user_id": "Only members of this workspace can answer with an account."})
    if Participant.objects.filter(workshop=workshop, user_id=user_id).exists():
        raise ValidationError({"user_id": "This member takes part already."})


def announce(workshop: Workshop, segment_ids: Iterable[int]) -> None:
    if changed := sorted(set(segment_ids)):
        answers_saved.send(sender=Workshop, workspace_id=workshop.workspace_id, segment_ids=changed)
