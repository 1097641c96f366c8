from django.apps import AppConfig
from django.db.backends.signals import connection_created

# Commands publish tasks too: without this import they would look for the queue of some other project.
from connected.celery import app as queue
from connected.databases import refuse_unbound

__all__ = ["ConnectedConfig", "queue"]


class ConnectedConfig(AppConfig):
    name = "connected"

    def ready(self) -> None:
        connection_created.connect(refuse_unbound, dispatch_uid="connected.refuse_unbound")
