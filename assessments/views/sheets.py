"""One sheet: one participant's answers for one segment, typed, tapped, or taken from paper."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from assessments import services
from assessments.findings import Progress, number_of_questions, told_apart
from assessments.instrument import SITUATIONS, Item, Part, canonical
from assessments.models import Participant, Sheet, Workshop
from assessments.permissions import answer_for, see_participant, segment_in
from assessments.queries import (
    answers_of,
    askable,
    asked,
    asked_before,
    instrument_of,
    items_of,
    progress_of,
    sheet_of,
    wants_in,
    wants_of,
)
from assessments.services import NOT_GIVEN
from connected.models import Segment
from connected.permissions import Actor, Asked
from connected.queries import letters
from connected.states import WrongStep

PARTS = {
    Part.RELATIONSHIPS: ("Relationships today", "What the customer gets now, not what is planned."),
    Part.WANTS: ("What this segment wants", "These customers, in this situation."),
    Part.ARCHITECTURE: ("Who makes it, who sells it", "The offering as it is supplied today."),
    Part.CAPABILITIES: ("Identify, differentiate, interact, customize", "What the firm can do today."),
}
ROUTINE = "These customers, in a routine situation."
DONE = "done"
MOVED = "The questions have changed meanwhile. Kept with those of before: {items}."
KEYS = [
    ("0–4", "answer; 1–5 for a choice"),
    ("-", "do not know"),
    ("→", "next question"),
    ("←", "question before"),
]


@dataclass(frozen=True)
class Option:
    """One answer to tap. ``value`` as in an answers file, "" is "do not know"; ``key`` is what to press."""

    value: str
    key: str
    label: str
    between: bool
    chosen: bool


@dataclass(frozen=True)
class Question:
    """An item as it stands on this sheet; ``seen`` is what is stored, as the form sends it back."""

    item: Item
    seen: str
    note: str
    asked: bool
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Beside:
    """What is asked once more for another situation; nobody has to answer it."""

    situation: str
    words: str
    questions: tuple[Question, ...]

    @property
    def given(self) -> int:
        return sum(question.seen != NOT_GIVEN for question in self.questions)


@dataclass(frozen=True)
class Leaf:
    """A sheet as a page shows it; ``beside``: what may be answered besides ``questions``."""

    participant: Participant
    segment: Segment
    letters: Mapping[int, str]
    stored: Sheet | None
    questions: tuple[Question, ...]
    beside: tuple[Beside, ...]
    progress: Progress
    mine: bool
    locked: bool
    asks: int

    @property
    def letter(self) -> str:
        return self.letters[self.segment.pk]

    @property
    def of(self) -> str:
        """Offering and situation: what tells segments of one name apart."""
        return told_apart(self.segment)

    @property
    def number(self) -> str:
        return number_of_questions([question.item for question in self.questions])

    @property
    def asked(self) -> list[Question]:
        return [question for question in self.questions if question.asked]

    @property
    def open(self) -> list[Question]:
        return [question for question in self.asked if question.seen == NOT_GIVEN]

    @property
    def parts(self) -> list[tuple[str, str, list[Question], tuple[Beside, ...]]]:
        """(title, what it is about, questions, those of other situations) of every part that has any."""
        grouped = (
            (
                PARTS[part][0],
                ROUTINE if part is Part.WANTS and self.beside else PARTS[part][1],
                [each for each in self.questions if each.item.part is part],
                self.beside if part is Part.WANTS else (),
            )
            for part in Part
        )
        return [group for group in grouped if group[2]]

    def around(self, code: str) -> list[str]:
        """The codes one walks through when at this one: all that are asked, or those of one situation."""
        for group in self.beside:
            if code in (codes := [question.item.code for question in group.questions]):
                return [*codes, DONE]
        return [*(question.item.code for question in self.asked), DONE]


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: Asked, workspace: str, workshop_id: int, participant: int, segment: int) -> HttpResponse:
    """The sheet, one question a screen or all on one page; POST saves what a page without script sends."""
    actor = request.actor
    person = see_participant(actor, workshop_id, participant)
    group = segment_in(person.workshop, segment)
    view = _view(request, actor, person)
    if request.method == "POST":
        _save_form(request, actor, person, group)
        place = {"view": view, "q": _target(_leaf(actor, person, group), request.POST)}
        return redirect(f"{request.path}?{urlencode(place)}")
    leaf = _leaf(actor, person, group)
    current = _current(leaf, request.GET.get("q"))
    context = {"leaf": leaf, "view": view, "current": current, **_bar(leaf, current), **_links(actor, leaf)}
    return render(request, "assessments/sheet.html", context)


@require_POST
def answer(request: Asked, workspace: str, workshop_id: int, participant: int, segment: int) -> JsonResponse:
    """Save a tap, or all that waited on a device, at once or not at all.

    One: ``item``, ``value`` with ``expected``, or ``note``. Several: ``answers``, ``expected`` and
    ``evidence``, each a JSON object by item code. 200 with the version; 409 with ``current`` by item when
    someone else answered, without when the workshop takes no answers; 400 for a value an item does not
    take. ``detail`` says why in words. ``asks`` is the version of the questionnaire that is asked by now.
    """
    try:
        answers, expected, notes = _waiting(request.POST)
        saved = services.save_from_page(
            by=request.actor,
            workshop_id=workshop_id,
            participant_id=participant,
            segment_id=segment,
            answers=answers,
            evidence=notes,
            expected=expected,
        )
    except services.Conflict as conflict:
        stored = {each.item: _written(each.seen) for each in conflict.current}
        return JsonResponse({"detail": str(conflict), "current": stored}, status=409)
    except WrongStep as error:
        return JsonResponse({"detail": str(error)}, status=409)
    except ValidationError as error:
        return JsonResponse({"detail": " ".join(error.messages)}, status=400)
    except PermissionDenied as error:
        return JsonResponse({"detail": str(error)}, status=403)
    return JsonResponse({"version": saved.version, "asks": saved.asks})


Waiting = tuple[dict[str, str], dict[str, services.Seen], dict[str, str]]


def _waiting(said: QueryDict) -> Waiting:
    """Answers, what was seen of them, and notes, by item: of one item, or of all that are sent."""
    if "item" not in said:
        answers, seen, notes = (_by_item(said, name) for name in ("answers", "expected", "evidence"))
    else:
        item = str(said["item"])
        found = ({item: str(said[name])} if name in said else {} for name in ("value", "expected", "note"))
        answers, seen, notes = found
    return answers, {code: _seen(value) for code, value in seen.items()}, notes


def _by_item(said: QueryDict, name: str) -> dict[str, str]:
    try:
        found = json.loads(said.get(name, "{}"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise ValidationError(f"“{name}” takes an object of item codes and texts.")
    return found


def _leaf(actor: Actor, person: Participant, segment: Segment) -> Leaf:
    workshop = person.workshop
    instrument, items, stored = instrument_of(workshop), items_of(workshop), sheet_of(person, segment.pk)
    answers, wants = answers_of(instrument, stored), wants_in(instrument, stored)
    due = {item.code for item in asked(items, answers)}
    notes: Mapping[str, str] = stored.evidence if stored else {}
    ids = Segment.objects.filter(firm_id=workshop.firm_id).values_list("pk", flat=True)
    return Leaf(
        participant=person,
        segment=segment,
        letters=letters(ids),
        stored=stored,
        questions=tuple(
            _question(item, answers, notes.get(item.code, ""), item.code in due) for item in items
        ),
        # A segment that stands for such a situation is asked about that one alone.
        beside=()
        if canonical(f".{segment.situation}")[1:] in SITUATIONS
        else _beside(wants_of(workshop), wants, notes),
        progress=progress_of(items, answers),
        mine=actor.user_id is not None and person.user_id == actor.user_id,
        locked=workshop.state != "collecting" or not _may_answer(actor, person),
        asks=instrument.version,
    )


def _beside(
    items: Sequence[Item], wants: Mapping[str, int | None], notes: Mapping[str, str]
) -> tuple[Beside, ...]:
    by_situation = {
        situation: tuple(
            _question(item, wants, notes.get(item.code, ""), is_asked=True)
            for item in items
            if item.situation == situation
        )
        for situation in SITUATIONS
    }
    return tuple(Beside(each, SITUATIONS[each], found) for each, found in by_situation.items() if found)


def _may_answer(actor: Actor, person: Participant) -> bool:
    try:
        answer_for(actor, person.workshop_id, person.pk)
    except PermissionDenied:
        return False
    return True


def _question(item: Item, answers: Mapping[str, int | None], note: str, is_asked: bool) -> Question:
    seen = _written(answers[item.code]) if item.code in answers else NOT_GIVEN
    options = [
        Option(
            value=str(value),
            key=str(value),
            label=item.label(value) or f"between {value - 1} and {value + 1}",
            between=item.label(value) is None,
            chosen=seen == str(value),
        )
        for value in item.values
    ]
    options.append(Option("", "–", "Do not know, or does not apply", between=False, chosen=seen == ""))
    return Question(item, seen, note, is_asked, tuple(options))


def _written(value: int | str | None) -> str:
    return "" if value is None else str(value)


def _seen(written: str) -> services.Seen:
    if written == NOT_GIVEN:
        return NOT_GIVEN
    if not written:
        return None
    if written.isascii() and written.isdigit() and len(written) < 3:
        return int(written)
    raise ValidationError(f"“{written}” is nothing that can have been seen.")


def _view(request: Asked, actor: Actor, person: Participant) -> str:
    """One question a screen for phones and for one's own; a list for typing others' from paper."""
    wanted = request.GET.get("view", "")
    if wanted in ("steps", "list"):
        return wanted
    own = person.user_id == actor.user_id
    return "steps" if own or "Mobi" in request.headers.get("User-Agent", "") else "list"


def _current(leaf: Leaf, wanted: str | None) -> str:
    """The code of the question to show: the one asked for, else the first that is open, else done."""
    if wanted == DONE or wanted in leaf.around(wanted or ""):
        return str(wanted)
    if leaf.locked and leaf.asked:
        return leaf.asked[0].item.code
    return leaf.open[0].item.code if leaf.open else DONE


def _target(leaf: Leaf, said: QueryDict) -> str:
    """Where a page without script goes after saving: ``go`` is next, back or a code, seen from ``at``."""
    at, go = said.get("at", ""), said.get("go", "")
    codes = leaf.around(at)
    if at not in codes or go not in ("next", "back"):
        return go if go in leaf.around(go) else at
    place = codes.index(at) + (1 if go == "next" else -1)
    return codes[min(max(place, 0), len(codes) - 1)]


def _bar(leaf: Leaf, current: str) -> dict[str, Any]:
    """How far along the questions ``current`` is: words, percent, and whether it is the first."""
    codes = leaf.around(current)[:-1]
    total = len(codes)
    if current not in codes:
        return {"place": f"{leaf.progress.given} of {total}", "share": 100, "first": False}
    place = codes.index(current) + 1
    return {"place": f"{place} of {total}", "share": round(100 * place / total), "first": place == 1}


def _links(actor: Actor, leaf: Leaf) -> dict[str, Any]:
    """Where to go from this sheet: the workshop, and the same person's next segment."""
    workshop = leaf.participant.workshop
    after = Segment.objects.filter(firm_id=workshop.firm_id, pk__gt=leaf.segment.pk).order_by("pk").first()
    following = None
    if after is not None:
        address = reverse("sheet", args=[actor.workspace_slug, workshop.pk, leaf.participant.pk, after.pk])
        name = f"{leaf.letters[after.pk]}, {after.name}"
        following = {"address": address, "name": name, "of": told_apart(after)}
    return {
        "workshop": workshop,
        "firm": workshop.firm,
        "following": following,
        "user_id": actor.user_id,
        "page_keys": KEYS,
    }


