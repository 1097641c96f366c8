"""The door for the web server. Refuses to serve with a login that walks through walls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")

application = get_wsgi_application()
