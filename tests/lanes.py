"""Which tests share a process of the suite. Loaded with ``-p``.

One stack for browsers, one for programs, one world of the isolation tests and one rig are made for the whole
suite, each where its tests are; all other tests are handed out file by file, the longest lists first. By the
path alone: pytest-xdist's own groups are marks that pytest 9.2 no longer lets it write into the names of
tests, and then every process has a stack, a world and a rig of its own, and takes their tests in turns.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Paths that begin so, in the order in which they are handed out; the first that fits.
LANES: Final = {
    "tests/live/test_run_faults.py": "rig",
    "tests/browser/": "browser",
    "tests/live/": "stack",
    "tests/rest/": "stack",
    "tests/isolation/": "isolation",
}
#: What takes longest begins first.
FIRST: Final = ("isolation", "browser", "stack", "rig 0")
#: Lanes with a running stack of their own.
STACKS: Final = ("browser", "stack")


def lane(nodeid: str) -> str:
    """The name of what must stay together with a test; its file where nothing else must."""
    name = next(
        (name for begins, name in LANES.items() if nodeid.startswith(begins)), nodeid.partition("::")[0]
    )
    # `make faults` does everything several times: each round may have a rig of its own.
    return f"{name} {re.findall(r'[0-9]+', nodeid)[-1]}" if name == "rig" else name


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """A process takes a whole lane at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return lane(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        for name in reversed(FIRST):
            if name in self.workqueue:
                self.workqueue.move_to_end(name, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """What uses a stack is where a stack is."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()) and lane(item.nodeid) not in STACKS:
            raise pytest.UsageError(f"{item.nodeid} uses the stack: it belongs in a folder of tests/lanes.py")
