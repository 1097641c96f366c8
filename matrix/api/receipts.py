"""The receipt of a placement, reckoned again from the tally it keeps."""

from typing import Any

import numpy as np

from matrix import frames
from matrix.models import Placement
from matrix.queries import models
from matrix.scoring import receipt


def receipt_of(placement: Placement) -> dict[str, Any]:
    """Plain values: histogram of each item, and per score the lines that add up to it."""
    model, questionnaire = models.parsed(placement.model), models.questionnaire(placement.model)
    short_items = [item.position for item in questionnaire.short_items]
    short = np.array([placement.form == "short"])
    asked = frames.asked_items(short, model.width, short_items)[0]
    hist, instead = frames.histogram(placement), frames.derived_of(placement)
    proof = receipt(hist, model, placement.raters, asked, questionnaire, instead)
    return {
        "placement": placement.pk,
        "segment": placement.segment_id,
        "run": placement.run_id,
        "computed_at": placement.computed_at,
        **proof.as_dict(),
    }
