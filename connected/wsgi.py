"""The door for the web server.

A login that walks through walls is refused: by ``gunicorn.conf.py`` before the first request, and by
:func:`connected.databases.refuse_unbound` at every connection, whatever the server.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")

application = get_wsgi_application()
