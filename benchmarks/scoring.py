"""The scoring core alone: arrays in, scores out."""

import json
from collections.abc import Iterator

import numpy as np

from assessments.instrument import Instrument
from assessments.services.instruments import FOLDER as INSTRUMENTS
from benchmarks.figures import Figure, seconds
from matrix.scoring import Answers, Model, score, tally
from matrix.services.models import FOLDER as MODELS


def figures(segments: int, raters: int) -> Iterator[Figure]:
    """Tally and score of all segments, against one numpy sum over the same bytes."""
    instrument = Instrument.from_json(json.loads((INSTRUMENTS / "cs-1.v1.json").read_text()))
    model = Model.from_json(json.loads((MODELS / "cs-1.v2.json").read_text()), instrument)
    rng = np.random.default_rng(1)
    values = rng.integers(-1, 5, (segments * raters, len(instrument)), dtype=np.int16)
    for at, item in enumerate(instrument.items):
        if item in instrument.choice_items:
            values[:, at] = np.maximum(values[:, at], 1)
    answers = Answers(values, np.repeat(np.arange(segments, dtype=np.int64), raters))

    def reckon() -> None:
        tallied = tally(answers, model)
        score(tallied.hist, model, tallied.sheets)

    taken, bare = seconds(reckon), seconds(values.sum)
    yield Figure(
        "scoring core",
        segments / taken,
        "segments/s",
        taken / bare,
        "numpy sum over the same bytes",
        segments,
    )
