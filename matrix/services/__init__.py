"""The verbs of placing: re-score what changed, run a batch, decide on a proposal, publish a model."""

from matrix.services.drafts import (
    DraftChanged,
    FaultyDraft,
    drop_draft,
    fork_model,
    publish_draft,
    save_draft,
)
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
    "DraftChanged",
    "FaultyDraft",
    "approve_run",
    "cancel_run",
    "claim_chunk",
    "close_run",
    "discard_run",
    "drop_draft",
    "fail_chunk",
    "fold_changes",
    "fork_model",
    "left_waiting",
    "load_model",
    "load_models",
    "mark_journeys",
    "mark_stale",
    "publish_draft",
    "reap",
    "rescore_stale",
    "resume_run",
    "roll_back",
    "save_draft",
    "score_claimed",
    "start_run",
]
