"""The queue. Redis carries ids; the truth about work is rows in PostgreSQL."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

from connected.databases import must_be_bound

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")

app = Celery("connected")
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
