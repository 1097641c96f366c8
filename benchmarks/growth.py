"""Workers beside each other, what memory one needs, and what a workspace keeps on disk."""

from collections.abc import Iterator
from pathlib import Path

import psutil
from django.db import connections

from benchmarks.batch import worked
from benchmarks.figures import Figure
from benchmarks.multiplied import count
from benchmarks.working import Memory, worked_off, workers
from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix.models import Run

#: Bytes that a worker's process may come to hold.
MOST_MEMORY = 300_000_000


def figures(folder: Path, actor: Actor) -> Iterator[Figure]:
    """One worker and two, of a million segments; the memory of one; bytes kept."""
    n = count(actor)
    with in_workspace(actor.workspace_id):
        newest = Run.objects.filter(generation__gt=0, state="finished").order_by("-pk").first()
    yield from _kept(newest or worked(actor).run, n)
    with workers(folder, "batch", 1) as one, Memory(one) as memory:
        before = _busy()
        alone = worked_off(actor)
        busy = (_busy() - before) / alone.whole
    cores = psutil.cpu_count() or 1
    name, against = "cores that one worker and its database keep busy", f"the {cores} cores there are"
    yield Figure(name, busy, "cores", busy / cores, against, n)
    yield Figure(
        "largest memory of a worker's process",
        memory.most / 1e6,
        "MB",
        memory.most / MOST_MEMORY,
        "300 MB",
        n,
    )
    with workers(folder, "batch", 2):
        both = worked_off(actor)
    yield Figure(
        "two worker processes, chunks", n / both.chunks, "segments/s", both.chunks / alone.chunks, "one", n
    )
    end = both.whole - both.chunks
    yield Figure("end of a run", end, "s", end / both.chunks, "its chunks", n)


def _busy() -> float:
    """Seconds of processor time that this machine has spent since it started, waiting left out."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def _kept(run: Run, n: int) -> Iterator[Figure]:
    """Bytes on disk, keys and all, against the table alone."""
    tables = {
        "placement": (f"matrix_placement_g{run.pk}", n),
        "sheet": ("assessments_sheet", None),
        "segment": ("connected_segment", None),
    }
    with connections["owner"].cursor() as cursor:
        for what, (table, rows) in tables.items():
            cursor.execute(
                "SELECT pg_total_relation_size(%s), pg_relation_size(%s), reltuples FROM pg_class "
                "WHERE oid = %s::regclass",
                [table, table, table],
            )
            whole, alone, known = cursor.fetchone()
            many = rows or int(known)
            yield Figure(
                f"kept of one {what}", whole / many, "bytes", whole / alone, "its table without keys", many
            )
