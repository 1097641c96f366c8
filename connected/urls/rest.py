"""REST of the shared words, and the schema of all of it."""

from django.urls import URLPattern, URLResolver, path

from connected.api.docs import DocsView, GuideView, SchemaView
from connected.api.firms import FirmViews
from connected.api.resources import MANY, ONE
from connected.api.segments import SegmentViews
from connected.api.touchpoints import TouchpointViews

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
    path("guide/", GuideView.as_view(), name="api-guide"),
    path("firms/", FirmViews.as_view(MANY), name="api-firms"),
    path("firms/<int:pk>/", FirmViews.as_view(ONE), name="api-firm"),
    path("segments/", SegmentViews.as_view(MANY), name="api-segments"),
    path("segments/<int:pk>/", SegmentViews.as_view(ONE), name="api-segment"),
    path("touchpoints/", TouchpointViews.as_view(MANY), name="api-touchpoints"),
    path("touchpoints/<int:pk>/", TouchpointViews.as_view(ONE), name="api-touchpoint"),
]
