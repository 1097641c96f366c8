"""Taking up a run again that ended without having scored everything."""

from django.db import connection, transaction
from django.db.models import Q

from connected.permissions import Actor
from connected.states import WrongStep
from matrix.models import RUN_STATES, Run
from matrix.permissions import edit_run
from matrix.queries.runs import came_in_force, overtaken
from matrix.services.generations import of_generation
from matrix.services.runs import GENERATION_FROM, cut

_AFRESH = "UPDATE matrix_run SET created_at = clock_timestamp() WHERE id = %s RETURNING created_at"
_THERE = "SELECT to_regclass(%s) IS NOT NULL"


@transaction.atomic
def resume_run(*, by: Actor, run_id: int) -> Run:
    """Score what a partial, failed or cancelled run has left; what it has done stays done.

    Raises WrongStep when it goes on, has everything, or another run came in force since it began. Publish
    its chunks on commit with :func:`matrix.tasks.publish_run`.
    """
    edit_run(by, run_id)
    run = Run.objects.select_for_update(of=("self",), no_key=True).select_related("model").get(pk=run_id)
    run.state = RUN_STATES.check(run.state, "queued")
    if run.decision in ("candidate", "discarded"):
        raise WrongStep("This run is a proposal: approve it first, or start a new one.")
    if not run.chunks.filter(state="done").exists():
        _begin_anew(run)
    if overtaken(run):
        raise WrongStep("Another run came in force since this one began; start a new one.")
    run.reason, run.finished_at = "", None
    run.save()
    run.chunks.filter(Q(state="failed") | Q(state="waiting")).update(
        state="waiting", attempts=0, lease_until=None, published_at=None
    )
    if run.generation and not came_in_force(run):
        _open_when_missing(run)
    return run


def _begin_anew(run: Run) -> None:
    """Nothing is done: the run sees segments and answers from now on, and may need a table again."""
    cut(run)
    if run.firm_id is None and run.total >= GENERATION_FROM:
        run.generation = run.pk
    with connection.cursor() as cursor:
        cursor.execute(_AFRESH, [run.pk])
        run.created_at = cursor.fetchone()[0]


def _open_when_missing(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [f"matrix_placement_g{run.generation}"])
        there = cursor.fetchone()[0]
    if not there:
        of_generation("open", run)
