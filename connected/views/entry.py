"""Coming in: sign in, choose a workspace."""

from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import EmailField, EmailInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from connected import queries
from connected.context_processors import THEMES
from connected.models import User
from connected.tenancy import database_context

SAMPLE_PASSWORD = "connected-demo"  # noqa: S105 - the sample's, printed by `make run`.
SAMPLE_SIGN_INS = (
    ("consultant@sample.test", "A consultant", "describes firms, runs workshops, fills in sheets"),
    ("manager@sample.test", "A manager", "looks at the firms granted"),
    ("owner@sample.test", "The owner", "also settles members and tokens"),
)
YEAR = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """E-mail and password; ten tries in a quarter of an hour for one address."""

    username = EmailField(
        label="E-mail", widget=EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    TRIES, SECONDS = 10, 900

    error_messages = {
        "invalid_login": "E-mail and password do not match. Mind capital letters in the password.",
        "inactive": "This account is closed.",
        "too_many": "Too many tries. Wait a quarter of an hour, then try again.",
    }

    def clean(self) -> dict[str, Any]:
        key = f"sign-in:{str(self.cleaned_data.get('username', '')).lower()}"
        # Counted before the password is looked at, so that many tries at once are counted too; with the
        # cache away nobody is kept out.
        with suppress(RedisError):
            cache.add(key, 0, self.SECONDS)
            if cache.incr(key) > self.TRIES:
                raise ValidationError(self.error_messages["too_many"], code="too_many")
        cleaned: dict[str, Any] = super().clean()
        with suppress(RedisError):
            cache.delete(key)
        return cleaned


class SignIn(LoginView):
    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        samples = SAMPLE_SIGN_INS if settings.SAMPLE and "sample" in queries.workspaces() else ()
        return super().get_context_data(**kwargs) | {"samples": samples, "sample_password": SAMPLE_PASSWORD}


class SignOut(LogoutView):
    pass


def home(request: HttpRequest) -> HttpResponse:
    """Straight into the only workspace, or a choice of several; ``?choose`` always shows the choice."""
    user = cast(User, request.user)  # LoginRequiredMiddleware lets nobody else come here.
    with database_context(user=user.pk):
        memberships = list(queries.memberships_of(user))
    if len(memberships) == 1 and "choose" not in request.GET:
        return redirect("portfolio", workspace=memberships[0].workspace.slug)
    return render(request, "workspaces.html", {"memberships": memberships})


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark paper for a year; anything else follows the system. Back to where one was."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
