"""The queue. Redis carries ids; the truth about work is rows in PostgreSQL."""

import logging
import os
from functools import cached_property
from typing import Any

from celery import Celery, Task
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from connected.databases import must_be_bound

logger = logging.getLogger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")


class Queue(Celery):  # type: ignore[misc]
    """Celery with workers that end when they cannot go on."""

    @cached_property
    def Worker(self) -> type:
        worker: type = self.subclass_with_self("connected.worker:Worker")
        return worker


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
