"""What the answers look like, for the schema only: rows are written without these, which is quicker."""

from copy import deepcopy
from typing import Any, Final

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    DictField,
    Field,
    FloatField,
    IntegerField,
    JSONField,
    ListField,
    Serializer,
)

from matrix.models import DECISIONS, RUN_STATES
from matrix.scoring import ARCHITECTURES, FINE, QUADRANTS, RELATIONSHIPS

Parts = dict[str, Field[Any, Any, Any, Any]]


def _shape(name: str, parts: Parts) -> type[Serializer[Any]]:
    return type(name, (Serializer,), dict(parts))


def _known(most: int, said: str = "") -> FloatField:
    return FloatField(min_value=0, max_value=most, allow_null=True, help_text=said)


def _code(words: Any, said: str = "", *, null: bool = True) -> ChoiceField:
    return ChoiceField(choices=list(words), allow_null=null, help_text=said)


_Levels = _shape("Levels", {code: _known(1) for code in RELATIONSHIPS})
_Shares = _shape("Shares", {code: _known(1) for code in ARCHITECTURES})
_Confidence = _shape("Confidence", {"cell": _known(1), "quadrant": _known(1)})
_Cell = _shape(
    "OccupiedCell",
    {
        "relationship": _code(RELATIONSHIPS, null=False),
        "architecture": _code(ARCHITECTURES, null=False),
        "level": _known(1),
    },
)

_PLACEMENT: Final[Parts] = {
    "id": IntegerField(),
    "firm": IntegerField(),
    "firm_name": CharField(),
    "segment": IntegerField(),
    "segment_name": CharField(),
    "offering": CharField(),
    "situation": CharField(),
    "relationships": _Levels(help_text="Intensity of each relationship."),
    "present": ListField(child=_code(RELATIONSHIPS, null=False)),
    "baseline": BooleanField(help_text="Known, and none is present: buy what we have."),
    "primary_relationship": _code(RELATIONSHIPS, "The present one that leads."),
    "architectures": _Shares(help_text="Share of the votes for each architecture."),
    "primary_architecture": _code(ARCHITECTURES, "Null when mixed."),
    "mixed": BooleanField(help_text="No architecture leads: split the offering."),
    "cells": ListField(child=_Cell(), help_text="The cells it stands in; none when mixed."),
    "identify": _known(4),
    "differentiate": _known(4),
    "interact": _known(4, "Held to identify + 1."),
    "customize": _known(4),
    "quadrant": _code(QUADRANTS),
    "borderline": BooleanField(allow_null=True),
    "confidence": _Confidence(help_text="Probability that the cell or quadrant is right."),
    "agreement": _known(1, "Null below three raters."),
    "coverage": FloatField(min_value=0, max_value=1, help_text="Share of what was asked that is known."),
    "raters": IntegerField(min_value=1),
    "model": CharField(help_text="Such as cs-1.v1."),
    "fingerprint": CharField(help_text="Stands for answers and model: the same inputs, the same mark."),
    "run": IntegerField(allow_null=True, help_text="The batch it came from; null after a single answer."),
    "computed_at": DateTimeField(),
}
PlacementBody = _shape("Placement", _PLACEMENT)
PlacementAlone = _shape(
    "PlacementAlone",
    {
        **deepcopy(_PLACEMENT),
        "in_force": BooleanField(
            help_text="Whether its segment stands there now; false: a placement of old."
        ),
    },
)

_Line = _shape(
    "ReceiptLine",
    {
        "item": CharField(),
        "title": CharField(),
        "counts": ListField(child=IntegerField(), help_text="Answers 0-4, or choices 1-5."),
        "n": IntegerField(),
        "asked": FloatField(allow_null=True, help_text="Mean of the answers."),
        "mean": FloatField(allow_null=True, help_text="The one used: derived if there is one."),
        "derived": FloatField(allow_null=True, help_text="From touchpoints, used instead of the asked mean."),
        "weight": FloatField(),
        "points": FloatField(allow_null=True, help_text="What it adds to the score."),
        "exact": CharField(allow_null=True, help_text="The fraction the points were rounded from."),
        "why_not": CharField(allow_null=True, help_text="Why it adds nothing."),
    },
)
_Account = _shape(
    "ReceiptAccount",
    {
        "kind": _code(("relationship", "wanted", "architecture", "capability"), null=False),
        "code": CharField(),
        "name": CharField(),
        "top": IntegerField(),
        "score": FloatField(allow_null=True),
        "exact": CharField(allow_null=True),
        "coverage": FloatField(),
        "lines": ListField(child=_Line()),
    },
)

