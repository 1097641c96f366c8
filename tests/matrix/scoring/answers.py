"""Answers for the scoring tests: CS-1 with its model, sheets written as words, and strategies of tallies."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import assessments
import matrix
from assessments.instrument import Instrument
from matrix.scoring import Answers, Model, Outcome, Scores, outcome, score, tally

INSTRUMENT_FILE = Path(assessments.__file__).parent / "data" / "instruments" / "cs-1.v1.json"
MODEL_FILE = Path(matrix.__file__).parent / "data" / "models" / "cs-1.v1.json"
INSTRUMENT = Instrument.from_json(INSTRUMENT_FILE.read_text("utf-8"))
MODEL_JSON: dict[str, Any] = json.loads(MODEL_FILE.read_text("utf-8"))
MODEL = Model.from_json(MODEL_JSON, INSTRUMENT)

Hist = NDArray[np.uint16]


def tried(times: int) -> settings:
    """How often a property is tried; less often where every mutant of the code tries it anew."""
    few = settings.get_current_profile_name() == "mutants"
    return settings(max_examples=min(times, settings().max_examples) if few else times)


def sheet(**answers: Any) -> list[int]:
    """One row of values, by item code, or by the letter of a family with its answers in a text."""
    row = [-1] * len(INSTRUMENT)
    for key, given in answers.items():
        codes = [key] if key in INSTRUMENT.positions else [c for c in INSTRUMENT.positions if c[0] == key]
        words = str(given).split()
        for code, word in zip(codes, words, strict=True):
            value = None if word == "-" else INSTRUMENT.item(code).value_of(word)
            row[INSTRUMENT.positions[code]] = -1 if value is None else value
    return row


def counted(*sheets: list[int]) -> Hist:
    """Tally (1, items, 5) of these sheets of one segment."""
    values = np.array(sheets, dtype=np.int16)
    return tally(Answers(values, np.zeros(len(sheets), dtype=np.int64)), MODEL).hist


def scored(*sheets: list[int], **options: Any) -> Scores:
    return score(counted(*sheets), MODEL, **options)


def placed(*sheets: list[int], **options: Any) -> Outcome:
    return outcome(scored(*sheets, **options))


def with_changes(**changes: Mapping[str, Any] | Any) -> dict[str, Any]:
    """The model file with members replaced; `a__b__c` reaches inside, a value of None takes it out."""
    data: dict[str, Any] = json.loads(json.dumps(MODEL_JSON))
    for path, value in changes.items():
        *way, last = path.split("__")
        spot = data
        for step in way:
            spot = spot[step]
        if value is None:
            del spot[last]
        else:
            spot[last] = value
    return data


def _row(position: int) -> st.SearchStrategy[int]:
    values = INSTRUMENT.items[position].values
    return st.one_of(st.just(-1), st.integers(values.start, values.stop - 1))


SHEETS = st.tuples(*(_row(position) for position in range(len(INSTRUMENT)))).map(list)
ROOMS = st.lists(SHEETS, min_size=1, max_size=5)
"""The sheets of one segment."""
