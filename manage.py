#!/usr/bin/env python
"""Commands of Connected. Each finds PostgreSQL and Valkey running, or runs them for as long as it lasts."""

import os
import sys
from contextlib import ExitStack

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from connected import embedded
from connected.embedded.errors import unusable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")
try:
    from connected.settings import DATA_DIR, EMBEDDED
except ImproperlyConfigured as odd:
    sys.exit(f"manage.py: {odd}")
except OSError as odd:
    sys.exit(f"manage.py: {unusable(odd)}")

#: Commands that need no database; `up` starts what it needs itself, after looking at its port.
WITHOUT_SERVICES = {
    *("check", "collectstatic", "diffsettings", "findstatic", "help"),
    *("makemigrations", "spectacular", "up", "version"),
}


def needs_services(arguments: list[str]) -> bool:
    """Whether a command line, without the program's name, reads or writes data."""
    command = next((word for word in arguments if not word.startswith("-")), "help")
    return command not in WITHOUT_SERVICES and not {"--help", "-h", "--version"} & set(arguments)


def main() -> None:
    with ExitStack() as stack:
        if EMBEDDED and needs_services(sys.argv[1:]):
            try:
                stack.enter_context(embedded.needed(DATA_DIR, EMBEDDED))
            except embedded.EmbeddedError as error:
                sys.exit(f"manage.py: {error}")
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