ReceiptBody = _shape(
    "Receipt",
    {
        "placement": IntegerField(),
        "segment": IntegerField(),
        "run": IntegerField(allow_null=True),
        "computed_at": DateTimeField(),
        "model": JSONField(help_text="code, version and fingerprint"),
        "fingerprint": CharField(),
        "raters": IntegerField(),
        "coverage": FloatField(),
        "agreement": FloatField(allow_null=True),
        "asked": ListField(child=CharField(), help_text="Items put to the raters."),
        "tally": DictField(
            child=ListField(child=IntegerField()), help_text="By item, how many gave each answer."
        ),
        "derived": DictField(
            child=FloatField(), help_text="By item, values from touchpoints that stood in for means."
        ),
        "accounts": ListField(child=_Account()),
        "gates": JSONField(help_text="What a relationship needs to be present, and whether it was met."),
        "cap": JSONField(help_text="Interact before and after it was held to identify + 1."),
        "outcome": JSONField(help_text="What follows: present, primary, quadrant, gap and the rest."),
        "rules": JSONField(help_text="The cuts, gates and conditions the scores were held against."),
    },
)

_HeatCell = _shape(
    "MatrixCell",
    {
        "relationship": _code(RELATIONSHIPS, null=False),
        "architecture": _code(ARCHITECTURES, null=False),
        "segments": IntegerField(help_text="Whose primary cell it is."),
        "present": IntegerField(help_text="In the column, with the relationship."),
        "level": _known(1, "Weighted mean over the segments of the column."),
        "counted": IntegerField(help_text="Segments in the mean."),
        "raters": IntegerField(),
        "weight": FloatField(),
        "agreement": _known(1),
        "too_few": BooleanField(help_text="Fewer than three raters in all."),
        "wants_known": IntegerField(help_text="Of the column, those of which wanted and today are known."),
        "under_served": IntegerField(help_text="Of these, how many want more than they get."),
        "intrusive": IntegerField(help_text="Of these, to how many it is more than they want."),
        "confidence_known": IntegerField(help_text="Of `segments`, those with a confidence."),
        "likely_here": FloatField(
            allow_null=True,
            min_value=0,
            help_text="Of these, how many likely belong here: the sum of confidences.",
        ),
    },
)
_Standing = _shape(
    "MatrixStanding",
    {
        "cells": IntegerField(help_text="In a cell: the sum of `segments` over the cells."),
        "baseline": IntegerField(help_text="Sell what they have: no relationship present."),
        "mixed": IntegerField(help_text="Above baseline, without a leading architecture."),
        "unknown": IntegerField(help_text="Relationship or architecture not known."),
    },
)
_Point = _shape(
    "QuadrantPoint",
    {
        "segment": IntegerField(),
        "firm": IntegerField(),
        "interact": _known(4),
        "customize": _known(4),
        "quadrant": _code(QUADRANTS),
        "borderline": BooleanField(allow_null=True),
    },
)

