"""The verbs of firms, segments, touchpoints and people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import timezone

from connected import services
from connected.models import ApiToken, Firm, FirmGrant, Membership, Role, Segment, Touchpoint, User
from connected.permissions import Actor
from tests import factories


def names(segment: Segment, step: str) -> list[str]:
    rows = Touchpoint.objects.filter(segment=segment, step=step).order_by("position", "id")
    return [row.name for row in rows]


@pytest.fixture
def segment(owner: Actor) -> Segment:
    return factories.segment(owner, factories.firm(owner).pk)


def add(by: Actor, segment: Segment, name: str, step: str = "request", **values: Any) -> Touchpoint:
    return services.add_touchpoint(by=by, segment_id=segment.pk, name=name, step=step, **values)


def test_a_name_is_kept_without_spaces_around_it(owner: Actor) -> None:
    assert services.add_firm(by=owner, name="  Acme ").name == "Acme"


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_firm_needs_a_name_that_fits(owner: Actor, name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        services.add_firm(by=owner, name=name)
    assert list(refusal.value.error_dict) == ["name"]


def test_a_changed_name_too(owner: Actor) -> None:
    firm = factories.firm(owner)
    assert services.change_firm(by=owner, firm_id=firm.pk, name="  Other  ").name == "Other"


def test_a_name_is_not_changed_to_nothing(owner: Actor) -> None:
    firm = factories.firm(owner)
    with pytest.raises(ValidationError):
        services.change_firm(by=owner, firm_id=firm.pk, name="   ")


def test_a_firm_goes_with_everything_in_it(owner: Actor, segment: Segment) -> None:
    add(owner, segment, "A")
    services.drop_firm(by=owner, firm_id=segment.firm_id)
    assert (Firm.objects.count(), Segment.objects.count(), Touchpoint.objects.count()) == (0, 0, 0)


def test_two_workspaces_may_have_a_firm_of_one_name(owner: Actor) -> None:
    factories.firm(owner, "Acme")
    other = factories.workspace()
    with factories.in_workspace(other.workspace_id):
        factories.firm(other, "Acme")


def test_the_same_group_in_another_situation_is_another_segment(owner: Actor, segment: Segment) -> None:
    services.add_segment(by=owner, firm_id=segment.firm_id, name=segment.name, situation="urgent")
    assert Segment.objects.count() == 2


def test_touchpoints_stand_in_the_order_they_came(owner: Actor, segment: Segment) -> None:
    for name in "ABC":
        add(owner, segment, name)
    assert names(segment, "request") == ["A", "B", "C"]


@pytest.mark.parametrize(("place", "order"), [(0, "CAB"), (1, "ACB"), (2, "ABC"), (99, "ABC"), (-5, "CAB")])
def test_moving_closes_up(owner: Actor, segment: Segment, place: int, order: str) -> None:
    last = [add(owner, segment, name) for name in "ABC"][2]
    services.move_touchpoint(by=owner, touchpoint_id=last.pk, step="request", place=place)
    assert "".join(names(segment, "request")) == order


def test_moving_to_a_step_nobody_knows_is_refused(owner: Actor, segment: Segment) -> None:
    row = add(owner, segment, "A")
    with pytest.raises(ValidationError):
        services.move_touchpoint(by=owner, touchpoint_id=row.pk, step="regret", place=0)


@pytest.mark.parametrize("value", [-1, 5])
def test_pain_is_from_0_to_4(owner: Actor, segment: Segment, value: int) -> None:
    with pytest.raises(ValidationError):
        add(owner, segment, "A", pain=value)


VERBS: list[Callable[[Actor, Segment], object]] = [
    lambda by, row: services.add_firm(by=by, name="X"),
    lambda by, row: services.change_firm(by=by, firm_id=row.firm_id, name="X"),
    lambda by, row: services.drop_firm(by=by, firm_id=row.firm_id),
    lambda by, row: services.add_segment(by=by, firm_id=row.firm_id, name="X"),
    lambda by, row: services.change_segment(by=by, segment_id=row.pk, name="X"),
    lambda by, row: services.drop_segment(by=by, segment_id=row.pk),
    lambda by, row: add(by, row, "X"),
    lambda by, row: services.add_member(by=by, email="x@example.test", name="X", role="owner"),
    lambda by, row: services.change_role(by=by, membership_id=by.membership_id or 0, role="owner"),
    lambda by, row: services.drop_member(by=by, membership_id=by.membership_id or 0),
    lambda by, row: services.grant_firms(by=by, membership_id=by.membership_id or 0, firm_ids=[row.firm_id]),
]


@pytest.mark.parametrize("verb", VERBS)
def test_a_manager_does_nothing(
    owner: Actor, segment: Segment, verb: Callable[[Actor, Segment], object]
) -> None:
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    with pytest.raises(PermissionDenied):
        verb(manager, segment)


def test_an_address_is_kept_in_lower_case(owner: Actor) -> None:
    member = services.add_member(
        by=owner, email=" New@Example.TEST ", name="New", role="consultant", password=factories.PASSWORD
    )
    assert member.user.email == "new@example.test"


def test_the_last_owner_keeps_the_role(owner: Actor) -> None:
    with pytest.raises(ValidationError, match="needs an owner"):
        services.change_role(by=owner, membership_id=owner.membership_id or 0, role="manager")


def test_an_owner_may_go_when_another_stays(owner: Actor) -> None:
    factories.member(owner, Role.OWNER)
    services.drop_member(by=owner, membership_id=owner.membership_id or 0)
    assert Membership.objects.count() == 1


def test_the_account_outlives_the_membership(owner: Actor) -> None:
    member = factories.member(owner)
    services.drop_member(by=owner, membership_id=member.membership_id or 0)
    assert User.objects.filter(pk=member.user_id or 0).exists()


def test_grants_are_exactly_those_given(owner: Actor) -> None:
    firms = [factories.firm(owner).pk for _ in range(3)]
    manager = factories.member(owner, Role.MANAGER, (firms[0], firms[1]))
    services.grant_firms(by=owner, membership_id=manager.membership_id or 0, firm_ids=firms[1:])
    assert set(FirmGrant.objects.values_list("firm_id", flat=True)) == set(firms[1:])


def test_a_firm_nobody_knows_cannot_be_granted(owner: Actor) -> None:
    manager = factories.member(owner, Role.MANAGER)
    with pytest.raises(ValidationError):
        services.grant_firms(by=owner, membership_id=manager.membership_id or 0, firm_ids=[10**9])


def test_a_token_keeps_no_secret(owner: Actor) -> None:
    token, text = services.make_token(by=owner, name="t")
    secret = text.split("_", 2)[2]
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())


def test_only_an_owner_makes_tokens_for_others(owner: Actor) -> None:
    member = factories.member(owner)
    token, _ = services.make_token(by=owner, name="t", membership_id=member.membership_id)
    assert token.membership_id == member.membership_id
    with pytest.raises(PermissionDenied):
        services.make_token(by=member, name="t", membership_id=owner.membership_id)


def test_revoking_twice_keeps_the_first_moment(owner: Actor) -> None:
    token, _ = services.make_token(by=owner, name="t", expires_at=timezone.now() + timedelta(days=1))
    first = services.revoke_token(by=owner, token_id=token.pk).revoked_at
    assert services.revoke_token(by=owner, token_id=token.pk).revoked_at == first


def test_anothers_token_is_not_there_to_revoke(owner: Actor) -> None:
    token, _ = services.make_token(by=owner, name="t")
    with pytest.raises(Http404):
        services.revoke_token(by=factories.member(owner), token_id=token.pk)


def test_an_actor_is_found_by_address_and_workspace(owner: Actor) -> None:
    email = User.objects.get(pk=owner.user_id or 0).email
    assert services.actor_for(email=email.upper(), workspace=owner.workspace_slug) == owner


@pytest.mark.parametrize("known", [True, False])
def test_an_actor_that_is_not_there_is_said_in_words(owner: Actor, known: bool) -> None:
    email = factories.person().email if known else "nobody@example.test"
    with pytest.raises(LookupError, match=email):
        services.actor_for(email=email, workspace=owner.workspace_slug)


def test_a_workspace_slug_is_taken_once(owner: Actor) -> None:
    with pytest.raises(ValidationError):
        services.create_workspace(slug=owner.workspace_slug, name="Second", owner=factories.person())


@pytest.mark.parametrize("odd", ["€€€", "12", "EURO", "E U"])
def test_a_currency_is_three_letters(owner: Actor, odd: str) -> None:
    with pytest.raises(ValidationError) as refused:
        services.add_segment(
            by=owner, firm_id=factories.firm(owner).pk, name="Guests", revenue=5, currency=odd
        )
    assert "currency" in refused.value.error_dict


def test_a_currency_is_kept_in_capitals(owner: Actor) -> None:
    firm = factories.firm(owner)
    made = services.add_segment(by=owner, firm_id=firm.pk, name="Guests", revenue=5, currency=" eur")
    assert made.currency == "EUR"
