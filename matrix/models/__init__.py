"""Where each segment stands, and the runs that found it out."""

from matrix.models.logs import Edit, GoneSegment
from matrix.models.placements import (
    Generation,
    Move,
    Overlay,
    Placement,
    PlacementBase,
    StandingPlacement,
)
from matrix.models.runs import CHUNK_STATES, DECISIONS, ENDED, RUN_STATES, Chunk, Run, Stale
from matrix.models.sums import Change, CubeState, Departed, Headcount, Resize, Sums
from matrix.models.versions import ModelDraft, ScoringModel

__all__ = [
    "CHUNK_STATES",
    "DECISIONS",
    "ENDED",
    "RUN_STATES",
    "Change",
    "Chunk",
    "CubeState",
    "Departed",
    "Edit",
    "Generation",
    "GoneSegment",
    "Headcount",
    "ModelDraft",
    "Move",
    "Overlay",
    "Placement",
    "PlacementBase",
    "Resize",
    "Run",
    "ScoringModel",
    "Stale",
    "StandingPlacement",
    "Sums",
]
