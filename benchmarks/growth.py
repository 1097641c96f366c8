"""What a segment costs in a workspace of ten thousand, and in one of a million; workers beside each other."""

import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connections

from benchmarks.batch import Worked, worked
from benchmarks.figures import Figure
from benchmarks.multiplied import count, multiply
from benchmarks.working import Memory, worked_off, workers
from connected.permissions import Actor
from matrix.models import Run

#: Bytes that a worker's process may come to hold.
MOST_MEMORY = 300_000_000
TIMES = 10


def cost(actor: Actor, base: float | None) -> tuple[float, Worked, Figure]:
    """Seconds a segment of a whole run in this process, chunks and end."""
    n, done = count(actor), worked(actor)
    taken = (done.chunks + done.end) / n
    against = "the same with the smallest" if base else "itself"
    figure = Figure("cost of a segment in a run", taken * 1e6, "us", taken / (base or taken), against, n)
    return taken, done, figure


def figures(folder: Path, actor: Actor, base: float) -> Iterator[Figure]:
    """The workspace made ten times as large; one worker and two; the memory of one."""
    started = time.perf_counter()
    multiply(actor, TIMES)
    n, taken = count(actor), time.perf_counter() - started
    yield Figure("segments copied for the benchmark", n / taken, "segments/s", taken / 600, "ten minutes", n)
    _, done, figure = cost(actor, base)
    yield figure
    yield Figure("end of a run in one process", done.end, "s", done.end / done.chunks, "its chunks", n)
    yield from _kept(done.run, n)
    with workers(folder, "batch", 1) as one, Memory(one) as memory:
        alone = worked_off(actor)
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
    yield Figure("end of a run", both.whole - both.chunks, "s", both.whole / both.chunks, "its chunks", n)


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
