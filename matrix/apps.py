from django.apps import AppConfig


class MatrixConfig(AppConfig):
    name = "matrix"

    def ready(self) -> None:
        from matrix import receivers  # noqa: F401, PLC0415 - models must be loaded first
