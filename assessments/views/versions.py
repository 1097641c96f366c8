"""Another version of a workshop's questionnaire: what happens to each question and answer, then doing it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assessments import services
from assessments.crosswalk import Became
from assessments.findings import became_words, move_headline, number_words
from assessments.instrument import Item
from assessments.models import Form, Participant, Upgrade, Workshop
from assessments.permissions import edit_workshop
from assessments.queries import (
    Given,
    Way,
    changed_since,
    given_in,
    instrument_of,
    kept_of,
    moves_of,
    newer_version,
    way_to,
)
from connected.permissions import Asked
from connected.states import WrongStep

PEOPLE = 100


@dataclass(frozen=True)
class Line:
    """A question, what becomes of it, and how many answers are concerned. ``was``: the older ones."""

    item: Item
    words: str
    why: str
    was: tuple[Item, ...]
    answers: int


@dataclass(frozen=True)
class Person:
    """Who has something to look at: sheets begun, and answers that go along."""

    name: str
    sheets: int
    carried: int
    questions: int


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    """What moving to version ``?to=`` does (the newer one, without it); POST does it."""
    actor = request.actor
    workshop = edit_workshop(actor, workshop_id)
    version = _version(request.POST.get("to") or request.GET.get("to", ""), workshop)
    if request.method == "POST":
        _move(request, workshop, version)
        return redirect("workshop", workspace, workshop_id)
    way = None if version is None else way_to(workshop, version)
    context: dict[str, Any] = {"workshop": workshop, "firm": workshop.firm, "refused": _refusal(workshop)}
    context |= {"instrument": instrument_of(workshop), "moves": moves_of(workshop)}
    return render(request, "assessments/questions.html", context | (_plan(workshop, way) if way else {}))


def _version(said: str, workshop: Workshop) -> int | None:
    if not said:
        return newer_version(workshop)
    if not said.isdecimal() or len(said) > 4:
        raise Http404("No such version.")
    return int(said)


def _refusal(workshop: Workshop) -> str:
    try:
        services.must_be_movable(workshop)
    except WrongStep as error:
        return str(error)
    return ""


def _move(request: Asked, workshop: Workshop, version: int | None) -> None:
    try:
        moved = services.move_version(by=request.actor, workshop_id=workshop.pk, version=version or 0)
    except (WrongStep, ValidationError) as error:
        messages.error(request, str(error) if isinstance(error, WrongStep) else " ".join(error.messages))
        return
    messages.success(request, _said(moved) if moved else f"It is asked version {version} already.")


def _said(moved: Upgrade) -> str:
    gone = f"{number_words(moved.carried, 'answer')} went along"
    stay = f"{moved.kept:,} stay{'s' if moved.kept == 1 else ''} with version {moved.before.version}"
    came = f"; {moved.returned:,} came back" if moved.returned else ""
    return f"Version {moved.after.version} is asked from now on. {gone}, {stay}{came}."


def _plan(workshop: Workshop, way: Way) -> dict[str, Any]:
    given, kept = given_in(workshop), kept_of(workshop, way.after_id)
    short = workshop.form == Form.SHORT
    asked = {item.code for item in (way.after.short_items if short else way.after.items)}
    open_anew = [code for code in way.asked_again if code in asked]
    places = way.before.positions
    carried = given.of_items(places[code] for code in way.carried)
    again = _again(way, given, kept)
    return {
        "way": way,
        "headline": move_headline(len(open_anew), way.forward, way.after.version),
        "same": [step.item for step in way.crosswalk.steps if step.became is Became.SAME],
        "reworded": _reworded(way, given),
        "again": again,
        "left": _left(way, given),
        "carried": carried,
        "stays": given.of_items(places[code] for code in way.left),
        "returns": sum(line.answers for line in again),
        "changed": 0 if way.forward else changed_since(workshop, way),
        "people": _people(workshop, way, given, open_anew),
        "short": short,
    }


def _reworded(way: Way, given: Given) -> list[Line]:
    return [
        Line(
            way.after.item(step.item),
            became_words(step),
            step.why,
            (way.before.item(step.item),),
            given.of_items([way.before.positions[step.item]]),
        )
        for step in way.crosswalk.steps
        if step.became is Became.REWORDED
    ]


def _again(way: Way, given: Given, kept: Given) -> list[Line]:
    """Questions only the version come to asks; ``answers`` are those kept of it, which come back."""
    steps = {step.item: step for step in way.crosswalk.steps}
    lines = []
    for code in way.asked_again:
        item, step = way.after.item(code), steps.get(code)
        back = kept.of_items([item.position])
        if step is None or not way.forward:
            lines.append(Line(item, "", "", (), back))
        else:
            was = tuple(way.before.item(each) for each in step.of)
            lines.append(Line(item, became_words(step), step.why, was, back))
    return lines


def _left(way: Way, given: Given) -> list[Line]:
    """Questions only the version that is left asks, with the answers that stay with it."""
    why = {each.item: each.why for each in way.crosswalk.dropped}
    into: dict[str, list[str]] = {}
    for step in way.crosswalk.asked_again:
        for code in step.of:
            into.setdefault(code, []).append(step.item)
    lines = []
    for code in way.left:
        item = way.before.item(code)
        words = "dropped" if code in why else f"now {' and '.join(into.get(code, []))}"
        words = words if way.forward else ""
        lines.append(Line(item, words, why.get(code, ""), (), given.of_items([item.position])))
    return lines


def _people(workshop: Workshop, way: Way, given: Given, again: list[str]) -> list[Person]:
    """Those who have begun, by name, each with what there is to look at again."""
    places = {way.before.positions[code] for code in way.carried}
    carried: dict[int, int] = {}
    for (person, at), count in given.answers.items():
        carried[person] = carried.get(person, 0) + (count if at in places else 0)
    named = Participant.objects.filter(workshop=workshop, pk__in=list(given.sheets))[:PEOPLE]
    return [
        Person(each.name, given.sheets[each.pk], carried.get(each.pk, 0), len(again) * given.sheets[each.pk])
        for each in named
    ]
