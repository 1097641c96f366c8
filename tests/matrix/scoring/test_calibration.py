"""The part of a model file that confidence is reckoned with."""

import json
from typing import Any

import numpy as np
import pytest

from matrix.scoring import Model, ModelError
from matrix.scoring.calibration import Curve
from tests.matrix.scoring.answers import INSTRUMENT, MODEL
from tests.matrix.scoring.journeys import RULES, RULES_JSON

BAD: list[tuple[str, Any, str]] = [
    ("scales", {}, "scales.variance"),
    ("scales.variance", 0, "scales.variance"),
    ("scales.variance", 17, "scales.variance"),
    ("scales.pooling", 0, "scales.pooling"),
    ("scales.item_pooling", 0, "scales.item_pooling"),
    ("scales.spread", 0, "scales.spread"),
    ("scales.spread", 4.1, "scales.spread"),
    ("scales.together", 1.01, "scales.together"),
    ("scales.centre", -0.1, "scales.centre"),
    ("choices.centre", 1.1, "choices.centre"),
    ("choices.variance", 1.1, "choices.variance"),
    ("choices.variance", "1", "choices.variance"),
    ("surprise", 1, "surprise"),
    ("cell", None, "cell"),
    ("cell.many", None, "cell.many"),
    ("cell.reckoned", [0], "cell.reckoned"),
    ("cell.reckoned", [0, 0.5, 0.5, 1], "cell.reckoned"),
    ("cell.reckoned", [0.1, 1], "cell.reckoned"),
    ("cell.reckoned", [0, 0.9], "cell.reckoned"),
    ("quadrant.one", [0, 1], "quadrant.one"),
    ("quadrant.many", [0.5] * 10 + [0.4], "quadrant.many"),
    ("quadrant.many", [0.5] * 10 + [1.1], "quadrant.many[10]"),
]


def with_confidence(path: str, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(RULES_JSON))
    *way, last = path.split(".")
    spot = data["confidence"]
    for step in way:
        spot = spot[step]
    if value is None:
        del spot[last]
    else:
        spot[last] = value
    return data


@pytest.mark.parametrize(("path", "value", "place"), BAD, ids=[f"{b[0]}={b[1]}" for b in BAD])
def test_a_bad_part_is_refused_where_it_is_bad(path: str, value: Any, place: str) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(with_confidence(path, value), INSTRUMENT)
    assert refused.value.place == f"model.confidence.{place}"


@pytest.mark.parametrize(("path", "value"), [("scales.together", 1), ("cell.reckoned", [0, 1])])
def test_bounds_belong(path: str, value: Any) -> None:
    data = with_confidence(path, value)
    if path == "cell.reckoned":
        data["confidence"]["cell"] = {"reckoned": value, "one": [0.5, 0.5], "many": [0, 1]}
    assert Model.from_json(data, INSTRUMENT).confidence is not None


def test_version_1_has_none_and_version_2_has_its_own() -> None:
    assert MODEL.confidence is None
    assert RULES.confidence is not None
    assert RULES.confidence.scales.variance == 0.397
    assert RULES.confidence.choices.spread == 0.319
    assert RULES.confidence.cell.one[-1] == 0.95


def test_a_curve_moves_from_one_answer_to_many() -> None:
    curve = Curve((0.0, 0.5, 1.0), (0.2, 0.4, 0.8), (0.0, 0.6, 1.0))
    reckoned, answers = np.array([0.0, 0.75, 0.75, 1.0]), np.array([1.0, 1.0, 4.0, 2.0])
    assert curve.at(reckoned, answers) == pytest.approx([0.2, 0.6, 0.75, 0.9])
