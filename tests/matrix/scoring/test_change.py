"""Why it changed: parts that add up exactly, and what turned the labels."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.instrument import Instrument
from matrix.scoring import Change, Model, Moved, Reason, Receipt, Step, change, receipt
from matrix.scoring.way import _parted, _State, _stayed
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, ROOMS, counted, sheet, tried, with_changes

OTHER = Model.from_json(
    with_changes(
        relationships__CB__loads={"R7": 1.2, "R8": 0.9, "R9": 0.6},
        relationships__CO__gate={"item": "R4", "minimum": 3},
        presence__cut=0.5,
        architectures__choices__A1={"PR": 2, "RT": 3, "MM": 3, "CW": 3, "PP": 3},
        quadrant__cap_margin=0.5,
    ),
    INSTRUMENT,
)
COACH = {"R7": 2, "R8": 1, "R9": 2, "R11": 2}


def proof(*room: list[int], model: Model = MODEL, asked: Any = None) -> Receipt:
    return receipt(counted(*room)[0], model, len(room), asked)


def between(one: list[list[int]], other: list[list[int]], new: Model = MODEL) -> Change:
    return change(proof(*one), proof(*other, model=new), MODEL, new)


def turn(found: Change, name: str, code: str | None = None) -> Any:
    return next(each for each in found.turns if (each.name, each.code) == (name, code))


@given(ROOMS, ROOMS, st.booleans())
@tried(40)
def test_parts_add_up_exactly(one: list[list[int]], other: list[list[int]], remodelled: bool) -> None:
    for score in between(one, other, OTHER if remodelled else MODEL).scores:
        if score.before is None or score.after is None:
            assert score.parts == ()
        else:
            assert sum(score.parts) == sum(reversed(score.parts)) == score.after - score.before
            exact = sum((Fraction(part) for part in score.parts), Fraction(0))
            assert exact == Fraction(score.after) - Fraction(score.before)


@given(ROOMS, ROOMS)
@tried(30)
def test_ends_are_those_of_the_receipts(one: list[list[int]], other: list[list[int]]) -> None:
    found = between(one, other, OTHER)
    for before, after in zip(proof(*one).accounts, proof(*other, model=OTHER).accounts, strict=True):
        score = found.score(before.kind, before.code)
        assert (score.before, score.after) == (before.score, after.score)


FULL = st.lists(st.integers(1, 4), min_size=MODEL.width, max_size=MODEL.width)


@given(st.lists(FULL, min_size=1, max_size=4), st.lists(FULL, min_size=1, max_size=4))
@tried(30)
def test_going_back_gives_the_same_parts_with_the_other_sign(
    one: list[list[int]], other: list[list[int]]
) -> None:
    there = change(proof(*one), proof(*other, model=OTHER), MODEL, OTHER)
    back = change(proof(*other, model=OTHER), proof(*one), OTHER, MODEL)
    assert [step.item or step.kind for step in there.steps] == [step.item or step.kind for step in back.steps]
    for on, again in zip(there.scores, back.scores, strict=True):
        assert on.parts == tuple(-part for part in again.parts)


@given(ROOMS)
@tried(20)
def test_nothing_changed_has_no_step(room: list[list[int]]) -> None:
    found = between(room, room)
    assert (found.steps, found.turns) == ((), ())
    assert all(score.before == score.after for score in found.scores)


def test_one_answer_is_one_step_with_its_points() -> None:
    found = between([sheet(**COACH)], [sheet(**{**COACH, "R8": 3})])
    assert found.steps == (Step("answer", "R8", 1.0, 3.0),)
    score = found.score("relationship", "CB")
    assert score.parts == (score.after - score.before,)  # type: ignore[operator]
    assert score.parts[0] == pytest.approx(0.9 * 2 / (4 * 2.7), abs=1e-7)


def test_steps_stand_in_the_order_of_the_questionnaire_and_then_the_rest() -> None:
    one, other = sheet(R1=4, R2=3, I1=2), sheet(R1=3, R2=4, I1=3)
    asked = np.ones(MODEL.width, dtype=bool)
    asked[0] = False
    found = change(proof(one), proof(other, other, model=OTHER, asked=asked), MODEL, OTHER)
    assert [step.item or step.kind for step in found.steps] == [
        *("R1", "R2", "I1", "participants", "questions", "weights", "gates")
    ]


def test_people_who_join_are_a_step_of_their_own() -> None:
    found = between([sheet(**COACH)], [sheet(**COACH), sheet(**{**COACH, "R8": 4})])
    assert found.steps == (Step("participants", None, 1, 2),)
    assert found.score("relationship", "CB").parts[0] == pytest.approx(0.9 * 1.5 / (4 * 2.7), abs=1e-7)


def test_of_people_who_leave_the_rest_stay_as_they_were() -> None:
    found = between([sheet(**COACH), sheet(R7=4)], [sheet(**COACH)])
    assert found.steps == (Step("participants", None, 2, 1),)


def test_a_choice_tells_what_most_chose() -> None:
    found = between([sheet(A1="PR"), sheet(A1="PR")], [sheet(A1="PR"), sheet(A1="MM")])
    assert found.steps == (Step("answer", "A1", None, None, ("PR", None)),)


def test_an_answer_no_longer_known_has_no_mean() -> None:
    assert between([sheet(R1=3, R2=2)], [sheet(R2=2)]).steps == (Step("answer", "R1", 3.0, None),)


def test_interplay_is_shared_alike() -> None:
    """R8 for another mean under another weight: each takes half of what neither does alone."""
    model = Model.from_json(
        with_changes(relationships__CB__loads={"R7": 0.8, "R8": 2.7, "R9": 0.6, "R11": 0.4}), INSTRUMENT
    )
    found = between([sheet(**COACH)], [sheet(**{**COACH, "R8": 3})], model)
    assert [step.kind for step in found.steps] == ["answer", "weights"]
    answer, weights = found.score("relationship", "CB").parts
    low, high = 0.9 * 2 / 10.8, 2.7 * 2 / 18
    assert answer == pytest.approx((low + high) / 2, abs=1e-6)
    before_weights = (1.6 + 2.7 + 1.2 + 0.8) / 18 - (1.6 + 0.9 + 1.2 + 0.8) / 10.8
    after_weights = (1.6 + 8.1 + 1.2 + 0.8) / 18 - (1.6 + 2.7 + 1.2 + 0.8) / 10.8
    assert weights == pytest.approx((before_weights + after_weights) / 2, abs=1e-6)


def test_what_touchpoints_say_is_a_step_of_its_own() -> None:
    value = np.full(MODEL.width, np.nan)
    value[MODEL.positions["R8"]] = 3.0
    room = counted(sheet(**COACH))[0]
    before, after = receipt(room, MODEL, 1), receipt(room, MODEL, 1, derived=value)
    found = change(before, after, MODEL, MODEL)
    assert found.steps == (Step("touchpoints", "R8", None, 3.0),)
    assert found.score("relationship", "CB").parts[0] == pytest.approx(0.9 * 2 / 10.8, abs=1e-7)
    assert change(after, before, MODEL, MODEL).steps == (Step("touchpoints", "R8", 3.0, None),)


def test_a_score_that_became_known_has_no_parts() -> None:
    score = between([sheet(R1=2)], [sheet(R1=2, R2=3)]).score("relationship", "RD")
    assert (score.before, score.parts) == (None, ())
    assert score.after == 0.625


def test_gates_move_no_level_but_turn_labels() -> None:
    model = Model.from_json(with_changes(relationships__CB__gate={"item": "R8", "minimum": 3.5}), INSTRUMENT)
    room = [sheet(R7=2, R8=3, R9=2, R11=2)]
    found = between(room, room, model)
    assert found.steps == (Step("gates"),)
    assert found.score("relationship", "CB").parts == (0.0,)
    present = turn(found, "present", "CB")
    assert (present.before, present.after, present.step) == (True, False, 0)
    assert present.reasons == (Reason("gate", "R8", 3.0, 3.0, 2.0, 3.5, False),)


def test_a_relationship_became_present_by_its_gate_and_its_level() -> None:
    low = {**COACH, "R7": 1}
    found = between([sheet(**low, R1=0)], [sheet(**{**low, "R8": 3}, R1=1)])
    present = turn(found, "present", "CB")
    assert found.steps[present.step].item == "R8"
    gate, level = present.reasons
    assert gate == Reason("gate", "R8", 1.0, 3.0, 2.0, 2.0, True)
    assert (level.what, level.code, level.line_before, level.up) == ("level", "CB", 0.4, True)
    assert (level.before, level.after) == (pytest.approx(3.7 / 10.8), pytest.approx(5.5 / 10.8))


def test_a_level_may_cross_its_line_alone() -> None:
    found = between([sheet(R1=1, R2=1, R3=1)], [sheet(R1=2, R2=2, R3=2)])
    (reason,) = turn(found, "present", "RD").reasons
    assert reason == Reason("level", "RD", 0.25, 0.5, 0.4, 0.4, True)
    assert turn(found, "present", "RD").step == 1
    assert turn(found, "primary").after == "RD"


def test_the_leading_one_may_change_for_nearness() -> None:
    one = sheet(R="4 4 4 2 2 2 0 0 0 0 0 -")
    other = sheet(R="2 2 4 2 2 2 0 0 0 0 0 -")
    primary = turn(between([one], [other]), "primary")
    assert (primary.before, primary.after) == ("RD", "CO")
    (reason,) = primary.reasons
    assert (reason.what, reason.code, reason.up) == ("window", "CO", True)
    assert (reason.before, reason.line_before) == (-0.5, -0.15)


def test_the_leading_one_may_change_because_another_came() -> None:
    one = sheet(R="4 4 4 1 4 4 0 0 0 0 0 -")
    other = sheet(R="4 4 4 4 4 4 0 0 0 0 0 -")
    primary = turn(between([one], [other]), "primary")
    assert (primary.before, primary.after) == ("RD", "CO")
    assert [(reason.what, reason.code, reason.up) for reason in primary.reasons] == [("present", "CO", True)]


def test_below_all_four_and_mixed_have_names() -> None:
    low = sheet(R="0 0 0 0 0 0 0 0 0 0 0 -", A="PR RT MM CW 0 0")
    high = sheet(R="4 4 4 0 0 0 0 0 0 0 0 -", A="PR PR PR PR 0 0")
    found = between([low], [high])
    assert turn(found, "primary").before == "baseline"
    architecture = turn(found, "architecture")
    assert (architecture.before, architecture.after) == ("mixed", "PR")
    assert [(reason.what, reason.up) for reason in architecture.reasons] == [("share", True), ("lead", True)]


def test_another_architecture_went_ahead() -> None:
    found = between([sheet(A="PR PR PR PR 0 0")], [sheet(A="RT RT PR RT 0 0")])
    architecture = turn(found, "architecture")
    (reason,) = architecture.reasons
    assert (reason.what, reason.code, reason.before, reason.after) == ("ahead", "RT", 0.0, 0.75)
    assert (reason.line_before, reason.line_after) == (1.0, 0.25)
    assert found.steps[architecture.step].item == "A2"


def test_a_quadrant_turns_with_its_axis() -> None:
    base: dict[str, Any] = {"I": "4 4 4", "D": "2 2 2", "C": "0 0 0"}
    found = between([sheet(**base, N="1 0 0")], [sheet(**base, N="4 4 4")])
    quadrant = turn(found, "quadrant")
    assert (quadrant.before, quadrant.after) == ("Q1", "Q3")
    (reason,) = quadrant.reasons
    assert (reason.what, reason.code, reason.line_after, reason.up) == ("interact", "N", 1.35, True)
    assert reason.after == 4.0


def test_the_cap_is_a_score_of_its_own() -> None:
    base: dict[str, Any] = {"D": "2 2 2", "N": "4 4 4", "C": "0 0 0", "R1": 0}
    found = between([sheet(**base, I="0 0 0")], [sheet(**base, I="4 4 4")])
    held, raw = found.score("held", "N"), found.score("capability", "N")
    assert held.after == 4.0
    assert held.before == pytest.approx(1 + 0.8 / 3.4, abs=1e-6)
    assert raw.after == 4.0
    assert sum(raw.parts) == raw.after - raw.before  # type: ignore[operator]
    assert turn(found, "capped").after is False


def test_intrusion_and_the_scheduled_repeat_turn_too() -> None:
    one = sheet(R="0 0 0 0 0 0 0 0 0 1 4 -", P="1 2 2 2 2 2")
    other = sheet(R="0 0 0 0 0 0 0 0 0 2 2 -", P="1 2 2 2 2 2")
    found = between([one], [other])
    assert turn(found, "scheduled_repeat").after is True
    assert (turn(found, "intrusive", "AE").before, turn(found, "intrusive", "AE").after) == (True, False)


def test_another_questionnaire_cannot_be_compared() -> None:
    data = {
        "code": "cs-1", "version": 2, "title": "T", "introduction": "I", "short_form": ["R1"],
        "items": [
            {"code": item.code, "part": item.part.value, "kind": item.kind.value, "title": item.title,
             "text": item.text, "anchors": {str(k): v for k, v in item.anchors.items()},
             "choices": [{"code": c.code, "text": c.text} for c in item.choices]}
            for item in INSTRUMENT.items
        ],
    }  # fmt: skip
    later = Instrument.from_json(data)
    model = Model.from_json(with_changes(instrument__version=2), later)
    with pytest.raises(ValueError, match="different questionnaires"):
        change(proof(sheet(R1=1)), proof(sheet(R1=1), model=model), MODEL, model)


@pytest.mark.parametrize(
    ("was", "now", "joined", "kept"),
    [
        ([1, 0, 0, 0, 1], [1, 0, 1, 0, 1], 1, [1, 0, 0, 0, 1]),  # one joined, two said the same
        ([1, 0, 0, 0, 1], [0, 1, 1, 0, 1], 1, [0, 1, 0, 0, 1]),  # 0 became 1, the nearest
        ([0, 0, 1, 0, 0], [0, 1, 0, 1, 0], 1, [0, 1, 0, 0, 0]),  # as near: the lower one
        ([0, 0, 1, 0, 0], [1, 0, 1, 0, 1], 1, [1, 0, 1, 0, 0]),  # two more answers, one of them new people's
        ([2, 0, 0, 0, 0], [0, 0, 0, 0, 1], 1, [0, 0, 0, 0, 1]),  # one no longer knows, one changed
        ([0, 0, 0, 0, 0], [0, 2, 0, 0, 0], 5, [0, 0, 0, 0, 0]),  # nobody knew: all new
        ([0, 1, 0, 1, 0], [0, 0, 2, 0, 0], 0, [0, 0, 2, 0, 0]),  # nobody joined: all is change
    ],
)
def test_who_stayed_is_read_from_counts(was: list[int], now: list[int], joined: int, kept: list[int]) -> None:
    assert _stayed(np.array(was), np.array(now), joined).tolist() == kept


@given(ROOMS, ROOMS)
@tried(40)
def test_answers_and_people_make_up_the_counts(one: list[list[int]], other: list[list[int]]) -> None:
    every = np.ones(MODEL.width, dtype=bool)
    ends = [
        _State(counted(*room)[0].astype(np.int64), len(room), every, np.array([]), MODEL, MODEL)
        for room in (one, other)
    ]
    answers, people = _parted(*ends)
    assert (ends[0].hist + answers + people == ends[1].hist).all()
    assert (ends[0].hist + answers >= 0).all()
    assert (ends[0].hist + people >= 0).all()
    assert (people >= 0).all() if len(other) >= len(one) else (people <= 0).all()


def test_shown_parts_add_up_to_the_shown_difference() -> None:
    score = Moved("relationship", "RD", 0.25, 0.5, (1 / 3, 1 / 3, 0.25 - 2 / 3))
    assert score.shown(1, 100) == (
        Decimal("25"),
        Decimal("50"),
        (Decimal("33.3"), Decimal("33.3"), Decimal("-41.6")),
    )


@given(st.integers(0, 2**24), st.integers(0, 2**24), st.integers(0, 2**24))
@tried(100)
def test_any_shown_parts_do(one: int, middle: int, other: int) -> None:
    assume(one != other)
    low, between_, high = (value / 2**24 for value in (one, middle, other))
    before, after, parts = Moved("wanted", "CO", low, high, (between_ - low, high - between_)).shown(1, 100)
    assert before is not None
    assert after is not None
    assert sum(parts) == after - before


def test_shown_halves_go_up_on_both_ends() -> None:
    assert Moved("capability", "I", 0.125, 1.125, (1.0,)).shown(2, 1) == (
        Decimal("0.13"),
        Decimal("1.13"),
        (Decimal("1"),),
    )


def test_an_unknown_end_is_shown_as_none() -> None:
    assert Moved("capability", "I", None, 2.0, ()).shown(2, 1) == (None, Decimal("2"), ())


# --- What a change says, word by word ---------------------------------------------------------------


def reasons(found: Change, name: str, code: str | None = None) -> list[tuple[Any, ...]]:
    return [
        (each.what, each.code, each.before, each.after, each.line_before, each.line_after, each.up)
        for each in turn(found, name, code).reasons
    ]


def test_it_keeps_both_receipts_and_speaks_of_every_score_once() -> None:
    one, other = proof(sheet(R1=1)), proof(sheet(R1=3))
    found = change(one, other, MODEL, MODEL)
    assert (found.before, found.after) == (one, other)
    kinds = [(each.kind, each.code) for each in found.scores]
    assert kinds == [
        *(("relationship", code) for code in ("RD", "CO", "CB", "AE")),
        *(("wanted", code) for code in ("RD", "CO", "CB", "AE")),
        *(("architecture", code) for code in ("PR", "RT", "MM", "CW", "PP")),
        *(("capability", code) for code in ("I", "D", "N", "C")),
        *(("held", "N"), ("coverage", ""), ("agreement", "")),
    ]


def test_coverage_and_agreement_are_scores_too() -> None:
    found = between([sheet(R1=4)] * 3, [sheet(R1=4, R2=4), sheet(R1=4, R2=4), sheet(R1=4, R2=0)])
    coverage, agreement = found.score("coverage", ""), found.score("agreement", "")
    assert (coverage.before, coverage.after) == (found.before.coverage, found.after.coverage)
    assert (agreement.before, agreement.after) == (1.0, found.after.agreement)
    assert sum(coverage.parts) == found.after.coverage - found.before.coverage
    assert [len(score.parts) for score in (coverage, agreement)] == [1, 1]


def test_an_unknown_state_on_the_way_takes_nothing() -> None:
    """R1 alone is too little: what R1's going took is told with R2's coming."""
    found = between([sheet(R1=4, R2=0, R3=0)], [sheet(R2=4, R3=0, R1=0)])
    parts = found.score("relationship", "RD").parts
    assert [step.item for step in found.steps] == ["R1", "R2"]
    assert list(parts) == pytest.approx([-8 / 21, 8 / 21], abs=1e-6)


def test_a_gate_that_fell_says_so() -> None:
    one, other = sheet(R4=3, R5=4, R6=4), sheet(R4=1, R5=4, R6=4)
    found = between([one], [other])
    assert reasons(found, "present", "CO") == [("gate", "R4", 3.0, 1.0, 2.0, 2.0, False)]


def test_a_gate_one_model_lacks_has_a_minimum_of_nought() -> None:
    free = Model.from_json(with_changes(relationships__CO__gate=None), INSTRUMENT)
    room = [sheet(R4=1, R5=4, R6=4)]
    found = between(room, room, free)
    assert reasons(found, "present", "CO") == [("gate", "R4", 1.0, 1.0, 2.0, 0.0, True)]


def test_an_unknown_level_lies_on_neither_side() -> None:
    found = between([sheet(R1=4)], [sheet(R1=4, R2=4)])
    assert reasons(found, "present", "RD") == [("level", "RD", None, 1.0, 0.4, 0.4, True)]


def test_what_went_is_told_as_what_came() -> None:
    one = sheet(R="4 4 4 4 4 4 0 0 0 0 0 -")
    other = sheet(R="4 4 4 1 4 4 0 0 0 0 0 -")
    found = between([one], [other])
    assert (turn(found, "primary").before, turn(found, "primary").after) == ("CO", "RD")
    assert reasons(found, "primary") == [("present", "CO", 1.0, 0.0, 1, 1, False)]


def test_a_wider_window_lets_an_earlier_one_lead() -> None:
    wide = Model.from_json(with_changes(presence__window=0.6), INSTRUMENT)
    room = [sheet(R="4 4 4 2 2 2 0 0 0 0 0 -")]
    found = between(room, room, wide)
    assert reasons(found, "primary") == [("window", "CO", -0.5, -0.5, -0.15, -0.6, True)]


def test_a_share_and_a_lead_are_told_with_their_lines() -> None:
    strict = Model.from_json(with_changes(architectures__majority=0.7, architectures__lead=0.4), INSTRUMENT)
    room = [sheet(A="PR PR PR PR 0 0")] * 3 + [sheet(A="RT RT RT RT 0 0")] * 2
    found = between(room, room, strict)
    share, lead = reasons(found, "architecture")
    assert share == ("share", "PR", pytest.approx(0.6), pytest.approx(0.6), 0.5, 0.7, False)
    assert lead == ("lead", "PR", pytest.approx(0.2), pytest.approx(0.2), 0.15, 0.4, False)
    assert (turn(found, "architecture").before, turn(found, "architecture").after) == ("PR", "mixed")


def test_a_quadrant_turns_by_either_axis_and_by_the_cut() -> None:
    base: dict[str, Any] = {"I": "4 4 4", "D": "2 2 2", "N": "0 0 0"}
    found = between([sheet(**base, C="0 0 0")], [sheet(**base, C="4 4 4")])
    (reason,) = reasons(found, "quadrant")
    assert reason[:2] == ("customize", "C")
    assert (reason[4:]) == (1.35, 1.35, True)
    low = Model.from_json(with_changes(quadrant__cut=0.2), INSTRUMENT)
    room = [sheet(**base, C="1 1 1")]
    by_cut = reasons(between(room, room, low), "quadrant")
    told = [(what, was, becomes, up) for what, _, _, _, was, becomes, up in by_cut]
    assert told == [("interact", 1.35, 0.2, True), ("customize", 1.35, 0.2, True)]


def test_labels_turn_on_their_own() -> None:
    base: dict[str, Any] = {"I": "4 4 4", "D": "2 2 2", "N": "4 4 4"}
    found = between([sheet(**base, C="1 1 1")], [sheet(**base, C="4 4 4")])
    assert [(each.name, each.before, each.after) for each in found.turns] == [
        ("quadrant", "Q3", "Q4"),
        ("borderline", True, False),
    ]
    assert turn(found, "borderline").reasons == ()


def test_the_step_named_is_the_last_that_turned_it() -> None:
    one, other = sheet(R="0 0 0 - - - - - - - - -"), sheet(R="4 4 4 - - - - - - - - -")
    found = between([one], [other])
    assert [step.item for step in found.steps] == ["R1", "R2", "R3"]
    assert turn(found, "present", "RD").step == 1
    assert (turn(found, "present", "RD").before, turn(found, "present", "RD").after) == (False, True)


def test_questions_no_longer_asked_are_a_step() -> None:
    asked = np.ones(MODEL.width, dtype=bool)
    asked[MODEL.positions["R3"]] = False
    room = sheet(R1=4)
    found = change(proof(room), proof(room, asked=asked), MODEL, MODEL)
    assert found.steps == (Step("questions"),)


def test_choices_say_what_most_chose_before_and_after() -> None:
    found = between([sheet(A1="PR")] * 3, [sheet(A1="PR"), sheet(A1="MM"), sheet(A1="MM")])
    assert found.steps == (Step("answer", "A1", None, None, ("PR", "MM")),)
    gone = between([sheet(A1="PR", R1=1)], [sheet(R1=1)])
    assert gone.steps == (Step("answer", "A1", None, None, ("PR", None)),)


@pytest.mark.parametrize(
    "changes",
    [
        {"presence__cut": 0.3}, {"presence__window": 0.2}, {"presence__order": ["RD", "CO", "CB", "AE"]},
        {"architectures__majority": 0.4}, {"architectures__lead": 0.1}, {"quadrant__cut": 1.2},
        {"quadrant__band": 0.1}, {"quadrant__cap_margin": 0.5}, {"minimum_coverage": 0.5},
        {"minimum_raters": 2}, {"intrusion__unwanted": ["AE"]}, {"intrusion__sensed": []},
        {"intrusion__unwilling__maximum": 2}, {"architectures__split__to": 2},
        {"relationships__CO__gate__minimum": 1},
    ],
)  # fmt: skip
def test_every_line_of_a_model_is_a_gate_and_no_weight(changes: dict[str, Any]) -> None:
    room = [sheet(**COACH)]
    found = between(room, room, Model.from_json(with_changes(**changes), INSTRUMENT))
    assert found.steps == (Step("gates"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"relationships__RD__loads__R1": 2}, {"wanted__RD__P1": -1}, {"capabilities__I__I1": 3},
        {"architectures__choices__A1__PR": 4}, {"architectures__scales__A6__PP": 3},
    ],
)  # fmt: skip
def test_every_weight_of_a_model_is_a_weight_and_no_gate(changes: dict[str, Any]) -> None:
    room = [sheet(**COACH)]
    found = between(room, room, Model.from_json(with_changes(**changes), INSTRUMENT))
    assert found.steps == (Step("weights"),)


def test_weights_in_the_same_proportion_are_the_same() -> None:
    double = with_changes(capabilities__D={"D1": 2, "D2": 2, "D3": 2, "R7": 0.4})
    room = [sheet(**COACH)]
    assert between(room, room, Model.from_json(double, INSTRUMENT)).steps == ()
