"""Workspaces, members, grants and tokens."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django_scopes import scopes_disabled

from connected.models import ApiToken, Firm, FirmGrant, Membership, Role, Scope, User, Workspace
from connected.permissions import Actor, actor_of, must_own
from connected.queries import digest, workspaces
from connected.tenancy import database_context, in_workspace


def create_workspace(*, slug: str, name: str, owner: User) -> Actor:
    """A new workspace with its first owner; returns that owner as an actor.

    The id is drawn first: row-level security lets a workspace be written only from inside itself.
    """
    if slug in workspaces():  # Other workspaces are invisible to the model's own check.
        raise ValidationError({"slug": "There is a workspace of that address already."})
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('connected_workspace', 'id'))")
        workspace_id = cursor.fetchone()[0]
    with in_workspace(workspace_id, user_id=owner.pk):
        workspace = Workspace(pk=workspace_id, slug=slug, name=name)
        workspace.full_clean()
        workspace.save(force_insert=True)
        membership = Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        return actor_of(membership)


@transaction.atomic
def add_member(*, by: Actor, email: str, name: str, role: str, password: str | None = None) -> Membership:
    """Bring a person into the workspace, making their account when the address is new.

    An account that exists keeps its name and password. Raises ValidationError for a new account
    without a first password, or with a poor one.
    """
    must_own(by)
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name.strip())
        user.full_clean(exclude=["password"])
        _check_first_password(password, user)
        user = User.objects.create_user(email, password, name=name.strip())
    if Membership.objects.filter(user=user).exists():
        raise ValidationError({"email": "This person is a member already."})
    membership = Membership(workspace_id=by.workspace_id, user=user, role=role)
    membership.full_clean()
    membership.save()
    return membership


def _check_first_password(password: str | None, user: User) -> None:
    if not password:
        raise ValidationError({"password": "Someone new here needs a first password."})
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise ValidationError({"password": refusal.messages}) from refusal


def _member(membership_id: int) -> Membership:
    membership = Membership.objects.select_related("user").filter(pk=membership_id).first()
    if membership is None:
        raise Http404("No such member.")
    return membership


def _keep_an_owner(leaving: Membership) -> None:
    if leaving.role == Role.OWNER and Membership.objects.filter(role=Role.OWNER).count() == 1:
        raise ValidationError("A workspace needs an owner. Make someone else owner first.")


@transaction.atomic
def change_role(*, by: Actor, membership_id: int, role: str) -> Membership:
    """Give a member another role; the last owner stays owner."""
    must_own(by)
    membership = _member(membership_id)
    if role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    membership.full_clean()
    membership.save()
    return membership


@transaction.atomic
def drop_member(*, by: Actor, membership_id: int) -> None:
    """Take a person out of the workspace; their tokens stop at once, their answers stay."""
    must_own(by)
    membership = _member(membership_id)
    _keep_an_owner(membership)
    membership.delete()


@transaction.atomic
def grant_firms(*, by: Actor, membership_id: int, firm_ids: Iterable[int]) -> Membership:
    """Let a manager see exactly these firms. Ids of no firm of this workspace are refused."""
    must_own(by)
    membership = _member(membership_id)
    wanted = set(firm_ids)
    known = set(Firm.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise ValidationError({"firms": "Some of these firms do not exist."})
    FirmGrant.objects.filter(membership=membership).exclude(firm_id__in=wanted).delete()
    there = set(FirmGrant.objects.filter(membership=membership).values_list("firm_id", flat=True))
    FirmGrant.objects.bulk_create(
        FirmGrant(workspace_id=by.workspace_id, membership=membership, firm_id=firm_id)
        for firm_id in wanted - there
    )
    return membership


@transaction.atomic
def make_token(
    *,
    by: Actor,
    name: str,
    scope: str = Scope.READ,
    membership_id: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its text ``cs_<key>_<secret>``, which is shown once and never kept.

    For oneself by default; an owner may make one for another member.
    """
    if membership_id not in (None, by.membership_id):
        must_own(by)
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    token = ApiToken(
        workspace_id=by.workspace_id,
        membership=_member(membership_id or by.membership_id or 0),
        name=name.strip() or "Token",
        key=key,
        digest=digest(secret),
        scope=scope,
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    return token, f"cs_{key}_{secret}"


@transaction.atomic
def revoke_token(*, by: Actor, token_id: int) -> ApiToken:
    """Stop a token for good. One's own, or any as an owner."""
    token = ApiToken.objects.filter(pk=token_id).first()
    if token is None or (token.membership_id != by.membership_id and not by.is_owner):
        raise Http404("No such token.")
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token


def actor_for(*, email: str, workspace: str) -> Actor:
    """The actor of a member named by address and workspace, for commands. Raises LookupError in words."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise LookupError(f"Nobody signs in as {email}.")
    with database_context(user=user.pk), scopes_disabled():
        membership = (
            Membership.objects.filter(user=user, workspace__slug=workspace)
            .select_related("workspace", "user")
            .first()
        )
        if membership is None:
            raise LookupError(f"{email} is not a member of a workspace “{workspace}”.")
        with in_workspace(membership.workspace_id, user_id=user.pk):
            return actor_of(membership)
