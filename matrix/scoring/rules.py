"""What a scoring model decides by, as plain values: with the weights beside the lines, all a receipt needs.

Weights stand beside the lines they multiply; here are the gates, cuts, windows and conditions, so that a
stranger can reckon a placement again from its receipt and the rules published in docs/scoring.md.
"""

from dataclasses import asdict
from typing import Any

from matrix.scoring.model import Gate, Model, Votes
from matrix.scoring.score import LEVEL_BITS, TASK_BITS, TOLERANCE


def rules(model: Model) -> dict[str, Any]:
    """Plain values for JSON. Levels and shares 0-1, items and tasks 0-4; `grid`: binary places kept."""
    unwilling, _, most = model.unwilling
    split, _, low, high = model.split
    return {
        "minimum_coverage": model.minimum_coverage,
        "minimum_raters": model.minimum_raters,
        "tolerance": TOLERANCE,
        "grid": {"levels": LEVEL_BITS, "tasks": TASK_BITS},
        "choices": [item for at, item in enumerate(model.items) if at in model.choices],
        "conditions": [
            {"item": model.items[each.position], "on": model.items[each.on], "minimum": each.minimum}
            for each in model.conditions
        ],
        "gates": [_gate(gate) for gate in model.gates if gate],
        "presence": {"cut": model.present_cut, "window": model.primary_window, "order": list(model.order)},
        "architecture": {
            "votes": [_votes(each) for each in model.votes],
            "majority": model.majority,
            "lead": model.lead,
            "split": {"item": split, "from": low, "to": high},
        },
        "quadrant": {
            "cut": model.quadrant_cut,
            "band": model.quadrant_band,
            "cap_margin": model.cap_margin,
        },
        "intrusion": {
            "unwanted": list(model.unwanted),
            "sensed": [
                {"item": each.item, "minimum": each.minimum, "relationships": list(each.relationships)}
                for each in model.sensed
            ],
            "unwilling": {"item": unwilling, "maximum": most},
        },
        "confidence": None if model.confidence is None else asdict(model.confidence),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "relationship": gate.relationship,
        "item": gate.item,
        "minimum": gate.minimum,
        "partial": gate.partial,
    }


def _votes(votes: Votes) -> dict[str, Any]:
    return {"item": votes.item, "gives": {code: float(weight) for code, weight in votes.gives.items()}}
