"""The rules one by one; each answer sheet is written so that the figure can be checked by hand."""

import numpy as np
import pytest

from matrix.scoring import NONE_PRESENT, UNKNOWN, Model, outcome, score
from tests.matrix.scoring.answers import (
    INSTRUMENT,
    MODEL,
    counted,
    placed,
    scored,
    sheet,
    with_changes,
)

NEAR = 1e-6
NO_AUTOMATION = {"R10": 0, "R11": 0}


def level(code: str, *sheets: list[int]) -> float | None:
    return placed(*sheets).relationships[code]


# Relationships


def test_level_is_the_weighted_mean_over_four() -> None:
    assert level("RD", sheet(R1=4, R2=2, R3=0)) == pytest.approx((0.8 * 4 + 0.8 * 2) / 2.1 / 4, abs=NEAR)


def test_raters_are_averaged_per_item_before_items_are_weighed() -> None:
    two_on_one_item = level("RD", sheet(R1=4, R2=0, R3=0), sheet(R1=0))
    assert two_on_one_item == pytest.approx(0.8 * 2 / 2.1 / 4, abs=NEAR)


def test_do_not_know_is_left_out_of_the_mean() -> None:
    assert level("RD", sheet(R1=4, R2=4)) == 1.0


def test_below_the_least_coverage_a_level_is_not_known() -> None:
    assert level("RD", sheet(R1=4, R3=4)) == 1.0
    assert level("RD", sheet(R1=4)) is None


@pytest.mark.parametrize(("r4", "present"), [(1, False), (2, True)])
def test_curated_needs_options_by_person_or_segment(r4: int, present: bool) -> None:
    assert ("CO" in placed(sheet(R4=r4, R5=4, R6=4)).present) is present


@pytest.mark.parametrize(("r8", "present"), [(1, False), (2, True)])
def test_coach_needs_prompts(r8: int, present: bool) -> None:
    assert ("CB" in placed(sheet(R7=4, R8=r8, R9=4, R11=4)).present) is present


@pytest.mark.parametrize(
    ("r10", "present", "scheduled"), [(1, False, False), (2, False, True), (3, True, False)]
)
def test_a_calendar_repeat_is_not_automatic_execution(r10: int, present: bool, scheduled: bool) -> None:
    found = placed(sheet(R10=r10, R11=4, R12=4))
    assert ("AE" in found.present) is present
    assert found.scheduled_repeat is scheduled


def test_a_gate_is_met_by_the_mean_of_the_raters() -> None:
    raters = [sheet(R4=given, R5=4, R6=4) for given in (1, 2, 3)]
    assert "CO" in placed(*raters).present
    assert "CO" not in placed(*raters, sheet(R4=1, R5=4, R6=4)).present


def test_an_unanswered_gate_is_not_met() -> None:
    assert placed(sheet(R5=4, R6=4, R7=4)).present == ()
    assert scored(sheet(R7=4, R9=4, R11=4)).gate_met[0].tolist() == [True, False, False, False]


def test_presence_starts_at_the_cut() -> None:
    # 0.8 * 2 + 0.8 * 1 + 0.5 * 2 = 3.4 of 8.4 is above .4; one step less on R3 is below.
    assert placed(sheet(R1=2, R2=1, R3=2)).present == ("RD",)
    assert placed(sheet(R1=2, R2=1, R3=1)).present == ()


def test_presence_at_the_cut_exactly() -> None:
    even = Model.from_json(
        with_changes(relationships__RD__loads={"R1": 0.1, "R2": 0.1, "R3": 0.3}), INSTRUMENT
    )
    assert score(counted(sheet(R1=4, R2=4, R3=0)), even).present[0, 0]


def test_safety_counts_only_where_the_firm_may_act() -> None:
    assert level("AE", sheet(R10=1, R11=2, R12=4)) == level("AE", sheet(R10=1, R11=2))
    assert level("AE", sheet(R10=3, R11=2, R12=4)) != level("AE", sheet(R10=3, R11=2))


def test_a_follow_up_not_asked_is_not_missing() -> None:
    assert level("AE", sheet(R10=1)) == 0.25
    assert level("AE", sheet(R10=3)) is None


def test_design_example_of_a_condition_not_met() -> None:
    # R10 1 and R11 2 over the weights .9 and .5: 16.1 + 17.9 points.
    assert level("AE", sheet(R10=1, R11=2)) == pytest.approx(0.3393, abs=1e-4)


# Primary


def test_ordering_does_not_drown_an_offering_that_starts_earlier() -> None:
    found = placed(sheet(R="4 4 4 4 3 4 0 0 0 0 0 -"))
    assert found.relationships["RD"] == 1.0
    assert found.primary_relationship == "CO"


