"""Whether this container's web process says that everything answers; exit code 0 means yes."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=10)
host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip("*.") or "localhost"
connection.request("GET", "/healthz", headers={"Host": host})
sys.exit(connection.getresponse().status != 200)
