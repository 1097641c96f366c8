"""A generation is sealed though the server looks into it: other connections, real commits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.db import connection, connections

from connected.tenancy import in_workspace
from matrix.models import Run
from matrix.services import runs, start_run
from tests import factories
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed
from tests.stack import wait_for


@pytest.fixture
def run(committed: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A large run that nobody has begun."""
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)
    owner = factories.workspace()
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        assessed(owner, [GUEST])
        return start_run(by=owner)


@contextmanager
def tidying(table: str) -> Iterator[Any]:
    """A transaction that has begun to look into a table as autovacuum does."""
    with closing(connections["owner"].copy()) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
            yield cursor
        other.commit()


def asked(statement: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def options(table: str) -> list[str] | None:
    found: list[str] | None = asked("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", table)
    return found


def test_autovacuum_stays_away_until_it_is_sealed(run: Run) -> None:
    table = f"matrix_placement_g{run.pk}"
    assert options(table) == ["autovacuum_enabled=false"]
    _worked_off(run)
    assert options(table) is None


def test_whoever_tidies_it_holds_its_sealing_up_and_does_not_end_it(run: Run) -> None:
    """Sealing that had changed the table before it held it waited for who waited for that change."""
    table = f"matrix_placement_g{run.pk}"
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    with ThreadPoolExecutor(1) as thread, tidying(table) as cursor:
        sealed = thread.submit(_worked_off, run)
        wait_for(lambda: asked(waits, table), 20, "the sealing")
        cursor.execute(f"ANALYZE {table}")
        cursor.connection.commit()
        assert sealed.result(30).state == "finished"


def _worked_off(run: Run) -> Run:
    try:
        with in_workspace(run.workspace_id):
            return work_off(run)
    finally:
        connections.close_all()
