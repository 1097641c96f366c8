"""Fifty answers a second while runs go over a large workspace: how soon each is in a placement that stands.

A whole `manage.py up` of its own. Half of the answers are for the large workspace itself, half for a little
one beside it. The limit is what was promised: one second for 95 of 100.
"""

import sys
from collections.abc import Iterator
from itertools import chain

from benchmarks.figures import Figure
from tests.callers import Api
from tests.live.pace import Crowd, Paced, keep_pace, percentile, places, workspace_of
from tests.stack import Stack, running

A_SECOND, SECONDS, LIMIT = 50, 20, 1.0
LARGE, LITTLE = "large", "little"
#: Seeded row by row; what is larger is copied from it in the database.
SEEDED = 50_000
#: Segments answered for in each; the little workspace has no others.
ANSWERED = 500
#: As many as never wait for their count of calls.
TOKENS = 6
_COPIES = """
from benchmarks.multiplied import multiply
from connected.services import actor_for
multiply(actor_for(email="owner@{0}.test", workspace="{0}"), {1})
"""


def figures(segments: int) -> Iterator[Figure]:
    """Freshness beside a batch and without one, and the pace that was kept."""
    with running() as stack:
        _furnish(stack, segments)
        for batch in (True, False):
            yield from _of(stack, _paced(stack, batch), batch, segments)


def _furnish(stack: Stack, segments: int) -> None:
    times = max(1, round(segments / SEEDED))
    for slug, size, copies in ((LARGE, segments // times, times), (LITTLE, ANSWERED, 1)):
        stack.manage("seed_portfolio", "--workspace", slug, "--segments", str(size), "--raters", "3")
        if copies > 1:
            stack.manage("shell", "-c", _COPIES.format(slug, copies))
        stack.manage("rescore", "--workspace", slug, "--wait")


def _paced(stack: Stack, batch: bool) -> Paced:
    """At least one whole run with its end, however long it takes."""
    apis = {
        workspace_of(stack, slug): Crowd(
            [Api(stack.base, each) for each in stack.tokens(TOKENS, f"owner@{slug}.test", slug)]
        )
        for slug in (LARGE, LITTLE)
    }
    both = zip(places(stack, LARGE, ANSWERED), places(stack, LITTLE, ANSWERED), strict=True)
    return keep_pace(
        stack,
        apis,
        list(chain.from_iterable(both)),
        batch=apis[workspace_of(stack, LARGE)] if batch else None,
        a_second=A_SECOND,
        seconds=SECONDS,
        until=lambda runs: runs > 0 or not batch,
    )


def _of(stack: Stack, found: Paced, batch: bool, segments: int) -> Iterator[Figure]:
    beside = f"beside runs over {segments:,} segments" if batch else "with no run"
    print(
        f"live {beside}: {found.runs} runs ended, saving p95 {percentile(found.saving, 0.95):.3f} s",
        file=sys.stderr,
    )
    yield Figure(
        f"answers saved {beside}",
        found.pace,
        "answers/s",
        A_SECOND / found.pace,
        "the pace asked for",
        len(found.saving),
    )
    for slug in (LARGE, LITTLE):
        fresh = found.fresh[workspace_of(stack, slug)]
        for word, share in (("p50", 0.5), ("p95", 0.95), ("longest", 1.0)):
            taken = percentile(fresh, share)
            name = f"answer until its placement stands, {slug} workspace {beside}, {word}"
            yield Figure(name, taken, "s", taken / LIMIT, "the limit of 1 s", len(fresh))
