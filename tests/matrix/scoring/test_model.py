import json
import math
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from matrix.scoring import Model, ModelError
from matrix.scoring.fields import canonical
from matrix.scoring.model import Gate, Sensed
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, MODEL_FILE, MODEL_JSON, with_changes

BAD = [
    (
        {"relationships__CO__loads__R99": 1},
        "relationships.CO.loads.R99",
        "there is no item on the scale 0-4 called R99",
    ),
    (
        {"relationships__CO__loads__A1": 1},
        "relationships.CO.loads.A1",
        "there is no item on the scale 0-4 called A1",
    ),
    ({"relationships__CO__loads__R4": math.nan}, "relationships.CO.loads.R4", "must be finite"),
    ({"relationships__CO__loads__R4": math.inf}, "relationships.CO.loads.R4", "must be finite"),
    ({"relationships__CO__loads__R4": -1}, "relationships.CO.loads.R4", "must not be negative"),
    ({"relationships__CO__loads__R4": "1"}, "relationships.CO.loads.R4", "must be a number"),
    ({"relationships__CO__loads__R4": True}, "relationships.CO.loads.R4", "must be a number"),
    ({"relationships__CO__loads": {"R4": 0}}, "relationships.CO.loads", "has no weight above zero"),
    ({"relationships__CO__loads": {}}, "relationships.CO.loads", "has no weight above zero"),
    ({"relationships__CO": None}, "relationships.CO", "is missing"),
    ({"capabilities__N": None}, "capabilities.N", "is missing"),
    ({"wanted__AE": None}, "wanted.AE", "is missing"),
    ({"capabilities__N": {"N1": -1}}, "capabilities.N.N1", "must not be negative"),
    ({"relationships__CO__gates": {}}, "relationships.CO.gates", "is not known here"),
    (
        {"relationships__CO__gate__item": "R1"},
        "relationships.CO.gate.item",
        "R1 does not load on CO, which its gate guards",
    ),
    ({"relationships__AE__gate__partial": 3}, "relationships.AE.gate.partial", "must be below the minimum"),
    (
        {"relationships__AE__gate__item": "R12"},
        "relationships.AE.gate.item",
        "R12 is not asked of everyone, so its gate could never be met",
    ),
    ({"relationships__CO__gate__minimum": 5}, "relationships.CO.gate.minimum", "must be from 0 to 4"),
    ({"relationships__CO__gate__minimum": 0}, "relationships.CO.gate.minimum", "must be above zero"),
    ({"presence__cut": 0}, "presence.cut", "must be above zero"),
    ({"presence__order": ["RD", "CO", "CB"]}, "presence.order", "must name each relationship once"),
    (
        {"architectures__choices__A1__PP": None},
        "architectures.choices.A1",
        "must give a vote for each of PR, RT, MM, CW, PP",
    ),
    ({"architectures__choices__R1": {"PR": 1}}, "architectures.choices.R1", "'R1' is not a choice item"),
    ({"architectures__scales__A5": {"MM": -1}}, "architectures.scales.A5", "gives no architecture a vote"),
    ({"architectures__split__from": 4}, "architectures.split", "begins above its end"),
    ({"instrument__version": 2}, "instrument", "is not the questionnaire given with the model"),
    ({"minimum_coverage": 1.5}, "minimum_coverage", "must be from 0 to 1"),
    ({"version": 1.5}, "version", "must be a whole number"),
    ({"title": " "}, "title", "must be a text that is not empty"),
    ({"quadrant": 3}, "quadrant", "must be an object"),
    ({"surprise": 3}, "surprise", "is not known here"),
]


