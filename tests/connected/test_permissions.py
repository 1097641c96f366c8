"""May you? What is hidden is a 404, what is only shown is a 403."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from connected import permissions
from connected.models import Role
from connected.permissions import Actor, operator
from connected.services import add_touchpoint, make_token
from tests import factories

SEES = [permissions.see_firm, permissions.see_segment, permissions.see_touchpoint]
EDITS = [permissions.edit_firm, permissions.edit_segment, permissions.edit_touchpoint]


@pytest.fixture
def rows(owner: Actor) -> list[int]:
    """A firm, its segment and its touchpoint."""
    firm = factories.firm(owner)
    segment = factories.segment(owner, firm.pk)
    return [firm.pk, segment.pk, add_touchpoint(by=owner, segment_id=segment.pk, name="T", step="request").pk]


@pytest.mark.parametrize("place", range(3))
def test_a_manager_sees_what_is_granted(owner: Actor, rows: list[int], place: int) -> None:
    manager = factories.member(owner, Role.MANAGER, (rows[0],))
    assert SEES[place](manager, rows[place]).pk == rows[place]


@pytest.mark.parametrize("place", range(3))
def test_a_manager_does_not_see_what_is_not(owner: Actor, rows: list[int], place: int) -> None:
    manager = factories.member(owner, Role.MANAGER)
    with pytest.raises(Http404):
        SEES[place](manager, rows[place])


@pytest.mark.parametrize("place", range(3))
def test_a_manager_may_not_edit_what_is_granted(owner: Actor, rows: list[int], place: int) -> None:
    manager = factories.member(owner, Role.MANAGER, (rows[0],))
    with pytest.raises(PermissionDenied):
        EDITS[place](manager, rows[place])


@pytest.mark.parametrize("place", range(3))
def test_what_is_hidden_is_hidden_from_editing_too(owner: Actor, rows: list[int], place: int) -> None:
    manager = factories.member(owner, Role.MANAGER)
    with pytest.raises(Http404):
        EDITS[place](manager, rows[place])


@pytest.mark.parametrize("place", range(3))
def test_a_consultant_edits_every_firm(owner: Actor, rows: list[int], place: int) -> None:
    assert EDITS[place](factories.member(owner), rows[place]).pk == rows[place]


@pytest.mark.parametrize("may", [permissions.must_edit, permissions.must_own])
def test_a_reading_token_of_an_owner_changes_nothing(owner: Actor, may: Callable[[Actor], Actor]) -> None:
    with pytest.raises(PermissionDenied):
        may(replace(owner, may_write=False))


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.MANAGER])
def test_only_owners_own(owner: Actor, role: str) -> None:
    with pytest.raises(PermissionDenied):
        permissions.must_own(factories.member(owner, role))


def test_members_are_hidden_behind_the_role_before_the_id(owner: Actor) -> None:
    with pytest.raises(PermissionDenied):
        permissions.see_member(factories.member(owner), 10**9)


def test_a_consultant_sees_only_own_tokens(owner: Actor) -> None:
    token, _ = make_token(by=owner, name="t")
    with pytest.raises(Http404):
        permissions.see_token(factories.member(owner), token.pk)


def test_an_operator_without_a_person_owns_no_tokens(owner: Actor) -> None:
    make_token(by=owner, name="t")
    assert not permissions.tokens_seen(replace(operator(owner.workspace_slug), may_write=False)).exists()


def test_an_operator_of_no_workspace_is_told_which_there_are(owner: Actor) -> None:
    with pytest.raises(LookupError, match=owner.workspace_slug):
        operator("never-was")
