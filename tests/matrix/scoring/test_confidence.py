"""How sure a placement is: the arithmetic against a slow reckoning, and what must hold for any room."""

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from benchmarks.workshops import UNSEEN, simulated
from matrix.scoring import Model, Scores, receipt, score
from matrix.scoring.calibration import Curve
from matrix.scoring.confidence import Counted, Errors, at_least, confidence_note
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, counted, sheet
from tests.matrix.scoring.by_hand import ByHand
from tests.matrix.scoring.journeys import RULES
from tests.matrix.scoring.test_known_cases import CASES, QUADRANTS

PARK = CASES["theme park, guest with a wristband"][0]
DETERGENT = QUADRANTS["Q1"]
ONE_TO_ONE = QUADRANTS["Q4"]
MIXED = sheet(R="4 3 3 3 2 3 2 3 2 1 3 -", A="PR RT PR RT 0 0", I="4 4 3", D="2 2 2", N="3 3 3", C="2 2 2")
STRAIGHT = Curve((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))


def sure(*sheets: list[int], model: Model = RULES) -> tuple[float, float]:
    found = score(counted(*sheets), model, np.array([len(sheets)]))
    return float(found.confidence_cell[0]), float(found.confidence_quadrant[0])


def uncurved(model: Model = RULES) -> Model:
    assert model.confidence
    return replace(model, confidence=replace(model.confidence, cell=STRAIGHT, quadrant=STRAIGHT))


def changed(row: list[int], **answers: int) -> list[int]:
    found = list(row)
    for code, value in answers.items():
        found[INSTRUMENT.positions[code]] = value
    return found


@pytest.mark.parametrize(
    ("distance", "square", "expected"),
    [
        (0.0, 1.0, 0.5), (1.0, 1.0, 0.8130495), (-1.0, 1.0, 0.1869505), (2.131847, 1.0, 0.95),
        (3.0, 4.0, 0.896), (4.604095, 1.0, 0.995), (0.2, 0.0, 1.0), (-0.2, 0.0, 0.0), (0.0, 0.0, 0.5),
    ],
)  # fmt: skip
def test_distances_become_probabilities_by_students_t(
    distance: float, square: float, expected: float
) -> None:
    assert at_least(np.array([distance]), np.array([square]))[0] == pytest.approx(expected, abs=2e-6)


def test_the_quick_core_equals_the_slow_reckoning() -> None:
    model = uncurved()
    rooms = simulated(5, 300, UNSEEN, INSTRUMENT, model)
    found = score(rooms.hist, model, rooms.raters)
    for at in range(len(found)):
        alone = score(rooms.hist[at : at + 1], model, rooms.raters[at : at + 1])
        cell, quadrant = ByHand(rooms.hist[at], alone, model).reckoned()
        if not np.isnan(found.confidence_cell[at]):
            assert found.confidence_cell[at] == pytest.approx(cell, abs=1e-6)
        if not np.isnan(found.confidence_quadrant[at]):
            assert found.confidence_quadrant[at] == pytest.approx(quadrant, abs=1e-6)


def test_every_kind_of_placement_was_among_those_reckoned_slowly() -> None:
    rooms = simulated(5, 300, UNSEEN, INSTRUMENT, RULES)
    found = score(rooms.hist, RULES, rooms.raters)
    sure_of_cell = ~np.isnan(found.confidence_cell)
    assert set(found.primary[sure_of_cell]) == {-1, 0, 1, 2, 3}
    assert set(found.primary_architecture[sure_of_cell]) == {-1, 0, 1, 2, 3, 4}
    assert set(found.quadrant[~np.isnan(found.confidence_quadrant)]) == {1, 2, 3, 4}
    assert found.capped.any()
    assert np.isnan(found.relationships[sure_of_cell]).any()


