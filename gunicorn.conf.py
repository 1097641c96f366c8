"""How the web process runs, under the supervisor and in the container alike.

The address comes with the command: `gunicorn --bind=HOST:PORT connected.wsgi:application`.
"""

import socket
import struct
from typing import Any

from connected.celery import publish_impatiently
from connected.databases import must_be_bound
from connected.environment import ENVIRONMENT

# Threads: a request that waits for the database leaves the core to the next one.
worker_class = "gthread"
workers = 2
threads = 8
# No socket in a home folder, which a second instance would share.
control_socket_disable = True
# Imports once, forks after: half the start time and memory of two separate imports.
preload_app = True
# Seconds. Imports of 200,000 rows and streamed exports stay well below.
timeout = 120
graceful_timeout = 5
keepalive = 5
# Fresh processes now and then, not both at once.
max_requests = 20_000
max_requests_jitter = 2_000
# Request lines in the log come from the proxy, where there is one; errors from Django.
accesslog = None
errorlog = "-"
loglevel = ENVIRONMENT.log_level.lower()
# Set the scheme from a proxy only in the container, where the proxy is the only way in.
forwarded_allow_ips = "127.0.0.1"


# Seconds. Who takes nothing of an answer for so long is gone, or keeps a thread from others. What is on its
# way counts as taken, so that it is a minute in all.
PATIENCE = 20


def when_ready(server: Any) -> None:
    """Accepted connections have the limits of the socket they came by."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))


def post_worker_init(worker: Any) -> None:
    """A login that walks through walls ends the worker before its first request, and so the server."""
    must_be_bound()
    publish_impatiently()
