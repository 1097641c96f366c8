"""The health of the house: what answers, which queues have a worker, and whether the clock runs."""

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from connected.celery import MARK, MARK_STAYS, app

QUEUES: Final = sorted(
    {
        settings.CELERY_TASK_DEFAULT_QUEUE,
        *(route["queue"] for route in settings.CELERY_TASK_ROUTES.values()),
    }
)
NOBODY: Final = "no worker answers"
UNKNOWN: Final = "not known"
#: Seconds. A worker that works answers in milliseconds.
PATIENCE: Final = 2


@csrf_exempt  # Whatever else is sent gets a 405, not a page about cookies.
@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and at least one worker answer, else 503 naming what does not.

    ``degraded`` with 200: something is served, and a queue that has no worker waits, or beat does not tick.
    """
    checks = {"database": _database(), "broker": _broker()}
    heard = _queues() if checks["broker"] == "ok" else set()
    queues = {name: "ok" if name in heard else NOBODY for name in QUEUES}
    checks["worker"] = "ok" if heard else NOBODY
    healthy = all(state == "ok" for state in checks.values())
    beat = _beat() if checks["broker"] == "ok" else UNKNOWN
    whole = healthy and {beat, *queues.values()} == {"ok"}
    status = "ok" if whole else "degraded" if healthy else "unavailable"
    return JsonResponse(
        {"status": status, **checks, "beat": beat, "queues": queues}, status=200 if healthy else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _broker() -> str:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (BrokerError, OSError, RedisError):
        return "does not answer"
    return "ok"


def _beat() -> str:
    """Not asked of beat, which takes no questions: it leaves a mark that does not stay."""
    try:
        return "ok" if cache.get(MARK) else f"silent for {MARK_STAYS} s or more"
    except (OSError, RedisError):
        return UNKNOWN


def _queues() -> set[str]:
    """The queues that workers who answer take from; so many answers are enough, if they are of all queues."""
    replies = _asked(len(QUEUES))
    if len(replies) == len(QUEUES) and not _names(replies) >= set(QUEUES):
        replies += _asked(None)
    return _names(replies)


def _names(replies: list[dict[str, Any]]) -> set[str]:
    return {queue["name"] for reply in replies for queues in reply.values() for queue in queues} & set(QUEUES)


def _asked(limit: int | None) -> list[dict[str, Any]]:
    """What workers said; with a limit the call returns at the last of so many answers."""
    try:
        return app.control.broadcast("active_queues", reply=True, timeout=PATIENCE, limit=limit) or []
    except (BrokerError, OSError, RedisError):
        return []
