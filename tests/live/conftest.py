"""Scripts' tokens, and figures that a test measured: printed with the summary of the suite."""

from collections.abc import Callable

import pytest

from tests.callers import Api
from tests.live.thousands import seed
from tests.stack import Stack


@pytest.fixture
def api(stack: Stack) -> Api:
    """The sample's owner, with a token that may write."""
    return stack.api()


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str, float, str], None]:
    """``measured(what, value, unit)``."""

    def note(what: str, value: float, unit: str) -> None:
        record_property("measured", f"{what}: {value:,.3g} {unit}")

    return note


@pytest.fixture(scope="package")
def thousands(stack: Stack) -> Api:
    """REST of a workspace whose runs have three chunks."""
    return seed(stack)
