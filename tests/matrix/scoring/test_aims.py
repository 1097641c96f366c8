"""What a target hangs on, when it holds, and how much is missing on the way."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matrix.scoring import TARGETS, Scores, Target, wished
from matrix.scoring.aims import Goal, goals_of, hits, missing, related
from matrix.scoring.narrow import with_conditions
from tests.matrix.scoring.answers import MODEL, placed, scored, sheet

NAN = float("nan")
RD, CO, CB, AE = range(4)
SIDES = {"I1", "I2", "I3", "N1", "N2", "N3", "C1", "C2", "C3"}


def standing(**values: Any) -> Scores:
    """One segment that stands just so; whatever is not named is not known."""
    means = np.full((1, MODEL.width), NAN)
    for item, mean in values.pop("means", {}).items():
        means[0, MODEL.positions[item]] = mean
    rows = {name: np.array([value]) for name, value in values.items()}
    return replace(scored(sheet()), item_mean=means, **rows)


def left(kind: str, index: int, **values: Any) -> float:
    return float(missing(standing(**values), Goal(((kind, index),), ()), MODEL)[0])


def met(kind: str, index: int, **values: Any) -> bool:
    return bool(hits(standing(**values), Goal(((kind, index),), ()), MODEL)[0])


# --- Targets ----------------------------------------------------------------------------------------


def test_there_are_twenty_cells_and_four_quadrants() -> None:
    codes = [target.code for target in TARGETS]
    assert (len(codes), len(set(codes))) == (24, 24)
    assert (codes[0], codes[19], codes[20:]) == ("RD-PR", "AE-PP", ["Q1", "Q2", "Q3", "Q4"])
    assert [Target.named(code) for code in codes] == list(TARGETS)


def test_what_can_be_given_is_listed_where_it_was_not() -> None:
    said = "Give a cell such as CO-MM (RD, CO, CB, AE and PR, RT, MM, CW, PP) or a quadrant (Q1, Q2, Q3, Q4)."
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        Target.named("XX-MM")


def test_of_equal_wishes_the_first_is_taken() -> None:
    found = placed(sheet(R1=1))
    wanted: dict[str, float | None] = dict.fromkeys(found.wanted, 0.5)
    shares: dict[str, float | None] = dict.fromkeys(found.architectures, 0.2)
    assert wished(replace(found, wanted=wanted, architectures=shares)) == Target("RD", "PR")
    assert wished(replace(found, wanted=wanted | {"AE": 0.6})) == Target("AE", "PR")
    assert wished(replace(found, architectures=shares | {"PP": 0.3})) == Target("RD", "PP")


# --- Goals ------------------------------------------------------------------------------------------


def named(goal: Goal) -> set[str]:
    return {MODEL.items[at] for at in goal.positions}


def test_a_relationship_hangs_on_all_of_them_and_a_column_on_the_votes() -> None:
    one, other = goals_of(Target("AE", "PP"), MODEL)
    assert (one.aims, other.aims) == ((("relationship", 3),), (("architecture", 4),))
    assert named(one) == {f"R{at}" for at in range(1, 13)}
    assert named(other) == {"A1", "A2", "A3", "A4", "A5", "A6"}


@pytest.mark.parametrize(
    ("code", "interact", "customize"), [("Q1", 0, 0), ("Q2", 0, 1), ("Q3", 1, 0), ("Q4", 1, 1)]
)
def test_a_quadrant_is_two_sides(code: str, interact: int, customize: int) -> None:
    one, other = goals_of(Target(quadrant=code), MODEL)
    assert (one.aims, other.aims) == ((("interact", interact),), (("customize", customize),))
    assert named(one) == {"R1", "R6", "R8", "I1", "I2", "I3", "N1", "N2", "N3"}
    assert named(other) == {"R4", "D3", "C1", "C2", "C3"}


def test_sides_tied_by_a_barred_relationship_hang_on_both_together() -> None:
    (whole,) = goals_of(Target(quadrant="Q4"), MODEL, ("CO",))
    assert named(whole) == {"R1", "R4", "R5", "R6", "R8", "D3", *SIDES}
    assert whole.positions == tuple(sorted(whole.positions))
    assert len(goals_of(Target(quadrant="Q4"), MODEL, ("AE",))) == 2
    assert len(goals_of(Target("CO", "MM"), MODEL, ("CB", "AE"))) == 2


def test_a_relationship_brings_its_gate() -> None:
    assert {MODEL.items[at] for at in related(MODEL, "CB")} == {"R7", "R8", "R9", "R11"}
    lone = replace(MODEL, relationships=(), gates=MODEL.gates)
    assert {MODEL.items[at] for at in related(lone)} == {"R4", "R8", "R10"}
    assert {MODEL.items[at] for at in related(lone, "AE")} == {"R10"}


def test_what_an_item_depends_on_comes_with_it() -> None:
    at = MODEL.positions
    assert with_conditions([at["R12"]], MODEL) == (at["R10"], at["R12"])
    assert with_conditions([at["N1"], at["R1"]], MODEL) == (at["R1"], at["N1"])


# --- Whether it holds -------------------------------------------------------------------------------


def test_a_relationship_and_a_column_hold_where_they_lead() -> None:
    assert met("relationship", CO, primary=CO)
    assert not met("relationship", CO, primary=CB)
    assert met("architecture", 2, primary_architecture=2)
    assert not met("architecture", 2, primary_architecture=-1)


@pytest.mark.parametrize(
    ("value", "high", "low"), [(1.35, True, False), (1.3, False, True), (NAN, False, False)]
)
def test_a_side_is_high_from_the_cut_on_and_unknown_is_neither(value: float, high: bool, low: bool) -> None:
    assert (met("interact", 1, interact=value), met("interact", 0, interact=value)) == (high, low)
    tasks = [NAN, NAN, NAN, value]
    assert (met("customize", 1, capabilities=tasks), met("customize", 0, capabilities=tasks)) == (high, low)


def test_all_of_a_goal_must_hold() -> None:
    goal = Goal((("relationship", CO), ("architecture", 1)), ())
    found = [hits(standing(primary=CO, primary_architecture=at), goal, MODEL)[0] for at in (0, 1)]
    assert found == [False, True]


# --- How much is missing ----------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "up", "down"), [(1.0, 0.35, 0), (2.0, 0, 0.65), (1.35, 0, 0), (NAN, 4, 4)])
def test_a_side_misses_the_way_to_the_cut(value: float, up: float, down: float) -> None:
    tasks = [NAN, NAN, NAN, value]
    assert left("customize", 1, capabilities=tasks) == pytest.approx(up)
    assert left("customize", 0, capabilities=tasks) == pytest.approx(down)
    assert left("interact", 0, interact=value, capabilities=[0, 0, 0, 0]) == pytest.approx(down)


@pytest.mark.parametrize(
    ("identify", "interact", "held", "lacks"),
    [
        (0.2, 3.0, 1.2, 0.15 + 0.15),  # held down by the cap, which identify lifts
        (2.0, 1.0, 1.0, 0.35 + 0.35),
        (0.2, 1.0, 1.0, 0.35 + 0.15 + 0.35),
        (2.0, 2.0, 2.0, 0.0),
        (NAN, NAN, NAN, 4 + 0.35 + 1.35),
    ],
)
def test_to_interact_identify_must_rise_as_well(
    identify: float, interact: float, held: float, lacks: float
) -> None:
    tasks = [identify, NAN, interact, NAN]
    assert left("interact", 1, interact=held, capabilities=tasks) == pytest.approx(lacks)


@pytest.mark.parametrize(
    ("shares", "column", "lacks"),
    [
        ([0.4, 0.35, 0.25, 0, 0], 0, 0.1 + 0.1),
        ([0.4, 0.35, 0.25, 0, 0], 1, 0.15 + 0.2),
        ([0.4, 0.35, 0.25, 0, 0], 4, 0.5 + 0.55),
        ([0.7, 0.1, 0.1, 0.1, 0], 0, 0),
        ([NAN] * 5, 0, 0.5 + 0.15 + 1),
    ],
)
def test_a_column_misses_its_majority_and_its_lead(shares: list[float], column: int, lacks: float) -> None:
    assert left("architecture", column, architectures=shares) == pytest.approx(lacks)


def toward(row: int, levels: list[float], present: str = "", **means: float) -> float:
    held = [code in present.split() for code in ("RD", "CO", "CB", "AE")]
    return left("relationship", row, relationships=levels, present=held, means=means)


def test_a_relationship_misses_its_level_and_its_gate() -> None:
    assert toward(RD, [0.3, 0, 0, 0]) == pytest.approx(0.1)
    assert toward(RD, [NAN, 0, 0, 0]) == pytest.approx(0.4)
    assert toward(RD, [0.5, 0, 0, 0], "RD") == 0
    assert toward(CO, [0, 0.3, 0, 0], R4=1) == pytest.approx(0.1 + 0.25)
    assert toward(CO, [0, 0.3, 0, 0]) == pytest.approx(0.1 + 0.5)
    assert toward(AE, [0, 0, 0, 0.5], R10=3.5) == 0


def test_an_earlier_rival_is_in_the_way_until_it_is_present_no_more() -> None:
    levels = [0.5, 0, 0, 0.6]
    assert toward(RD, levels, "RD AE", R10=4) == pytest.approx(0.1 + 0.2)
    assert toward(RD, levels, "RD AE", R10=3.4) == pytest.approx(0.1 + 0.1)
    assert toward(RD, levels, "RD", R10=2) == 0
    assert toward(RD, [0.5, 0.6, 0.6, 0], "RD CO CB", R4=4, R8=4) == pytest.approx(2 * (0.1 + 0.2))


def test_a_later_rival_is_in_the_way_only_when_it_is_far_ahead() -> None:
    assert toward(AE, [0.9, 0, 0, 0.5], "RD AE", R10=4) == pytest.approx(0.1 + 0.25)
    assert toward(AE, [0.6, 0, 0, 0.5], "RD AE", R10=4) == 0
    assert toward(AE, [0.5, 0, 0, 0.1], "RD", R10=4) == pytest.approx(0.3 + 0.1 + 0.1)
    assert toward(CB, [0, 0.9, 0.5, 0], "CO CB", R4=2, R8=4) == pytest.approx(0.1 + 0)


def test_a_rival_exactly_the_window_ahead_is_not_in_the_way() -> None:
    window = replace(MODEL, primary_window=0.25)
    at = standing(relationships=[0.75, 0, 0, 0.5], present=[True, False, False, True], means={"R10": 4})
    assert missing(at, Goal((("relationship", AE),), ()), window)[0] == 0


def test_what_is_missing_of_several_adds_up() -> None:
    goal = Goal((("relationship", RD), ("architecture", 0), ("customize", 1)), ())
    at = standing(
        relationships=[0.3, 0, 0, 0], architectures=[0.4, 0.35, 0.25, 0, 0], capabilities=[NAN, NAN, NAN, 1.0]
    )
    assert missing(at, goal, MODEL)[0] == pytest.approx(0.1 + 0.2 + 0.35)
