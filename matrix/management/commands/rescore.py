"""``manage.py rescore``: the batch run of the page and of REST, from the command line."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connected.permissions import operator
from connected.tenancy import in_workspace
from matrix.models import ENDED, Run
from matrix.queries import runs
from matrix.services import claim_chunk, start_run
from matrix.tasks import attempt, publish_run

POLL_SECONDS = 0.5
# With no worker taking chunks for this long, --wait scores them itself: the ledger allows both.
PATIENCE_SECONDS = 3.0


class Command(BaseCommand):
    help = (
        "Re-score a workspace as a batch run. With --wait, show progress and exit 1 unless it finishes whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--model", help="scoring model: CODE for its newest version, or CODE.vN")
        parser.add_argument("--wait", action="store_true", help="wait for the end and show progress")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = operator(options["workspace"])
            with in_workspace(actor.workspace_id):
                run = start_run(by=actor, model_code=options["model"])
                publish_run(run)
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run.pk}: {run.total} segments under {run.model}")
        if options["wait"] and (state := self._wait(run)) != "finished":
            sys.exit(f"Run {run.pk} ended {state}.")

    def _wait(self, run: Run) -> str:
        moved, last, alone = time.monotonic(), -1, False
        while True:
            with in_workspace(run.workspace_id):
                run.refresh_from_db()
                progress = runs.progress(run)
                waiting = list(
                    run.chunks.filter(state="waiting", lease_until=None).values_list("pk", flat=True)
                )
            if progress.done + progress.failed != last:
                moved, last = time.monotonic(), progress.done + progress.failed
                self._show(progress)
            if run.state in ENDED:
                return str(run.state)
            alone = alone or time.monotonic() - moved > PATIENCE_SECONDS
            if not (alone and waiting and self._score(run.workspace_id, waiting[0])):
                time.sleep(POLL_SECONDS)

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
        words += [f"{progress.rate:,.0f} a second"] if progress.rate else []
        words += [f"about {progress.left.total_seconds():,.0f} s to go"] if progress.left else []
        self.stdout.write(", ".join(words))
