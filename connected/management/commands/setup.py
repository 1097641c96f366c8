"""`manage.py setup`: everything a database and a static folder need before Connected can serve."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from connected.embedded import roles
from connected.environment import ENVIRONMENT


class Command(BaseCommand):
    help = "Make roles, tables, questionnaire versions and static files ready; quick when they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sample", action="store_true", help="load the sample workspace when it is missing"
        )
        parser.add_argument(
            "--no-static", action="store_true", help="leave static files alone: an image has its own"
        )

    def handle(self, *, sample: bool, no_static: bool = False, verbosity: int, **options: Any) -> None:
        if sample and settings.PRODUCTION:
            raise CommandError(
                "The sample has known passwords: it is never loaded when CONNECTED_ENV=production."
            )
        self.verbosity = verbosity
        self.make_roles()
        self.serve_within_walls()
        self.migrate()
        call_command("load_versions", verbosity=max(0, verbosity - 1))
        if not no_static:
            self.collect_static()
        if sample:
            call_command("load_sample", verbosity=verbosity)

    def say(self, text: str) -> None:
        if self.verbosity:
            self.stdout.write(text)

    def make_roles(self) -> None:
        """Make the roles where this login may; else they must be there."""
        try:
            connections["owner"].ensure_connection()
        except OperationalError as error:
            name = "DATABASE_OWNER_URL" if ENVIRONMENT.database_owner_url else "DATABASE_URL"
            raise CommandError(
                f"The database cannot be reached: {str(error).strip()}\n"
                f"Start it, or correct its address in {name}."
            ) from error
        with connections["owner"].cursor() as cursor:
            if roles.may_make(cursor):
                roles.make(cursor)
            elif not roles.exist(cursor):
                raise CommandError(
                    f"The role {roles.APP} is missing and this login may not create it: "
                    "run connected/embedded/roles.sql as an administrator of the server."
                )
            roles.allow_app(cursor)

    def migrate(self) -> None:
        executor = MigrationExecutor(connections["owner"])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("Migrating the database.")
            call_command("migrate", database="owner", interactive=False, verbosity=max(0, self.verbosity - 1))
        with connections["owner"].cursor() as cursor:
            roles.let_app_learn(cursor)

    def serve_within_walls(self) -> None:
        """Refuse a login that row-level security does not bind, or that cannot act as one it does."""
        try:
            connections["default"].ensure_connection()
        except ImproperlyConfigured as odd:
            raise CommandError(str(odd)) from odd
        except OperationalError as error:
            raise CommandError(
                f"{error}Serve with {roles.APP}, or with a login that may act as it: "
                f"GRANT {roles.APP} TO that login, as an administrator of the server."
            ) from error

    def collect_static(self) -> None:
        """Collect static files when one has changed. With DEBUG they are served from where they are."""
        if settings.DEBUG:
            return
        mark = Path(settings.STATIC_ROOT) / ".collected"
        now = static_fingerprint()
        if mark.exists() and mark.read_text() == now:
            return
        self.say("Collecting static files.")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(now)


def static_fingerprint() -> str:
    """Changes when a static file is added, removed or edited."""
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            found.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()
