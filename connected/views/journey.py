"""The journey of a segment: its touchpoints in order, changed in place.

Every change answers with the whole journey, so that headline, picture and cards always agree. A
browser without script gets the page instead.
"""

from typing import Any

from django.core import signing
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from connected import charts, findings, permissions, queries, services
from connected.findings import STEPS, Gap
from connected.forms import TouchpointForm
from connected.models import Segment, Touchpoint
from connected.permissions import Actor, Asked

SUBTITLES = {
    "recognize": "a need arises and someone notices",
    "request": "search, decide, order, pay",
    "respond": "receive, experience, get help",
    "repeat": "what is learned comes back",
}
_UNDO = "connected.touchpoint"
_UNDO_SECONDS = 24 * 3600
KEYS = [("Alt ↑ ↓", "move the touchpoint"), ("Alt ← →", "to another step"), ("n", "new touchpoint")]


def journey(request: Asked, workspace: str, segment: int) -> HttpResponse:
    row = permissions.see_segment(request.actor, segment)
    return render(
        request, "connected/journey.html", _board(request.actor, row, undo=request.GET.get("undo", ""))
    )


def new(request: Asked, workspace: str, segment: int) -> HttpResponse:
    row = permissions.edit_segment(request.actor, segment)
    step = request.POST.get("step") or request.GET.get("step", "")
    step = step if step in STEPS else "recognize"
    form = TouchpointForm(request.POST or None, initial={"step": step, "phase": _PHASES[step]})
    if request.method == "POST" and (
        made := form.call(services.add_touchpoint, by=request.actor, segment_id=segment)
    ):
        return _changed(request, row, made.pk)
    return _form(request, form, row, f"#slot-{step}", None)


def edit(request: Asked, workspace: str, touchpoint: int) -> HttpResponse:
    row = permissions.edit_touchpoint(request.actor, touchpoint)
    form = TouchpointForm(request.POST or None, instance=row, open_at=request.GET.get("open", ""))
    if request.method == "POST" and (
        changed := form.call(services.change_touchpoint, by=request.actor, touchpoint_id=touchpoint)
    ):
        return _changed(request, row.segment, changed.pk)
    return _form(request, form, row.segment, f"#tp-{touchpoint}", touchpoint)


@require_POST
def delete(request: Asked, workspace: str, touchpoint: int) -> HttpResponse:
    """Gone at once, with an undo that lasts a day."""
    row = permissions.edit_touchpoint(request.actor, touchpoint)
    segment, undo = row.segment, _pack(row)
    services.drop_touchpoint(by=request.actor, touchpoint_id=touchpoint)
    return _changed(request, segment, None, undo=undo)


@require_POST
def restore(request: Asked, workspace: str, segment: int) -> HttpResponse:
    """Undo: the touchpoint as it was, in its old place."""
    row = permissions.edit_segment(request.actor, segment)
    values = _unpack(request.POST.get("undo", ""), segment)
    if values is None:
        return _changed(request, row, None)
    made = services.add_touchpoint(by=request.actor, segment_id=segment, **values)
    return _changed(request, row, made.pk)


@require_POST
def move(request: Asked, workspace: str, touchpoint: int) -> HttpResponse:
    """``to``: earlier, later, previous, next; or ``step`` and ``place`` (0 first) where it was dropped."""
    row = permissions.edit_touchpoint(request.actor, touchpoint)
    step, place = _aim(row, request.POST)
    services.move_touchpoint(by=request.actor, touchpoint_id=touchpoint, step=step, place=place)
    return _changed(request, row.segment, touchpoint)


LAST = 10**6
_PHASES = {"recognize": "awareness", "request": "sell", "respond": "use", "repeat": "extend"}


def _aim(row: Touchpoint, asked: Any) -> tuple[str, int]:
    """Step and place asked for; where it is, when that makes no sense."""
    siblings = [
        each.pk
        for each in queries.in_journey_order(Touchpoint.objects.filter(segment_id=row.segment_id))
        if each.step == row.step
    ]
    here, steps = siblings.index(row.pk), list(STEPS)
    before, after = steps[max(0, steps.index(row.step) - 1)], steps[min(3, steps.index(row.step) + 1)]
    to = asked.get("to", "")
    if to == "earlier":
        return (row.step, here - 1) if here else (before, LAST if before != row.step else 0)
    if to == "later":
        return (row.step, here + 1) if here < len(siblings) - 1 else (after, 0 if after != row.step else here)
    if to in ("previous", "next"):
        return (before if to == "previous" else after), LAST
    step, place = asked.get("step", ""), asked.get("place", "")
    makes_sense = step in STEPS and place.isascii() and place.isdigit() and len(place) < 7
    return (step, int(place)) if makes_sense else (row.step, here)


