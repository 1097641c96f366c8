"""Each inner wall holds without the other; with both down the tests above do find what leaks."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.isolation.mutations import code_off, row_security_off
from tests.isolation.sweep import Reads, Sweep
from tests.isolation.world import World

# Who sees most in a workspace: what they cannot reach of another nobody can.
SEEING = ("owner", "token:write")
#: Calls that show what is another's, where nothing holds.
MANY = 41
# Thousands of calls a test: on a busy machine more than the suite waits.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def walls(inhabited: World, django_db_blocker: pytest.FixtureRequest) -> Iterator[ExitStack]:
    """What is entered here is left when the test is over; requested before ``sweep``, so left after it."""
    with django_db_blocker.unblock(), ExitStack() as stack:  # type: ignore[attr-defined]
        yield stack


@pytest.fixture
def without_code(walls: ExitStack) -> None:
    walls.enter_context(code_off())


@pytest.fixture
def without_row_security(walls: ExitStack) -> None:
    walls.enter_context(row_security_off())


def test_the_database_holds_alone(without_code: None, sweep: Sweep, read: Reads) -> None:
    found = sweep.foreign(SEEING, read, ["theirs"])
    assert not found.wrong, found.told()


def test_the_database_holds_alone_in_lists(without_code: None, sweep: Sweep) -> None:
    found = sweep.alone(SEEING, lists_only=True)
    assert not found.wrong, found.told()


def test_the_code_holds_alone(without_row_security: None, sweep: Sweep, read: Reads) -> None:
    found = sweep.foreign(SEEING, read, ["theirs"])
    assert not found.wrong, found.told()


def test_the_code_holds_alone_in_lists(without_row_security: None, sweep: Sweep) -> None:
    found = sweep.alone(SEEING, lists_only=True)
    assert not found.wrong, found.told()


def test_with_both_walls_down_it_leaks(
    without_code: None, without_row_security: None, sweep: Sweep, read: Reads
) -> None:
    """The negative control: without it the tests above would prove nothing."""
    found = sweep.foreign(["owner"], read, ["theirs"], enough=MANY)
    assert len(found.calls_wrong) >= MANY, found.told()


def test_with_both_walls_down_lists_show_it(
    without_code: None, without_row_security: None, sweep: Sweep
) -> None:
    found = sweep.alone(["owner"], lists_only=True)
    assert len(found.wrong) > 10, found.told()
