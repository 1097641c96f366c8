"""REST of the shared words, and the schema of all of it."""

from django.urls import URLPattern, URLResolver, path

from connected.api.docs import DocsView, GuideView, SchemaView
from connected.api.firms import FirmViews
from connected.api.resources import MANY, ONE
from connected.api.segments import SegmentViews
from connected.api.touchpoints import TouchpointViews
from connected.api.webhooks import DeliveryViews, WebhookViews

# Read, change some values, delete.
SOME = {method: action for method, action in ONE.items() if method != "put"}

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
    path("webhooks/", WebhookViews.as_view(MANY), name="api-webhooks"),
    path("webhooks/<int:pk>/", WebhookViews.as_view(SOME), name="api-webhook"),
    path("webhooks/<int:pk>/rotate/", WebhookViews.as_view({"post": "rotate"}), name="api-webhook-rotate"),
    path("webhooks/<int:webhook>/deliveries/", DeliveryViews.as_view({"get": "list"}), name="api-deliveries"),
    path(
        "webhooks/<int:webhook>/deliveries/<int:pk>/",
        DeliveryViews.as_view({"get": "retrieve"}),
        name="api-delivery",
    ),
    path(
        "webhooks/<int:webhook>/deliveries/<int:pk>/replay/",
        DeliveryViews.as_view({"post": "replay"}),
        name="api-delivery-replay",
    ),
]
