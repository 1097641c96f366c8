"""Nothing serves with a login that row-level security does not bind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from connected.databases import must_be_bound
from connected.embedded import Services
from tests.isolation.world import World

ROOT = Path(__file__).parents[2]
WHAT_TO_DO = "serve with connected_app, and give the privileged login as DATABASE_OWNER_URL"


@pytest.fixture(params=["postgres", "connected_backup"], ids=["superuser", "bypassrls"])
def unbound(
    request: pytest.FixtureRequest, inhabited: World, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """The app's own connection, made with a login above the walls."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connection.close()
        connection.settings_dict["USER"] = request.param
        yield request.param
        connection.close()
        connection.settings_dict["USER"] = "connected_app"


def test_the_start_refuses_it(unbound: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=WHAT_TO_DO):
        must_be_bound()


def test_every_connection_refuses_it(unbound: str) -> None:
    for _ in range(2):  # The refused connection must not stay open for the next query.
        with pytest.raises(ImproperlyConfigured, match=WHAT_TO_DO):
            connection.cursor()


def test_the_app_role_may_start(inhabited: World, django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        must_be_bound()


@pytest.mark.parametrize(
    "command",
    [
        ["gunicorn", "--bind=127.0.0.1:0", "--workers=1", "connected.wsgi:application"],
        ["celery", "-A", "connected", "worker", "-c", "1", "--without-gossip", "--without-mingle"],
    ],
    ids=["web", "worker"],
)
def test_processes_end_and_say_what_to_do(command: list[str], services: Services) -> None:
    urls = {
        "DATABASE_URL": services.owner_url.replace("connected_owner@", "postgres@"),
        "DATABASE_OWNER_URL": services.owner_url,
    }
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, **urls},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert WHAT_TO_DO in ended.stderr
