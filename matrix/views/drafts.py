"""Models that are edited: forked, tried on the workspace's own segments as one types, published."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from connected.permissions import Actor, Asked
from matrix import frames
from matrix.findings import editor as words
from matrix.findings import proposal
from matrix.findings import versions as differing
from matrix.forms import PublishForm
from matrix.models import ModelDraft, ScoringModel
from matrix.permissions import edit_draft
from matrix.queries import models as reading
from matrix.scoring import Model
from matrix.scoring.forks import CONFIDENCE, Fault, complete, faults, keeps_confidence
from matrix.scoring.typed import filled
from matrix.scoring.versions import differences
from matrix.services import (
    DraftChanged,
    FaultyDraft,
    drop_draft,
    fork_model,
    publish_draft,
    save_draft,
)
from matrix.views import proposals
from matrix.views.models import titles


@require_POST
def model_fork(request: Asked, workspace: str, model: int) -> HttpResponse:
    """A draft that begins as this version."""
    made = fork_model(by=request.actor, model_id=model)
    return redirect("draft", workspace=workspace, draft=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: Asked, workspace: str, draft: int) -> HttpResponse:
    """The editor. Saving keeps whatever was typed; ``go`` leads on to publishing."""
    row = edit_draft(request.actor, draft)
    if request.method != "POST":
        return render(request, "matrix/draft.html", _shown(request.actor, row, row.definition))
    values = request.POST.dict()
    try:
        save_draft(by=request.actor, draft_id=draft, version=_version(values), values=values)
    except DraftChanged as changed:
        context = _typed_over(request.actor, changed.current, values)
        return render(request, "matrix/draft.html", context, status=409)
    onward = "draft-publish" if values.get("go") == "publish" else "draft"
    return redirect(onward, workspace=workspace, draft=draft)


@require_POST
def draft_preview(request: Asked, workspace: str, draft: int) -> HttpResponse:
    """What the draft would change as it is typed, saved or not. Nothing is written."""
    row = edit_draft(request.actor, draft)
    fork = _filled(row, request.POST.dict())
    return render(request, "matrix/parts/draft_live.html", _shown(request.actor, row, fork))


@require_http_methods(["GET", "HEAD", "POST"])
def draft_publish(request: Asked, workspace: str, draft: int) -> HttpResponse:
    """What differs from the base, and what to call it; then it is published for good."""
    row = edit_draft(request.actor, draft)
    form = PublishForm(request.POST or None, initial=_suggested(request.actor, row))
    try:
        if request.method == "POST":
            made = form.call(partial(publish_draft, by=request.actor, draft_id=draft))
            if made is not None:
                return redirect("model", workspace=workspace, model=made.pk)
        elif found := _faults(row, row.definition):
            raise FaultyDraft(found)
    except FaultyDraft:
        messages.error(
            request, "Not published yet: what is listed here needs mending first. Nothing is lost."
        )
        return redirect("draft", workspace=workspace, draft=draft)
    except DraftChanged as changed:
        messages.error(request, f"{changed} Look at it again before you publish it.")
        return redirect("draft", workspace=workspace, draft=draft)
    status = 422 if request.method == "POST" else 200
    return render(request, "matrix/draft_publish.html", _to_publish(row, form), status=status)


@require_POST
def draft_drop(request: Asked, workspace: str, draft: int) -> HttpResponse:
    """Throw a draft away."""
    drop_draft(by=request.actor, draft_id=draft)
    messages.info(request, "The draft is gone. Published versions stay as they are.")
    return redirect("models", workspace=workspace)


def _version(values: Mapping[str, str]) -> int:
    given = values.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def _filled(row: ModelDraft, values: Mapping[str, str]) -> dict[str, Any]:
    return filled(row.definition, row.base.definition, reading.questionnaire(row.base), values)


def _faults(row: ModelDraft, fork: Mapping[str, Any]) -> list[Fault]:
    return faults(fork, row.base.definition, reading.questionnaire(row.base))


def _typed_over(actor: Actor, current: ModelDraft, values: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, laid over what somebody else saved meanwhile, which stands beside each field."""
    shown = _shown(actor, current, _filled(current, values), stands=current.definition)
    return shown | {"title": values.get("title", current.title), "late": True}


def _shown(
    actor: Actor, row: ModelDraft, fork: Mapping[str, Any], stands: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    base = row.base.definition
    found = _faults(row, fork)
    sections = words.Editor(fork, base, reading.questionnaire(row.base), found, stands).sections()
    wrong = words.wrong(sections)
    context = {
        "draft": row,
        "title": row.title,
        "sections": sections,
        "wrong": wrong,
        "wrong_headline": words.headline(wrong),
        "loses": CONFIDENCE in base and not keeps_confidence(base, fork),
    }
    return context if found else context | _preview(actor, row.base, fork)


def _preview(actor: Actor, base: ScoringModel, fork: Mapping[str, Any]) -> dict[str, Any]:
    """The draft beside its base, on the workspace's own segments."""
    file = complete(fork, base.definition, code=base.code, version=base.version, title=base.title)
    tried = frames.try_out(actor.workspace_id, Model.from_json(file, reading.questionnaire(base)), base)
    placed = tried.changes["segments"]
    which = "every segment here" if tried.whole else f"{tried.tried:,} segments, evenly chosen"
    about = f"This draft beside {base}, tried on {which}: {placed:,} of {tried.tried:,} with answers."
    return {
        "proposal": proposals.told(tried.changes, about),
        "headline": proposal.headline(tried.changes, "candidate"),
        "placed": placed,
    }


def _suggested(actor: Actor, row: ModelDraft) -> dict[str, Any]:
    """A name to begin with: the next of an own code, or the base's with the workspace's word."""
    base = row.base
    code = base.code if base.owner_id else f"{base.code}-{actor.workspace_slug}"[:20].rstrip("-")
    return {"code": code, "title": row.title, "version": row.version}


def _to_publish(row: ModelDraft, form: PublishForm) -> dict[str, Any]:
    base = row.base
    lines = differing.lines(
        differences(base.definition, complete(row.definition, base.definition, code="", version=1, title="")),
        titles(base),
    )
    loses = CONFIDENCE in base.definition and not keeps_confidence(base.definition, row.definition)
    return {"draft": row, "form": form, "lines": lines, "loses": loses}
