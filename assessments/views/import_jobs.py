"""Large files on their way in: watched, confirmed, cancelled. Progress is a row, so it survives reload."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget

from assessments.models import ImportJob
from assessments.permissions import see_import
from assessments.services.imports import Imported, cancel_import, confirm_import
from assessments.services.imports.columns import ANSWERS
from assessments.tasks import publish_import
from assessments.views.counts import Count, counts_of, sentence_of
from connected.permissions import Asked, must_edit
from connected.states import WrongStep

MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Shown:
    """A large import as its page draws it."""

    job: ImportJob

    @property
    def waits(self) -> bool:
        """For a worker, or for its end: the page goes on asking."""
        return self.job.state in ("waiting", "running")

    @property
    def percent(self) -> int:
        return int(self.job.share * 100)

    @property
    def counts(self) -> list[Count]:
        return counts_of(Imported(**self.job.counts), ANSWERS) if self.job.counts else []

    @property
    def changes(self) -> bool:
        return any(count.new or count.changed for count in self.counts)

    @property
    def sentence(self) -> str:
        return sentence_of(self.counts)

    @property
    def title(self) -> str:
        """The finding: what came of the file, or how far it is."""
        state, number = self.job.state, self.job.problem_count
        if state == "running":
            return f"{self.percent} % {'taken over' if self.job.writes else 'looked at'}"
        if state == "checked":
            return "Nothing is written yet" if self.changes else "All of this is there already"
        titles = {
            "waiting": "Waiting for a worker",
            "done": "All of it is imported",
            "refused": "1 problem in this file" if number == 1 else f"{number:,} problems in this file",
            "cancelled": "Cancelled; nothing was written",
        }
        return titles.get(state, "It could not be imported; nothing was written")


@require_GET
def job(request: Asked, workspace: str, job: int) -> HttpResponse:
    """One large import. htmx asks for what changes, and at the end for the whole."""
    must_edit(request.actor)
    shown = Shown(see_import(request.actor, job))
    problems = shown.job.problems[:MOST_PROBLEMS]
    context = {"shown": shown, "job": shown.job, "problems": problems, "section": "imports"}
    if not request.htmx:
        return render(request, "assessments/import_job.html", context)
    if shown.waits:
        return render(request, "assessments/parts/import_live.html", context)
    whole = render(request, "assessments/parts/import_progress.html", context)
    return retarget(reswap(whole, "outerHTML"), "#import-progress")


@require_POST
def job_confirm(request: Asked, workspace: str, job: int) -> HttpResponse:
    """Let a file that was tried be written."""
    try:
        publish_import(confirm_import(by=request.actor, job_id=job))
    except WrongStep:
        messages.info(request, "That import is under way or over already.")
    return redirect("import-job", workspace=workspace, job=job)


@require_POST
def job_cancel(request: Asked, workspace: str, job: int) -> HttpResponse:
    """End an import. When it has ended meanwhile, say so."""
    try:
        cancel_import(by=request.actor, job_id=job)
    except WrongStep:
        messages.info(request, "The import had ended before it could be cancelled.")
    return redirect("import-job", workspace=workspace, job=job)