def _save_form(request: Asked, actor: Actor, person: Participant, segment: Segment) -> None:
    """Save what differs from what the page showed. What others answered meanwhile stays, and is named."""
    codes = _codes_of(person.workshop)
    try:
        answers, expected, notes = _differences(request.POST, codes)
        while answers or notes:
            try:
                saved = services.save_from_page(
                    by=actor,
                    workshop_id=person.workshop_id,
                    participant_id=person.pk,
                    segment_id=segment.pk,
                    answers=answers,
                    evidence=notes,
                    expected=expected,
                )
                if saved.kept:
                    messages.info(request, MOVED.format(items=", ".join(saved.kept)))
                return
            except services.Conflict as conflict:
                for each in conflict.current:
                    mine, stands = answers.pop(each.item), "–" if each.value is None else each.value
                    del expected[each.item]
                    said = f"{each.item}: someone else answered {stands}; your {mine or '–'} was not saved."
                    messages.error(request, said)
    except (WrongStep, ValidationError) as error:
        words = str(error) if isinstance(error, WrongStep) else " ".join(error.messages)
        messages.error(request, f"Not saved: {words}")


def _codes_of(workshop: Workshop) -> list[str]:
    """What is asked, and what was asked before the workshop was moved to another version."""
    before = (code for _, instrument in asked_before(workshop) for code in instrument.answerable)
    return list(dict.fromkeys([*askable(workshop), *before]))


def _differences(said: QueryDict, codes: list[str]) -> Waiting:
    """Answers, what was seen of them, and notes, of a whole form: only what its sender changed."""
    sent = {code: str(said[code]) for code in codes if code in said}
    was = {code: str(said.get(f"was.{code}", NOT_GIVEN)) for code in codes}
    answers = {code: value for code, value in sent.items() if value != was[code]}
    had = {code: str(said.get(f"had.{code}", "")) for code in codes}
    notes = {code: str(said.get(f"note.{code}", had[code])) for code in codes}
    changed = {code: note for code, note in notes.items() if note.strip() != had[code].strip()}
    return answers, {code: _seen(was[code]) for code in answers}, changed
