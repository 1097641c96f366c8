"""Forks: every fault at once, what was typed, and whether the calibration still holds."""

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path as File
from typing import Any

import pytest

import assessments
import matrix
from assessments.instrument import Instrument
from matrix.scoring import Model
from matrix.scoring.forks import Path, at, complete, faults, fork_of, keeps_confidence, put
from matrix.scoring.typed import fields, filled, named, number

BASE: dict[str, Any] = json.loads(
    File(str(matrix.__file__)).with_name("data").joinpath("models", "cs-1.v2.json").read_text()
)
CS1 = Instrument.from_json(
    File(str(assessments.__file__)).with_name("data").joinpath("instruments", "cs-1.v1.json").read_text()
)


def fork(**typed: object) -> dict[str, Any]:
    """The base's fork with values at paths, written with two underscores for a step."""
    made = fork_of(BASE)
    for name, value in typed.items():
        put(made, tuple(int(step) if step.isdecimal() else step for step in name.split("__")), value)
    return made


def wrong(made: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(named(fault.path), fault.reason) for fault in faults(made, BASE, CS1)]


def test_a_fork_has_neither_names_nor_calibration() -> None:
    assert set(BASE) - set(fork_of(BASE)) == {"code", "version", "title", "confidence"}


def test_what_is_sound_has_no_fault() -> None:
    assert wrong(fork()) == []


@pytest.mark.parametrize(
    ("typed", "place", "reason"),
    [
        ({"quadrant__cut": 9}, "quadrant/cut", "must be from 0 to 4"),
        ({"quadrant__cut": 0}, "quadrant/cut", "must be above zero"),
        ({"quadrant__band": "wide"}, "quadrant/band", "must be a number"),
        ({"presence__cut": float("nan")}, "presence/cut", "must be finite"),
        ({"presence__window": float("inf")}, "presence/window", "must be finite"),
        ({"minimum_raters": 2.5}, "minimum_raters", "must be a whole number"),
        ({"capabilities__I__I1": -1}, "capabilities/I/I1", "must not be negative"),
        ({"capabilities__I": {"I1": 0}}, "capabilities/I", "has no weight above zero"),
        ({"wanted__RD": {}}, "wanted/RD", "has no weight above zero"),
        ({"relationships__AE__gate__minimum": 5}, "relationships/AE/gate/minimum", "must be from 0 to 4"),
        (
            {"relationships__AE__gate__partial": 3},
            "relationships/AE/gate/partial",
            "must be below the minimum",
        ),
        (
            {"relationships__AE__gate__item": "R12"},
            "relationships/AE/gate/item",
            "R12 is not asked of everyone, so its gate could never be met",
        ),
        (
            {"relationships__CO__loads__R4": None},
            "relationships/CO/gate/item",
            "R4 does not load on CO, which its gate guards",
        ),
        ({"relationships__RD__gate": {"minimum": 2}}, "relationships/RD/gate/item", "is missing"),
        ({"architectures__split__from": 4}, "architectures/split", "begins above its end"),
        ({"architectures__scales__A5": {}}, "architectures/scales/A5", "has no weight above zero"),
        ({"architectures__choices": {}}, "architectures/choices", "has no item"),
        ({"presence__order__1": "AE"}, "presence/order", "must name each relationship once"),
        ({"intrusion__sensed__1__minimum": ""}, "intrusion/sensed/1/minimum", "must be a number"),
        (
            {"derive__items__R8__evidence": "both"},
            "derive/items/R8/evidence",
            "'both' is not asked or derived",
        ),
    ],
)
def test_a_fault_is_told_with_place_and_reason(typed: dict[str, object], place: str, reason: str) -> None:
    assert wrong(fork(**typed)) == [(place, reason)]


def test_all_faults_are_told_at_once() -> None:
    made = fork(
        relationships__CO__loads__R4="much",
        relationships__CB__loads__R8=None,
        relationships__CB__gate__minimum=9,
        wanted__RD__P2="x",
        quadrant__cut=9,
        minimum_coverage=0,
    )
    assert {place for place, _ in wrong(made)} == {
        "relationships/CO/loads/R4",
        "relationships/CB/gate/item",
        "relationships/CB/gate/minimum",
        "wanted/RD/P2",
        "quadrant/cut",
        "minimum_coverage",
    }


def test_a_gate_without_any_item_that_may_guard_it_is_still_told() -> None:
    made = fork(relationships__AE__loads={"R12": 1})
    assert wrong(made) == [
        ("relationships/AE/gate/item", "R10 does not load on AE, which its gate guards"),
    ]


def test_what_rests_on_another_fault_is_not_told() -> None:
    made = fork(relationships__AE__gate__minimum="x", relationships__AE__gate__partial=3.5)
    assert [place for place, _ in wrong(made)] == ["relationships/AE/gate/minimum"]


def test_looking_for_faults_changes_nothing() -> None:
    made = fork(quadrant__cut=9)
    before = deepcopy(made)
    wrong(made)
    assert made == before


def test_the_calibration_is_kept_while_nothing_that_places_is_changed() -> None:
    assert keeps_confidence(BASE, fork(minimum_raters=4, wanted__RD__P2=0.6, quadrant__cut=1.35))


