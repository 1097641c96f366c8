"""Batch re-scoring from the page: start, watch, cancel. Progress is rows, so it survives reload."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget

from connected.permissions import Actor, Asked, visible_firms
from connected.states import WrongStep
from matrix import tasks
from matrix.findings.proposal import headline, lasted, paced
from matrix.forms import NamedFirm, RunForm
from matrix.models import ENDED, RUN_STATES, Run
from matrix.permissions import see_run, visible_runs
from matrix.queries import models
from matrix.queries import proposals as proposals_of
from matrix.queries import runs as reading
from matrix.services import cancel_run, resume_run, start_run
from matrix.views import proposals

PAGE = 30


@dataclass(frozen=True)
class Shown:
    """A run with how far it has come, as the page draws it."""

    run: Run
    progress: reading.Progress
    stood: proposals_of.Stood | None

    @property
    def over(self) -> bool:
        return self.run.state in ENDED

    @property
    def resumable(self) -> bool:
        return "queued" in RUN_STATES.table[self.run.state]

    @property
    def title(self) -> str:
        """The finding: what this run did, or is doing."""
        progress, state = self.progress, self.run.state
        if state == "queued":
            return f"{progress.total:,} segments wait for a worker"
        if state == "running":
            return f"{progress.done:,} of {progress.total:,} segments re-scored"
        if state == "cancelled":
            return "Cancelled; placements in force stayed as they were"
        if state == "failed":
            return "Nothing could be re-scored; placements in force stayed as they were"
        if self.run.changes is not None:
            return headline(self.run.changes, self.run.decision)
        if state == "partial":
            return f"{progress.failed:,} of {progress.total:,} segments could not be re-scored"
        if not progress.placed:
            return "No segment has answers yet"
        return f"{progress.placed:,} of {progress.total:,} segments placed"

    @property
    def took_effect(self) -> bool:
        """Whether it laid its placements over those in force as it ended, without moving the whole."""
        ended = self.run.state in ("finished", "partial") and self.run.decision == "none"
        return ended and self.stood is None and self.run.total > 0

    @property
    def length(self) -> timedelta | None:
        """From its start to its end, waiting included; None while it goes on."""
        end = self.run.finished_at if self.over else None
        return end - self.run.created_at if end else None

    @property
    def lasted(self) -> str:
        return lasted(self.length) if self.length is not None else ""

    @property
    def paced(self) -> str:
        return paced(self.progress.done, self.length) if self.length is not None else ""

    @property
    def left(self) -> str:
        return lasted(self.progress.left) if self.progress.left else ""

    @property
    def scope(self) -> str:
        return self.run.firm.name if self.run.firm else "All firms"


def _form(actor: Actor, given: Mapping[str, Any] | None = None) -> RunForm:
    return RunForm(given, firms=visible_firms(actor), models=models.choices())


def _shown(run: Run) -> Shown:
    return Shown(run, reading.progress(run), proposals_of.stood().get(run.pk))


@require_GET
def runs(request: Asked, workspace: str) -> HttpResponse:
    """Every run, newest first, and the form that starts one. htmx asks for what changes."""
    template = "matrix/parts/runs_live.html" if request.htmx else "matrix/runs.html"
    form = _form(request.actor) if request.actor.may_edit and not request.htmx else None
    return render(request, template, _listed(request, form))


def _listed(request: Asked, form: RunForm | None) -> dict[str, Any]:
    actor = request.actor
    page = Paginator(visible_runs(actor), PAGE).get_page(request.GET.get("page"))
    done, stood = reading.progress_of([run.pk for run in page]), proposals_of.stood()
    rows = [Shown(run, done(run), stood.get(run.pk)) for run in page]
    return {
        "page": page,
        "rows": rows,
        "goes_on": any(not row.over for row in rows),
        "next": _to_decide(actor) if actor.may_edit else None,
        "form": form,
        "placed": bool(rows) or reading.anything_placed(),
    }


def _to_decide(actor: Actor) -> dict[str, Any] | None:
    """The newest proposal, as what to do now."""
    waiting = visible_runs(actor).filter(decision="candidate")[:2]
    if not waiting:
        return None
    run, *more = waiting
    said = f"{headline(run.changes, run.decision)}." if run.changes else ""
    return {
        "lead": f"{run} waits for a decision.",
        "text": f"{said} An earlier one waits too." if more else said,
        "act": (reverse("run", args=[actor.workspace_slug, run.pk]), "Look at it"),
    }


@require_POST
def run_start(request: Asked, workspace: str) -> HttpResponse:
    """Start a run over everything or one firm, under the model in force or another."""
    form = _form(request.actor, request.POST)
    if not form.is_valid():
        if not isinstance(form.fields["firm"], NamedFirm) or "model" in form.errors:
            raise Http404("No such firm or model.")
        return render(request, "matrix/runs.html", _listed(request, form), status=422)
    firm, model = form.cleaned_data["firm"], form.cleaned_data["model"]
    run = start_run(by=request.actor, model_code=model or None, firm_id=firm.pk if firm else None)
    tasks.publish_run(run)
    return redirect("run", workspace=workspace, run=run.pk)


@require_GET
def run(request: Asked, workspace: str, run: int) -> HttpResponse:
    """One run. htmx asks for what changes, and at the end for the whole: until then no button is swapped."""
    shown = _shown(see_run(request.actor, run))
    context = {"shown": shown, "run": shown.run, "progress": shown.progress}
    more = {"set_aside": reading.set_aside(shown.run), "proposal": proposals.shown(shown.run)}
    if not request.htmx:
        return render(request, "matrix/run.html", context | more)
    if not shown.over:
        return render(request, "matrix/parts/run_live.html", context | more)
    whole = render(request, "matrix/parts/run_progress.html", context | more)
    return retarget(reswap(whole, "outerHTML"), "#run-progress")


@require_POST
def run_cancel(request: Asked, workspace: str, run: int) -> HttpResponse:
    """Stop a run. When it has ended meanwhile, say so."""
    try:
        cancel_run(by=request.actor, run_id=run)
    except WrongStep:
        messages.info(request, "The run had ended before it could be cancelled.")
    return redirect("run", workspace=workspace, run=run)


@require_POST
def run_resume(request: Asked, workspace: str, run: int) -> HttpResponse:
    """Take up a run again. When that cannot be, say why."""
    try:
        tasks.publish_run(resume_run(by=request.actor, run_id=run))
    except WrongStep as error:
        messages.info(request, str(error))
    return redirect("run", workspace=workspace, run=run)
