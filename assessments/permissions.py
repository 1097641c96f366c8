"""May you see or change a workshop, and whose answers are revealed to you?"""

from django.db.models import Q, QuerySet
from django.http import Http404

from assessments.models import ImportJob, Participant, Reveal, Workshop
from connected.models import Role, Segment
from connected.permissions import Actor, firm_filter, must_edit

# A blind workshop shows its answers from here on.
REVEALED = frozenset({"discussing", "committed"})


def visible_workshops(actor: Actor) -> "QuerySet[Workshop]":
    return Workshop.objects.filter(firm_filter(actor, "firm_id"))


def see_workshop(actor: Actor, workshop_id: int) -> Workshop:
    workshop = visible_workshops(actor).select_related("firm").filter(pk=workshop_id).first()
    if workshop is None:
        raise Http404("No such workshop.")
    return workshop


def edit_workshop(actor: Actor, workshop_id: int) -> Workshop:
    workshop = see_workshop(actor, workshop_id)
    must_edit(actor)
    return workshop


def is_facilitator(actor: Actor) -> bool:
    """Owners and consultants lead workshops; a token of scope read reads what they read."""
    return actor.role in (Role.OWNER, Role.CONSULTANT)


def is_revealed(workshop: Workshop) -> bool:
    """Whether what people answered may be told at all: a blind workshop keeps silent until discussed."""
    return workshop.reveal == Reveal.OPEN or workshop.state in REVEALED


def groups_closed(workshop: Workshop) -> bool:
    """Whether groups stay as they are: from a workshop's first discussion on, for good."""
    return workshop.groups_closed_at is not None or workshop.state in REVEALED


def groups_compared(workshop: Workshop) -> bool:
    """Whether what groups say may be told: only while no answer can arrive, and nobody was removed since."""
    return workshop.state in REVEALED and not workshop.groups_withdrawn


def readable_participants(actor: Actor) -> "QuerySet[Participant]":
    """The one reveal policy: the participants whose single sheets this actor may see.

    Always one's own. For facilitators also those of an open workshop, those of a blind one from its
    discussion on, and those of people without an account: their sheets come from paper, by a
    facilitator's hand. Managers see placements, never another person's sheet.
    """
    seen = Q(user_id=actor.user_id) if actor.user_id is not None else Q(pk__in=())
    if is_facilitator(actor):
        revealed = Q(workshop__reveal=Reveal.OPEN) | Q(workshop__state__in=REVEALED)
        seen |= revealed | Q(user__isnull=True)
    return Participant.objects.filter(firm_filter(actor, "workshop__firm_id")).filter(seen)


def may_see_sheet(actor: Actor, participant: Participant) -> bool:
    """Whether the reveal policy opens this participant's sheets to the actor."""
    return readable_participants(actor).filter(pk=participant.pk).exists()


def see_participant(actor: Actor, workshop_id: int, participant_id: int) -> Participant:
    """A participant whose sheets the actor may see; 404 for every other."""
    participant = (
        readable_participants(actor)
        .select_related("workshop__firm")
        .filter(pk=participant_id, workshop_id=workshop_id)
        .first()
    )
    if participant is None:
        raise Http404("No such sheet.")
    return participant


def answer_for(actor: Actor, workshop_id: int, participant_id: int) -> Participant:
    """A participant the actor may answer for: oneself, or as a facilitator from paper."""
    participant = see_participant(actor, workshop_id, participant_id)
    if actor.user_id is None or participant.user_id != actor.user_id or not actor.may_write:
        must_edit(actor)
    return participant


def segment_in(workshop: Workshop, segment_id: int) -> Segment:
    """A segment of the workshop's firm, else 404."""
    segment = Segment.objects.filter(pk=segment_id, firm_id=workshop.firm_id).first()
    if segment is None:
        raise Http404("No such segment in this workshop.")
    return segment


def visible_imports(actor: Actor) -> "QuerySet[ImportJob]":
    """Large imports: one's own; for owners those of all. What is wrong in a file is told to nobody else."""
    if not is_facilitator(actor):
        return ImportJob.objects.none()
    rows = ImportJob.objects.select_related("created_by")
    return rows if actor.is_owner else rows.filter(created_by_id=actor.user_id or 0)


def see_import(actor: Actor, job_id: int) -> ImportJob:
    job = visible_imports(actor).filter(pk=job_id).first()
    if job is None:
        raise Http404("No such import.")
    return job
