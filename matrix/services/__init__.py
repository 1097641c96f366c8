"""The verbs of placing: re-score what changed, run a batch, cancel it, take back what was lost."""

from matrix.services.models import ChangedModel, load_model, load_models
from matrix.services.placements import mark_journeys, mark_stale, rescore_stale
from matrix.services.runs import (
    cancel_run,
    claim_chunk,
    close_run,
    fail_chunk,
    fold_changes,
    reap,
    score_claimed,
    start_run,
)

__all__ = [
    "ChangedModel",
    "cancel_run",
    "claim_chunk",
    "close_run",
    "fail_chunk",
    "fold_changes",
    "load_model",
    "load_models",
    "mark_journeys",
    "mark_stale",
    "reap",
    "rescore_stale",
    "score_claimed",
    "start_run",
]
