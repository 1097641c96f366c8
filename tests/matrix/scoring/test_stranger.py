"""A receipt is enough: another implementation, of the published rules, comes to the same placement."""

import ast
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.scoring import Model, receipt
from tests.matrix.scoring import stranger
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, ROOMS, counted, tried, with_changes
from tests.matrix.scoring.journeys import RULES
from tests.matrix.scoring.stranger import COLUMNS, ROWS, TASKS, Stranger
from tests.matrix.scoring.test_confidence import PARK, changed
from tests.matrix.scoring.test_known_cases import CASES, QUADRANTS

OTHER = Model.from_json(
    with_changes(
        relationships__CO__gate={"item": "R5", "minimum": 1.5, "partial": 1},
        relationships__CB__loads={"R7": 0.3, "R8": 1.7, "R11": 0.4},
        presence__cut=0.35,
        presence__window=0.05,
        presence__order=["CO", "AE", "RD", "CB"],
        architectures__majority=0.4,
        quadrant__cap_margin=0.5,
        minimum_coverage=0.3,
    ),
    INSTRUMENT,
)
SHORT = np.isin(np.array(MODEL.items), INSTRUMENT.short_form)


def check(proof: dict[str, Any]) -> None:
    """All that the receipt says, reckoned again from its JSON."""
    other, said = Stranger(proof), proof["outcome"]
    levels = {code: other.level("relationship", code) for code in ROWS}
    wanted = {code: other.level("wanted", code) for code in ROWS}
    assert_same(levels, said["relationships"], 24)
    assert_same(wanted, said["wanted"], 24)
    assert_same(other.shares(), said["architectures"], 24)
    scores = {(each["kind"], each["code"]): each["score"] for each in proof["accounts"]}
    assert_same({code: other.task(code) for code in TASKS}, {c: scores["capability", c] for c in TASKS}, 22)
    present, primary, none = other.primary(levels)
    assert (present, primary, none) == (
        list(said["present"]),
        said["primary_relationship"],
        said["buys_what_we_have"],
    )
    assert other.leading(other.shares()) == (said["primary_architecture"], said["mixed"])
    held, quadrant, near = other.quadrant()
    assert_same({"N": held}, {"N": said["interact"]}, 22)
    assert (quadrant, near) == (said["quadrant"], said["borderline"])
    assert said["scheduled_repeat"] == any(other.gate(code) == "partly" for code in ROWS)
    assert other.intrusive(levels, wanted, present) == list(said["intrusive"])
    assert abs(other.coverage() - Fraction(proof["coverage"])) < Fraction(1, 2**23)
    agreement = other.agreement()
    assert (agreement is None) == (proof["agreement"] is None)
    assert agreement is None or abs(agreement - proof["agreement"]) < 1e-6
    for mine, claimed in zip(
        other.confidence(levels, primary, none),
        (proof["confidence"]["cell"], proof["confidence"]["quadrant"]),
        strict=True,
    ):
        assert (mine is None) == (claimed is None)
        assert mine is None or abs(mine - claimed) < 1e-6
    assert other.fingerprint() == proof["fingerprint"]


def assert_same(mine: dict[str, Fraction | None], said: dict[str, float | None], bits: int) -> None:
    """Within one place of the grid: a half may be rounded either way."""
    for code, value in mine.items():
        assert (value is None) == (said[code] is None), code
        if value is not None:
            assert abs(value - Fraction(said[code] or 0.0)) <= Fraction(1, 2**bits), code


def written(
    room: list[list[int]], model: Model = MODEL, asked: Any = None, derived: Any = None
) -> dict[str, Any]:
    proof = receipt(counted(*room)[0], model, len(room), asked, INSTRUMENT, derived)
    found: dict[str, Any] = json.loads(json.dumps(proof.as_dict(), allow_nan=False))
    return found


@pytest.mark.parametrize("case", [*CASES, *QUADRANTS])
def test_known_cases_are_reckoned_again(case: str) -> None:
    check(written([CASES[case][0] if case in CASES else QUADRANTS[case]]))


@given(ROOMS)
@tried(40)
def test_any_room_is_reckoned_again(room: list[list[int]]) -> None:
    check(written(room))


@given(ROOMS)
@tried(40)
def test_so_is_how_sure_it_is(room: list[list[int]]) -> None:
    proof = written(room, RULES)
    assert proof["rules"]["confidence"] is not None
    check(proof)


def test_how_sure_a_sober_room_is() -> None:
    proof = written([PARK, PARK, changed(PARK, R8=2, A2=2)], RULES)
    assert proof["confidence"]["cell"] is not None
    check(proof)


@given(ROOMS, st.booleans())
@tried(40)
def test_so_is_it_under_another_model_and_the_short_form(room: list[list[int]], short: bool) -> None:
    check(written(room, OTHER, SHORT if short else None))


@given(ROOMS, st.dictionaries(st.sampled_from(MODEL.scales), st.integers(0, 16), max_size=6))
@tried(40)
def test_so_is_what_touchpoints_say(room: list[list[int]], said: dict[int, int]) -> None:
    derived = np.full(MODEL.width, np.nan)
    for at, quarters in said.items():
        derived[at] = quarters / 4
    check(written(room, derived=derived))


def test_the_stranger_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(stranger.__file__).read_text("utf-8"))
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert froms | names == {"fractions", "hashlib", "math", "struct", "typing"}


def test_columns_are_those_of_choices() -> None:
    assert tuple(choice.code for choice in INSTRUMENT.item("A1").choices) == COLUMNS
