"""Where the suite keeps its data. Loaded with ``-p`` so that it comes before Django's settings are read."""

import os
import shutil
import tempfile

OURS = ""
if "PYTEST_XDIST_WORKER" not in os.environ:
    # A folder of its own: the suite never touches the data of `make run`, nor anyone's server.
    OURS = "" if os.environ.get("TEST_DATA_DIR") else tempfile.mkdtemp(prefix="connected-test-")
    os.environ["DATA_DIR"] = OURS or os.environ["TEST_DATA_DIR"]
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CONNECTED_ENV", "DEBUG"):
    os.environ.pop(name, None)


def pytest_unconfigure() -> None:
    """Nothing is left behind: the services have stopped with their last process."""
    if OURS:
        shutil.rmtree(OURS, ignore_errors=True)
