"""Whether the tests of the scoring core notice wrong code: `make mutants`.

    python -m tests.mutants                  every mutant of matrix/scoring, from nothing
    python -m tests.mutants tally score      only these modules
    python -m tests.mutants --on             go on where an earlier run was stopped
    python -m tests.mutants --every 10       each tenth of every module: an estimate in a tenth of the time
    python -m tests.mutants --survivors      try again what survived, after better tests
    python -m tests.mutants --count          say again what was found

mutmut makes the mutants and judges them, one forked process each. The tests are collected once, before the
forks: a mutant then costs the few tests that reach it, not a start of pytest.
"""

import argparse
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import mutmut.__main__ as mutmut
import pytest
from _pytest.config import _prepareconfig
from mutmut.configuration import config as settings
from mutmut.runners.harness import PytestRunner
from mutmut.stats import status_by_exit_code

FOLDER = Path("mutants")
#: Noticed: a test failed, or the mutant never came to an end.
NOTICED = ("killed", "timeout")
UNTRIED = "not checked"
#: mutmut's mutants, each with the file it belongs to, its name and what became of it; and the files.
Made = tuple[list[tuple[Any, str, int | None]], dict[str, Any]]


class Collected:
    """Tests that were collected once and run any number of times."""

    def __init__(self) -> None:
        self.failed = False
        self.items: dict[str, pytest.Item] = {}
        self.nowhere = StringIO()

    def collect(self) -> None:
        """What `pytest` does before the first test; its own `main` would do it again for every mutant."""
        told = settings()
        words = ["--rootdir=.", "-s", *told.pytest_add_cli_args, *told.pytest_add_cli_args_test_selection]
        config = _prepareconfig(words, [self])
        # What pytest would say of each test is nobody's concern here.
        with redirect_stdout(self.nowhere):
            config._do_configure()
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        config.hook.pytest_collection(session=session)
        self.items = {item.nodeid: item for item in session.items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def run(self, tests: Iterable[str]) -> int:
        """Run until one fails. Returns 1 when one did, as pytest does."""
        if not self.items:
            self.collect()
        self.failed = False
        for item in [self.items[name] for name in tests] or list(self.items.values()):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                return 1
        return 0


COLLECTED = Collected()


def run_tests(_: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """In place of mutmut's own, which starts pytest anew."""
    here = Path.cwd()
    os.chdir(FOLDER)
    try:
        return COLLECTED.run(tests)
    finally:
        os.chdir(here)


def found() -> dict[str, str]:
    """What became of each mutant that was tried, by its name."""
    mutants, _ = mutmut.collect_source_file_mutation_data(mutant_names=())
    fates = {name: status_by_exit_code[code] for _, name, code in mutants}
    return {name: fate for name, fate in fates.items() if fate != UNTRIED}


def thinned(data: Made, every: int) -> Made:
    """Each so many-th mutant of every module."""
    mutants, files = data
    seen: Counter[str] = Counter()
    kept = []
    for each in mutants:
        module = each[1].split(".")[2]
        if seen[module] % every == 0:
            kept.append(each)
        seen[module] += 1
    return kept, files


def counted(fates: dict[str, str]) -> str:
    """A line a module and one for all; the part that was noticed is of all mutants, those untested too."""
    modules: dict[str, Counter[str]] = {}
    for name, fate in fates.items():
        modules.setdefault(name.split(".")[2], Counter())[fate] += 1
    every = sum(modules.values(), Counter())
    return "\n".join(said(name, each) for name, each in [*sorted(modules.items()), ("all", every)])


def said(name: str, fates: Counter[str]) -> str:
    whole, noticed = fates.total(), sum(fates[fate] for fate in NOTICED)
    parts = ", ".join(f"{number} {fate}" for fate, number in fates.most_common())
    return f"{name:<12} {whole:5} mutants: {parts}; {noticed / whole:.1%} noticed"


def chosen(told: argparse.Namespace) -> tuple[str, ...]:
    """Names, or patterns, of the mutants to try; none is all."""
    if told.survivors:
        return tuple(name for name, fate in found().items() if fate not in NOTICED)
    return tuple(f"matrix.scoring.{module}.*" for module in told.modules)


def try_out(names: tuple[str, ...], every: int, children: int) -> None:
    """Make mutants and judge them."""
    # From here on `tests` are those beside the mutants.
    sys.modules.pop("tests", None)
    PytestRunner.run_tests = run_tests
    every_one = mutmut.collect_source_file_mutation_data
    mutmut.collect_source_file_mutation_data = lambda mutant_names: thinned(
        every_one(mutant_names=mutant_names), every
    )
    mutmut._run(names, children)
    mutmut.collect_source_file_mutation_data = every_one


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    asked.add_argument("modules", nargs="*", help="modules of matrix/scoring; all when none is given")
    asked.add_argument("--every", type=int, default=1, help="only each so many-th mutant of a module")
    asked.add_argument("--on", action="store_true", help="keep what an earlier run found")
    asked.add_argument("--survivors", action="store_true", help="try again what survived")
    asked.add_argument("--count", action="store_true", help="only say what was found")
    asked.add_argument("--children", type=int, default=2, help="mutants tried at once")
    told = asked.parse_args()
    if not told.count:
        if not (told.on or told.survivors):
            shutil.rmtree(FOLDER, ignore_errors=True)
        try_out(chosen(told), told.every, told.children)
    print(counted(found()))


if __name__ == "__main__":
    main()
