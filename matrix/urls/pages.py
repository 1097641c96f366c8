"""Pages of the matrix, below a workspace's address."""

from django.urls import URLPattern, URLResolver, path

from matrix.views import runs

urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.run_start, name="run-start"),
    path("runs/<int:run>/", runs.run, name="run"),
    path("runs/<int:run>/cancel/", runs.run_cancel, name="run-cancel"),
]
