"""Reckoning of placements: arrays in, frozen dataclasses out; no Django, no clock, no database.

The whole path, for one segment or a hundred thousand::

    instrument = Instrument.from_json(text)            # assessments.instrument
    model = Model.from_json(text, instrument)          # ModelError(place, reason) when it cannot be used
    answers = Answers(values, segments)                # int16 (sheets, items), -1 unknown; int64 (sheets,)
    tallied = tally(answers, model)                   # Tally: ids (n,), hist uint16 (n, items, 5), sheets
    scores = score(tallied.hist, model, raters=tallied.sheets)       # Scores: arrays over n segments
    plain = outcome(scores, 0)                         # Outcome: codes, floats and None of one segment
    proof = receipt(tallied.hist[0], model, raters=3, instrument=instrument)   # Receipt, .as_dict()
    stand_ins = derived(Touchpoints(...), model.derive, model.width)  # (n, items), NaN: the asked is used
    picture = heat(Places(...))                        # Heat: the 4x5 cells
    why = change(before, after, model, model)         # Change: two receipts' difference in exact parts
    ways = moves(tallied.hist[0], model, Target.named("CO-MM"), raters=3)      # Ways: fewest changes

Only the tally reaches the score, so a kept tally proves a score later, exactly. Columns of every array follow
`RELATIONSHIPS`, `ARCHITECTURES` and `CAPABILITIES`. NaN is "not known"; it is never 0. Rules and their
sources: docs/scoring.md.
"""

from matrix.scoring.agreement import Agreement, Spread, consensus, median, spread
from matrix.scoring.aims import NEED_CONSENT, TARGETS, Target, wished
from matrix.scoring.change import Change, Moved, Reason, Step, Turn
from matrix.scoring.clerk import receipt
from matrix.scoring.compare import Compared, compare
from matrix.scoring.cube import Cube, Kind, Weight
from matrix.scoring.derive import STATED, Ballot, Best, Derive, Rule, Share
from matrix.scoring.evidence import Evidence, Rested, Touchpoints, counts_for, derived, evidence
from matrix.scoring.fingerprint import fingerprint, fingerprints
from matrix.scoring.fit import CLOSE, CellFits, missed, situated
from matrix.scoring.groups import OUTSIDE, Part, Sights, gaps, levels, owners, parts_of, sights
from matrix.scoring.heat import Contribution, Heat, Places, contributions, heat
from matrix.scoring.measures import FINE, LAYOUT, Facts, currency_number, currency_of
from matrix.scoring.model import Model, ModelError
from matrix.scoring.moves import Move, Reached, Ways, moves
from matrix.scoring.outcome import Outcome, outcome
from matrix.scoring.receipt import (
    Account,
    Cap,
    Check,
    Line,
    Receipt,
    derived_in,
    tally_in,
)
from matrix.scoring.reliability import Reliability, Rules, Silent, reliability
from matrix.scoring.robust import Robust, Stability, robust
from matrix.scoring.score import NONE_PRESENT, UNKNOWN, Scores, score
from matrix.scoring.tally import Answers, Tally, tally
from matrix.scoring.trial import shifts
from matrix.scoring.vocabulary import (
    ARCHETYPES,
    ARCHITECTURES,
    BASELINE,
    CAPABILITIES,
    JOURNEY_ORDER,
    QUADRANTS,
    RELATIONSHIPS,
    STAGES,
    STEPS,
)
from matrix.scoring.way import change

__all__ = [
    "ARCHETYPES",
    "ARCHITECTURES",
    "BASELINE",
    "CAPABILITIES",
    "CLOSE",
    "FINE",
    "JOURNEY_ORDER",
    "LAYOUT",
    "NEED_CONSENT",
    "NONE_PRESENT",
    "OUTSIDE",
    "QUADRANTS",
    "RELATIONSHIPS",
    "STAGES",
    "STATED",
    "STEPS",
    "TARGETS",
    "UNKNOWN",
    "Account",
    "Agreement",
    "Answers",
    "Ballot",
    "Best",
    "Cap",
    "CellFits",
    "Change",
    "Check",
    "Compared",
    "Contribution",
    "Cube",
    "Derive",
    "Evidence",
    "Facts",
    "Heat",
    "Kind",
    "Line",
    "Model",
    "ModelError",
    "Move",
    "Moved",
    "Outcome",
    "Part",
    "Places",
    "Reached",
    "Reason",
    "Receipt",
    "Reliability",
    "Rested",
    "Robust",
    "Rule",
    "Rules",
    "Scores",
    "Share",
    "Sights",
    "Silent",
    "Spread",
    "Stability",
    "Step",
    "Tally",
    "Target",
    "Touchpoints",
    "Turn",
    "Ways",
    "Weight",
    "change",
    "compare",
    "consensus",
    "contributions",
    "counts_for",
    "currency_number",
    "currency_of",
    "derived",
    "derived_in",
    "evidence",
    "fingerprint",
    "fingerprints",
    "gaps",
    "heat",
    "levels",
    "median",
    "missed",
    "moves",
    "outcome",
    "owners",
    "parts_of",
    "receipt",
    "reliability",
    "robust",
    "score",
    "shifts",
    "sights",
    "situated",
    "spread",
    "tally",
    "tally_in",
    "wished",
]
