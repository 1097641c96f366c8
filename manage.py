#!/usr/bin/env python
"""Commands of Connected. Each finds PostgreSQL and Valkey running, or runs them for as long as it lasts."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from django.core.management import execute_from_command_line

from connected import embedded

#: Commands that need no database; `up` starts what it needs itself, after looking at its port.
WITHOUT_SERVICES = {
    "check", "collectstatic", "diffsettings", "findstatic", "help", "makemigrations", "spectacular", "up", "version",
}  # fmt: skip


def services_to_run(arguments: list[str]) -> list[str]:
    """The embedded services a command line needs: those whose address is not given."""
    command = next((word for word in arguments if not word.startswith("-")), "help")
    if command in WITHOUT_SERVICES or {"--help", "-h", "--version"} & set(arguments):
        return []
    given = {"postgres": os.environ.get("DATABASE_URL"), "valkey": os.environ.get("REDIS_URL")}
    return [service for service in embedded.ALL if not given[service]]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connected.settings")
    data_dir = Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent / ".data")
    with ExitStack() as stack:
        if services := services_to_run(sys.argv[1:]):
            try:
                stack.enter_context(embedded.needed(data_dir, services))
            except embedded.EmbeddedError as error:
                sys.exit(f"manage.py: {error}")
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
