"""``manage.py rescore``: the batch run of the page and of REST, from the command line."""

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import Http404

from connected.celery import publish
from connected.permissions import operator
from connected.states import WrongStep
from connected.tenancy import in_workspace
from matrix.findings.proposal import headline, lasted, paced, sentence
from matrix.models import ENDED, Run
from matrix.queries import runs
from matrix.services import approve_run, claim_chunk, discard_run, roll_back, start_run
from matrix.tasks import attempt, publish_run, rescore

POLL_SECONDS = 0.5
# With no worker taking chunks for this long, --wait scores them itself: the ledger allows both.
PATIENCE_SECONDS = 3.0
#: A database that is restarted is away for a few seconds.
AWAY_SECONDS = 60
AWAY: Final = (OperationalError, InterfaceError)
#: What a shell says of a command that Ctrl-C ended.
INTERRUPTED = 130
Answer = TypeVar("Answer")

DECIDE: Final[dict[str, tuple[Callable[..., Run], str]]] = {
    "approve": (approve_run, "put a candidate in force instead of starting a run"),
    "discard": (discard_run, "let a candidate go"),
    "rollback": (roll_back, "put an earlier run over everything in force again"),
}


class Command(BaseCommand):
    help = (
        "Re-score a workspace as a batch run. With --wait, show progress and exit 1 unless it finishes whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--model", help="scoring model: CODE for its newest version, or CODE.vN")
        parser.add_argument("--wait", action="store_true", help="wait for the end and show progress")
        decide = parser.add_mutually_exclusive_group()
        for word, (_, said) in DECIDE.items():
            decide.add_argument(f"--{word}", type=int, metavar="RUN", help=said)

    def handle(self, *args: Any, **options: Any) -> None:
        for word, (verb, _) in DECIDE.items():
            if options[word] is not None:
                return self._decide(options["workspace"], verb, options[word])
        return self._start(options)

    def _decide(self, workspace: str, verb: Callable[..., Run], run_id: int) -> None:
        try:
            actor = operator(workspace)
            with in_workspace(actor.workspace_id):
                run = verb(by=actor, run_id=run_id)
                transaction.on_commit(partial(publish, rescore, actor.workspace_id))
        except (LookupError, WrongStep, Http404) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run.pk}: {run.decision if verb is not roll_back else 'in force again'}")

    def _start(self, options: dict[str, Any]) -> None:
        try:
            actor = operator(options["workspace"])
            with in_workspace(actor.workspace_id):
                run = start_run(by=actor, model_code=options["model"])
                publish_run(run)
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run.pk}: {run.total:,} segments under {run.model}")
        if options["wait"]:
            if (state := self._end_of(run)) != "finished":
                sys.exit(f"Run {run.pk} ended {state}.")
            self._sum_up(run)
        if run.decision == "candidate" and run.changes is not None:
            self.stdout.write(f"{headline(run.changes, run.decision)}. {sentence(run.changes)}")
            self.stdout.write(f"Not in force yet: rescore --approve {run.pk}, or --discard {run.pk}.")

    def _sum_up(self, run: Run) -> None:
        """What the page of a run that is over says: how long it took, and how quick that was."""
        assert run.finished_at is not None
        length = run.finished_at - run.created_at
        with in_workspace(run.workspace_id):
            pace = paced(runs.progress(run).done, length)
        self.stdout.write(", ".join(filter(None, [f"Run {run.pk}: finished after {lasted(length)}", pace])))

    def _end_of(self, run: Run) -> str:
        """How it ended. Whatever ends the waiting does not end the run."""
        goes_on = f"Run {run.pk} is not stopped: workers go on with it."
        try:
            return self._wait(run)
        except KeyboardInterrupt:
            self.stderr.write(goes_on)
            sys.exit(INTERRUPTED)
        except AWAY as error:
            raise CommandError(
                f"The database has not answered for {AWAY_SECONDS} s. {goes_on}\n{str(error).strip()}"
            ) from error

    def _wait(self, run: Run) -> str:
        moved, last, alone = time.monotonic(), -1, False
        while True:
            progress, waiting = self._patiently(partial(self._progress, run))
            if progress.done + progress.failed != last:
                moved, last = time.monotonic(), progress.done + progress.failed
                self._show(progress)
            if run.state in ENDED:
                return str(run.state)
            alone = alone or time.monotonic() - moved > PATIENCE_SECONDS
            if alone and waiting and self._patiently(partial(self._score, run.workspace_id, waiting[0])):
                continue
            time.sleep(POLL_SECONDS)

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask the database, for a while again where it is away."""
        since, said = time.monotonic(), False
        while True:
            try:
                return ask()
            except AWAY:
                connection.close()
                if time.monotonic() - since > AWAY_SECONDS:
                    raise
                if not said:
                    self.stderr.write("The database does not answer. Trying again.")
                said = True
                time.sleep(POLL_SECONDS)

    def _progress(self, run: Run) -> tuple[runs.Progress, list[int]]:
        """How far it is, and the chunks nobody holds."""
        with in_workspace(run.workspace_id):
            run.refresh_from_db()
            waiting = run.chunks.filter(state="waiting", lease_until=None).values_list("pk", flat=True)
            return runs.progress(run), list(waiting)

    def _score(self, workspace_id: int, chunk_id: int) -> bool:
        """Score a chunk here; False when a worker was quicker."""
        claim = claim_chunk(workspace_id=workspace_id, chunk_id=chunk_id)
        if claim is None:
            return False
        attempt(claim)
        return True

    def _show(self, progress: runs.Progress) -> None:
        words = [f"{progress.percent:3d} %  {progress.done:,} of {progress.total:,} done"]
        words += [f"{progress.failed:,} failed"] if progress.failed else []
        if progress.rate and progress.remaining:
            words += [f"{progress.rate:,.0f} a second over the last minute of scoring"]
        words += [f"about {lasted(progress.left)} to go"] if progress.left else []
        self.stdout.write(", ".join(words))
