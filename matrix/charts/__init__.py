"""Pictures as plain geometry: numbers in, coordinates and steps out; templates draw, CSS colours.

Nothing here knows a colour or a database. Coordinates are in the units of each picture's viewBox, rounded to
a tenth so that pages stay small and equal inputs give equal bytes.
"""

from matrix.charts.apart import Apart, Range, alpha_range, apart
from matrix.charts.bars import Bar, Bars, capability_bars, vote_bars
from matrix.charts.beside import Beside, beside
from matrix.charts.dumbbell import Dumbbell, dumbbell
from matrix.charts.grid import (
    SHOWN,
    Cell,
    Grid,
    GridRow,
    Mark,
    MixedCell,
    Seat,
    agree_word,
    brief,
    grid,
    mixed_line,
    percent,
    state_of,
    step_of,
)
from matrix.charts.histogram import Histogram, histogram
from matrix.charts.journey import JourneyMark, journey_mark
from matrix.charts.quadrant import Plot, Point, QuadrantPlot, quadrant_plot, tenths
from matrix.charts.why import Addend, Why, why

__all__ = [
    "SHOWN",
    "Addend",
    "Apart",
    "Bar",
    "Bars",
    "Beside",
    "Cell",
    "Dumbbell",
    "Grid",
    "GridRow",
    "Histogram",
    "JourneyMark",
    "Mark",
    "MixedCell",
    "Plot",
    "Point",
    "QuadrantPlot",
    "Range",
    "Seat",
    "Why",
    "agree_word",
    "alpha_range",
    "apart",
    "beside",
    "brief",
    "capability_bars",
    "dumbbell",
    "grid",
    "histogram",
    "journey_mark",
    "mixed_line",
    "percent",
    "quadrant_plot",
    "state_of",
    "step_of",
    "tenths",
    "vote_bars",
    "why",
]
