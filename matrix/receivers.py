"""What the matrix hears."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from assessments.signals import answers_saved
from connected.celery import publish
from connected.signals import journeys_changed
from matrix import services, tasks


@receiver(answers_saved, dispatch_uid="matrix.rescore")
def rescore(sender: Any, *, workspace_id: int, segment_ids: Sequence[int], **kwargs: Any) -> None:
    """Mark the segments in the answer's own transaction; wake a worker once it has committed."""
    services.mark_stale(workspace_id=workspace_id, segment_ids=segment_ids)
    transaction.on_commit(partial(publish, tasks.rescore, workspace_id))


@receiver(journeys_changed, dispatch_uid="matrix.rescore-journeys")
def rescore_journeys(sender: Any, *, workspace_id: int, segment_ids: Sequence[int], **kwargs: Any) -> None:
    """The same when a journey changed, where the model in force scores with what journeys say."""
    if services.mark_journeys(workspace_id=workspace_id, segment_ids=segment_ids):
        transaction.on_commit(partial(publish, tasks.rescore, workspace_id))
