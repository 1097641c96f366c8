"""Which login does what: the app role serves, the owner role migrates, and none above the walls serves."""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from connected.embedded import roles

logger = logging.getLogger(__name__)


class OwnerMigrates:
    """Schema changes go through the ``owner`` alias only; the app role has no right to them."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"


def refuse_unbound(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of Django's ``connection_created``: no query is served by a login free of row-level security.

    Raises :class:`ImproperlyConfigured` saying what to do, and closes the connection.
    """
    if connection.alias != DEFAULT_DB_ALIAS:
        return
    with connection.cursor() as cursor:
        unbound = roles.stands_above_walls(cursor)
    if unbound:
        connection.close()
        raise ImproperlyConfigured(
            "DATABASE_URL names a login that row-level security does not bind: "
            f"serve with {roles.APP}, and give the privileged login as DATABASE_OWNER_URL."
        )


def must_be_bound() -> None:
    """Called where web processes and workers start: raises as :func:`refuse_unbound` does.

    A database that is away keeps nobody from starting: each connection is looked at when it is made.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        connection.close()
        connection.ensure_connection()
    except OperationalError as away:
        logger.warning("the database does not answer yet: %s", away)
    finally:
        # Nothing a process opened before it forks or serves may stay open.
        connection.close()


#: To whoever asks, when :func:`clashed`.
CLASH = "Somebody changed the same at that moment, and nothing of this was saved. Try again."


def clashed(error: BaseException | None) -> bool:
    """Whether a statement failed only because somebody else was at it: done again, it would not."""
    return isinstance(
        getattr(error, "__cause__", None), DeadlockDetected | SerializationFailure | LockNotAvailable
    )
