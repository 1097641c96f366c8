"""Members and tokens."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connected.models import ApiToken, FirmGrant, Membership, Role, User
from connected.permissions import Actor
from connected.services import make_token
from connected.views.once import COOKIE
from tests import factories
from tests.connected.conftest import SHELL_QUERIES, Browser

Browse = Callable[[Actor], Browser]
NEW = {"email": "New@Example.test", "name": "New", "role": "consultant", "password": "a long enough password"}

NIGHTLY = {"name": "Nightly", "scope": "read", "expires_at": "0"}


def test_a_new_member_can_sign_in(owner: Actor, browse: Browse) -> None:
    browse(owner).post("member-new", data=NEW)
    assert User.objects.get(email="new@example.test").check_password(NEW["password"])


def test_a_poor_password_is_said_beside_the_password(owner: Actor, browse: Browse) -> None:
    answer = browse(owner).post("member-new", data={**NEW, "password": "short"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["password"])


def test_a_new_account_needs_a_first_password(owner: Actor, browse: Browse) -> None:
    answer = browse(owner).post("member-new", data={**NEW, "password": ""})
    assert list(answer.context["form"].errors) == ["password"]


def test_who_is_a_member_already_is_said_beside_the_address(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    browser.post("member-new", data=NEW)
    assert list(browser.post("member-new", data=NEW).context["form"].errors) == ["email"]


def test_an_account_from_elsewhere_keeps_its_password(owner: Actor, browse: Browse) -> None:
    there = factories.person()
    browse(owner).post("member-new", data={**NEW, "email": there.email, "password": "another long password"})
    there.refresh_from_db()
    assert there.check_password(factories.PASSWORD)


def test_a_new_manager_is_granted_firms_next(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    answer = browser.post("member-new", data={**NEW, "role": "manager"})
    made = Membership.objects.get(user__email="new@example.test")
    assert answer.headers["Location"] == browser.at("member-firms", made.pk)


def test_granting_firms(owner: Actor, browse: Browse) -> None:
    firms = [factories.firm(owner) for _ in range(2)]
    manager = factories.member(owner, Role.MANAGER, (firms[0].pk,))
    browse(owner).post("member-firms", manager.membership_id, data={"firms": [firms[1].pk]})
    assert list(FirmGrant.objects.values_list("firm_id", flat=True)) == [firms[1].pk]


def test_changing_a_role(owner: Actor, browse: Browse) -> None:
    member = factories.member(owner)
    browse(owner).post("member-role", member.membership_id, data={"role": "owner"})
    assert Membership.objects.get(pk=member.membership_id or 0).role == Role.OWNER


def test_a_role_nobody_knows_is_refused_in_words(owner: Actor, browse: Browse) -> None:
    member, browser = factories.member(owner), browse(owner)
    answer = browser.post("member-role", member.membership_id, data={"role": "king"})
    assert "not a valid choice" in browser.client.get(answer.headers["Location"]).content.decode()


def test_the_last_owner_stays(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    answer = browser.post("member-remove", owner.membership_id)
    assert "needs an owner" in browser.client.get(answer.headers["Location"]).content.decode()


def test_removing_says_what_happens_to_tokens(owner: Actor, browse: Browse) -> None:
    member, browser = factories.member(owner), browse(owner)
    make_token(by=member, name="t")
    assert (
        "1 token of theirs stops at once"
        in browser.get("member-remove", member.membership_id).content.decode()
    )
    browser.post("member-remove", member.membership_id)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_members_cost_the_same_for_one_and_for_three(
    owner: Actor, browse: Browse, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        factories.member(owner, Role.MANAGER, (factories.firm(owner).pk,))
    browser = browse(owner)
    with django_assert_num_queries(SHELL_QUERIES + 1):
        browser.get("members")


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.MANAGER])
def test_only_owners_are_offered_members(owner: Actor, browse: Browse, role: str) -> None:
    browser = browse(factories.member(owner, role))
    assert browser.get("members").status_code == 403
    assert browser.at("members") not in browser.get("settings").content.decode()


def test_a_token_is_shown_once_and_works(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    made = browser.post("tokens", data={"name": "Nightly", "scope": "write", "expires_at": "30"})
    page = browser.after(made).content.decode()
    text = re.search(r"cs_[0-9a-f]{16}_[\w-]{20,}", page)
    assert text is not None
    assert text[0] not in browser.get("tokens").content.decode()
    token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert token.expires_at - timezone.now() < timedelta(days=30, minutes=1)


def test_a_token_may_last_for_ever(owner: Actor, browse: Browse) -> None:
    browse(owner).post("tokens", data=NIGHTLY)
    assert ApiToken.objects.get().expires_at is None


def test_a_token_page_is_not_kept_by_the_browser(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    made = browser.post("tokens", data=NIGHTLY)
    for answer in (made, browser.after(made)):
        assert "no-store" in answer.headers["Cache-Control"]


def test_the_form_without_a_reload_shows_the_token_as_well(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    part = browser.after(browser.post("tokens", data=NIGHTLY, htmx=True), htmx=True).content.decode()
    assert part.startswith('<div id="tokens"')
    assert "cs_" in part.split("</section>")[0]


def test_a_token_is_for_nobody_else_at_the_same_browser(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    made = browser.post("tokens", data=NIGHTLY)
    browser.client.force_login(User.objects.get(pk=factories.member(owner).user_id or 0))
    assert 'id="token-text"' not in browser.after(made).content.decode()


def test_a_made_up_token_is_not_shown(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    browser.client.cookies[COOKIE] = "cs_made_up:1:x"
    assert "cs_made_up" not in browser.get("tokens").content.decode()


def test_a_token_travels_to_its_page_alone(owner: Actor, browse: Browse) -> None:
    made = browse(owner).post("tokens", data=NIGHTLY)
    cookie = made.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", made["Location"])


def test_a_manager_makes_reading_tokens_only(owner: Actor, browse: Browse) -> None:
    manager = factories.member(owner, Role.MANAGER)
    browse(manager).post("tokens", data={"name": "Mine", "scope": "write", "expires_at": "30"})
    assert ApiToken.objects.get().scope == "read"


def test_one_sees_ones_own_tokens_and_an_owner_all(owner: Actor, browse: Browse) -> None:
    member = factories.member(owner)
    for actor in (owner, member):
        make_token(by=actor, name=f"of {actor.role}")
    seen = {actor.role: len(browse(actor).get("tokens").context["tokens"]) for actor in (owner, member)}
    assert seen == {"owner": 2, "consultant": 1}


def test_someone_elses_token_is_not_there(owner: Actor, browse: Browse) -> None:
    token, _ = make_token(by=owner, name="of the owner")
    assert browse(factories.member(owner)).post("token-revoke", token.pk).status_code == 404


def test_revoking(owner: Actor, browse: Browse) -> None:
    token, _ = make_token(by=owner, name="t")
    browse(owner).post("token-revoke", token.pk)
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_tokens_cost_the_same_for_one_and_for_three(
    owner: Actor, browse: Browse, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_token(by=factories.member(owner), name=f"t{number}")
    browser = browse(owner)
    with django_assert_num_queries(SHELL_QUERIES + 1):
        browser.get("tokens")
