"""REST of questionnaires, workshops and answers."""

from django.urls import URLPattern, URLResolver, path

from assessments.api.answers import AnswerViews
from assessments.api.imports import ImportAnswers, ImportView
from assessments.api.instruments import InstrumentViews
from assessments.api.workshops import WorkshopViews

urlpatterns: list[URLPattern | URLResolver] = [
    path("instruments/", InstrumentViews.as_view({"get": "list"}), name="api-instruments"),
    path("instruments/<int:pk>/", InstrumentViews.as_view({"get": "retrieve"}), name="api-instrument"),
    path("workshops/", WorkshopViews.as_view({"get": "list", "post": "create"}), name="api-workshops"),
    path(
        "workshops/<int:pk>/",
        WorkshopViews.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-workshop",
    ),
    path(
        "workshops/<int:workshop>/answers/",
        AnswerViews.as_view({"get": "list", "post": "create"}),
        name="api-answers",
    ),
    path("imports/answers/", ImportAnswers.as_view(), name="api-import-answers"),
    path("imports/<int:pk>/", ImportView.as_view(), name="api-import"),
]
