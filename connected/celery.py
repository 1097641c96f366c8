"""The queue. Redis carries ids; the truth about work is rows in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")

app = Celery("connected")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
