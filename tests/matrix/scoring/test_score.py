"""The rules one by one; each answer sheet is written so that the figure can be checked by hand."""

from dataclasses import fields

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


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1, 35, 5), r"^hist must be \(n, 36, 5\), not \(1, 35, 5\)$"),
        ((1, 36, 4), r"^hist must be \(n, 36, 5\), not \(1, 36, 4\)$"),
        ((36, 5), r"^hist must be \(n, 36, 5\), not \(36, 5\)$"),
    ],
)
def test_a_bad_shape_is_named(shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        score(np.zeros(shape, dtype=np.uint16), MODEL)


def test_raters_and_derived_values_are_one_a_segment() -> None:
    hist = counted(sheet(R1=1))
    with pytest.raises(ValueError, match=r"^raters must be \(1,\), not \(2,\)$"):
        score(hist, MODEL, np.array([1, 2]))
    with pytest.raises(ValueError, match=r"^derived must be \(1, 36\), not \(36,\)$"):
        score(hist, MODEL, derived=np.full(36, np.nan))
    with pytest.raises(ValueError, match=r"^derived must be \(1, 36\), not \(2, 36\)$"):
        score(hist, MODEL, derived=np.full((2, 36), np.nan))


KINDS = {
    "int8": ("primary", "primary_architecture", "quadrant"),
    "int64": ("raters", "item_n"),
    "bool": (
        "present",
        "gate_met",
        "scheduled_repeat",
        "mixed",
        "split",
        "capped",
        "borderline",
        "intrusive",
    ),
}


def test_every_array_has_the_shape_and_kind_it_promises() -> None:
    found = score(np.concatenate([counted(sheet(R1=4))] * 3), MODEL)
    widths = {"architectures": 5, "item_mean": 36, "item_n": 36}
    widths |= dict.fromkeys(("relationships", "present", "gate_met", "relationship_agreement"), 4)
    widths |= dict.fromkeys(("capabilities", "wanted", "gap", "intrusive"), 4)
    for each in fields(found):
        values = getattr(found, each.name)
        kind = next((kind for kind, names in KINDS.items() if each.name in names), "float64")
        assert values.dtype.name == kind, each.name
        assert values.shape == ((3, widths[each.name]) if each.name in widths else (3,)), each.name
    assert len(found) == 3


@pytest.mark.parametrize("segments", [4_095, 4_097, 8_193])
def test_blocks_of_segments_are_scored_as_each_alone(segments: int) -> None:
    one, other = counted(sheet(R="4 4 4 0 0 0 0 0 0 0 0 -")), counted(sheet(R="1 1 1 4 4 4 0 0 0 0 0 -"))
    hist = np.repeat(one, segments, axis=0)
    hist[-1] = other[0]
    raters = np.arange(segments)
    asked = np.ones((segments, MODEL.width), dtype=bool)
    asked[-1, MODEL.positions["R12"]] = False
    derived = np.full((segments, MODEL.width), np.nan)
    derived[-1, MODEL.positions["R1"]] = 4
    found = score(hist, MODEL, raters, asked, derived)
    alone = score(other, MODEL, raters[-1:], asked[-1:], derived[-1:])
    for each in fields(found):
        assert np.array_equal(
            getattr(found, each.name)[-1:],
            getattr(alone, each.name),
            equal_nan=each.name not in KINDS["bool"],
        ), each.name
    assert (found.primary[:-1] == 0).all()
    assert np.array_equal(found.raters, raters)


def test_raters_are_the_most_answers_any_item_has_unless_told() -> None:
    hist = counted(sheet(R1=4, R2=3), sheet(R1=4), sheet(R1=1))
    assert score(hist, MODEL).raters.tolist() == [3]
    assert score(hist, MODEL, np.array([7])).raters.tolist() == [7]


def test_means_of_items_are_theirs_and_choices_have_none() -> None:
    found = scored(sheet(R1=4, A1="PP"), sheet(R1=1))
    at = MODEL.positions
    assert (found.item_mean[0, at["R1"]], found.item_n[0, at["R1"]]) == (2.5, 2)
    assert np.isnan(found.item_mean[0, [at["A1"], at["R2"]]]).all()
    assert found.item_n[0, [at["A1"], at["R2"]]].tolist() == [1, 0]


def test_a_derived_value_is_an_item_s_mean() -> None:
    derived = np.full((1, MODEL.width), np.nan)
    derived[0, MODEL.positions["R2"]] = 1.25
    found = score(counted(sheet(R1=4)), MODEL, derived=derived)
    assert found.item_mean[0, MODEL.positions["R2"]] == 1.25


# Lines that are tested within a millionth


@pytest.mark.parametrize(
    ("low", "high", "split"), [(2, 2, True), (2, 3, True), (3, 3, False), (0, 1, False), (1, 2, True)]
)
def test_both_ends_of_a_split_belong_to_it(low: int, high: int, split: bool) -> None:
    model = Model.from_json(
        with_changes(architectures__split={"item": "A5", "from": low, "to": high}), INSTRUMENT
    )
    hist = counted(sheet(A="PR PR PR PR 2 0"))
    assert bool(score(hist, model).split[0]) is split


@pytest.mark.parametrize(("band", "near"), [(0.65, True), (0.64, False)])
def test_a_band_reaches_as_far_as_it_says(band: float, near: bool) -> None:
    model = Model.from_json(with_changes(quadrant__band=band), INSTRUMENT)
    room = {"I": "4 4 4", "R": "4 - - 4 - 2 - 2 - - - -", "D": "- - 4"}
    both = scored(sheet(**room, N="2 2 2", C="4 4 4"))  # interact stands at 2 and something
    hist = counted(sheet(I="2 2 2", R="2 - - 2 - 2 - 2 - - - -", D="- - 2", N="2 2 2", C="2 2 2"))
    found = score(hist, model)
    assert (found.interact[0], found.capabilities[0, 3]) == (2.0, 2.0)
    assert bool(found.borderline[0]) is near
    assert both.quadrant[0] == 4


def test_one_axis_near_its_cut_is_enough_for_borderline() -> None:
    base = {"I": "4 4 4", "N": "4 4 4"}
    near, far = (scored(sheet(**base, C=f"{c} {c} {c}")) for c in (1, 4))
    assert (bool(near.borderline[0]), bool(far.borderline[0])) == (True, False)
    side = scored(sheet(I="1 1 1", N="1 1 1", C="4 4 4"))
    assert bool(side.borderline[0])


@pytest.mark.parametrize(("p1", "found"), [(1, True), (2, False)])
def test_unwilling_is_up_to_one(p1: int, found: bool) -> None:
    room = placed(sheet(R="0 0 0 0 0 0 0 0 0 3 0 -", P=f"{p1} 2 2 2 2 2"))
    assert (room.intrusive == ("AE",)) is found


def test_sensing_alone_intrudes_in_both_that_live_by_it() -> None:
    assert placed(sheet(R11=3, P1=1)).intrusive == ("CB", "AE")
    assert placed(sheet(R11=2, P1=1)).intrusive == ()
    assert placed(sheet(R11=3)).intrusive == ()


def test_a_lead_and_a_majority_at_their_lines_are_enough() -> None:
    tied = {"architectures__majority": 0.6, "architectures__lead": 0.2}
    model = Model.from_json(with_changes(**tied), INSTRUMENT)
    hist = counted(*[sheet(A="PR PR PR PR 0 0")] * 3, *[sheet(A="RT RT RT RT 0 0")] * 2)
    assert score(hist, model).architectures[0, :2].tolist() == pytest.approx([0.6, 0.4])
    assert score(hist, model).primary_architecture[0] == 0
    assert not score(hist, model).split[0]


def test_agreement_is_the_mean_over_scale_items_that_count() -> None:
    same, apart = sheet(R1=4, R2=0, A1="PR"), sheet(R1=4, R2=4, A1="PP")
    found = scored(same, same, apart, apart)
    assert found.agreement[0] == 0.5
    assert found.relationship_agreement[0, 0] == 0.5
    assert np.isnan(found.relationship_agreement[0, 1:]).all()


def test_coverage_counts_four_parts_alike() -> None:
    """R12 is put to nobody while R10 is not known."""
    quarter = pytest.approx(0.25 / (1 - float(MODEL.item_weights[MODEL.positions["R12"]])), abs=1e-7)
    assert scored(sheet(A="PR PR PR PR 0 0")).coverage[0] == quarter
    assert scored(sheet(P="1 1 1 1 1 1")).coverage[0] == quarter
    assert scored(sheet(A="PR PR PR PR 0 0"), sheet()).coverage[0] == quarter
    two = score(counted(sheet(A="PR PR PR PR 0 0")), MODEL, np.array([2]))
    assert 2 * two.coverage[0] == quarter
