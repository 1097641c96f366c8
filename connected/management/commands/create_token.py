"""`manage.py create_token EMAIL --workspace SLUG`: a key for a script, shown once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from connected.models import Role, Scope
from connected.services import actor_for, make_token
from connected.tenancy import in_workspace


class Command(BaseCommand):
    help = "Print a new API token of a member, once: only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the member the token acts as")
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--scope", choices=Scope.values, default=Scope.READ.value)
        parser.add_argument("--name", default="Command line", help="what it is for, as shown under Settings")
        parser.add_argument("--days", type=int, help="days it lasts; without it, until revoked")

    def handle(
        self, *, email: str, workspace: str, scope: str, name: str, days: int | None, **options: Any
    ) -> None:
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days takes 1 to 3650.")
        try:
            actor = actor_for(email=email, workspace=workspace)
        except LookupError as error:
            raise CommandError(str(error)) from error
        expires = timezone.now() + timedelta(days=days) if days else None
        with in_workspace(actor.workspace_id, user_id=actor.user_id):
            _, text = make_token(by=actor, name=name, scope=scope, expires_at=expires)
        if scope == Scope.WRITE and actor.role == Role.MANAGER:
            # Beside the token, not in it: $(…) takes the standard output only.
            self.stderr.write(
                "Mind: a manager may look but not change. This token can only save the manager’s own answers."
            )
        self.stdout.write(text)
