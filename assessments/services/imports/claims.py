"""Who works off an import: a claim under a lease, by the database's clock, and how it ends."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from assessments.models import IMPORT_STATES, ImportJob
from assessments.services.imports.spooling import drop_spooled
from assessments.tables import Problem
from connected.queries import workspaces
from connected.tenancy import in_workspace

TRIES: Final = 3
LEASE: Final = timedelta(seconds=20)
# One published but not claimed for this long is published again: its message is lost.
LOST_AFTER: Final = timedelta(seconds=10)
# How long a tried file waits for somebody's word, and how long an import is told of after its end.
ASKED_FOR: Final = timedelta(hours=1)
TOLD_FOR: Final = timedelta(days=30)
MOST_KEPT: Final = 1000

_CLAIM: Final = """
UPDATE assessments_importjob SET state = 'running', attempts = attempts + 1, tries_left = tries_left - 1,
    share = 0, lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE workspace_id = %(workspace)s AND id = %(job)s AND state IN ('waiting', 'running')
    AND (lease_until IS NULL OR lease_until < clock_timestamp())
RETURNING attempts, tries_left, writes, created_by_id, size
"""


@dataclass(frozen=True)
class Claim:
    """One worker's right to one import: valid while ``attempt`` is its latest."""

    workspace_id: int
    job_id: int
    attempt: int
    writes: bool
    user_id: int | None
    size: int


def claim_import(*, workspace_id: int, job_id: int) -> Claim | None:
    """Take an import nobody holds, or None. One that ended its worker each time has failed."""
    with in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lease": LEASE.total_seconds(), "workspace": workspace_id, "job": job_id})
        if (found := cursor.fetchone()) is None:
            return None
        attempt, tries_left, *rest = found
        claim = Claim(workspace_id, job_id, attempt, *rest)
        if tries_left >= 0:
            return claim
        settle(claim, "failed", reason=f"Its worker ended {TRIES} times without a result.")
        return None


def settle(claim: Claim, state: str, **values: Any) -> bool:
    """End a claim, inside the workspace; False when it no longer holds, and then nothing is changed."""
    held = ImportJob.objects.select_for_update(no_key=True).filter(
        pk=claim.job_id, state="running", attempts=claim.attempt
    )
    if (job := held.first()) is None:
        return False
    turn(job, state, lease_until=None, **values)
    return True


def turn(job: ImportJob, state: str, **values: Any) -> None:
    """Change an import's state; its file goes with its end. Raises WrongStep."""
    job.state = IMPORT_STATES.check(job.state, state)
    if job.is_over:
        drop_spooled(job)
        values["ended_at"] = Now()
    ImportJob.objects.filter(pk=job.pk).update(state=job.state, **values)


def kept(problems: Sequence[Problem]) -> dict[str, Any]:
    """Bad rows as they are kept: how many, and the first of them."""
    shown = [asdict(problem) for problem in problems[:MOST_KEPT]]
    return {"problem_count": len(problems), "problems": shown}


def lost_imports() -> list[tuple[int, int]]:
    """Imports nobody holds and nobody was told of lately, as workspace and id; marked as published again."""
    return [
        (workspace_id, job_id) for workspace_id in workspaces().values() for job_id in _lost_in(workspace_id)
    ]


def _lost_in(workspace_id: int) -> list[int]:
    with in_workspace(workspace_id):
        lost = ImportJob.objects.filter(
            Q(published_at__isnull=True) | Q(published_at__lt=Now() - LOST_AFTER),
            Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
            state__in=("waiting", "running"),
        )
        ids = list(lost.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
        ImportJob.objects.filter(pk__in=ids).update(published_at=Now())
        return ids


def drop_old_imports() -> None:
    """Cancel what nobody confirmed, with its file; forget what ended long ago."""
    for workspace_id in workspaces().values():
        with in_workspace(workspace_id):
            asking = ImportJob.objects.select_for_update(skip_locked=True)
            for job in asking.filter(state="checked", published_at__lt=Now() - ASKED_FOR):
                turn(job, "cancelled", reason="Nobody said within an hour that it is to be written.")
            ImportJob.objects.filter(ended_at__lt=Now() - TOLD_FOR).delete()
