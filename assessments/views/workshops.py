"""Workshops: the list, starting one, who takes part, and how far the answers have come."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import services
from assessments.findings import Progress, composition, headline, number_of_questions, told_apart
from assessments.forms import LONGEST_GROUP, SUGGESTED_GROUPS, ParticipantForm, WorkshopForm
from assessments.models import WORKSHOP_STATES, Participant, Workshop
from assessments.permissions import (
    edit_workshop,
    groups_closed,
    readable_participants,
    see_workshop,
    visible_workshops,
)
from assessments.queries import (
    groups_in,
    instrument_of,
    items_of,
    members_not_in,
    moves_of,
    newer_version,
    progress,
    with_counts,
)
from connected.models import Segment
from connected.permissions import Actor, Asked, edit_firm, see_firm
from connected.queries import letters
from connected.states import WrongStep

LISTED, PEOPLE, SEGMENTS = 50, 40, 12
STAGES = [
    ("preparing", "Prepare"),
    ("collecting", "Collect"),
    ("discussing", "Discuss"),
    ("committed", "Commit"),
]
MOVES = {
    ("preparing", "collecting"): "Open for answers",
    ("collecting", "discussing"): "Start the discussion",
    ("collecting", "committed"): "Commit without discussion",
    ("discussing", "collecting"): "Collect again",
    ("discussing", "committed"): "Commit",
    ("committed", "discussing"): "Reopen the discussion",
}


@dataclass(frozen=True)
class Cell:
    """One sheet in the grid; without ``address`` it is not for the actor to open."""

    segment: Segment
    letter: str
    progress: Progress
    address: str
    words: str

    @property
    def of(self) -> str:
        return told_apart(self.segment)

    @property
    def called(self) -> str:
        """The segment in a sentence, so that two of one name are not taken for each other."""
        return f"{self.segment.name} ({self.letter})"


@dataclass(frozen=True)
class Row:
    participant: Participant
    mine: bool
    cells: tuple[Cell, ...]

    @property
    def given(self) -> int:
        return sum(cell.progress.given for cell in self.cells)


@require_GET
def workshops(request: Asked, workspace: str) -> HttpResponse:
    """Every workshop the actor may see, newest first; ``?firm=`` narrows to one firm."""
    actor = request.actor
    found, firm = visible_workshops(actor), None
    if request.GET.get("firm", "").isdecimal():
        firm = see_firm(actor, int(request.GET["firm"]))
        found = found.filter(firm=firm)
    page = Paginator(with_counts(found), LISTED).get_page(request.GET.get("page"))
    return render(request, "assessments/workshops.html", {"page": page, "firm": firm})


def new(request: Asked, workspace: str, firm: int) -> HttpResponse:
    """Start a workshop with a firm."""
    actor = request.actor
    found = edit_firm(actor, firm)
    form = WorkshopForm(request.POST or None, initial={"name": f"{found.name}, first round"[:120]})
    if request.method == "POST" and (started := form.call(_start, by=actor, firm_id=found.pk)):
        messages.success(request, f"“{started.name}” takes answers from now on.")
        return redirect("workshop", workspace, started.pk)
    segments = Segment.objects.filter(firm=found).count()
    cancel = f"{reverse('workshops', args=[workspace])}?firm={found.pk}"
    context = {"form": form, "firm": found, "segments": segments, "cancel": cancel}
    return render(request, "assessments/workshop_new.html", context, status=422 if form.errors else 200)


def _start(*, by: Actor, firm_id: int, people: list[tuple[str, str]], join: bool, **said: Any) -> Workshop:
    started = services.start_workshop(by=by, firm_id=firm_id, participants=people, **said)
    if join:
        services.add_participant(by=by, workshop_id=started.pk, name=by.name, user_id=by.user_id)
    return started


@require_GET
def workshop(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    """Who has answered what, and what to do next."""
    return _page(request, see_workshop(request.actor, workshop_id), None)


@require_POST
def move(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    """Take the workshop to another state."""
    try:
        services.move_workshop(by=request.actor, workshop_id=workshop_id, state=request.POST.get("state", ""))
    except (WrongStep, ValidationError) as error:
        messages.error(request, str(error) if isinstance(error, WrongStep) else " ".join(error.messages))
    return redirect("workshop", workspace, workshop_id)


@require_POST
def add(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    """Add a participant, by name or from the members."""
    actor = request.actor
    found = edit_workshop(actor, workshop_id)
    form = _participant_form(found, request.POST)
    if form.call(services.add_participant, by=actor, workshop_id=workshop_id):
        return redirect("workshop", workspace, workshop_id)
    return _page(request, found, form)


@require_POST
def groups(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    """Put the people of one page into groups: as many fields ``participant`` as ``group``, in one order."""
    people = [int(pk) for pk in request.POST.getlist("participant") if pk.isdecimal()]
    said = dict(zip(people, map(str, request.POST.getlist("group")), strict=False))
    try:
        services.set_groups(by=request.actor, workshop_id=workshop_id, groups=said)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Groups saved.")
    return redirect("workshop", workspace, workshop_id)


@require_POST
def drop(request: Asked, workspace: str, workshop_id: int, participant: int) -> HttpResponse:
    """Take a participant out, with their sheets."""
    services.drop_participant(by=request.actor, workshop_id=workshop_id, participant_id=participant)
    return redirect("workshop", workspace, workshop_id)


def _participant_form(workshop: Workshop, said: Any = None) -> ParticipantForm:
    members = {each.user_id: str(each.user) for each in members_not_in(workshop)}
    return ParticipantForm(said, members=members, grouped=not groups_closed(workshop))


def _page(request: Asked, found: Workshop, form: ParticipantForm | None) -> HttpResponse:
    actor = request.actor
    ids = list(Segment.objects.filter(firm=found.firm_id).order_by("pk").values_list("pk", flat=True))
    columns = Paginator(ids, SEGMENTS).get_page(request.GET.get("segments"))
    people = Paginator(Participant.objects.filter(workshop=found), PEOPLE).get_page(request.GET.get("people"))
    segments = list(Segment.objects.filter(pk__in=columns.object_list).order_by("pk"))
    known_letters = letters(ids)
    rows = _grid(actor, found, people, [(each, known_letters[each.pk]) for each in segments])
    whole = columns.paginator.num_pages == people.paginator.num_pages == 1
    if form is None and actor.may_edit:
        form = _participant_form(found)
    now = _next(actor, found, rows, bool(ids))
    sizes = groups_in(found)
    context = {
        "workshop": found,
        "firm": found.firm,
        "instrument": instrument_of(found),
        "questions": number_of_questions(items_of(found)),
        "segments": [(each, known_letters[each.pk], told_apart(each)) for each in segments],
        "columns": columns,
        "people": people,
        "stages": STAGES,
        "rows": rows,
        "finding": headline((row.participant.name, (cell.progress for cell in row.cells)) for row in rows)
        if whole
        else "",
        "next": now,
        "moves": [each for each in _moves(found) if each != now.get("move")] if actor.may_edit else [],
        "form": form,
        "versions": _versions(found) if actor.may_edit else None,
        "grouping": not groups_closed(found),
        "composition": composition(sizes),
        "known_groups": dict.fromkeys([*SUGGESTED_GROUPS, *(name for name, _ in sizes if name)]),
        "longest_group": LONGEST_GROUP,
    }
    return render(
        request, "assessments/workshop.html", context, status=422 if form is not None and form.errors else 200
    )


def _versions(workshop: Workshop) -> dict[str, Any] | None:
    """Where the questionnaire can go: a newer version, and back to the one before."""
    if workshop.state not in services.MOVABLE:
        return None
    newer = newer_version(workshop)
    moved = next(iter(moves_of(workshop)[:1]), None)
    back = moved.before.version if moved and moved.before.version < moved.after.version else None
    return {"newer": newer, "back": back, "moved": moved} if newer or back else None


def _grid(
    actor: Actor, workshop: Workshop, people: "Page[Participant]", segments: list[tuple[Segment, str]]
) -> list[Row]:
    shown = list(people.object_list)
    open_to_me = set(readable_participants(actor).filter(workshop=workshop).values_list("pk", flat=True))
    known = progress(workshop, shown, [segment for segment, _ in segments])
    return [
        Row(
            participant=each,
            mine=actor.user_id is not None and each.user_id == actor.user_id,
            cells=tuple(
                _cell(actor, workshop, each, named, known[each.pk, named[0].pk], each.pk in open_to_me)
                for named in segments
            ),
        )
        for each in shown
    ]


def _cell(
    actor: Actor,
    workshop: Workshop,
    person: Participant,
    named: tuple[Segment, str],
    done: Progress,
    seen: bool,
) -> Cell:
    segment, letter = named
    if not seen or (workshop.state != "collecting" and not done.given):
        return Cell(segment, letter, done, "", "")
    address = reverse("sheet", args=[actor.workspace_slug, workshop.pk, person.pk, segment.pk])
    return Cell(segment, letter, done, address, _words(actor, workshop, person, done))


def _words(actor: Actor, workshop: Workshop, person: Participant, done: Progress) -> str:
    """What the link into a sheet is called."""
    if workshop.state != "collecting":
        return "See answers"
    if person.user_id == actor.user_id and actor.user_id is not None:
        return {"none": "Fill in", "begun": "Go on"}.get(done.state, "Change")
    if not actor.may_edit:
        return "See answers"
    return "Enter from paper" if done.state == "none" else "Go on" if done.state == "begun" else "Change"


def _moves(workshop: Workshop) -> list[tuple[str, str]]:
    return [(then, MOVES[workshop.state, then]) for then in WORKSHOP_STATES.table[workshop.state]]


def _next(actor: Actor, workshop: Workshop, rows: list[Row], segments: bool) -> dict[str, Any]:
    """The one thing to do now: lead, text, and an address or a move."""
    slug, firm = actor.workspace_slug, workshop.firm_id
    if not actor.may_edit:
        return _own_next(rows) or {"lead": "Placements follow the answers.", "act": _firm_link(slug, firm)}
    if not segments:
        return {
            "lead": "A workshop answers for segments, and this firm has none.",
            "act": (reverse("segment-new", args=[slug, firm]), "Add a segment"),
        }
    if workshop.state != "collecting":
        return _after(slug, workshop)
    if not rows:
        return {"lead": "Say who answers.", "text": "Three people or more, so that agreement can be shown."}
    if mine := _own_next(rows):
        return mine
    missing = [(row, cell) for row in rows for cell in row.cells if cell.progress.open]
    unfinished = next(((row, cell) for row, cell in missing if cell.address), None)
    if unfinished is None:
        return {
            "lead": "Others are still answering." if missing else "All answers are in.",
            "text": "Next, talk about where they differ.",
            "move": ("discussing", MOVES["collecting", "discussing"]),
        }
    row, cell = unfinished
    about = f"{cell.called}, {cell.of}" if cell.of else cell.called
    text = f"Next: {row.participant.name} about {about}; {cell.progress.open} to go."
    return {"lead": "Answers are still missing.", "text": text, "act": (cell.address, cell.words)}


def _own_next(rows: list[Row]) -> dict[str, Any] | None:
    for row in rows:
        cell = next((cell for cell in row.cells if row.mine and cell.progress.open and cell.address), None)
        if cell is not None:
            lead = f"{cell.progress.open} questions about {cell.called} wait for you."
            return {"lead": lead, "text": cell.of, "act": (cell.address, cell.words)}
    return None


def _after(slug: str, workshop: Workshop) -> dict[str, Any]:
    link = _firm_link(slug, workshop.firm_id)
    if workshop.state == "preparing":
        return {"lead": "Nobody can answer yet.", "move": ("collecting", MOVES["preparing", "collecting"])}
    if workshop.state == "discussing":
        text = "A segment’s page lists its items, lowest agreement first."
        move = ("committed", MOVES["discussing", "committed"])
        return {"lead": "Talk about where the answers differ.", "text": text, "move": move, "more": link}
    return {
        "lead": "The answers stand.",
        "text": "They can be changed by reopening the discussion.",
        "act": link,
    }


def _firm_link(slug: str, firm_id: int) -> tuple[str, str]:
    return reverse("firm", args=[slug, firm_id]), "See the placements"
