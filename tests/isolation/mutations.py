"""Taking a wall away, for as long as a test lasts, to see that the other one stands alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models import Q
from django_scopes import scopes_disabled

from connected import permissions, queries
from connected.models import Membership, User
from tests.isolation.database import row_security_off


@contextmanager
def _no_scope(**kwargs: Any) -> Iterator[None]:
    with scopes_disabled():
        yield


def _everything(*args: Any, **kwargs: Any) -> Q:
    return Q()


def _any_membership(user: User) -> Any:
    with scopes_disabled():
        return Membership.objects.select_related("workspace", "user").order_by("workspace__name")


@contextmanager
def code_off() -> Iterator[None]:
    """Without the wall in code: managers are not scoped, nobody asks whose firm or membership it is.

    Sources, not names, are exchanged: other modules hold the functions by their own names.
    """
    kept = permissions.firm_filter.__code__
    permissions.firm_filter.__code__ = _everything.__code__
    try:
        with (
            patch("connected.tenancy.scope", _no_scope),
            patch.object(queries, "memberships_of", _any_membership),
        ):
            yield
    finally:
        permissions.firm_filter.__code__ = kept


__all__ = ["code_off", "row_security_off"]
