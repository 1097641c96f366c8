from django.apps import AppConfig


class ConnectedConfig(AppConfig):
    name = "connected"