@pytest.mark.parametrize(
    "typed",
    [
        {"minimum_coverage": 0.5},
        {"relationships__RD__loads__R1": 0.7},
        {"relationships__AE__gate__minimum": 2.5},
        {"presence__cut": 0.5},
        {"architectures__lead": 0.2},
        {"capabilities__C__C1": 0.9},
        {"quadrant__cut": 1.4},
    ],
)
def test_the_calibration_goes_with_what_it_was_fitted_to(typed: dict[str, object]) -> None:
    made = complete(fork(**typed), BASE, code="mine", version=1, title="Mine")
    assert Model.from_json(made, CS1).confidence is None


def test_a_fork_that_changes_nothing_is_the_base_by_another_name() -> None:
    made = complete(fork(), BASE, code="mine", version=3, title="Mine")
    assert made == {**BASE, "code": "mine", "version": 3, "title": "Mine"}


def test_a_base_without_calibration_gives_none() -> None:
    assert not keeps_confidence({k: v for k, v in BASE.items() if k != "confidence"}, fork())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.8", 0.8), ("0,8", 0.8), (" 2 ", 2), ("2.0", 2), ("−1", -1), ("-.5", -0.5), ("+3", 3), ("1.", 1),
        ("", ""), ("much", "much"), ("nan", "nan"), ("1e999", "1e999"), ("inf", "inf"), ("1 2", "1 2"),
        ("1,000,000", "1,000,000"), ("9" * 50, "9" * 40), ("a\0b", "ab"), ("٣", 3),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text: str, value: object) -> None:
    assert (number(text), type(number(text))) == (value, type(value))


def test_what_the_page_shows_sent_back_changes_nothing() -> None:
    made = fork()
    values = {named(path): _text(at(made, path)) for path in fields(made, BASE, CS1)}
    values["derive/items/R8/evidence"] = "asked"
    assert filled(made, BASE, CS1, values) == made


def _text(value: object) -> str:
    return "" if value is None else str(value)


@pytest.mark.parametrize(
    ("values", "path", "value"),
    [
        ({"relationships/CO/loads/R4": "0,7"}, ("relationships", "CO", "loads", "R4"), 0.7),
        ({"relationships/CO/loads/R4": " "}, ("relationships", "CO", "loads", "R4"), None),
        ({"relationships/CO/loads/R4": "lots"}, ("relationships", "CO", "loads", "R4"), "lots"),
        ({"relationships/AE/gate/partial": ""}, ("relationships", "AE", "gate", "partial"), None),
        ({"relationships/RD/gate/minimum": "2"}, ("relationships", "RD", "gate"), {"minimum": 2}),
        ({"quadrant/cut": ""}, ("quadrant", "cut"), ""),
        ({"presence/order/0": "CB"}, ("presence", "order", 0), "CB"),
        ({"intrusion/sensed/0/minimum": "2"}, ("intrusion", "sensed", 0, "minimum"), 2),
        ({"derive/items/R8/evidence": "derived"}, ("derive", "items", "R8", "evidence"), "derived"),
        ({"derive/items/R8/evidence": "asked"}, ("derive", "items", "R8", "evidence"), None),
        ({"wanted/RD/+": "P6", "wanted/RD/+/weight": "-0.4"}, ("wanted", "RD", "P6"), -0.4),
        ({"wanted/RD/+": "P6"}, ("wanted", "RD", "P6"), ""),
        ({"wanted/RD/+": "A1", "wanted/RD/+/weight": "1"}, ("wanted", "RD", "A1"), None),
        ({"wanted/RD/+": "P2", "wanted/RD/+/weight": "9"}, ("wanted", "RD", "P2"), 0.7),
        ({"wanted/RD/+": "", "wanted/RD/+/weight": "0,3"}, ("wanted", "RD", "+"), 0.3),
        ({"wanted/RD/+": "", "wanted/RD/+/weight": ""}, ("wanted", "RD", "+"), None),
        ({"architectures/scales/+": "R5"}, ("architectures", "scales", "R5"), {}),
        ({"code": "mine", "instrument/code": "x"}, ("instrument", "code"), "cs-1"),
    ],
)
def test_a_field_fills_its_place(values: dict[str, str], path: Path, value: object) -> None:
    assert at(filled(fork(), BASE, CS1, values), path) == value


@pytest.mark.parametrize(
    "then", [{"wanted/RD/+": "P6", "wanted/RD/+/weight": "1"}, {"wanted/RD/+/weight": ""}]
)
def test_a_weight_without_an_item_goes_when_it_has_one_or_is_emptied(then: dict[str, str]) -> None:
    held = filled(fork(), BASE, CS1, {"wanted/RD/+/weight": "1"})
    assert at(filled(held, BASE, CS1, then), ("wanted", "RD", "+")) is None


def test_a_gate_left_empty_goes() -> None:
    typed = dict.fromkeys((f"relationships/AE/gate/{name}" for name in ("item", "minimum", "partial")), "")
    assert at(filled(fork(), BASE, CS1, typed), ("relationships", "AE", "gate")) is None


def test_a_row_of_votes_left_empty_goes() -> None:
    typed = {f"architectures/choices/A4/{code}": "" for code in ("PR", "RT", "MM", "CW", "PP")}
    assert at(filled(fork(), BASE, CS1, typed), ("architectures", "choices", "A4")) is None


def test_what_was_taken_out_keeps_its_field() -> None:
    gone = fork(relationships__CO__loads__R4=None)
    assert ("relationships", "CO", "loads", "R4") in list(fields(gone, BASE, CS1))
