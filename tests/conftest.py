"""Real services for the whole suite: started once, one database copied from a template per process."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from hypothesis import settings as properties
from psycopg2 import sql

from connected import embedded
from connected.permissions import Actor
from connected.tenancy import in_workspace
from tests import factories

# Argon2 is slow on purpose; the suite signs in hundreds of times.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Names with hashes need `collectstatic`; tests of the running stack have it, the others need no files.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# The processes of the suite share one Valkey, and ids of their databases are alike: counters are not.
settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

# How long an example takes says how busy the machine is.
properties.register_profile("suite", deadline=None)
properties.load_profile("suite")

GRANTS = Path(embedded.__file__).with_name("grants.sql")
TEMPLATE = "connected_template"


@pytest.fixture(scope="session")
def services() -> Iterator[embedded.Services]:
    """PostgreSQL and Valkey of the suite; every process of the suite holds them."""
    handle = embedded.start(Path(os.environ["DATA_DIR"]))
    yield handle.services
    for alias in connections:
        connections[alias].close()
    handle.stop()


def _executes(statement: sql.Composable | str, login: str = "connected_owner") -> None:
    """One statement outside any transaction, by this login, in the maintenance database."""
    owner = connections["owner"]
    wrapper = owner.copy()
    wrapper.settings_dict = {**owner.settings_dict, "NAME": "connected", "USER": login}
    try:
        with wrapper.cursor() as cursor:
            cursor.execute(statement)
    finally:
        wrapper.close()


def _exists(name: str) -> bool:
    owner = connections["owner"].copy()
    owner.settings_dict = {**owner.settings_dict, "NAME": "connected"}
    try:
        with owner.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None
    finally:
        owner.close()


def _use(name: str) -> None:
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _build_template() -> None:
    """The migrated database every test database is a copy of, built by whichever process is first."""
    owner = connections["owner"].copy()
    owner.settings_dict = {**owner.settings_dict, "NAME": "connected"}
    with owner.cursor() as cursor:
        # Another process of the suite builds it, which takes longer than a page may wait.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(20260101)")
        try:
            if not _exists(TEMPLATE):
                _executes(f"CREATE DATABASE {TEMPLATE}_making")
                _use(f"{TEMPLATE}_making")
                with connections["owner"].cursor() as making:
                    making.execute(GRANTS.read_text())
                call_command("migrate", database="owner", verbosity=0)
                call_command("load_versions", verbosity=0)
                _use("connected")
                _executes(f"ALTER DATABASE {TEMPLATE}_making RENAME TO {TEMPLATE}")
        finally:
            cursor.execute("SELECT pg_advisory_unlock(20260101)")
    owner.close()


@contextmanager
def database_of_its_own(kind: str) -> Iterator[None]:
    """Inside, this process uses a fresh copy of the template, as the app role; it goes with its content."""
    before = connections["default"].settings_dict["NAME"]
    name = f"{kind}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    _executes(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    _use(name)
    yield
    _use(before)
    # Autovacuum may be at work in it, which only a superuser may end.
    _executes(f"DROP DATABASE {name} WITH (FORCE)", "postgres")


@pytest.fixture(scope="session")
def django_db_setup(services: embedded.Services, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """pytest-django's hook: the database of all tests that take back what they wrote."""
    with ExitStack() as own:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            _build_template()
            own.enter_context(database_of_its_own("test"))
        yield
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            own.close()


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """For a module whose tests commit: a database that other modules never see."""
    with ExitStack() as own:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            own.enter_context(database_of_its_own("module"))
        yield
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            own.close()


@pytest.fixture
def committed(module_database: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """What the test writes is committed: other connections and threads see it."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        connections.close_all()


@pytest.fixture
def owner(db: None) -> Iterator[Actor]:
    """The owner of a fresh workspace, with the test inside its walls."""
    actor = factories.workspace()
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        yield actor
