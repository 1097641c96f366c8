"""One world for the whole package, in a database of its own that other tests never see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from tests.conftest import database_of_its_own
from tests.isolation import database, world
from tests.isolation.calls import Caller, callers
from tests.isolation.routes import Route, routes
from tests.isolation.sweep import TOTAL, Reads, Sweep, names_read


@pytest.fixture(scope="package")
def inhabited(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[world.World]:
    """The world, committed. Its database goes when the package is done."""
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]
        override_settings(**_without_limits()),
        database_of_its_own("isolation"),
    ):
        database.prepare()
        made = world.build()
        made.sums = database.checksums()
        yield made


def _without_limits() -> dict[str, object]:
    """Thousands of calls a minute, and static files under their own names."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return {
        "REST_FRAMEWORK": {
            **settings.REST_FRAMEWORK,
            "DEFAULT_THROTTLE_RATES": dict.fromkeys(("token", "write"), "9999999/min"),
        },
        "STORAGES": {**settings.STORAGES, "staticfiles": plain},
    }


@pytest.fixture(scope="package")
def people(inhabited: world.World) -> dict[str, Caller]:
    """Everyone who may knock, signed in or with a token."""
    return callers(inhabited)


@pytest.fixture(scope="session")
def every_route() -> list[Route]:
    return routes()


@pytest.fixture(scope="package")
def read(
    inhabited: world.World,
    people: dict[str, Caller],
    every_route: list[Route],
    django_db_blocker: pytest.FixtureRequest,
) -> Reads:
    """What each view reads of a query or a form."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        found = names_read(inhabited, people, every_route)
        transaction.set_rollback(True)
    return found


@pytest.fixture
def sweep(
    inhabited: world.World,
    people: dict[str, Caller],
    every_route: list[Route],
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[Sweep]:
    """Calls in one transaction that is taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        sweeping = Sweep(inhabited, people, every_route)
        yield sweeping
        transaction.set_rollback(True)
    TOTAL.add(sweeping.found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was tried, below the results."""
    if TOTAL.calls:
        tried = (
            f"{len(TOTAL.combinations):,} combinations of route, method and person in {TOTAL.calls:,} calls"
        )
        terminalreporter.write_line(f"Isolation: {tried}.")
