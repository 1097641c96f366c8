"""Celery's worker where it breaks by itself: it lives through a queue that goes away, or else it ends.

Both ways of breaking were found by killing the queue under load (Celery 5.7.0, kombu 5.7.0, about once in
a hundred times): a worker that was neither gone nor listening, or gone for good where nobody starts it again.
"""

from typing import Any

from celery.apps import worker
from celery.platforms import EX_FAILURE
from kombu.transport import redis
from redis.exceptions import ConnectionError as ConnectionLost


class Channel(redis.Channel):
    """Says that its connection is lost, where kombu's own breaks over it.

    After a loss the connection's settings are gone before all of its channels are closed. One that still
    gives its messages back, or acknowledges one whose task ended late, looks for them in vain; kombu's
    AttributeError ends the worker, a lost connection Celery expects there. The messages stay in the queue's
    list of unacknowledged ones, the work in the ledger.
    """

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection is None or self.connection.client is None:
            raise ConnectionLost("The connection to the queue was lost.")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """Redis with channels of ours."""

    Channel = Channel


class Worker(worker.Worker):  # type: ignore[misc]
    """Ends at once when it fails: waiting for children whose tasks nobody can acknowledge never ends."""

    def stop(self, in_sighandler: bool = False, exitcode: Any = None) -> None:
        """After a failure, without its children's leave."""
        if exitcode == EX_FAILURE:
            self.exitcode = exitcode
            self.terminate(in_sighandler)
        else:
            super().stop(in_sighandler, exitcode)