MatrixBody = _shape(
    "Matrix",
    {
        "weight": CharField(),
        "segments": IntegerField(help_text="Placed segments that match."),
        "standing": _Standing(
            help_text="Every segment once, so that these add up to `segments`; the first that holds counts."
        ),
        "baseline": IntegerField(
            help_text="Sell what they have: known, and no relationship present, whatever the architecture."
        ),
        "mixed": IntegerField(help_text="Without a leading architecture, so in no column."),
        "unplaced": IntegerField(help_text="Whose architecture is not known, so in no column."),
        "unweighted": IntegerField(help_text="Left out of the levels: their weight is not known."),
        "cells": ListField(child=_HeatCell(), help_text="All twenty, row by row."),
        "quadrants": DictField(
            child=IntegerField(),
            help_text="Segments by quadrant, unknown ones apart: they add up to `segments`.",
        ),
        "points": ListField(child=_Point(), help_text="All of them up to 5,000; above that none."),
        "points_left_out": IntegerField(help_text="Zero, or `segments` where `density` stands for them."),
        "density": ListField(
            child=ListField(child=IntegerField(min_value=0), min_length=FINE, max_length=FINE),
            min_length=FINE,
            max_length=FINE,
            allow_null=True,
            help_text="Above 5,000 segments, else null: how many stand where, by Interact and within it by "
            "Customize, in steps of a tenth; 4 is in the last step, and what is not known in none.",
        ),
    },
)

_RUN: Final[Parts] = {
    "id": IntegerField(),
    "state": _code(RUN_STATES.table, null=False),
    "model": CharField(),
    "firm": IntegerField(allow_null=True, help_text="Null: the whole workspace."),
    "total": IntegerField(help_text="Segments."),
    "done": IntegerField(),
    "failed": IntegerField(),
    "remaining": IntegerField(),
    "placed": IntegerField(help_text="Of those done, how many had answers."),
    "other_questionnaire": IntegerField(
        help_text="Of those placed, how many answer another questionnaire; its own model placed them."
    ),
    "percent": IntegerField(min_value=0, max_value=100),
    "rate": FloatField(allow_null=True, help_text="Segments a second; null until two chunks are done."),
    "seconds_left": FloatField(allow_null=True),
    "reasons": ListField(child=CharField(), help_text="Why segments failed, or who cancelled."),
    "created_at": DateTimeField(),
    "finished_at": DateTimeField(allow_null=True),
    "decision": _code(
        DECISIONS.table,
        "candidate: under another model than the one in force, and not in force before it is approved.",
        null=False,
    ),
    "in_force": BooleanField(help_text="Whether it is the last over everything that came in force."),
}
_Flow = _shape(
    "RunFlow",
    {
        "from": CharField(help_text="CO-MM, or baseline, mixed, unknown; nowhere: not placed before."),
        "to": CharField(),
        "segments": IntegerField(),
    },
)
_Across = _shape(
    "RunQuadrants", {"from": _code(QUADRANTS), "to": _code(QUADRANTS), "segments": IntegerField()}
)
_Mover = _shape(
    "RunMover",
    {
        "segment": IntegerField(),
        "from": CharField(),
        "to": CharField(),
        "from_quadrant": _code(QUADRANTS),
        "to_quadrant": _code(QUADRANTS),
        "difference": FloatField(help_text="Of the four levels, added up: 0-4."),
    },
)
_Touched = _shape("RunFirm", {"firm": IntegerField(), "changed": IntegerField(), "segments": IntegerField()})
_Changes = _shape(
    "RunChanges",
    {
        "against": CharField(help_text="The model in force when the run ended."),
        "segments": IntegerField(help_text="Placed by the run."),
        "not_scored": IntegerField(help_text="Placed already, and not by the run."),
        "unchanged": IntegerField(help_text="Cell, quadrant and present relationships stay."),
        "cell_changed": IntegerField(),
        "quadrant_changed": IntegerField(),
        "present_changed": IntegerField(),
        "cells": _Flow(many=True),
        "quadrants": _Across(many=True),
        "movers": _Mover(many=True),
        "firms": _Touched(many=True),
    },
)
_FAILURE = _shape("RunFailure", {"segment": IntegerField(), "reason": CharField()})
RunBody = _shape("Run", _RUN)
RunDetail = _shape(
    "RunDetail",
    {
        **deepcopy(_RUN),
        "failures": _FAILURE(many=True),
        "changes": _Changes(allow_null=True, help_text="What a candidate would change, found when it ended."),
    },
)
