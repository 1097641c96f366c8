"""Pages of the shared words inside a workspace: find, firms, segments, journeys, settings."""

from django.urls import URLPattern, URLResolver, path

from connected.views import find, firms, journey, members, segments, settings, tokens, webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("find/", find.find, name="find"),
    path("firms/new/", firms.new, name="firm-new"),
    path("firms/<int:firm>/edit/", firms.edit, name="firm-edit"),
    path("firms/<int:firm>/delete/", firms.delete, name="firm-delete"),
    path("firms/<int:firm>/segments/new/", segments.new, name="segment-new"),
    path("segments/<int:segment>/edit/", segments.edit, name="segment-edit"),
    path("segments/<int:segment>/delete/", segments.delete, name="segment-delete"),
    path("segments/<int:segment>/journey/", journey.journey, name="journey"),
    path("segments/<int:segment>/touchpoints/new/", journey.new, name="touchpoint-new"),
    path("segments/<int:segment>/touchpoints/restore/", journey.restore, name="touchpoint-restore"),
    path("touchpoints/<int:touchpoint>/edit/", journey.edit, name="touchpoint-edit"),
    path("touchpoints/<int:touchpoint>/delete/", journey.delete, name="touchpoint-delete"),
    path("touchpoints/<int:touchpoint>/move/", journey.move, name="touchpoint-move"),
    path("settings/", settings.settings, name="settings"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/new/", members.new, name="member-new"),
    path("settings/members/<int:member>/role/", members.role, name="member-role"),
    path("settings/members/<int:member>/firms/", members.firms, name="member-firms"),
    path("settings/members/<int:member>/remove/", members.remove, name="member-remove"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:token>/revoke/", tokens.revoke, name="token-revoke"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/new/", webhooks.new, name="webhook-new"),
    path("settings/webhooks/<int:webhook>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:webhook>/edit/", webhooks.edit, name="webhook-edit"),
    path("settings/webhooks/<int:webhook>/state/", webhooks.state, name="webhook-state"),
    path("settings/webhooks/<int:webhook>/rotate/", webhooks.rotate, name="webhook-rotate"),
    path("settings/webhooks/<int:webhook>/delete/", webhooks.delete, name="webhook-delete"),
    path("settings/webhooks/<int:webhook>/<int:delivery>/", webhooks.delivery, name="delivery"),
    path("settings/webhooks/<int:webhook>/<int:delivery>/replay/", webhooks.replay, name="delivery-replay"),
]
