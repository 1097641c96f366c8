"""Celery's worker where it breaks by itself: it lives through a queue that goes away, or else it ends.

Both ways of breaking were found by killing the queue under load (Celery 5.7.0, kombu 5.7.0, about once in
a hundred times): a worker that was neither gone nor listening, or gone for good where nobody starts it again.
"""

import logging
from typing import Any

from celery.apps import worker
from celery.platforms import EX_FAILURE
from celery.worker import consumer

logger = logging.getLogger(__name__)


class Consumer(consumer.Consumer):  # type: ignore[misc]
    """Takes messages, and goes on doing so after a connection was lost."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of the lost connection and of the tasks whose messages came by it.

        A channel that still has unacknowledged messages tries to give them back while it is closed. When the
        connection fails amid that, kombu closes the channel once more after the connection's settings are
        gone, an AttributeError ends the worker, and its tasks are not cancelled. The second time there is no
        connection any more, and the rest is done. The messages stay in the queue's list of unacknowledged
        ones, the work in the ledger.
        """
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as odd:
            logger.warning("the lost connection could not be closed (%r), let go of", odd)
            super().on_connection_error_after_connected(exc)


class Worker(worker.Worker):  # type: ignore[misc]
    """Ends at once when it fails: waiting for children whose tasks nobody can acknowledge never ends."""

    def stop(self, in_sighandler: bool = False, exitcode: Any = None) -> None:
        """``exitcode`` other than 0: without its children's leave."""
        if exitcode == EX_FAILURE:
            self.exitcode = exitcode
            self.terminate(in_sighandler)
        else:
            super().stop(in_sighandler, exitcode)
