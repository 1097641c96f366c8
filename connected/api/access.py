"""Who calls, how far their hand reaches, and how often."""

import logging
from typing import TYPE_CHECKING, Final, cast

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from connected.permissions import Actor

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Token cs_…``. The middleware has checked it; ``request.auth`` is the actor."""

    def authenticate(self, request: Request) -> tuple[Actor, Actor] | None:
        if (actor := getattr(request._request, "actor", None)) is not None:
            return actor, actor
        if request.headers.get("Authorization"):
            raise exceptions.AuthenticationFailed("This token is not known, has expired or was revoked.")
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Token"


MAY_READ: Final = "This token may only read: changes need a token of scope write."
MAY_LOOK: Final = "A manager may look at this but not change it: changes need an owner or a consultant."


class ScopePermission(BasePermission):
    """A token is needed for everything; a write token, and a role that edits, for changes."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        actor = cast(Actor | None, request.auth)
        if actor is None:
            return False
        self.message = MAY_READ if not actor.may_write else MAY_LOOK
        return request.method in SAFE_METHODS or actor.may_edit


def actor_of(request: Request) -> Actor:
    """Who asks; only for views that :class:`ScopePermission` guards."""
    return cast(Actor, request.auth)


_SECONDS = {"s": 1, "sec": 1, "min": 60, "hour": 3600, "day": 86400}


class TokenThrottle(BaseThrottle):
    """So many calls a minute for each token, or for each address without one; changes are counted apart.

    Counters live in the cache. While it is away nobody is counted: answering matters more than counting.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        actor = cast(Actor | None, request.auth)
        who = f"token-{actor.token_id}" if actor else f"address-{self.get_ident(request)}"
        scopes = ["token"] if request.method in SAFE_METHODS else ["token", "write"]
        return all(self._counted(scope, who) for scope in scopes)

    def wait(self) -> float | None:
        """Seconds until the window ends."""
        return self._seconds

    def _counted(self, scope: str, who: str) -> bool:
        number, _, period = str(api_settings.DEFAULT_THROTTLE_RATES[scope]).partition("/")
        self._seconds = _SECONDS[period]
        key = f"throttle:{scope}:{who}"
        try:
            cache.add(key, 0, self._seconds)
            return int(cache.incr(key)) <= int(number)
        except ValueError:
            return True  # The window ended between the two calls.
        except RedisError:
            logger.warning("cache away: calls are not counted")
            return True
