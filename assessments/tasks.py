"""Doors to the services: ids in, one call. Every task may run twice, or not at all, without harm."""

from functools import partial

from celery import shared_task
from django.db import transaction

from assessments.models import ImportJob
from assessments.services import imports
from connected.celery import publish


# A million rows take a minute. Delivered again meanwhile, it finds itself claimed.
@shared_task(name="assessments.tasks.take_over", soft_time_limit=1200, time_limit=1260)
def take_over(workspace_id: int, job_id: int) -> None:
    """Take over a large file."""
    imports.work_off(workspace_id=workspace_id, job_id=job_id)


@shared_task(name="assessments.tasks.resend")
def resend() -> None:
    """Publish again the imports that lost their message or their worker."""
    for workspace_id, job_id in imports.lost_imports():
        publish(take_over, workspace_id, job_id)


@shared_task(name="assessments.tasks.tidy")
def tidy() -> None:
    """Let go of files nobody confirmed and of imports long over."""
    imports.drop_old_imports()


def publish_import(job: ImportJob) -> None:
    """Send an import to a worker once its transaction has committed."""
    transaction.on_commit(partial(publish, take_over, job.workspace_id, job.pk))
