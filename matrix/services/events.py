"""What the matrix tells webhooks: segments placed anew, runs that have ended."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings

from connected.queries import wanted
from connected.services import announce
from matrix.models import Run, StandingPlacement
from matrix.queries.runs import progress

# Segments listed in one event; ``count`` says how many there are, ``changes`` where all of them are.
LISTED: Final = 100

Standing = Mapping[int, StandingPlacement]


def standing_before(segment_ids: Sequence[int]) -> Standing | None:
    """Where the segments an event would list stand now; None when nobody is told. Needs the workspace."""
    return _standing(segment_ids) if wanted("placement.changed") else None


def tell_of_placements(
    *, workspace_id: int, segment_ids: Sequence[int], before: Standing | None, since: datetime
) -> None:
    """``placement.changed``: one event for all that was scored together. In its transaction."""
    if before is None:
        return
    after = _standing(segment_ids)
    segments = [
        {
            "segment": segment_id,
            "firm": (after.get(segment_id) or before[segment_id]).segment.firm_id,
            "placement": after[segment_id].pk if segment_id in after else None,
            "before": _where(before.get(segment_id)),
            "after": _where(after.get(segment_id)),
        }
        for segment_id in sorted(segment_ids)[:LISTED]
        if segment_id in after or segment_id in before
    ]
    payload = {"count": len(segment_ids), "segments": segments, "changes": _changes(since)}
    announce(workspace_id=workspace_id, kind="placement.changed", payload=payload)


def tell_of_run(run: Run) -> None:
    """``run.finished``: how it ended, with counts. In the transaction that ends it."""
    if not wanted("run.finished"):
        return
    done = progress(run)
    payload = {
        "run": run.pk,
        "state": run.state,
        "decision": run.decision,
        "model": f"{run.model.code}.v{run.model.version}",
        "firm": run.firm_id,
        "total": done.total,
        "done": done.done,
        "failed": done.failed,
        "placed": done.placed,
        "created_at": _moment(run.created_at),
        "finished_at": _moment(run.finished_at) if run.finished_at else None,
        "changes": _changes(run.created_at),
    }
    announce(workspace_id=run.workspace_id, kind="run.finished", payload=payload)


def _standing(segment_ids: Sequence[int]) -> Standing:
    rows = StandingPlacement.objects.filter(segment_id__in=sorted(segment_ids)[:LISTED])
    return {row.segment_id: row for row in rows.select_related("segment").defer("tally")}


def _where(placement: StandingPlacement | None) -> dict[str, Any] | None:
    """Primary cell, such as ``CO-MM``, and quadrant; null where there is none or it is not known."""
    if placement is None:
        return None
    both = placement.primary_relationship, placement.primary_architecture
    return {
        "cell": "-".join(map(str, both)) if all(both) else None,
        "quadrant": f"Q{placement.quadrant}" if placement.quadrant else None,
    }


def _changes(since: datetime) -> str:
    """Where all that has changed since then is read."""
    return f"{settings.PUBLIC_URL}/api/v1/placements/?{urlencode({'changed_since': _moment(since)})}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
