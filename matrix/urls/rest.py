"""REST of the matrix; last of the API, so it also answers addresses nobody knows."""

from django.urls import URLPattern, URLResolver, path

from connected.api.docs import NoSuchAddress

urlpatterns: list[URLPattern | URLResolver] = [
    path("", NoSuchAddress.as_view(), {"path": "/"}, name="api-root"),
    path("<path:path>", NoSuchAddress.as_view(), name="api-nowhere"),
]
