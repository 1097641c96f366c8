"""Rows to arrays and back: sheets out by binary COPY, placements in.

Unknown answers travel as -1 and unknown scores as NaN; both are NULL on the other side.
"""

from matrix.frames.field import field_of, narrowed, read_field, sum_up
from matrix.frames.journeys import derived_values, read_touchpoints
from matrix.frames.placements import (
    Generation,
    asked_of,
    derived_of,
    histogram,
    place_counted,
    write_placements,
)
from matrix.frames.sheets import Scope, Scored, asked_items, counted, read_answers, reckon
from matrix.frames.situations import Situated, situations_of, told_of
from matrix.frames.sums import Summing
from matrix.frames.trial import Trial, try_out

__all__ = [
    "Generation",
    "Scope",
    "Scored",
    "Situated",
    "Summing",
    "Trial",
    "asked_items",
    "asked_of",
    "counted",
    "derived_of",
    "derived_values",
    "field_of",
    "histogram",
    "narrowed",
    "place_counted",
    "read_answers",
    "read_field",
    "read_touchpoints",
    "reckon",
    "situations_of",
    "sum_up",
    "told_of",
    "try_out",
    "write_placements",
]
