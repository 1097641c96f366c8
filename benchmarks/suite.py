"""The order of the benchmarks: services up, one portfolio for all, each group in turn.

A group that fails says so in a line of its own, and the others go on.
"""

import traceback
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from benchmarks import batch, calibration, growth, imports, live, pages, reading, scoring, workbook
from benchmarks.figures import Figure
from benchmarks.multiplied import multiply
from connected import embedded
from connected.models import User
from connected.permissions import Actor
from connected.services import actor_for, create_workspace

SLUG, SMALL, OWNER, RATERS = "bench", "bench-small", "owner@bench.test", 3
#: Seeded row by row; what is larger is copied from it in the database.
SEEDED = 50_000
NAMES = ("scoring", "calibration", "workbook", "batch", "reading", "pages", "growth", "imports", "live")
_ALONE = ("scoring", "calibration", "workbook", "live")


def measured(folder: Path, names: list[str], segments: int) -> Iterator[Figure]:
    """The figures of the groups named, or of all."""
    wanted = names or list(NAMES)
    alone: dict[str, Callable[[], Iterator[Figure]]] = {
        "scoring": lambda: scoring.figures(min(segments, 100_000), RATERS),
        "calibration": lambda: calibration.figures(min(segments, 30_000)),
        "workbook": lambda: workbook.figures(folder),
    }
    for name in wanted:
        if name in alone:
            yield from guarded(name, alone[name])
    if set(wanted) - set(_ALONE):
        yield from guarded("portfolio", lambda: _on_one_portfolio(folder, wanted, segments))
    if "live" in wanted:
        yield from guarded("live", lambda: live.figures(segments))


def guarded(name: str, group: Callable[[], Iterator[Figure]]) -> Iterator[Figure]:
    """The figures of a group; where it fails, those it had and a line that says why."""
    try:
        yield from group()
    except Exception as error:
        traceback.print_exc()
        yield Figure.failure(name, error)


def _on_one_portfolio(folder: Path, wanted: list[str], segments: int) -> Iterator[Figure]:
    with embedded.needed(folder):
        (folder / "static").mkdir()
        call_command("setup", no_static=True, verbosity=0)
        small = _seeded(SMALL, max(segments // 100, 1))
        actor = _seeded(SLUG, segments)
        groups: dict[str, Callable[[], Iterator[Figure]]] = {
            # Reading and pages need placements, so the batch goes first.
            "batch": lambda: batch.figures(actor, small, segments),
            "reading": lambda: reading.figures(actor, segments),
            "pages": lambda: pages.figures(actor, SLUG, OWNER),
            "growth": lambda: growth.figures(folder, actor),
            "imports": lambda: imports.figures(folder, actor, segments),
        }
        if "batch" not in wanted and {"reading", "pages"} & set(wanted):
            batch.worked(actor)
        for name, group in groups.items():
            if name in wanted:
                yield from guarded(name, group)
        for alias in connections:
            connections[alias].close()


def _seeded(slug: str, segments: int) -> Actor:
    actor, times = _owner(slug), max(1, round(segments / SEEDED))
    each = segments // times
    call_command("seed_portfolio", workspace=slug, segments=each, raters=RATERS, stdout=StringIO())
    if times > 1:
        multiply(actor, times)
    return actor


def _owner(slug: str) -> Actor:
    person = User.objects.filter(email=OWNER).first()
    person = person or User.objects.create_user(OWNER, "never used to sign in", name="Owner")
    create_workspace(slug=slug, name=slug.capitalize(), owner=person)
    return actor_for(email=OWNER, workspace=slug)
