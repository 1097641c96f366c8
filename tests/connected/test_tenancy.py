"""The two inner walls: scoped managers and row-level security, raised and lowered together."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django_scopes import scopes_disabled
from django_scopes.exceptions import ScopeError

from connected.models import Firm, Segment
from connected.permissions import Actor
from connected.tenancy import database_context, in_workspace
from tests import factories

pytestmark = pytest.mark.django_db


def here() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.workspace', true), current_setting('app.user', true)")
        return "/".join(value or "" for value in cursor.fetchone())


def half_done(actor: Actor) -> None:
    with in_workspace(actor.workspace_id):
        factories.firm(actor, "Half")
        raise RuntimeError


def stray(actor: Actor, firm_id: int) -> None:
    """A segment of a firm elsewhere, and the check that the end of the transaction would make."""
    with transaction.atomic():
        Segment.objects.create(workspace_id=actor.workspace_id, firm_id=firm_id, name="Stray")
        connection.check_constraints()


@pytest.fixture
def two() -> tuple[Actor, Actor]:
    """Two workspaces, a firm in each."""
    actors = factories.workspace("One"), factories.workspace("Two")
    for actor in actors:
        with in_workspace(actor.workspace_id):
            factories.firm(actor, actor.workspace_name)
    return actors


def test_a_query_outside_any_workspace_raises() -> None:
    with pytest.raises(ScopeError):
        Firm.objects.count()


def test_each_workspace_sees_its_own(two: tuple[Actor, Actor]) -> None:
    for actor in two:
        with in_workspace(actor.workspace_id):
            assert [firm.name for firm in Firm.objects.all()] == [actor.workspace_name]


def test_with_the_scope_off_the_database_still_shows_one_workspace(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[0].workspace_id), scopes_disabled():
        assert [firm.name for firm in Firm.objects.all()] == ["One"]


def test_outside_any_workspace_the_database_shows_nothing(two: tuple[Actor, Actor]) -> None:
    with scopes_disabled():
        assert Firm.objects.count() == 0


def test_a_row_of_another_workspace_cannot_be_written(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[0].workspace_id), pytest.raises(ProgrammingError), transaction.atomic():
        Firm.objects.create(workspace_id=two[1].workspace_id, name="Stray")


def test_a_row_cannot_be_moved_to_another_workspace(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[0].workspace_id), pytest.raises(ProgrammingError), transaction.atomic():
        Firm.objects.update(workspace_id=two[1].workspace_id)


def test_a_key_cannot_point_into_another_workspace(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[1].workspace_id):
        foreign = Firm.objects.get().pk
    with in_workspace(two[0].workspace_id), pytest.raises(IntegrityError):
        stray(two[0], foreign)


def test_an_inner_workspace_gives_way_to_the_outer_again(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[0].workspace_id, user_id=7):
        with in_workspace(two[1].workspace_id):
            assert here() == f"{two[1].workspace_id}/"
        assert here() == f"{two[0].workspace_id}/7"
    assert here() == "/"


def test_an_error_inside_lowers_the_walls_and_undoes_the_writing(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[0].workspace_id):
        with pytest.raises(RuntimeError):
            half_done(two[1])
        assert here() == f"{two[0].workspace_id}/"
    with in_workspace(two[1].workspace_id):
        assert not Firm.objects.filter(name="Half").exists()


def test_a_database_error_inside_leaves_the_outer_context_usable(two: tuple[Actor, Actor]) -> None:
    with in_workspace(two[0].workspace_id):
        with pytest.raises(IntegrityError), in_workspace(two[0].workspace_id):
            Firm.objects.create(workspace_id=two[0].workspace_id, name="One")
        assert Firm.objects.count() == 1


def test_a_person_context_shows_no_firms(two: tuple[Actor, Actor]) -> None:
    with database_context(user=two[0].user_id), scopes_disabled():
        assert Firm.objects.count() == 0


def test_the_connection_remembers_nothing_after_the_transaction(committed: None) -> None:
    with in_workspace(1):
        pass
    assert here() == "/"
