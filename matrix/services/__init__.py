"""The verbs of placing: re-score what changed, run a batch, cancel or resume it, decide on a proposal."""

from matrix.services.models import ChangedModel, load_model, load_models
from matrix.services.placements import left_waiting, mark_journeys, mark_stale, rescore_stale
from matrix.services.proposals import approve_run, discard_run, roll_back
from matrix.services.resuming import resume_run
from matrix.services.runs import (
    Claim,
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
    "Claim",
    "approve_run",
    "cancel_run",
    "claim_chunk",
    "close_run",
    "discard_run",
    "fail_chunk",
    "fold_changes",
    "left_waiting",
    "load_model",
    "load_models",
    "mark_journeys",
    "mark_stale",
    "reap",
    "rescore_stale",
    "resume_run",
    "roll_back",
    "score_claimed",
    "start_run",
]
