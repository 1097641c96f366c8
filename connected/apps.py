from django.apps import AppConfig

# Commands publish tasks too: without this import they would look for the queue of some other project.
from connected.celery import app as queue

__all__ = ["ConnectedConfig", "queue"]


class ConnectedConfig(AppConfig):
    name = "connected"
