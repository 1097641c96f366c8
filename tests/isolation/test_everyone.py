"""Every route × method × person, with one's own ids and with everybody else's."""

import pytest

from tests.isolation import database
from tests.isolation.calls import PEOPLE, TOKENS, Call
from tests.isolation.policy import BY_CALL
from tests.isolation.routes import Route, operations
from tests.isolation.sweep import BLIND_TO, TRIES, Reads, Sweep, ordinary
from tests.isolation.values import addressed, is_known, lists
from tests.isolation.world import World

EVERYBODY = tuple(BLIND_TO)
# Thousands of calls a test: on a busy machine more than the suite waits.
pytestmark = pytest.mark.timeout(600)


def test_every_method_of_every_route_has_a_row(every_route: list[Route]) -> None:
    for route in every_route:
        rows = {method for name, method in BY_CALL if name == route.name}
        assert rows, f"{route.name} ({route.template}) has no row in tests/isolation/policy.py"
        if route.is_api:
            assert rows == route.declared, f"{route.name}: the table knows {rows}, the view {route.declared}"


def test_every_row_has_a_route(every_route: list[Route]) -> None:
    names = {route.name for route in every_route}
    assert {name for name, _ in BY_CALL} <= names


def test_names_of_routes_are_unique(every_route: list[Route]) -> None:
    names = [route.name for route in every_route]
    assert sorted(names) == sorted(set(names))


def test_every_operation_of_the_schema_has_a_row(every_route: list[Route]) -> None:
    known = {
        (route.in_schema, method) for route in every_route for name, method in BY_CALL if name == route.name
    }
    assert set(operations()) <= known


def test_everybody_is_in_the_table() -> None:
    assert set(EVERYBODY) == {*PEOPLE, *(f"token:{name}" for name in TOKENS)}


def test_every_name_a_view_reads_is_known(read: Reads) -> None:
    unknown = {key: sorted(n for n in names if not is_known(n)) for key, names in read.items()}
    told = "\n".join(f"{route} {method}: {names}" for (route, method), names in unknown.items() if names)
    assert not told, f"enter them in tests/isolation/values.py:\n{told}"


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_gets_what_the_table_says(sweep: Sweep, name: str) -> None:
    found = sweep.own([name])
    assert not found.wrong, found.told()


def test_what_a_call_writes_is_seen(sweep: Sweep, inhabited: World) -> None:
    """The control: else no call could be found to change what is another's."""
    call = ordinary(sweep.routes["api-firms"], "POST", inhabited.realms["granted"])
    assert sweep.ask(sweep.people["token:write"], call).changed == {inhabited.workspaces["our"]}
    assert not sweep.ask(sweep.people["token:read"], call).changed


def test_methods_without_a_row_have_no_effect(sweep: Sweep) -> None:
    found = sweep.unlisted("owner")
    assert not found.wrong, found.told()


@pytest.mark.parametrize("name", TRIES)
def test_what_is_foreign_is_like_what_never_was(sweep: Sweep, name: str, read: Reads) -> None:
    found = sweep.foreign([name], read)
    assert not found.wrong, found.told()


@pytest.mark.parametrize("route", ["api-firms", "api-segments", "api-touchpoints", "api-answers"])
def test_lists_are_swept(sweep: Sweep, inhabited: World, route: str) -> None:
    """The control: a list of one's own is taken, so that the foreign id in it is what is refused above."""
    home = inhabited.realms["granted"]
    places = addressed(route, sweep.routes[route].kwargs, home)
    for items in lists(route, "POST", home, inhabited.realms["never"]):
        call = Call("POST", sweep.routes[route].path(places), {}, items[:1], is_json=True)
        answer = sweep.ask(sweep.people["token:write"], call)
        assert (answer.status // 100, answer.changed) == (2, frozenset({inhabited.workspaces["our"]}))


def test_without_the_others_everything_looks_the_same(sweep: Sweep) -> None:
    found = sweep.alone(("owner", "granted", "token:write"))
    assert not found.wrong, found.told()


def test_nothing_was_kept(inhabited: World, django_db_blocker: pytest.FixtureRequest) -> None:
    """Last of this file: the sums by a login of its own are those of the world as it was made."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        assert database.checksums() == inhabited.sums
