"""Where the suite keeps its data. Loaded with ``-p`` so that it comes before Django's settings are read."""

import os
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:
    # A folder of its own: the suite never touches the data of `make run`, nor anyone's server.
    os.environ["DATA_DIR"] = os.environ.get("TEST_DATA_DIR") or tempfile.mkdtemp(prefix="connected-test-")
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CONNECTED_ENV", "DEBUG"):
    os.environ.pop(name, None)