def test_outside_the_window_the_highest_is_primary() -> None:
    assert placed(sheet(R="4 4 4 2 2 2 0 0 0 0 0 -")).primary_relationship == "RD"


def test_automatic_execution_starts_before_coaching() -> None:
    assert placed(sheet(R="0 0 0 0 0 0 4 4 4 4 4 4")).primary_relationship == "AE"


def test_what_is_not_present_cannot_be_primary() -> None:
    assert placed(sheet(R="4 4 4 0 0 0 0 0 0 2 4 4")).primary_relationship == "RD"


def test_nothing_present_differs_from_nothing_known() -> None:
    assert scored(sheet(R="0 0 0 0 0 0 0 0 0 0 0 -")).primary[0] == NONE_PRESENT
    assert scored(sheet()).primary[0] == UNKNOWN


def test_a_failed_gate_settles_a_relationship_that_is_not_known() -> None:
    assert scored(sheet(R="0 0 0 0 - - - 0 - 0 - -")).primary[0] == NONE_PRESENT
    assert scored(sheet(R="0 0 0 2 - - - 0 - 0 - -")).primary[0] == UNKNOWN


# Architecture


def test_votes_of_one_mind_give_one_column() -> None:
    found = placed(sheet(A="PR PR PR PR 0 0"))
    assert found.architectures == {"PR": 1.0, "RT": 0.0, "MM": 0.0, "CW": 0.0, "PP": 0.0}
    assert found.primary_architecture == "PR"


def test_no_individuals_is_no_vote_for_market_makers() -> None:
    assert placed(sheet(A="RT RT RT RT 0 0")).architectures["MM"] == 0.0


def test_individuals_take_votes_from_market_makers() -> None:
    found = placed(sheet(A="MM MM MM MM 2 0")).architectures
    assert found["MM"] == pytest.approx(7 / 8, abs=NEAR)
    assert found["CW"] == pytest.approx(1 / 8, abs=NEAR)


def test_votes_against_take_no_more_than_was_given() -> None:
    assert placed(sheet(A="CW CW CW MM 4 0")).architectures["MM"] == 0.0


def test_a_free_offer_weighs_less_for_peers() -> None:
    found = placed(sheet(A="PR PR PP PR 0 0")).architectures
    assert found["PP"] == pytest.approx(1 / 7, abs=NEAR)


def test_no_majority_is_mixed() -> None:
    found = placed(sheet(A="PR RT MM CW 0 0"))
    assert found.mixed
    assert found.primary_architecture is None
    assert found.cells == ()


def test_a_majority_that_is_not_ahead_is_mixed() -> None:
    assert placed(sheet(A="PR PR PR PR 0 0"), sheet(A="RT RT RT RT 0 0")).mixed


@pytest.mark.parametrize(("a5", "split"), [(0, False), (1, True), (3, True), (4, False)])
def test_mixed_supply_suggests_a_split(a5: int, split: bool) -> None:
    assert placed(sheet(A=f"CW CW CW CW {a5} 0")).split is split


def test_too_few_votes_are_not_mixed() -> None:
    found = scored(sheet(A1="PR"))
    assert found.primary_architecture[0] == UNKNOWN
    assert not found.mixed[0]
    assert np.isnan(found.architectures).all()


# Capabilities


def test_interact_is_held_to_identify_and_one() -> None:
    found = placed(sheet(R1=0, R6=4, R8=4, I="0 0 0", N="4 4 4", C="0 0 0"))
    assert found.capped
    assert found.identify is not None
    assert found.interact == found.identify + 1


def test_interact_below_the_cap_is_the_mean() -> None:
    found = placed(sheet(I="4 4 4", N="2 2 2", C="0 0 0"))
    assert not found.capped
    assert found.interact == pytest.approx((2 + 2 + 2 + 0.2 * 4) / 3.2, abs=NEAR)


def test_without_identify_there_is_no_interact() -> None:
    found = placed(sheet(N="4 4 4", C="4 4 4"))
    assert found.interact is None
    assert found.quadrant is None
    assert not found.borderline


@pytest.mark.parametrize(
    ("interact", "customize", "quadrant"), [(0, 0, "Q1"), (0, 4, "Q2"), (4, 0, "Q3"), (4, 4, "Q4")]
)
def test_quadrants(interact: int, customize: int, quadrant: str) -> None:
    found = placed(sheet(I="4 4 4", N=" ".join([str(interact)] * 3), C=" ".join([str(customize)] * 3)))
    assert found.quadrant == quadrant


def test_near_a_cut_is_borderline() -> None:
    assert placed(sheet(I="4 4 4", N="4 4 4", C="1 2 2")).borderline
    assert not placed(sheet(I="4 4 4", N="4 4 4", C="2 2 2")).borderline


