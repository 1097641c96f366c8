"""A worker's hold on an import: kept up, and its progress told, beside the import's own transaction."""

from threading import Event, Thread
from typing import Final, Self

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from assessments.models import ImportJob
from assessments.services.imports.claims import LEASE, Claim
from connected.tenancy import in_workspace

# Seconds between looks: so soon a page sees progress, and a cancelled import ends.
EVERY: Final = 1.0


class Over(Exception):
    """The import is no longer this worker's: cancelled, or taken for lost and begun anew."""


class Pulse:
    """While entered, a thread writes by a connection of its own what has been told, once a second.

    When the import is no longer this worker's, the statement that runs is cancelled and ``told`` raises.
    """

    def __init__(self, claim: Claim) -> None:
        self._claim, self._ended = claim, Event()
        self._share, self.over = 0.0, False
        self._thread = Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        connection.ensure_connection()
        self._cancel = connection.connection.cancel
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def told(self, share: float) -> None:
        """How much is done, 0-1. Raises :class:`Over`."""
        self._share = share
        if self.over:
            raise Over

    def _beat(self) -> None:
        try:
            while not self._ended.wait(EVERY):
                if not self._renewed():
                    break
        except DatabaseError:
            pass  # The database is away, and so is what the import was doing.
        finally:
            connection.close()
        if not self._ended.is_set():
            self.over = True
            self._cancel()

    def _renewed(self) -> bool:
        with in_workspace(self._claim.workspace_id):
            mine = ImportJob.objects.filter(
                pk=self._claim.job_id, state="running", attempts=self._claim.attempt
            )
            return bool(mine.update(share=self._share, lease_until=Now() + LEASE))
