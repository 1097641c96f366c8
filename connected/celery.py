"""The queue. Redis carries ids; the truth about work is rows in PostgreSQL."""

import logging
import os
from functools import cached_property
from typing import Any

from celery import Celery, Task
from celery.signals import after_task_publish, beat_init, setup_logging, worker_init
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from kombu.exceptions import OperationalError as BrokerAway
from kombu.transport import TRANSPORT_ALIASES
from redis.exceptions import RedisError

from connected.databases import must_be_bound

logger = logging.getLogger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")


#: Where beat leaves its mark in the cache whenever it has asked for the reaper.
MARK = "beat"
REAP: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE["reap"]
#: Seconds that a mark stays: beat is late when it has not asked five times in a row.
MARK_STAYS = round(5 * REAP["schedule"])


class Queue(Celery):  # type: ignore[misc]
    """Celery with workers that end when they cannot go on."""

    @cached_property
    def Worker(self) -> type:
        worker: type = self.subclass_with_self("connected.worker:Worker")
        return worker


# Whatever the address, sockets and TLS included.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "connected.worker:Transport"))
app = Queue("connected")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]
def refuse_to_work(**kwargs: Any) -> None:
    """End a worker whose login walks through walls; Celery would only log any other exception."""
    try:
        must_be_bound()
    except ImproperlyConfigured as odd:
        raise SystemExit(f"worker: {odd}") from odd


@beat_init.connect  # type: ignore[untyped-decorator]
def leave_marks(**kwargs: Any) -> None:
    """Have this process, which is beat, leave its mark: `/healthz` misses it."""
    after_task_publish.connect(mark, sender=REAP["task"])


def mark(**kwargs: Any) -> None:
    """A mark that cannot be left is missed; that must not end beat."""
    try:
        cache.set(MARK, True, MARK_STAYS)
    except (RedisError, OSError) as error:
        logger.warning("beat leaves no mark: %s", error)


@setup_logging.connect  # type: ignore[untyped-decorator]
def log_as_everywhere(**kwargs: Any) -> None:
    """Workers and beat log what and how all processes do: with a receiver here Celery sets up nothing."""


class NoTicks(logging.Filter):
    """Keeps quiet what beat asks for every few seconds, as long as all goes well: 34 MB a day otherwise."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.INFO:
            return True
        if record.name == "celery.beat":
            return "Sending due task" not in str(record.msg)
        of_task = record.args if isinstance(record.args, dict) else {}
        return of_task.get("name") not in {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}


def publish_impatiently() -> None:
    """For processes that only publish, such as the web server's.

    A worker waits half a minute for the next task; a page must not wait so long for a queue that hangs.
    What is not sent the reaper sends later.
    """
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "socket_timeout": 3}


def publish(task: "Task[Any, Any]", *ids: int) -> None:
    """Send a task, or log that the queue is away: its rows are in the database, the reaper will send it."""
    try:
        task.apply_async(args=ids, retry=False)
    except (BrokerAway, RedisError, OSError) as error:
        logger.warning("queue away, %s%s waits for the reaper: %s", task.name, ids, error)
