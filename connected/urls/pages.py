"""Pages outside any workspace: signing in, choosing a workspace, health."""

from django.urls import URLPattern, URLResolver, path

from connected.views import entry, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", entry.home, name="home"),
    path("sign-in/", entry.SignIn.as_view(), name="sign-in"),
    path("sign-out/", entry.SignOut.as_view(), name="sign-out"),
    path("theme/", entry.theme, name="theme"),
    path("healthz", health.healthz, name="healthz"),
]
