"""A workspace for whoever follows the guides: of the size of a first try, and nobody else's."""

import pytest

from tests.stack import Stack

WORKSPACE = "guided"


@pytest.fixture(scope="session")
def guided(stack: Stack) -> tuple[str, str]:
    """E-mail of the owner and name of a workspace of thirty segments with placements in force."""
    stack.manage("seed_portfolio", "--workspace", WORKSPACE, "--segments", "30", "--raters", "3")
    stack.manage("rescore", "--workspace", WORKSPACE, "--wait")
    return f"owner@{WORKSPACE}.test", WORKSPACE