# Wants


def test_wants_run_over_the_whole_range() -> None:
    least = placed(sheet(P="0 4 0 0 0 0")).wanted["AE"]
    most = placed(sheet(P="4 0 4 4 4 4")).wanted["AE"]
    assert (least, most) == (0.0, 1.0)


def test_gap_is_wanted_minus_today() -> None:
    found = placed(sheet(R="4 4 4 - - - - - - - - -", P="4 0 0 4 4 4"))
    assert found.gap["RD"] == found.wanted["RD"] - 1.0  # type: ignore[operator]
    assert found.gap["CO"] is None


def test_more_than_wanted_is_intrusive_only_for_coach_and_automatic() -> None:
    found = placed(sheet(R="4 4 4 4 4 4 4 4 4 4 4 4", P="2 2 2 2 2 2"))
    assert found.intrusive == ("CB", "AE")


def test_what_is_not_present_does_not_intrude() -> None:
    assert placed(sheet(R="0 0 0 0 0 0 2 1 0 0 0 -", P="2 0 0 0 0 0")).intrusive == ()


def test_acting_for_people_who_share_nothing_is_intrusive() -> None:
    wanted_much = "1 0 4 4 4 4"
    assert "AE" in placed(sheet(R10=3, R11=0, R12=0, P=wanted_much)).intrusive
    assert placed(sheet(R10=0, R11=3, P=wanted_much)).intrusive == ("CB", "AE")


# Coverage, forms, agreement


def test_full_sheets_are_covered_whether_or_not_the_follow_up_was_asked() -> None:
    full = {
        "P": "0 0 0 0 0 0",
        "A": "PR PR PR PR 0 0",
        "I": "0 0 0",
        "D": "0 0 0",
        "N": "0 0 0",
        "C": "0 0 0",
    }
    assert placed(sheet(R="0 0 0 0 0 0 0 0 0 0 0 -", **full)).coverage == 1.0
    assert placed(sheet(R="0 0 0 0 0 0 0 0 0 2 0 -", **full)).coverage < 1.0


def test_each_rater_counts_in_coverage() -> None:
    full = sheet(
        R="0 0 0 0 0 0 0 0 0 0 0 -",
        P="0 " * 6,
        A="PR PR PR PR 0 0",
        I="0 " * 3,
        D="0 " * 3,
        N="0 " * 3,
        C="0 " * 3,
    )
    assert placed(full, sheet(), raters=np.array([2])).coverage == 0.5


def test_a_follow_up_is_expected_only_of_those_it_was_put_to() -> None:
    asked = np.isin(MODEL.items, ["R10", "R12"])
    raters = [sheet(R10=4, R12=3), sheet(R10=4, R12=3), sheet(R10=0)]
    assert placed(*raters, asked=asked).coverage == 1.0


def test_no_answers_are_no_coverage() -> None:
    assert placed(sheet()).coverage == 0.0


def test_the_short_form_is_scored_by_what_it_asks() -> None:
    asked = np.array([item.code in INSTRUMENT.short_form for item in INSTRUMENT.items])
    short = sheet(R1=4, R4=3, R8=1, R10=0, P1=2, P2=3, A1="PR", A2="PR", A5=0, A6=0, I1=4, D1=2, N3=3, C1=3)
    assert placed(short).relationships["RD"] is None
    found = placed(short, asked=asked)
    assert found.relationships["RD"] == 1.0
    assert (found.coverage, found.quadrant, found.primary_architecture) == (1.0, "Q4", "PR")


def test_agreement_needs_three_raters() -> None:
    assert placed(sheet(R1=4), sheet(R1=4)).agreement is None
    assert placed(sheet(R1=4), sheet(R1=4), sheet(R1=4)).agreement == 1.0


def test_agreement_is_told_per_relationship() -> None:
    raters = [sheet(R1=given, R4=4) for given in (0, 0, 4, 4)]
    assert scored(*raters).relationship_agreement[0, :2].tolist() == [0.0, 1.0]


def test_what_does_not_count_does_not_disagree() -> None:
    assert placed(*(sheet(R10=0, R12=given) for given in (0, 0, 4))).agreement == 1.0


def test_a_tally_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="hist must be"):
        score(np.zeros((1, 3, 5), dtype=np.uint16), MODEL)


def test_no_segments_give_no_scores() -> None:
    assert len(score(np.zeros((0, MODEL.width, 5), dtype=np.uint16), MODEL)) == 0


def test_outcome_has_codes_and_no_nan() -> None:
    found = outcome(scored(sheet()))
    assert found.relationships == {"RD": None, "CO": None, "CB": None, "AE": None}
    assert (found.quadrant, found.primary_relationship, found.identify) == (None, None, None)
