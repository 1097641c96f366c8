"""The part of a model file that confidence is reckoned with."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from matrix.scoring import Model, ModelError
from matrix.scoring.calibration import Curve
from tests.matrix.scoring.answers import INSTRUMENT, MODEL
from tests.matrix.scoring.journeys import RULES, RULES_JSON

BAD: list[tuple[str, Any, str, str]] = [
    ("scales", {}, "scales.variance", "is missing"),
    ("scales.variance", 0, "scales.variance", "must be above zero, or few answers would look certain"),
    ("scales.variance", 17, "scales.variance", "must be from 0 to 16"),
    ("scales.pooling", 0, "scales.pooling", "must be above zero, or few answers would look certain"),
    (
        "scales.item_pooling",
        0,
        "scales.item_pooling",
        "must be above zero, or few answers would look certain",
    ),
    ("scales.spread", 0, "scales.spread", "must be above zero, or few answers would look certain"),
    ("scales.spread", 4.1, "scales.spread", "must be from 0 to 4"),
    ("scales.together", 1.01, "scales.together", "must be from 0 to 1"),
    ("scales.centre", -0.1, "scales.centre", "must be from 0 to 4"),
    ("choices.centre", 1.1, "choices.centre", "must be from 0 to 1"),
    ("choices.variance", 1.1, "choices.variance", "must be from 0 to 1"),
    ("choices.variance", "1", "choices.variance", "must be a number"),
    ("surprise", 1, "surprise", "is not known here"),
    ("cell", None, "cell", "is missing"),
    ("cell.many", None, "cell.many", "is missing"),
    ("cell.reckoned", [0], "cell.reckoned", "must run from 0 to 1"),
    ("cell.reckoned", [0, 0.5, 0.5, 1], "cell.reckoned", "must rise at each step"),
    ("cell.reckoned", [0.1, 1], "cell.reckoned", "must run from 0 to 1"),
    ("cell.reckoned", [0, 0.9], "cell.reckoned", "must run from 0 to 1"),
    ("quadrant.one", [0, 1], "quadrant.one", "must have 11 numbers, one for each reckoned"),
    (
        "quadrant.many",
        [0.5] * 10 + [0.4],
        "quadrant.many",
        "must never fall: more certain cannot be less often right",
    ),
    ("quadrant.many", [0.5] * 10 + [1.1], "quadrant.many[10]", "must be from 0 to 1"),
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


@pytest.mark.parametrize(("path", "value", "place", "reason"), BAD, ids=[f"{b[0]}={b[1]}" for b in BAD])
def test_a_bad_part_is_refused_with_place_and_reason(path: str, value: Any, place: str, reason: str) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(with_confidence(path, value), INSTRUMENT)
    assert refused.value.place == f"model.confidence.{place}"
    assert refused.value.reason == reason


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


def test_every_number_is_read_under_its_own_name() -> None:
    found = Model.from_json(RULES_JSON, INSTRUMENT).confidence
    assert found is not None
    for kind in ("scales", "choices"):
        assert asdict(getattr(found, kind)) == RULES_JSON["confidence"][kind]
    for curve in ("cell", "quadrant"):
        said = {name: list(values) for name, values in asdict(getattr(found, curve)).items()}
        assert said == RULES_JSON["confidence"][curve]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("scales.variance", 16), ("scales.pooling", 10_000), ("scales.item_pooling", 10_000),
        ("scales.together", 1), ("scales.centre", 4), ("scales.spread", 4),
        ("choices.variance", 1), ("choices.pooling", 10_000), ("choices.item_pooling", 10_000),
        ("choices.together", 1), ("choices.centre", 1), ("choices.spread", 1),
    ],
)  # fmt: skip
def test_a_number_reaches_its_top_and_not_beyond(path: str, most: int) -> None:
    kind, name = path.split(".")
    found = Model.from_json(with_confidence(path, most), INSTRUMENT).confidence
    assert getattr(getattr(found, kind), name) == most
    with pytest.raises(ModelError, match=rf"{name}: must be from 0 to {most:g}$"):
        Model.from_json(with_confidence(path, most + 0.01), INSTRUMENT)


@pytest.mark.parametrize("name", ["together", "centre"])
def test_two_numbers_may_be_nought(name: str) -> None:
    found = Model.from_json(with_confidence(f"scales.{name}", 0), INSTRUMENT).confidence
    assert found is not None
    assert getattr(found.scales, name) == 0


def test_a_curve_may_stay_level_and_may_not_fall() -> None:
    level = {"reckoned": [0, 0.5, 1], "one": [0.2, 0.2, 0.3], "many": [0.5, 0.5, 0.5]}
    assert Model.from_json(with_confidence("cell", level), INSTRUMENT).confidence is not None
    with pytest.raises(
        ModelError, match=r"cell\.one: must never fall: more certain cannot be less often right$"
    ):
        Model.from_json(with_confidence("cell", level | {"one": [0.2, 0.1, 0.3]}), INSTRUMENT)
    with pytest.raises(ModelError, match=r"cell\.many: must have 3 numbers, one for each reckoned$"):
        Model.from_json(with_confidence("cell", level | {"many": [0.5, 0.5]}), INSTRUMENT)


def test_a_curve_is_never_read_beyond_its_ends() -> None:
    curve = Curve((0.0, 1.0), (0.2, 0.4), (0.1, 0.9))
    assert curve.at(np.array([0.0, 1.0]), np.array([1.0, 1e9])) == pytest.approx([0.2, 0.9])
