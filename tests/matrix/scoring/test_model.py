import json
import math
from typing import Any

import pytest

from matrix.scoring import Model, ModelError
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, MODEL_FILE, MODEL_JSON, with_changes

BAD = [
    ({"relationships__CO__loads__R99": 1}, "relationships.CO.loads.R99", "there is no item"),
    ({"relationships__CO__loads__A1": 1}, "relationships.CO.loads.A1", "there is no item"),
    ({"relationships__CO__loads__R4": math.nan}, "relationships.CO.loads.R4", "finite"),
    ({"relationships__CO__loads__R4": math.inf}, "relationships.CO.loads.R4", "finite"),
    ({"relationships__CO__loads__R4": -1}, "relationships.CO.loads.R4", "negative"),
    ({"relationships__CO__loads__R4": "1"}, "relationships.CO.loads.R4", "number"),
    ({"relationships__CO__loads__R4": True}, "relationships.CO.loads.R4", "number"),
    ({"relationships__CO__loads": {"R4": 0}}, "relationships.CO.loads", "above zero"),
    ({"relationships__CO__loads": {}}, "relationships.CO.loads", "above zero"),
    ({"relationships__CO": None}, "relationships.CO", "missing"),
    ({"capabilities__N": None}, "capabilities.N", "missing"),
    ({"wanted__AE": None}, "wanted.AE", "missing"),
    ({"capabilities__N": {"N1": -1}}, "capabilities.N.N1", "negative"),
    ({"relationships__CO__gates": {}}, "relationships.CO.gates", "not known"),
    ({"relationships__CO__gate__item": "R1"}, "relationships.CO.gate.item", "does not load"),
    ({"relationships__AE__gate__partial": 3}, "relationships.AE.gate.partial", "below the minimum"),
    ({"relationships__AE__gate__item": "R12"}, "relationships.AE.gate.item", "not asked of everyone"),
    ({"relationships__CO__gate__minimum": 5}, "relationships.CO.gate.minimum", "from 0 to 4"),
    ({"relationships__CO__gate__minimum": 0}, "relationships.CO.gate.minimum", "above zero"),
    ({"presence__cut": 0}, "presence.cut", "above zero"),
    ({"presence__order": ["RD", "CO", "CB"]}, "presence.order", "each relationship once"),
    ({"architectures__choices__A1__PP": None}, "architectures.choices.A1", "a vote for each"),
    ({"architectures__choices__R1": {"PR": 1}}, "architectures.choices.R1", "not a choice item"),
    ({"architectures__scales__A5": {"MM": -1}}, "architectures.scales.A5", "no architecture a vote"),
    ({"architectures__split__from": 4}, "architectures.split", "begins above its end"),
    ({"instrument__version": 2}, "instrument", "not the questionnaire"),
    ({"minimum_coverage": 1.5}, "minimum_coverage", "from 0 to 1"),
    ({"version": 1.5}, "version", "whole number"),
    ({"title": " "}, "title", "empty"),
    ({"quadrant": 3}, "quadrant", "object"),
    ({"surprise": 3}, "surprise", "not known"),
]


@pytest.mark.parametrize(("changes", "place", "reason"), BAD, ids=[f"{b[1]}: {b[2]}" for b in BAD])
def test_a_bad_model_is_refused_with_place_and_reason(
    changes: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(with_changes(**changes), INSTRUMENT)
    assert refused.value.place == f"model.{place}"
    assert reason in refused.value.reason


@pytest.mark.parametrize("text", ["", "{", "[]", '{"code": "a", "code": "b"}'])
def test_text_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        Model.from_json(text, INSTRUMENT)


def test_weights_are_exact_and_reduced() -> None:
    assert [load.whole for load in MODEL.relationships[0].loads] == [8, 8, 5]


def test_fingerprint_does_not_depend_on_how_the_file_is_written() -> None:
    text = json.dumps(dict(reversed(MODEL_JSON.items())), indent=4).replace(": 2,", ": 2.0,")
    assert Model.from_json(text, INSTRUMENT).fingerprint == MODEL.fingerprint
    assert Model.from_json(MODEL_FILE.read_bytes(), INSTRUMENT).fingerprint == MODEL.fingerprint


def test_fingerprint_changes_with_a_weight() -> None:
    other = Model.from_json(with_changes(relationships__CO__loads__R4=0.8), INSTRUMENT)
    assert other.fingerprint != MODEL.fingerprint


def test_item_weights_in_coverage_sum_to_one_and_leave_none_out() -> None:
    assert sum(MODEL.item_weights) == 1
    assert min(MODEL.item_weights) > 0
