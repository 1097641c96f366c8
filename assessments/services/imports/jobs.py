"""Large answers files, taken over by a worker: started, confirmed, cancelled, worked off.

The row is the truth and the queue carries its id. A file is taken over in one transaction together with the
end of its job, so one that is cut off anywhere begins anew and is never half there.
"""

import logging
from dataclasses import asdict
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Now
from psycopg2.errors import QueryCanceled

from assessments.models import ImportJob
from assessments.permissions import see_import
from assessments.services.imports.answers import import_answers
from assessments.services.imports.claims import TRIES, Claim, claim_import, kept, settle, turn
from assessments.services.imports.pulse import Over, Pulse
from assessments.services.imports.spooling import Source, spool, spooled
from assessments.tables import TableError, open_table
from connected.bulk import allow_seconds
from connected.models import Membership
from connected.permissions import Actor, actor_of, must_edit
from connected.states import WrongStep
from connected.tenancy import in_workspace

logger = logging.getLogger(__name__)
# Seconds: a file on its way here, and a step of taking it over.
ARRIVES, PATIENCE = 900, 900
# Each may be 200 MB, and one is worked off after the other.
MOST_OPEN: Final = 5
_TOO_LONG: Final = "It took too long and was given up. Split the file."


class ShortFile(ValueError):
    """Less of a file arrived than was announced."""


@transaction.atomic
def start_import(*, by: Actor, name: str, source: Source, size: int, writes: bool) -> ImportJob:
    """Keep a large answers file of ``size`` bytes for a worker, a piece in memory at a time.

    ``writes`` false: it is tried, and waits for :func:`confirm_import`. Publish it with
    :func:`assessments.tasks.publish_import`. Raises ShortFile, TableError, WrongStep, PermissionDenied.
    """
    must_edit(by)
    if ImportJob.objects.filter(state__in=("waiting", "running", "checked")).count() >= MOST_OPEN:
        raise WrongStep(f"{MOST_OPEN} large imports are under way already. Wait for one, or cancel one.")
    allow_seconds(ARRIVES)
    job = ImportJob.objects.create(
        workspace_id=by.workspace_id, name=name[:200], writes=writes, created_by_id=by.user_id
    )
    job.size = spool(job, source)
    if job.size != size:
        raise ShortFile(f"{job.size} bytes arrived of {size}.")
    ImportJob.objects.filter(pk=job.pk).update(size=size, published_at=Now())
    return job


@transaction.atomic
def confirm_import(*, by: Actor, job_id: int) -> ImportJob:
    """Let a file that was tried be written. Publish it as :func:`start_import` says. Raises WrongStep."""
    job = _changeable(by, job_id)
    turn(job, "waiting", writes=True, share=0, tries_left=TRIES, published_at=Now())
    return job


@transaction.atomic
def cancel_import(*, by: Actor, job_id: int) -> ImportJob:
    """End an import that is not over; nothing of it is written. Raises WrongStep."""
    job = _changeable(by, job_id)
    turn(job, "cancelled", reason=f"Cancelled by {by.name}.")
    return job


def _changeable(by: Actor, job_id: int) -> ImportJob:
    see_import(by, job_id)
    must_edit(by)
    return ImportJob.objects.select_for_update(no_key=True).get(pk=job_id)


def work_off(*, workspace_id: int, job_id: int) -> str:
    """Take over, or try, an import nobody holds; returns its state then, "" when another has it."""
    claim = claim_import(workspace_id=workspace_id, job_id=job_id)
    if claim is None:
        return ""
    try:
        return _take_over(claim)
    except Over:
        return ""
    except TableError as refused:
        return _end(claim, "refused", **kept(refused.problems))
    except PermissionDenied as no:
        return _end(claim, "failed", reason=str(no))
    except SoftTimeLimitExceeded:
        return _end(claim, "failed", reason=_TOO_LONG)
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.__cause__, QueryCanceled):
            return _end(claim, "failed", reason=_TOO_LONG)
        # A connection cut, a deadlock: the file is not at fault.
        logger.warning("import %s of workspace %s begins anew: %s", job_id, workspace_id, error)
        return _end(claim, "waiting")
    except Exception:
        logger.exception("import %s of workspace %s", job_id, workspace_id)
        return _end(claim, "failed", reason="Something in it was not foreseen; the log of the worker has it.")


def _take_over(claim: Claim) -> str:
    """The import and the end of its job in one transaction."""
    state = "done" if claim.writes else "checked"
    pulse = Pulse(claim)
    with in_workspace(claim.workspace_id, user_id=claim.user_id):
        allow_seconds(PATIENCE)
        actor = _starter(claim)
        try:
            with pulse:
                table = open_table(lambda: spooled(claim.job_id), claim.size)
                done = import_answers(
                    by=actor, table=table, dry_run=not claim.writes, patience=PATIENCE, told=pulse.told
                )
        except DatabaseError:
            if pulse.over:
                raise Over from None
            raise
        if not settle(claim, state, share=1.0, counts=asdict(done)):
            raise Over
    return state


def _starter(claim: Claim) -> Actor:
    """Who started the import, with what they may do today."""
    memberships = Membership.objects.select_related("workspace", "user")
    membership = memberships.filter(user_id=claim.user_id or 0, user__is_active=True).first()
    if membership is None:
        raise PermissionDenied("Whoever started it is no longer a member.")
    return actor_of(membership)


def _end(claim: Claim, state: str, **values: object) -> str:
    with in_workspace(claim.workspace_id):
        return state if settle(claim, state, **values) else ""
