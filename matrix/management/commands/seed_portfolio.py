"""``manage.py seed_portfolio``: a synthetic but plausible portfolio at scale."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from assessments.models import Participant, Sheet, Workshop
from assessments.services.seeding import seed_portfolio
from connected.models import Firm, Membership, Role, Segment, User
from connected.permissions import Actor, operator
from connected.queries import workspaces
from connected.services import add_member, change_role, create_workspace
from connected.tenancy import in_workspace

MOST_RATERS = 50


def learn() -> None:
    """Tell the planner at once what the tables hold now; only their owner may, and it would find out late."""
    tables = [model._meta.db_table for model in (Firm, Segment, Workshop, Participant, Sheet)]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


class Command(BaseCommand):
    help = (
        "Fill a workspace with synthetic firms, segments and answers, making it when it is missing. The same "
        "seed gives the same data. Nothing is placed yet: run rescore --wait afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--segments", required=True, type=int, metavar="N")
        parser.add_argument(
            "--raters", type=int, default=3, metavar="R", help="answers a segment (default 3)"
        )
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--owner", metavar="EMAIL", help="somebody with an account, to become an owner too"
        )

    def handle(
        self,
        *,
        workspace: str,
        segments: int,
        raters: int,
        seed: int,
        owner: str | None = None,
        **options: Any,
    ) -> None:
        if segments < 1 or seed < 0 or not 1 <= raters <= MOST_RATERS:
            raise CommandError(f"Give at least 1 segment, 1 to {MOST_RATERS} raters, and a seed from 0.")
        with transaction.atomic():
            actor = self.actor(workspace)
            with in_workspace(actor.workspace_id, user_id=actor.user_id):
                if owner:
                    self.own(actor, owner.strip().lower())
                opened = self.opened_by(workspace)
                done = seed_portfolio(by=actor, segments=segments, raters=raters, seed=seed)
        learn()
        self.stdout.write(
            f"{workspace}: {done.firms} firms, {done.segments} segments, {done.sheets} sheets of answers.\n"
            f"Place them: python manage.py rescore --workspace {workspace} --wait\n{opened}"
        )

    def own(self, actor: Actor, email: str) -> None:
        """Make somebody who has an account an owner of the workspace, member or not."""
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {email}, so nothing was made.")
        if (there := Membership.objects.filter(user=user).first()) is None:
            add_member(by=actor, email=email, name=user.name, role=Role.OWNER)
        else:
            change_role(by=actor, membership_id=there.pk, role=Role.OWNER)

    def opened_by(self, slug: str) -> str:
        """Who may open the workspace and can sign in; where nobody can, what to do."""
        owners = [each.user for each in Membership.objects.filter(role=Role.OWNER).select_related("user")]
        if names := [user.email for user in owners if user.has_usable_password()]:
            return f"Then open /w/{slug}/, signed in as {' or '.join(names)}."
        return (
            f"Nobody can open /w/{slug}/ yet: {owners[0].email} owns it and has no password. Give it one:\n"
            f"python manage.py changepassword {owners[0].email}\n"
            "Or run this again with --owner and the e-mail of somebody who has an account."
        )

    def actor(self, slug: str) -> Actor:
        """The operator of the workspace; a new one gets an owner who has no password yet."""
        if slug in workspaces():
            return operator(slug)
        email = f"owner@{slug}.test"
        owner = User.objects.filter(email=email).first()
        if owner is None:
            owner = User.objects.create_user(email, None, name=f"Owner of {slug}")
        return create_workspace(slug=slug, name=slug.replace("-", " ").capitalize(), owner=owner)