@pytest.mark.parametrize(
    ("sheets", "cell", "quadrant"),
    [
        ([DETERGENT], math.nan, 0.9311),
        ([DETERGENT] * 3, math.nan, 0.9766),
        ([PARK], 0.4044, 0.9015),
        ([PARK] * 3, 0.7338, 0.9762),
        ([PARK] * 8, 0.9747, 0.9850),
        ([MIXED] * 4, 0.7244, 0.9799),
        ([ONE_TO_ONE] * 15, math.nan, 0.9873),
    ],
)
def test_figures_of_model_2(sheets: list[list[int]], cell: float, quadrant: float) -> None:
    assert sure(*sheets) == pytest.approx((cell, quadrant), abs=1e-4, nan_ok=True)


@pytest.mark.parametrize("answers", [PARK, DETERGENT, ONE_TO_ONE, MIXED])
def test_one_rater_never_looks_certain(answers: list[int]) -> None:
    claims = [claim for claim in sure(answers) if claim == claim]
    assert claims
    assert max(claims) <= 0.95


def test_nobody_is_ever_quite_certain() -> None:
    assert sure(*[changed(DETERGENT, A1=1, A2=1, A3=1, A4=1, A5=0, A6=0)] * 15) < (0.9901, 0.9901)


def test_more_raters_of_one_mind_make_surer() -> None:
    rising = [sure(*[PARK] * raters) for raters in (1, 2, 4, 8, 15)]
    assert rising == sorted(rising)
    assert [quadrant for _, quadrant in rising] == sorted(quadrant for _, quadrant in rising)
    assert rising[-1][0] - rising[0][0] > 0.1


def test_a_split_on_a_gate_takes_confidence_away() -> None:
    away = changed(PARK, R8=0)
    assert sure(PARK, PARK, away, PARK)[0] < sure(PARK, PARK, PARK, PARK)[0] - 0.02


def test_answers_that_are_missing_take_confidence_away() -> None:
    blank = changed(PARK, N2=-1, C2=-1, R3=-1)
    assert sure(blank)[1] < sure(PARK)[1]


def test_what_lies_nearer_to_a_line_is_less_sure() -> None:
    near = changed(PARK, C1=1, C2=1, C3=1, R4=2)
    assert sure(near, near, near)[1] < sure(PARK, PARK, PARK)[1]


def test_what_is_not_placed_has_no_confidence() -> None:
    relationships_only = changed(PARK, **{f"A{at}": -1 for at in range(1, 7)}, N1=-1, N2=-1, N3=-1)
    assert np.isnan(sure(relationships_only)).all()


def test_quadrant_and_cell_are_told_apart() -> None:
    cell, quadrant = sure(changed(PARK, N1=-1, N2=-1, N3=-1))
    assert not np.isnan(cell)
    assert np.isnan(quadrant)


def test_a_model_without_calibration_gives_none() -> None:
    assert np.isnan(sure(PARK, model=MODEL)).all()


def rows(scores: Scores, at: int) -> dict[str, Any]:
    return {f.name: getattr(scores, f.name)[at].tolist() for f in fields(Scores)}


def test_neighbours_and_blocks_do_not_change_a_bit() -> None:
    rooms = simulated(9, 4200, UNSEEN, INSTRUMENT, RULES)
    together = score(rooms.hist, RULES, rooms.raters)
    for at in (0, 1, 14, 4095, 4096, 4199):
        alone = score(rooms.hist[at : at + 1], RULES, rooms.raters[at : at + 1])
        np.testing.assert_equal(rows(alone, 0), rows(together, at))


def test_sixty_thousand_answers_do_not_overflow() -> None:
    hist = np.zeros((1, RULES.width, 5), dtype=np.uint16)
    hist[0, :, :] = 0
    hist[0, :, 0] = 65_535
    found = score(hist, RULES)
    assert 0.9 < found.confidence_cell[0] <= 0.99
    assert 0.9 < found.confidence_quadrant[0] <= 0.99


def test_the_receipt_says_both_and_how_they_were_reckoned() -> None:
    proof = receipt(counted(PARK, PARK, PARK)[0], RULES, 3).as_dict()["confidence"]
    assert (proof["cell"], proof["quadrant"]) == sure(PARK, PARK, PARK)
    assert proof["reckoned"].startswith("From how far 3 raters differ, with 75% of the answers in:")


