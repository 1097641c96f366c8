"""REST of the matrix; last of the API, so it also answers addresses nobody knows."""

from django.urls import URLPattern, URLResolver, path

from connected.api.docs import IndexView, NoSuchAddress
from matrix.api.agreement import AgreementViews
from matrix.api.heatmap import MatrixViews
from matrix.api.models import ModelViews
from matrix.api.placements import PlacementViews
from matrix.api.runs import RunViews

urlpatterns: list[URLPattern | URLResolver] = [
    path("models/", ModelViews.as_view({"get": "list"}), name="api-models"),
    path("models/<int:pk>/", ModelViews.as_view({"get": "retrieve"}), name="api-model"),
    path("placements/", PlacementViews.as_view({"get": "list"}), name="api-placements"),
    path("placements/<int:pk>/", PlacementViews.as_view({"get": "retrieve"}), name="api-placement"),
    path("placements/<int:pk>/receipt/", PlacementViews.as_view({"get": "receipt"}), name="api-receipt"),
    path("placements/<int:pk>/change/", PlacementViews.as_view({"get": "change"}), name="api-change"),
    path("placements/<int:pk>/moves/", PlacementViews.as_view({"get": "moves"}), name="api-moves"),
    path("workshops/<int:pk>/agreement/", AgreementViews.as_view({"get": "retrieve"}), name="api-agreement"),
    path("matrix/", MatrixViews.as_view({"get": "read_matrix"}), name="api-matrix"),
    path("runs/", RunViews.as_view({"get": "list", "post": "create"}), name="api-runs"),
    path("runs/<int:pk>/", RunViews.as_view({"get": "retrieve"}), name="api-run"),
    path("runs/<int:pk>/cancel/", RunViews.as_view({"post": "cancel"}), name="api-run-cancel"),
    path("runs/<int:pk>/resume/", RunViews.as_view({"post": "resume"}), name="api-run-resume"),
    path("runs/<int:pk>/approve/", RunViews.as_view({"post": "approve"}), name="api-run-approve"),
    path("runs/<int:pk>/discard/", RunViews.as_view({"post": "discard"}), name="api-run-discard"),
    path("runs/<int:pk>/rollback/", RunViews.as_view({"post": "rollback"}), name="api-run-rollback"),
    path("", IndexView.as_view(), name="api-root"),
    path("<path:path>", NoSuchAddress.as_view(), name="api-nowhere"),
]
