"""The two inner walls between workspaces, raised and lowered together.

Inside :func:`in_workspace` the scoped managers see one workspace (django-scopes) and so does
PostgreSQL (row-level security reads ``app.workspace``). Outside, a scoped query raises and the
database answers with no rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, transaction
from django_scopes import scope

_GUCS = ("app.workspace", "app.user", "app.token")
_settings: ContextVar[tuple[str, str, str]] = ContextVar("settings", default=("", "", ""))


@contextmanager
def database_context(
    *, workspace: int | None = None, user: int | None = None, token: str = "", using: str = "default"
) -> Iterator[None]:
    """Tell PostgreSQL, for one transaction, who is asking. Nested contexts restore the outer one."""
    outer = _settings.get()
    inner = ("" if workspace is None else str(workspace), "" if user is None else str(user), token)
    with transaction.atomic(using=using):
        _announce(inner, using)
        mark = _settings.set(inner)
        try:
            yield
        finally:
            _settings.reset(mark)
        # Reached only without an exception: a rollback has already restored the outer values.
        if not connections[using].needs_rollback:
            _announce(outer, using)


_ANNOUNCE = "SELECT set_config(%s, %s, true), set_config(%s, %s, true), set_config(%s, %s, true)"


def _announce(values: tuple[str, str, str], using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(_ANNOUNCE, _pairs(values))


def _pairs(values: tuple[str, str, str]) -> list[str]:
    return [part for pair in zip(_GUCS, values, strict=True) for part in pair]


def walled(workspace_id: int, user_id: int | None, statement: str) -> tuple[str, list[str]]:
    """A statement with the database's wall raised around it, as one message and the values of its ``%s``.

    Sent at once it is a transaction that PostgreSQL itself ends, whatever becomes of who sent it.
    ``statement`` is complete: a percent sign in it is one.
    """
    inner = (str(workspace_id), "" if user_id is None else str(user_id), "")
    message = "; ".join([_ANNOUNCE, statement.replace("%", "%%"), _ANNOUNCE])
    return message, [*_pairs(inner), *_pairs(_settings.get())]


@contextmanager
def in_workspace(workspace_id: int, *, user_id: int | None = None, using: str = "default") -> Iterator[None]:
    """One transaction inside one workspace: both inner walls up.

    Raises whatever the block raises, after rolling back what it wrote.
    """
    with (
        database_context(workspace=workspace_id, user=user_id, using=using),
        scope(workspace=workspace_id),
    ):
        yield
