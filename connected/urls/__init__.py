"""The roof: every address of the product. Names the apps in strings and imports none of them."""

from django.urls import include, path

handler500 = "connected.views.errors.server_error"
handler404 = "connected.views.errors.not_found"
handler403 = "connected.views.errors.forbidden"
handler400 = "connected.views.errors.bad_request"

urlpatterns = [
    path("", include("connected.urls.pages")),
    path(
        "w/<slug:workspace>/",
        include(
            [
                path("", include("connected.urls.workspace")),
                path("", include("assessments.urls.pages")),
                path("", include("matrix.urls.pages")),
            ]
        ),
    ),
    path(
        "api/v1/",
        include(
            [
                path("", include("connected.urls.rest")),
                path("", include("assessments.urls.rest")),
                path("", include("matrix.urls.rest")),
            ]
        ),
    ),
]
