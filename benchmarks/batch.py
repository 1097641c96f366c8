"""A whole run in one process: sheets read, scored, placements written, pointer moved."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from django.db import connection, connections, transaction

from assessments.models import Sheet
from benchmarks.figures import Figure, seconds
from connected.models import Segment
from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix import frames
from matrix.models import Placement, Run
from matrix.queries import models
from matrix.scoring import Answers, Model
from matrix.services import claim_chunk, roll_back, score_claimed, start_run

#: Segments the plain loop does; its time is scaled to all of them.
SUBSET = 500
_OUT = """
COPY (SELECT segment_id, workshop_id, participant_id, digits FROM assessments_sheet WHERE workspace_id = {0})
TO STDOUT (FORMAT binary)
"""
_MEANS = """
CREATE TEMPORARY TABLE means ON COMMIT DROP AS
SELECT given.segment_id, loads.dimension, sum(abs(loads.weight) * CASE WHEN loads.weight > 0 THEN given.mean
    ELSE 4 - given.mean END) / sum(abs(loads.weight)) AS mean
FROM (
    SELECT s.segment_id, a.item, avg(a.value)::double precision AS mean
    FROM assessments_sheet s CROSS JOIN LATERAL unnest(s.answers) WITH ORDINALITY AS a(value, item)
    WHERE s.workspace_id = %s GROUP BY s.segment_id, a.item
) given
JOIN unnest(%s::int[], %s::bigint[], %s::float8[]) AS loads(dimension, item, weight) USING (item)
WHERE given.mean IS NOT NULL GROUP BY given.segment_id, loads.dimension
"""


@dataclass(frozen=True)
class Worked:
    """A run done in this process: seconds of its chunks, and of its end (keys, pointer, sums)."""

    run: Run
    chunks: float
    end: float

    @property
    def whole(self) -> float:
        return self.chunks + self.end


def figures(actor: Actor, small: Actor, segments: int) -> Iterator[Figure]:
    """Against COPY out and in of the same bytes, one statement of means, and a plain loop of the ORM.

    And a segment's cost in a workspace of a hundredth of the size.
    """
    worked(small)
    tenth = sorted((worked(small) for _ in range(5)), key=lambda each: each.whole)[2]
    worked(actor)
    # The quickest, of both: what else the machine does meanwhile only ever adds.
    found = min((worked(actor) for _ in range(2)), key=lambda each: each.whole)
    bare = _bare_copy(actor, found.run)
    copied = "bare COPY out and in of the same bytes"
    yield Figure(
        "chunks of a run, one worker: read, score, write", segments / found.chunks, "segments/s",
        found.chunks / bare, copied, segments,
    )  # fmt: skip
    name, unit = "batch re-score, one worker: chunks and end", "segments/s"
    yield Figure(name, segments / found.whole, unit, found.whole / bare, copied, segments)
    yield Figure(
        "end of a run in one process", found.end, "s", found.end / found.chunks, "its chunks", segments
    )
    yield from _decided(actor, found.run, segments)
    few, many = tenth.whole / tenth.run.total, found.whole / segments
    cost = "cost of a segment in a run"
    yield Figure(cost, few * 1e6, "us", 1.0, "itself", tenth.run.total)
    yield Figure(cost, many * 1e6, "us", many / few, "the same with the smallest", segments)
    loop = _plain_loop(actor) * segments / SUBSET
    against = f"a loop of the ORM, a segment at a time ({SUBSET} of them, scaled)"
    yield Figure(name, segments / found.whole, unit, found.whole / loop, against, segments)
    against = "one SQL statement of the weighted means of relationships and capabilities, nothing else"
    yield Figure(name, segments / found.whole, unit, found.whole / _means(actor), against, segments)


def _decided(actor: Actor, run: Run, segments: int) -> Iterator[Figure]:
    """How long an earlier run takes to come in force again, as it does within a request."""
    with in_workspace(actor.workspace_id):
        earlier = Run.objects.filter(state="finished").exclude(pk=run.pk).latest("pk").pk
        newest = Run.objects.filter(state="finished").latest("pk").pk

    def moved(pk: int) -> None:
        with in_workspace(actor.workspace_id, user_id=actor.user_id):
            roll_back(by=actor, run_id=pk)

    if earlier == newest:
        moved(run.pk)
    taken = seconds(lambda: moved(earlier), times=1)
    against = "one second, live writers held off"
    yield Figure("an earlier run put in force again", taken, "s", taken, against, segments)
    moved(run.pk)


def worked(actor: Actor) -> Worked:
    """Chunk by chunk as a worker does them; the last one ends the run."""
    started = time.perf_counter()
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        run = start_run(by=actor)
        chunks = list(run.chunks.values_list("pk", flat=True))
    for chunk in chunks:
        claim = claim_chunk(workspace_id=actor.workspace_id, chunk_id=chunk)
        assert claim is not None
        score_claimed(claim=claim)
    over = time.perf_counter()
    with in_workspace(actor.workspace_id), connection.cursor() as cursor:
        run.refresh_from_db()
        assert run.state == "finished", run.state
        # A chunk's lease ends when it is done, by the database's clock; what came after is the run's end.
        cursor.execute(
            "SELECT clock_timestamp() - max(lease_until) FROM matrix_chunk WHERE run_id = %s", [run.pk]
        )
        ended = cursor.fetchone()[0].total_seconds() - (time.perf_counter() - over)
    return Worked(run, over - started - ended, ended)


def _bare_copy(actor: Actor, run: Run) -> float:
    """Sheets out, and the placements that came of them into a table without keys, checks or walls."""
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(actor.workspace_id)])
        cursor.execute("SELECT set_config('statement_timeout', '0', true)")
        cursor.execute("CREATE TABLE bare (LIKE matrix_placement)")
        rows = BytesIO()
        cursor.copy_expert(
            f"COPY (SELECT * FROM matrix_placement WHERE generation = {run.generation} "
            f"AND workspace_id = {actor.workspace_id} AND run_id = {run.pk}) TO STDOUT (FORMAT binary)",
            rows,
        )

        def both_ways() -> None:
            cursor.copy_expert(_OUT.format(actor.workspace_id), BytesIO())
            cursor.execute("TRUNCATE bare")
            rows.seek(0)
            cursor.copy_expert("COPY bare FROM STDIN (FORMAT binary)", rows)

        taken = min(seconds(both_ways, times=1) for _ in range(3))
        cursor.execute("DROP TABLE bare")
        return taken


def _means(actor: Actor) -> float:
    """What a database does by itself: means of items, weighted into eight figures a segment."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        core = models.parsed(models.in_force())
    loads = [
        (at, load.position + 1, float(load.whole))
        for at, dimension in enumerate((*core.relationships, *core.capabilities))
        for load in dimension.loads
    ]
    values: list[Any] = [actor.workspace_id, *(list(column) for column in zip(*loads, strict=True))]

    def state() -> None:
        with in_workspace(actor.workspace_id, user_id=actor.user_id), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
            cursor.execute(_MEANS, values)

    return seconds(state, times=1)


def _plain_loop(actor: Actor) -> float:
    """What one writes first: for each segment, fetch its sheets, score it, save it. The same core."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        model = models.in_force()
        core = models.parsed(model)
        ids = list(Segment.objects.order_by("pk").values_list("pk", flat=True)[:SUBSET])

        def loop() -> None:
            for pk in ids:
                _one(pk, actor, model.pk, core)

        taken = seconds(loop, times=1)
        Placement.objects.filter(run=None, segment__in=ids).delete()
        return taken


def _one(pk: int, actor: Actor, model_id: int, core: Model) -> None:
    sheets = list(Sheet.objects.filter(segment_id=pk))
    rows = [[-1 if value is None else value for value in sheet.answers] for sheet in sheets]
    values = np.array(rows, dtype=np.int16)
    answers = Answers(values, np.full(len(rows), pk, dtype=np.int64))
    scored = frames.reckon(answers, np.zeros(len(rows), dtype=bool), core, [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    frames.write_placements(scored, frames.Generation(actor.workspace_id, model_id, None, 0, now))
