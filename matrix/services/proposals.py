"""A run under another model is a proposal: what it would change is shown, and someone decides."""

from django.db import transaction
from django.utils import timezone

from connected.bulk import allow_seconds
from connected.permissions import Actor
from connected.states import WrongStep
from matrix.models import DECISIONS, Placement, Run
from matrix.permissions import edit_run
from matrix.queries import models, proposals
from matrix.queries.runs import came_in_force
from matrix.services.pointer import hold_pointer, put_back_in_force, put_in_force

# Counting a million placements anew takes a few.
DECIDE_SECONDS = 80


def settle(run: Run) -> None:
    """A run that has ended comes in force, or becomes a candidate: under another model, where segments stand.

    Needs the workspace context; the run is locked by the caller.
    """
    # Seconds for a million, so live re-scores are not held off for it.
    ahead = proposals.compare(run) if _to_decide(run) else None
    hold_pointer(run.workspace_id)
    if _to_decide(run):
        run.decision = DECISIONS.check(run.decision, "candidate")
        run.changes = ahead or proposals.compare(run)
        run.save(update_fields=["decision", "changes"])
    else:
        put_in_force(run)


def _to_decide(run: Run) -> bool:
    return run.decision == "none" and models.differs(run.model)


@transaction.atomic
def approve_run(*, by: Actor, run_id: int) -> Run:
    """A candidate comes in force. Live scores newer than its start stay until they are made again under its
    model: wake a worker on commit. Raises WrongStep when it is no candidate.
    """
    run = _decided(by, run_id, "approved")
    put_in_force(run)
    return run


@transaction.atomic
def discard_run(*, by: Actor, run_id: int) -> Run:
    """A candidate's placements go; the run and what it would have changed are kept.

    The table of a large one is removed by the reaper. Raises WrongStep when it is no candidate.
    """
    run = _decided(by, run_id, "discarded")
    Placement.objects.filter(run=run, generation=0).delete()
    return run


@transaction.atomic
def roll_back(*, by: Actor, run_id: int) -> Run:
    """An earlier run over the whole workspace comes in force again, with its model.

    What was answered since it began stays on top until it is scored again: wake a worker on commit. Raises
    WrongStep when it never was in force, or is.
    """
    run = _locked(by, run_id)
    if not came_in_force(run):
        raise WrongStep("Only a run over all firms that was in force before can come in force again.")
    if proposals.is_in_force(run):
        raise WrongStep("This run is in force already.")
    put_back_in_force(run)
    return run


def _decided(by: Actor, run_id: int, decision: str) -> Run:
    run = _locked(by, run_id)
    run.decision = DECISIONS.check(run.decision, decision)
    run.decided_by_id, run.decided_at = by.user_id, timezone.now()
    run.save(update_fields=["decision", "decided_by", "decided_at"])
    return run


def _locked(by: Actor, run_id: int) -> Run:
    edit_run(by, run_id)
    allow_seconds(DECIDE_SECONDS)
    run = Run.objects.select_for_update(of=("self",), no_key=True).select_related("model").get(pk=run_id)
    hold_pointer(by.workspace_id)
    return run
