"""A whole run in one process: sheets read, scored, placements written, pointer moved."""

from collections.abc import Iterator
from io import BytesIO

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
from matrix.services import claim_chunk, score_claimed, start_run

#: Segments the plain loop does; its time is scaled to all of them.
SUBSET = 500
_OUT = """
COPY (SELECT segment_id, workshop_id, participant_id, answers FROM assessments_sheet WHERE workspace_id = {0})
TO STDOUT (FORMAT binary)
"""


def figures(actor: Actor, segments: int) -> Iterator[Figure]:
    """Against COPY out and in of the same bytes, and against a plain loop of the ORM."""
    run, taken = _timed(actor)
    bare, loop = _bare_copy(actor, run), _plain_loop(actor) * segments / SUBSET
    name, unit = "batch re-score, one worker: read, score, write", "segments/s"
    yield Figure(
        name, segments / taken, unit, taken / bare, "bare COPY out and in of the same bytes", segments
    )
    against = f"a loop of the ORM, a segment at a time ({SUBSET} of them, scaled)"
    yield Figure(name, segments / taken, unit, taken / loop, against, segments)


def _timed(actor: Actor) -> tuple[Run, float]:
    """The newest run, and the middle time of three, chunk by chunk as a worker does them."""
    taken = seconds(lambda: _run(actor))
    with in_workspace(actor.workspace_id):
        run = Run.objects.order_by("-pk")[0]
        assert run.state == "finished", run.state
        return run, taken


def _run(actor: Actor) -> None:
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        chunks = list(start_run(by=actor).chunks.values_list("pk", flat=True))
    for chunk in chunks:
        claim = claim_chunk(workspace_id=actor.workspace_id, chunk_id=chunk)
        assert claim is not None
        score_claimed(claim=claim)


def _bare_copy(actor: Actor, run: Run) -> float:
    """Sheets out, and the placements that came of them into a table without keys, checks or walls."""
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(actor.workspace_id)])
        cursor.execute("CREATE TABLE bare (LIKE matrix_placement)")
        rows = BytesIO()
        cursor.copy_expert(
            f"COPY (SELECT * FROM matrix_placement WHERE workspace_id = {actor.workspace_id} "
            f"AND run_id = {run.pk}) TO STDOUT (FORMAT binary)",
            rows,
        )

        def both_ways() -> None:
            cursor.copy_expert(_OUT.format(actor.workspace_id), BytesIO())
            cursor.execute("TRUNCATE bare")
            rows.seek(0)
            cursor.copy_expert("COPY bare FROM STDIN (FORMAT binary)", rows)

        taken = seconds(both_ways)
        cursor.execute("DROP TABLE bare")
        return taken


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
