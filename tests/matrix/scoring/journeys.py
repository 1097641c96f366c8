"""Journeys for the scoring tests: touchpoints written as words, and the model that reads them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from matrix.scoring import STATED, Model, Touchpoints
from tests.matrix.scoring.answers import INSTRUMENT, MODEL_FILE

RULES_JSON: dict[str, Any] = json.loads(MODEL_FILE.with_name("cs-1.v2.json").read_text("utf-8"))
RULES = Model.from_json(RULES_JSON, INSTRUMENT)
STEPS = STATED["step"]


def point(step: str = "request", signature: Any = False, **stated: Any) -> dict[str, Any]:
    return {"step": step, "signature": signature, **stated}


def journeys(*each: list[dict[str, Any]]) -> Touchpoints:
    """One journey a list; what a touchpoint does not name is not stated."""
    rows = [(owner, row) for owner, rows in enumerate(each) for row in rows]
    return Touchpoints(
        owner=np.array([owner for owner, _ in rows], dtype=np.int64),
        codes={name: np.array([_code(row, name) for _, row in rows], dtype=np.int8) for name in STATED},
        signature=np.array([row["signature"] for _, row in rows], dtype=bool),
        segments=len(each),
    )


def _code(row: Mapping[str, Any], name: str) -> int:
    return STATED[name].index(row[name]) if name in row else -1


def whole(**stated: Any) -> list[dict[str, Any]]:
    """Five touchpoints over all four steps that state the same."""
    return [point(step, **stated) for step in (*STEPS, "respond")]


def using(*items: str, **changes: Any) -> Model:
    """The model with these items' derived values in use; `changes` to the section."""
    data = json.loads(json.dumps(RULES_JSON))
    for item in items:
        data["derive"]["items"][item]["evidence"] = "derived"
    data["derive"] |= changes
    return Model.from_json(data, INSTRUMENT)
