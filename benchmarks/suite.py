"""The order of the benchmarks: services up, one portfolio for all, each group in turn."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from benchmarks import batch, calibration, growth, imports, live, pages, reading, scoring, workbook
from benchmarks.figures import Figure
from connected import embedded
from connected.models import User
from connected.permissions import Actor
from connected.services import actor_for, create_workspace

SLUG, SMALL, OWNER, RATERS = "bench", "bench-small", "owner@bench.test", 3


def measured(folder: Path, names: list[str], segments: int) -> Iterator[Figure]:
    """The figures of the groups named, or of all."""
    wanted = names or ["scoring", "calibration", "workbook", "batch", "imports", "reading", "growth", "live"]
    if "scoring" in wanted:
        yield from scoring.figures(segments, RATERS)
    if "calibration" in wanted:
        yield from calibration.figures(min(segments, 30_000))
    if "workbook" in wanted:
        yield from workbook.figures(folder)
    if set(wanted) - {"scoring", "calibration", "workbook", "live"}:
        yield from _on_one_portfolio(folder, wanted, segments)
    if "live" in wanted:
        # Twice the portfolio: its runs last long enough to be met in the middle.
        yield from live.figures(2 * segments)


def _on_one_portfolio(folder: Path, wanted: list[str], segments: int) -> Iterator[Figure]:
    with embedded.needed(folder):
        (folder / "static").mkdir()
        call_command("setup", no_static=True, verbosity=0)
        actor = _owner(SLUG)
        call_command("seed_portfolio", workspace=SLUG, segments=segments, raters=RATERS, stdout=StringIO())
        # Reading needs placements, so the batch goes first.
        if set(wanted) & {"batch", "reading"}:
            yield from batch.figures(actor, segments)
        if "reading" in wanted:
            yield from reading.figures(actor, segments)
        if "imports" in wanted:
            yield from imports.figures(actor)
        if "growth" in wanted:
            yield from _grown(folder, actor, segments)
        for alias in connections:
            connections[alias].close()


def _grown(folder: Path, actor: Actor, segments: int) -> Iterator[Figure]:
    """A tenth, the portfolio, and ten times the portfolio; the pages of the largest."""
    small = _owner(SMALL)
    call_command(
        "seed_portfolio", workspace=SMALL, segments=max(segments // 10, 1), raters=RATERS, stdout=StringIO()
    )
    base, _, figure = growth.cost(small, None)
    yield figure
    yield growth.cost(actor, base)[2]
    yield from growth.figures(folder, actor, base)
    yield from pages.figures(actor, SLUG, OWNER)


def _owner(slug: str) -> Actor:
    person = User.objects.filter(email=OWNER).first()
    person = person or User.objects.create_user(OWNER, "never used to sign in", name="Owner")
    create_workspace(slug=slug, name=slug.capitalize(), owner=person)
    return actor_for(email=OWNER, workspace=slug)
