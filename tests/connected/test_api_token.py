"""`manage.py create_token` prints a key that works, once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from connected.models import ApiToken, Role, User
from connected.permissions import Actor
from tests import factories


def create(email: str, slug: str, *options: str) -> str:
    out = StringIO()
    call_command("create_token", email, "--workspace", slug, *options, stdout=out)
    return out.getvalue().strip()


def email_of(actor: Actor) -> str:
    assert actor.user_id is not None
    return User.objects.get(pk=actor.user_id).email


def test_the_printed_token_reads(owner: Actor) -> None:
    text = create(email_of(owner), owner.workspace_slug)
    client = Client(headers={"Authorization": f"Token {text}"})
    assert client.get("/api/v1/firms/").status_code == 200
    refused = client.post("/api/v1/firms/", {"name": "x"}, content_type="application/json")
    assert refused.status_code == 403


def test_a_write_token_writes_and_may_end(owner: Actor) -> None:
    text = create(email_of(owner), owner.workspace_slug, "--scope", "write", "--days", "30")
    client = Client(headers={"Authorization": f"Token {text}"})
    made = client.post("/api/v1/firms/", {"name": "x"}, content_type="application/json")
    assert made.status_code == 201
    assert ApiToken.objects.get().expires_at is not None


def test_only_its_hash_is_kept(owner: Actor) -> None:
    secret = create(email_of(owner), owner.workspace_slug).split("_", 2)[2]
    assert secret not in str(ApiToken.objects.values().get())


def test_a_member_of_any_role_may_have_one(owner: Actor) -> None:
    manager = factories.member(owner, Role.MANAGER)
    assert create(email_of(manager), owner.workspace_slug).startswith("cs_")


@pytest.mark.parametrize(("role", "warned"), [(Role.MANAGER, True), (Role.CONSULTANT, False)])
def test_a_write_token_of_a_manager_is_warned_of(owner: Actor, role: Role, warned: bool) -> None:
    said = StringIO()
    email = email_of(factories.member(owner, role))
    call_command(
        "create_token", email, workspace=owner.workspace_slug, scope="write", stdout=StringIO(), stderr=said
    )
    assert ("may look but not change" in said.getvalue()) is warned


@pytest.mark.parametrize(
    ("email", "slug", "said"),
    [("nobody@example.test", "{slug}", "Nobody signs in"), ("{email}", "nowhere", "not a member")],
)
def test_a_stranger_gets_none(owner: Actor, email: str, slug: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        create(email.format(email=email_of(owner)), slug.format(slug=owner.workspace_slug))


def test_an_odd_number_of_days_is_refused(owner: Actor) -> None:
    with pytest.raises(CommandError, match="1 to 3650"):
        create(email_of(owner), owner.workspace_slug, "--days", "0")
