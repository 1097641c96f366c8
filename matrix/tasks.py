"""Doors to the services: ids in, one call. Every task may run twice, or not at all, without harm."""

import logging
from typing import Any

from celery import Task, shared_task
from django.db import InterfaceError, OperationalError, transaction

from connected.celery import publish
from matrix import services
from matrix.models import Run

logger = logging.getLogger(__name__)


@shared_task(name="matrix.tasks.rescore", bind=True)
def rescore(self: "Task[Any, Any]", workspace_id: int) -> None:
    """Score what answers have changed in a workspace; carefully when whoever had this message is gone."""
    again = (self.request.delivery_info or {}).get("redelivered")
    services.rescore_stale(workspace_id=workspace_id, careful=bool(again))


@shared_task(name="matrix.tasks.score_chunk")
def score_chunk(workspace_id: int, chunk_id: int) -> None:
    """Claim and score one chunk of a run."""
    claim = services.claim_chunk(workspace_id=workspace_id, chunk_id=chunk_id)
    if claim is None:
        return
    for part in attempt(claim):
        publish(score_chunk, workspace_id, part)
    wake(workspace_id)


def attempt(claim: services.Claim) -> list[int]:
    """Score a claimed chunk, or note why not; returns the chunks that are to be tried next."""
    try:
        services.score_claimed(claim=claim)
    except Exception as error:
        logger.exception("chunk %s of workspace %s", claim.chunk_id, claim.workspace_id)
        # A connection cut, a deadlock, a statement too slow: the segments are not at fault.
        passing = isinstance(error, OperationalError | InterfaceError)
        return services.fail_chunk(claim=claim, reason=f"{type(error).__name__}: {error}", passing=passing)
    return []


@shared_task(name="matrix.tasks.close_run")
def close_run(workspace_id: int, run_id: int) -> None:
    """End a run whose chunks are all done or failed."""
    services.close_run(workspace_id=workspace_id, run_id=run_id)
    wake(workspace_id)


def wake(workspace_id: int) -> None:
    """What live scoring left alone while a run was put in force is its turn now."""
    if services.left_waiting(workspace_id=workspace_id):
        publish(rescore, workspace_id)


@shared_task(name="matrix.tasks.fold")
def fold(workspace_id: int) -> None:
    """Take what changed into the sums of the portfolio."""
    services.fold_changes(workspace_id=workspace_id)


@shared_task(name="matrix.tasks.reap")
def reap() -> None:
    """Publish again what lost its message."""
    for lost in services.reap():
        for chunk_id in lost.chunk_ids:
            publish(score_chunk, lost.workspace_id, chunk_id)
        for run_id in lost.run_ids:
            publish(close_run, lost.workspace_id, run_id)
        if lost.unfolded:
            publish(fold, lost.workspace_id)
        if lost.stale:
            publish(rescore, lost.workspace_id)


def publish_run(run: Run) -> None:
    """Send a run's chunks once its transaction has committed."""
    chunks = list(run.chunks.filter(state="waiting").values_list("pk", flat=True))
    workspace_id = run.workspace_id

    def send() -> None:
        for chunk_id in chunks:
            publish(score_chunk, workspace_id, chunk_id)

    transaction.on_commit(send)