def _board(actor: Actor, segment: Segment, *, fresh: int | None = None, undo: str = "") -> dict[str, Any]:
    """Everything the journey shows, computed once. ``fresh`` is the touchpoint to look at."""
    touchpoints = queries.in_journey_order(Touchpoint.objects.filter(segment=segment))
    contacts = queries.contacts(touchpoints)
    cards = list(zip(touchpoints, contacts, strict=True))
    gaps = findings.gaps(contacts)
    saved = timezone.now() if fresh or undo else max((each.updated_at for each in touchpoints), default=None)
    return {
        "segment": segment,
        "firm": segment.firm,
        "contacts": contacts,
        "cards": cards,
        "steps": [
            (step, name, SUBTITLES[step], [card for card in cards if card[0].step == step])
            for step, name in STEPS.items()
        ],
        "title": findings.title(contacts),
        "standfirst": findings.standfirst(contacts),
        "picture": findings.picture(contacts),
        "line": charts.line(contacts),
        "next": _next(actor, segment, gaps),
        "gaps": gaps[1:],
        "fresh": fresh,
        "saved": saved,
        "undo": undo if undo and _unpack(undo, segment.pk) else "",
        "page_keys": KEYS if actor.may_edit else [],
    }


def _next(actor: Actor, segment: Segment, gaps: list[Gap]) -> dict[str, Any]:
    """The panel: the most pressing gap with the one thing to do about it."""
    here = actor.workspace_slug
    if not gaps:
        return {
            "lead": "This journey can speak for itself.",
            "text": "Every step is described, with what matters, what hurts and how success is seen.",
            "act": (reverse("segment", args=[here, segment.pk]), "See the placement"),
        }
    gap = gaps[0]
    panel: dict[str, Any] = {"lead": gap.lead, "text": gap.text}
    if actor.may_edit:
        panel |= _mend(here, segment, gap)
    return panel


def _mend(workspace: str, segment: Segment, gap: Gap) -> dict[str, tuple[str, str]]:
    """What to do about a gap, and what else one could do."""
    address = reverse("touchpoint-new", args=[workspace, segment.pk])
    adding = f"{address}?step={gap.step or 'recognize'}"
    if gap.contact is None:
        return {"act": (adding, "Add a touchpoint"), "more": (reverse("imports", args=[workspace]), "Import")}
    mending = f"{reverse('touchpoint-edit', args=[workspace, gap.contact])}?open={gap.field}"
    if gap.kind == "signature":
        return {"act": (mending, f"Mark touchpoint {gap.number}"), "more": (adding, "Add a new one")}
    return {"act": (mending, "Complete it")}


def _changed(request: Asked, segment: Segment, fresh: int | None, undo: str = "") -> HttpResponse:
    if not request.htmx:
        address = reverse("journey", args=[request.actor.workspace_slug, segment.pk])
        return redirect(address + (f"?undo={undo}" if undo else f"#tp-{fresh}" if fresh else ""))
    return render(
        request, "connected/journey_change.html", _board(request.actor, segment, fresh=fresh, undo=undo)
    )


def _form(
    request: Asked, form: TouchpointForm, segment: Segment, place: str, touchpoint: int | None
) -> HttpResponse:
    """The form where the card is, or on a page of its own."""
    context = {"form": form, "segment": segment, "firm": segment.firm, "touchpoint_id": touchpoint}
    template = "connected/touchpoint_form.html" if request.htmx else "connected/touchpoint_page.html"
    response = render(request, template, context, status=422 if form.is_bound else 200)
    return retarget(reswap(response, "innerHTML"), place) if request.htmx else response


def _pack(row: Touchpoint) -> str:
    values = model_to_dict(row, exclude=["id", "workspace"])
    values["date"] = row.date.isoformat() if row.date else None
    return signing.dumps(values, salt=_UNDO, compress=True)


def _unpack(undo: str, segment: int) -> dict[str, Any] | None:
    """What a touchpoint was; None when the text is not ours, too old, or of another segment."""
    try:
        values: dict[str, Any] = signing.loads(undo, salt=_UNDO, max_age=_UNDO_SECONDS)
    except signing.BadSignature:
        return None
    return values if values.pop("segment") == segment else None