def test_the_receipt_of_one_rater_says_that_the_error_is_the_model_s() -> None:
    assert receipt(counted(PARK)[0], RULES, 1).confidence_note.startswith(
        "From one rater, whose error is taken"
    )


def test_the_receipt_of_a_model_without_calibration_says_so() -> None:
    proof = receipt(counted(PARK)[0], MODEL, 1).as_dict()["confidence"]
    assert proof == {
        "cell": None,
        "quadrant": None,
        "reckoned": "cs-1 version 1 is not calibrated, so no confidence is given.",
    }


def test_the_note_says_the_whole_of_it() -> None:
    rest = (
        "how far each figure that decides lies from the line it would have to cross, in units of its own "
        "error. Read off the model's curve, which says how often such a placement was the right one in "
        "simulated workshops."
    )
    assert confidence_note(RULES, 4, 0.756) == (
        f"From how far 4 raters differ, with 76% of the answers in: {rest}"
    )
    assert confidence_note(RULES, 1, 1.0) == (
        f"From one rater, whose error is taken from the model, with 100% of the answers in: {rest}"
    )


def test_errors_need_a_calibrated_model() -> None:
    nothing = Counted(*[np.zeros((5, 1, 1), dtype=np.int32)] * 6)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^cs-1 version 1 is not calibrated$"):
        Errors(nothing, MODEL)


def test_standard_errors_shrink_with_raters_and_stand_where_the_task_is_known() -> None:
    one, eight = (score(counted(*[PARK] * n), RULES, np.array([n])) for n in (1, 8))
    for name in ("interact_error", "customize_error"):
        assert 0 < getattr(eight, name)[0] < getattr(one, name)[0] < 1
    blank = changed(PARK, N1=-1, N2=-1, N3=-1)
    found = score(counted(blank), RULES)
    assert np.isnan(found.interact_error[0])
    assert not np.isnan(found.customize_error[0])
    other = score(counted(changed(PARK, C1=-1, C2=-1, C3=-1, R4=-1)), RULES)
    assert not np.isnan(other.interact_error[0])
    assert np.isnan(other.customize_error[0])
    assert np.isnan(other.confidence_quadrant[0])


def test_a_capped_interact_has_the_error_of_identify() -> None:
    capped = sheet(I="0 1 0", D="2 2 2", N="4 4 4", C="2 2 2", R="0 2 2 2 2 2 2 2 2 0 0 -")
    alone = changed(capped, N1=-1, N2=4)
    one, other = score(counted(capped), RULES), score(counted(alone), RULES)
    assert one.capped[0]
    assert other.capped[0]
    assert one.interact_error[0] == pytest.approx(other.interact_error[0], abs=0.1)
    hand = ByHand(counted(capped)[0], one, RULES)
    assert one.interact_error[0] == pytest.approx(math.sqrt(hand.dimension(RULES.capabilities[0])), abs=1e-6)
    assert one.customize_error[0] == pytest.approx(math.sqrt(hand.dimension(RULES.capabilities[3])), abs=1e-6)


def test_an_interact_below_its_cap_has_its_own_error() -> None:
    found = score(counted(PARK, PARK), RULES, np.array([2]))
    hand = ByHand(counted(PARK, PARK)[0], found, RULES)
    assert not found.capped[0]
    assert found.interact_error[0] == pytest.approx(
        math.sqrt(hand.dimension(RULES.capabilities[2])), abs=1e-6
    )


@pytest.mark.parametrize(
    "room", [[PARK], [MIXED] * 2, [PARK, DETERGENT, MIXED], [ONE_TO_ONE, PARK], [DETERGENT] * 5]
)
def test_chosen_rooms_equal_the_slow_reckoning(room: list[list[int]]) -> None:
    model = uncurved()
    found = score(counted(*room), model, np.array([len(room)]))
    cell, quadrant = ByHand(counted(*room)[0], found, model).reckoned()
    if found.primary[0] >= -1 and found.primary_architecture[0] >= -1:
        assert found.confidence_cell[0] == pytest.approx(cell, abs=1e-6)
    assert found.confidence_quadrant[0] == pytest.approx(quadrant, abs=1e-6)