@pytest.mark.parametrize(("changes", "place", "reason"), BAD, ids=[f"{b[1]}: {b[2]}" for b in BAD])
def test_a_bad_model_is_refused_with_place_and_reason(
    changes: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(with_changes(**changes), INSTRUMENT)
    assert refused.value.place == f"model.{place}"
    assert refused.value.reason == reason


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


def test_a_model_is_read_as_its_file_says() -> None:
    found = Model.from_json(MODEL_JSON, INSTRUMENT)
    assert (found.code, found.version, found.title) == ("cs-1", 1, "CS-1, first scoring model")
    assert (found.instrument, found.items) == (("cs-1", 1), tuple(INSTRUMENT.positions))
    assert (found.minimum_coverage, found.minimum_raters) == (0.6, 3)
    assert (found.present_cut, found.primary_window, found.order) == (0.4, 0.15, ("AE", "CB", "CO", "RD"))
    assert (found.majority, found.lead) == (0.5, 0.15)
    assert (found.quadrant_cut, found.quadrant_band, found.cap_margin) == (1.35, 0.35, 1.0)
    at = INSTRUMENT.positions
    assert found.unwanted == ("CB", "AE")
    assert found.sensed == (Sensed("R10", at["R10"], 3, ("AE",)), Sensed("R11", at["R11"], 3, ("CB", "AE")))
    assert found.unwilling == ("P1", at["P1"], 1)
    assert found.split == ("A5", at["A5"], 1, 3)
    assert found.choices == {at["A1"], at["A2"], at["A3"], at["A4"]}
    assert [(each.position, each.on, each.minimum) for each in found.conditions] == [
        (at["R12"], at["R10"], 2)
    ]
    assert (found.derive, found.confidence) == (None, None)


def test_every_weight_stands_at_its_item() -> None:
    found = Model.from_json(MODEL_JSON, INSTRUMENT)
    for family, section in (("wanted", "wanted"), ("capabilities", "capabilities")):
        for dimension in getattr(found, family):
            said = {load.item: float(load.weight) for load in dimension.loads}
            assert said == MODEL_JSON[section][dimension.code]
            assert all(MODEL.items[load.position] == load.item for load in dimension.loads)
    for dimension in found.relationships:
        said = {load.item: float(load.weight) for load in dimension.loads}
        assert said == MODEL_JSON["relationships"][dimension.code]["loads"]
    assert [each.code for each in found.relationships] == ["RD", "CO", "CB", "AE"]
    assert [each.code for each in found.capabilities] == ["I", "D", "N", "C"]


def test_gates_stand_beside_their_relationships() -> None:
    at = INSTRUMENT.positions
    assert Model.from_json(MODEL_JSON, INSTRUMENT).gates == (
        None,
        Gate("CO", "R4", at["R4"], 2.0, None),
        Gate("CB", "R8", at["R8"], 2.0, None),
        Gate("AE", "R10", at["R10"], 3.0, 2.0),
    )


def test_votes_come_in_the_order_of_the_questions() -> None:
    found = Model.from_json(MODEL_JSON, INSTRUMENT).votes
    assert [(each.item, each.is_choice, float(each.weight)) for each in found] == [
        ("A1", True, 3), ("A2", True, 2), ("A3", True, 2), ("A4", True, 1),
        ("A5", False, 2), ("A6", False, 2),
    ]  # fmt: skip
    assert {code: float(vote) for code, vote in found[4].gives.items()} == {"CW": 2, "MM": -2}
    assert [each.position for each in found] == [INSTRUMENT.positions[each.item] for each in found]


def test_relationships_have_one_order_whatever_that_of_the_file() -> None:
    data = with_changes(relationships=dict(reversed(MODEL_JSON["relationships"].items())))
    found = Model.from_json(data, INSTRUMENT)
    assert (found.relationships, found.gates) == (MODEL.relationships, MODEL.gates)


def test_weights_are_the_smallest_whole_numbers_in_their_proportion() -> None:
    data = with_changes(relationships__RD__loads={"R1": 0.4, "R2": 1.2, "R3": 0})
    (dimension, *_) = Model.from_json(data, INSTRUMENT).relationships
    assert [(load.item, load.whole) for load in dimension.loads] == [("R1", 1), ("R2", 3)]
    assert dimension.top == 4


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("presence__cut", 1), ("presence__window", 1), ("architectures__majority", 1),
        ("architectures__lead", 1), ("quadrant__cut", 4), ("quadrant__band", 2), ("quadrant__cap_margin", 4),
        ("minimum_coverage", 1), ("minimum_raters", 1000), ("version", 9999),
        ("intrusion__unwilling__maximum", 4), ("architectures__split__to", 4),
    ],
)  # fmt: skip
def test_a_number_reaches_its_top_and_not_beyond(path: str, most: int) -> None:
    assert Model.from_json(with_changes(**{path: most}), INSTRUMENT)
    place = path.replace("__", ".")
    low = 1 if path in ("minimum_raters", "version") else 0
    with pytest.raises(ModelError, match=rf"^model\.{place}: must be from {low} to {most:g}$"):
        Model.from_json(with_changes(**{path: most + 1}), INSTRUMENT)


@pytest.mark.parametrize(
    "path", ["presence__window", "architectures__lead", "quadrant__band", "quadrant__cap_margin"]
)
def test_some_numbers_may_be_nought(path: str) -> None:
    assert Model.from_json(with_changes(**{path: 0}), INSTRUMENT)


@pytest.mark.parametrize(
    "path",
    [
        "presence__cut",
        "architectures__majority",
        "quadrant__cut",
        "minimum_coverage",
        "relationships__CO__gate__minimum",
    ],
)
def test_a_cut_at_nought_would_cut_nothing(path: str) -> None:
    with pytest.raises(ModelError, match=r": must be above zero$"):
        Model.from_json(with_changes(**{path: 0}), INSTRUMENT)


def test_a_split_may_be_one_point() -> None:
    found = Model.from_json(with_changes(architectures__split={"item": "A6", "from": 2, "to": 2}), INSTRUMENT)
    assert found.split == ("A6", INSTRUMENT.positions["A6"], 2.0, 2.0)


