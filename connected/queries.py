"""Reading the shared words: which workspaces exist, who belongs where, how segments are lettered."""

import hashlib
from collections.abc import Iterable
from string import ascii_uppercase

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from connected.models import ApiToken, Membership, User


def workspaces() -> dict[str, int]:
    """Slug to id of every workspace, for commands and the reaper: they stand outside the walls."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug, id FROM connected_workspaces() ORDER BY id")
        return dict(cursor.fetchall())


def memberships_of(user: User) -> "QuerySet[Membership]":
    """A person's memberships in every workspace. Needs the person in the database context."""
    with scopes_disabled():
        return Membership.objects.filter(user=user).select_related("workspace", "user").order_by("workspace__name")


def digest(secret: str) -> str:
    """What is kept of a token's secret. It is 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def live_token(key: str) -> ApiToken | None:
    """The token of that key if it is neither revoked nor expired. Needs the key in the context."""
    with scopes_disabled():
        token = (
            ApiToken.objects.filter(key=key, revoked_at__isnull=True)
            .select_related("membership__user", "membership__workspace")
            .first()
        )
    if token is None or (token.expires_at and token.expires_at <= timezone.now()):
        return None
    return token


def letters(ids: Iterable[int]) -> dict[int, str]:
    """The letter of each segment within its firm, by age: A to Z, then AA, AB."""
    names = {}
    for place, segment_id in enumerate(sorted(ids)):
        high, low = divmod(place, 26)
        names[segment_id] = (ascii_uppercase[(high - 1) % 26] if high else "") + ascii_uppercase[low]
    return names
