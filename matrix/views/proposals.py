"""A run that is a proposal: what it would change, and the buttons that decide."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connected.celery import publish
from connected.permissions import Actor, Asked
from connected.states import WrongStep
from matrix import tasks
from matrix.findings import proposal as words
from matrix.models import ENDED, Run
from matrix.queries import proposals
from matrix.queries.models import differs, in_force, parsed
from matrix.queries.runs import came_in_force
from matrix.services import approve_run, discard_run, roll_back

FIRST: Final = 10


def shown(run: Run) -> dict[str, Any]:
    """What the page of a run says about its decision."""
    current = proposals.is_in_force(run)
    again = not current and run.firm_id is None and came_in_force(run)
    found: dict[str, Any] = {
        "current": current,
        "again": again,
        "before": in_force() if again else None,
        "asks": run.state not in ENDED and run.decision == "none" and differs(run.model),
        "loses": (again or run.decision == "candidate") and _loses_confidence(run),
    }
    if run.changes is None:
        return found
    about = (
        f"{run.model} beside what stood when the run ended, under {words.spelled(run.changes['against'])}."
    )
    return found | told(run.changes, about)


def _loses_confidence(run: Run) -> bool:
    """Whether placements that have a confidence would have none by this run's model."""
    return parsed(run.model).confidence is None and parsed(in_force()).confidence is not None


def told(changes: Mapping[str, Any], about: str) -> dict[str, Any]:
    """What a model would change, as `matrix/parts/run_changes.html` draws it; ``about``: what is compared."""
    flows = words.flows(changes)
    return {
        "changes": changes,
        "about": about,
        "sentence": words.sentence(changes),
        "flows": flows[:FIRST],
        "more_flows": flows[FIRST:],
        "columns": words.columns(),
        "leaving": words.leaving(changes),
        "movers": [
            (mover, words.where(mover.was), words.where(mover.becomes))
            for mover in proposals.movers(changes)[:FIRST]
        ],
        "touched": proposals.touched(changes)[:FIRST],
    }


@require_POST
def run_approve(request: Asked, workspace: str, run: int) -> HttpResponse:
    """Put a candidate in force."""
    return _decide(request, approve_run, run)


@require_POST
def run_discard(request: Asked, workspace: str, run: int) -> HttpResponse:
    """Let a candidate go."""
    return _decide(request, discard_run, run)


@require_POST
def run_rollback(request: Asked, workspace: str, run: int) -> HttpResponse:
    """Put an earlier run in force again."""
    return _decide(request, roll_back, run)


def _decide(request: Asked, verb: Callable[..., Run], run_id: int) -> HttpResponse:
    """Do it, or say why it cannot be."""
    actor: Actor = request.actor
    try:
        verb(by=actor, run_id=run_id)
        transaction.on_commit(partial(publish, tasks.rescore, actor.workspace_id))
    except WrongStep as error:
        messages.info(request, str(error))
    return redirect("run", workspace=actor.workspace_slug, run=run_id)