@pytest.mark.parametrize(
    "path",
    [
        *MODEL_JSON, "presence__cut", "presence__window", "presence__order", "intrusion__unwanted",
        "intrusion__sensed", "intrusion__unwilling", "intrusion__unwilling__item",
        "intrusion__unwilling__maximum", "architectures__choices", "architectures__scales",
        "architectures__majority", "architectures__lead", "architectures__split",
        "architectures__split__item",
        "architectures__split__from", "architectures__split__to", "quadrant__cut", "quadrant__band",
        "quadrant__cap_margin", "instrument__code", "instrument__version", "relationships__CO__loads",
        "relationships__CO__gate__item", "relationships__CO__gate__minimum",
    ],
)  # fmt: skip
def test_what_is_needed_is_named_where_it_is_missing(path: str) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(with_changes(**{path: None}), INSTRUMENT)
    assert (refused.value.place, refused.value.reason) == (f"model.{path.replace('__', '.')}", "is missing")


MORE_BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"instrument__code": "other"}, "instrument", "is not the questionnaire given with the model"),
    ({"instrument__version": 0}, "instrument.version", "must be from 1 to 9999"),
    ({"presence__order": ["RD", "CO", "CB", "XX"]}, "presence.order[3]", "'XX' is not a relationship"),
    ({"presence__order": ["RD", "CO", "CB", "CB"]}, "presence.order", "must name each relationship once"),
    ({"presence__order": "RD"}, "presence.order", "must be a list"),
    ({"intrusion__unwanted": ["XX"]}, "intrusion.unwanted[0]", "'XX' is not a relationship"),
    (
        {"intrusion__unwilling__item": "A1"},
        "intrusion.unwilling.item",
        "'A1' is not an item on the scale 0-4",
    ),
    (
        {"intrusion__sensed": [{"item": "R10", "minimum": 0, "relationships": []}]},
        "intrusion.sensed[0].minimum",
        "must be above zero",
    ),
    (
        {"intrusion__sensed": [{"item": "R10", "minimum": 5, "relationships": []}]},
        "intrusion.sensed[0].minimum",
        "must be from 0 to 4",
    ),
    (
        {"intrusion__sensed": [{"minimum": 3, "relationships": []}]},
        "intrusion.sensed[0].item",
        "is missing",
    ),
    ({"architectures__choices": {}}, "architectures.choices", "has no item"),
    (
        {"architectures__choices__A1__XX": 1},
        "architectures.choices.A1.XX",
        "there is no architecture XX",
    ),
    ({"architectures__scales__A5__XX": 1}, "architectures.scales.A5.XX", "there is no architecture XX"),
    ({"architectures__choices__A1__PR": -1}, "architectures.choices.A1.PR", "must not be negative"),
    (
        {"architectures__scales__A1": {"PR": 1}},
        "architectures.scales.A1",
        "'A1' is not an item on the scale 0-4",
    ),
    ({"relationships__CO__gate__partial": 0}, "relationships.CO.gate.partial", "must be above zero"),
    ({"relationships__CO__gate__partial": 5}, "relationships.CO.gate.partial", "must be from 0 to 4"),
    ({"relationships__CO__gate__surprise": 1}, "relationships.CO.gate.surprise", "is not known here"),
    (
        {"relationships__CO__gate__item": "A1"},
        "relationships.CO.gate.item",
        "'A1' is not an item on the scale 0-4",
    ),
    ({"wanted__XX": {"P1": 1}}, "wanted.XX", "is not known here"),
    ({"capabilities__I": {"P9": 1}}, "capabilities.I.P9", "there is no item on the scale 0-4 called P9"),
    ({"title": 3}, "title", "must be a text that is not empty"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "place", "reason"), MORE_BAD, ids=[f"{b[1]}: {b[2]}" for b in MORE_BAD])
def test_each_further_fault_has_its_place_and_reason(
    changes: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(with_changes(**changes), INSTRUMENT)
    assert (refused.value.place, refused.value.reason) == (f"model.{place}", reason)


def test_a_fault_is_one_line_of_place_and_reason() -> None:
    with pytest.raises(ModelError, match=r"^model\.quadrant: must be an object$"):
        Model.from_json(with_changes(quadrant=3), INSTRUMENT)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"b": 1, "code": "a", "code": "b"}', "'code' is given twice in one object"),
        ("[]", "must be an object"),
        (b"{", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_a_file_that_is_no_model_says_why(text: Any, reason: str) -> None:
    with pytest.raises(ModelError) as refused:
        Model.from_json(text, INSTRUMENT)
    assert (refused.value.place, refused.value.reason) == ("model", reason)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1.0, "a": [0.80, {"d": 2, "c": None}]}, '{"a":[0.8,{"c":null,"d":2}],"b":1}'),
        (Decimal("2.0"), "2"),
        (Decimal("0.5"), "0.5"),
        (("ä", True), '["\\u00e4",true]'),
        ({1: "x"}, '{"1":"x"}'),
    ],
)
def test_one_thing_is_written_one_way(value: Any, written: str) -> None:
    assert canonical(value) == written


def test_the_fingerprint_is_that_of_the_file_written_one_way() -> None:
    found = Model.from_json(MODEL_JSON, INSTRUMENT).fingerprint
    assert found == sha256(canonical(MODEL_JSON).encode()).hexdigest()
