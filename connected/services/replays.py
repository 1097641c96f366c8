"""The same POST twice is one POST: answers kept by the key their caller gave."""

from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models.functions import Now

from connected.models import KeptAnswer
from connected.permissions import Actor
from connected.queries import workspaces
from connected.tenancy import in_workspace

KEPT: Final = timedelta(hours=24)


class StillRunning(Exception):
    """Another call with this key has not been answered yet."""


class OtherRequest(Exception):
    """The key was given to another call before."""


def hold_key(*, by: Actor, key: str, request: str) -> KeptAnswer | None:
    """Take a key for this transaction; returns what was answered to it before, or None for a new one.

    ``request`` is the call's SHA-256. Raises :class:`StillRunning` and :class:`OtherRequest`. The hold is
    a lock and not a row: a call that crashes leaves nothing, and one that waits is told so at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"connected.answer:{by.workspace_id}:{by.token_id}:{key}"],
        )
        if not cursor.fetchone()[0]:
            raise StillRunning
    # A statement of its own: it sees what the call that held the lock before has committed.
    kept = KeptAnswer.objects.filter(token_id=by.token_id, key=key, kept_at__gt=Now() - KEPT).first()
    if kept is not None and kept.request != request:
        raise OtherRequest
    return kept


@transaction.atomic
def keep_answer(
    *, by: Actor, key: str, request: str, status: int, kind: str, body: bytes, location: str = ""
) -> KeptAnswer:
    """Keep what was answered to a key held with :func:`hold_key`, in place of one that has expired."""
    assert by.token_id is not None
    values = {"request": request, "status": status, "kind": kind, "body": body, "location": location}
    KeptAnswer.objects.filter(token_id=by.token_id, key=key).delete()
    return KeptAnswer.objects.create(workspace_id=by.workspace_id, token_id=by.token_id, key=key, **values)


def drop_expired_answers() -> int:
    """Delete what has been kept long enough, in every workspace; returns how many."""
    dropped = 0
    for workspace_id in workspaces().values():
        with in_workspace(workspace_id):
            dropped += KeptAnswer.objects.filter(kept_at__lte=Now() - KEPT).delete()[0]
    return dropped
