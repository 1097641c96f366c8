"""The rules of a model: refused with place and reason when they cannot be used."""

import json
import math
from typing import Any

import pytest

from matrix.scoring import Model, ModelError
from tests.matrix.scoring.answers import INSTRUMENT
from tests.matrix.scoring.journeys import RULES_JSON

BAD: list[tuple[tuple[str, ...], Any, str, str]] = [
    (("minimum",), 0, "minimum", "from 1"),
    (("minimum",), 2.5, "minimum", "whole number"),
    (("gap",), math.nan, "gap", "finite"),
    (("gap",), -1, "gap", "from 0 to 4"),
    (("minimum_coverage",), 2, "minimum_coverage", "from 0 to 1"),
    (("surprise",), 1, "surprise", "not known"),
    (("items", "R99"), {"share": {"content": ["same"]}}, "items.R99", "no item"),
    (("items", "A1"), {"share": {"content": ["same"]}}, "items.A1", "no item on the scale"),
    (("items", "R4"), {}, "items.R4", "either share or best"),
    (("items", "R4", "best"), [], "items.R4", "either share or best"),
    (("items", "R4", "evidence"), "both", "items.R4.evidence", "asked or derived"),
    (("items", "R4", "steps"), ["later"], "items.R4.steps[0]", "a word for step"),
    (("items", "R4", "steps"), [], "items.R4.steps", "names nothing"),
    (("items", "R4", "share"), {}, "items.R4.share", "no condition"),
    (("items", "R4", "share"), {"mood": ["good"]}, "items.R4.share.mood", "do not state mood"),
    (("items", "R4", "share"), {"content": ["loud"]}, "items.R4.share.content[0]", "a word for content"),
    (("items", "R4", "share"), {"step": ["request"]}, "items.R4.share.step", "do not state step"),
    (("items", "R5", "curve"), [[0, 0]], "items.R5.curve", "rising share"),
    (("items", "R5", "curve"), [[0, 0], [0, 4]], "items.R5.curve", "rising share"),
    (("items", "R5", "curve"), [[0, 0], [1, 5]], "items.R5.curve[1][1]", "from 0 to 4"),
    (("items", "R5", "curve"), [[0], [1, 4]], "items.R5.curve[0]", "a share and a value"),
    (("items", "I2", "across", "least"), 1, "items.I2.across.least", "from 2 to 3"),
    (("items", "R10", "best"), [], "items.R10.best", "highest down"),
    (("items", "R10", "curve"), [[0, 0], [1, 4]], "items.R10.curve", "with share only"),
    (("checks", "N1"), {"votes": {}}, "checks.N1", "neither a relationship"),
    (("checks", "A1", "votes", "to"), {"own": ["PR"]}, "checks.A1.votes.to", "each architecture once"),
    (("checks", "A1", "votes", "to", "mine"), ["PR"], "checks.A1.votes.to.mine", "a word for supplier"),
    (("checks", "RD", "evidence"), "derived", "checks.RD.evidence", "not known"),
]


@pytest.mark.parametrize(("way", "value", "place", "reason"), BAD, ids=[f"{b[2]}: {b[3]}" for b in BAD])
def test_a_bad_rule_is_refused_with_place_and_reason(
    way: tuple[str, ...], value: Any, place: str, reason: str
) -> None:
    data = json.loads(json.dumps(RULES_JSON))
    spot = data["derive"]
    for step in way[:-1]:
        spot = spot[step]
    spot[way[-1]] = value
    with pytest.raises(ModelError) as refused:
        Model.from_json(data, INSTRUMENT)
    assert refused.value.place == f"model.derive.{place}"
    assert reason in refused.value.reason


def test_values_of_a_best_go_from_the_highest_down() -> None:
    data = json.loads(json.dumps(RULES_JSON))
    data["derive"]["items"]["R10"]["best"].reverse()
    with pytest.raises(ModelError, match="highest down"):
        Model.from_json(data, INSTRUMENT)


def test_a_model_without_rules_derives_nothing() -> None:
    assert Model.from_json({k: v for k, v in RULES_JSON.items() if k != "derive"}, INSTRUMENT).derive is None
