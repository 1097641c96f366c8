"""What journeys say about items, rule by rule."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connected.models import touchpoints as rows
from matrix.scoring import (
    STATED,
    Account,
    Evidence,
    Line,
    counts_for,
    derived,
    derived_in,
    evidence,
    fingerprint,
    receipt,
    score,
    tally_in,
)
from tests.matrix.scoring.answers import counted, sheet
from tests.matrix.scoring.journeys import RULES, STEPS, journeys, point, using, whole

WORDS = {
    "step": rows.Step, "initiator": rows.Initiator, "trigger": rows.Trigger, "decides": rows.Decides,
    "direction": rows.Direction, "content": rows.Content, "supplier": rows.Supplier, "latency": rows.Latency,
    "medium": rows.Medium,
}  # fmt: skip


def read(*each: list[dict[str, Any]], **changes: Any) -> Evidence:
    derive = using(**changes).derive
    assert derive is not None
    return evidence(journeys(*each), derive)


def value(item: str, *each: dict[str, Any]) -> float:
    return float(read(list(each)).rested[item].value[0])


@pytest.mark.parametrize("name", WORDS)
def test_the_core_knows_the_words_that_touchpoints_state(name: str) -> None:
    assert STATED[name] == tuple(WORDS[name].values)


def test_a_share_is_of_those_that_state_what_is_needed() -> None:
    found = read(
        [point(direction="two_way"), point(direction="one_way"), point(), point(direction="two_way")]
    )
    rested = found.rested["N1"]
    assert rested.value[0] == pytest.approx(8 / 3, abs=1e-4)
    assert (rested.counted[0], rested.among[0], rested.coverage[0]) == (3, 4, 0.75)


def test_a_touchpoint_that_states_only_half_of_what_is_needed_is_left_out() -> None:
    rested = read([point(content="individual"), point(content="same", decides="customer")]).rested["R4"]
    assert (rested.value[0], rested.counted[0], rested.among[0]) == (0, 1, 2)


def test_signature_touchpoints_count_double() -> None:
    assert value("N1", point(direction="two_way", signature=True), point(direction="one_way")) == (
        pytest.approx(8 / 3, abs=1e-4)
    )
    rested = read([point(direction="two_way", signature=True), point(direction="one_way")]).rested["N1"]
    assert (rested.weight[0], rested.counted[0]) == (3, 2)


def test_a_share_looks_at_its_own_steps_only() -> None:
    assert value("C2", point("respond", content="individual"), point("request", content="same")) == 4
    assert np.isnan(value("C2", point("request", content="individual")))


@pytest.mark.parametrize(("met", "level"), [(0, 0), (1, 2), (2, 3), (3, 4), (4, 4)])
def test_the_curve_of_suggestions_follows_the_item_s_own_anchors(met: int, level: float) -> None:
    points = [point(content="individual", decides="shortlist" if at < met else "customer") for at in range(4)]
    assert value("R5", *points) == pytest.approx(level, abs=1e-4)


@pytest.mark.parametrize(
    ("stated", "level"),
    [
        ({"decides": "consent", "trigger": "sensed", "identified": "yes", "carries_context": "yes"}, 4),
        ({"decides": "consent", "trigger": "sensed"}, 3),
        ({"decides": "consent", "trigger": "calendar", "identified": "yes", "carries_context": "no"}, 2),
        ({"decides": "customer", "trigger": "sensed", "identified": "yes", "carries_context": "yes"}, 0),
    ],
)
def test_standing_permission_is_the_best_of_any_touchpoint(stated: dict[str, str], level: float) -> None:
    other = point(decides="customer", trigger="customer_act", identified="no", carries_context="no")
    assert value("R10", other, point(**stated)) == level


def test_what_a_best_could_not_be_told_of_is_left_out() -> None:
    found = read([point(decides="customer")]).rested["R10"]
    assert (np.isnan(found.value[0]), found.counted[0], found.among[0]) == (True, 0, 1)


def test_the_same_identity_shows_in_two_media_only() -> None:
    seen = {"identified": "yes", "carries_context": "yes"}
    assert np.isnan(value("I2", point(medium="digital", **seen), point(medium="digital", **seen)))
    assert value("I2", point(medium="digital", **seen), point(medium="personal", **seen)) == 4
    unseen = point(medium="personal", identified="no", carries_context="no")
    assert value("I2", point(medium="digital", **seen), unseen) == 0


def test_suppliers_of_the_response_are_shared_out() -> None:
    points = [point("respond", supplier="own", signature=True), point("respond", supplier="individual")]
    shares = read(points).rested["A1"].shares[0]
    assert shares.tolist() == pytest.approx([2 / 3, 0, 1 / 3, 0])


def test_respond_to_desire_is_quick_and_the_customer_s() -> None:
    quick = {"initiator": "customer", "decides": "customer", "latency": "minutes"}
    slow = quick | {"latency": "hours"}
    assert value("RD", point("request", **quick), point("respond", **slow), point("repeat", **slow)) == 2


@pytest.mark.parametrize("left_out", [None, *range(5)])
def test_a_journey_is_enough_from_five_touchpoints_with_every_step(left_out: int | None) -> None:
    points = [each for at, each in enumerate(whole(direction="two_way")) if at != left_out]
    assert bool(read(points).enough[0]) is (left_out is None)
    assert bool(read([*points, point("repeat")]).enough[0]) is (left_out in (None, 2, 3, 4))


def test_a_value_few_touchpoints_speak_for_is_not_usable() -> None:
    points = whole(direction="two_way")
    for each in points[:3]:
        del each["direction"]
    found = read(points)
    assert (found.enough[0], found.rested["N1"].usable[0]) == (True, False)
    assert read(points, minimum_coverage=0.4).rested["N1"].usable[0]


def test_published_models_use_what_was_asked() -> None:
    assert RULES.derive is not None
    assert RULES.derive.used == ()


def test_only_usable_values_of_the_items_named_stand_in() -> None:
    model = using("N1", "N2")
    assert model.derive is not None
    found = derived(
        journeys(whole(direction="two_way"), [point(direction="two_way")]), model.derive, model.width
    )
    known = np.argwhere(~np.isnan(found)).tolist()
    assert known == [[0, model.positions["N1"]]]
    assert found[0, model.positions["N1"]] == 4


def test_number_and_steps_are_counted_by_journey() -> None:
    found = read([point("request"), point("repeat")], [], whole())
    assert found.number.tolist() == [2, 0, 5]
    assert found.by_step.tolist() == [[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 2, 1]]
    assert found.enough.tolist() == [False, False, True]
    assert found.by_step.dtype == np.int64


@pytest.mark.parametrize(
    ("changes", "enough"),
    [({"minimum": 6}, False), ({"per_step": 2}, False), ({"per_step": 0, "minimum": 1}, True)],
)
def test_how_much_is_enough_is_the_model_s(changes: dict[str, int], enough: bool) -> None:
    assert bool(read(whole(), **changes).enough[0]) is enough


def test_what_is_said_of_each_touchpoint() -> None:
    rules = {rule.code: rule for rule in RULES.derive.rules} if RULES.derive else {}
    points = journeys(
        [
            point("request", direction="two_way"),
            point("respond", direction="one_way", supplier="own"),
            point("respond"),
            point("request", trigger="sensed", supplier="own"),
        ]
    )
    among, counted_, earned = counts_for(points, rules["N1"])
    assert (among.tolist(), counted_.tolist()) == ([True] * 4, [True, True, False, False])
    assert earned.tolist() == pytest.approx([1, 0, np.nan, np.nan], nan_ok=True)
    among, counted_, earned = counts_for(points, rules["A1"])
    assert (among.tolist(), counted_.tolist()) == ([False, True, True, False], [False, True, False, False])
    assert earned.tolist() == pytest.approx([np.nan, 1, np.nan, np.nan], nan_ok=True)
    among, counted_, earned = counts_for(points, rules["R11"])
    assert counted_.tolist() == [False, False, False, True]
    assert earned.tolist() == pytest.approx([np.nan, np.nan, np.nan, 3], nan_ok=True)


def test_only_rules_that_are_asked_for_are_read() -> None:
    derive = using("N1").derive
    assert derive is not None
    points = journeys(whole(direction="two_way"))
    assert list(evidence(points, derive, derive.used).rested) == ["N1"]
    assert list(evidence(points, derive).rested) == [rule.code for rule in derive.rules]


def test_a_value_is_usable_from_the_model_s_coverage_on() -> None:
    points = [*whole(direction="two_way")[:3], point("repeat"), point("respond")]
    rested = read(points).rested["N1"]
    assert (rested.coverage[0], bool(rested.usable[0])) == (0.6, True)
    assert not read(points, minimum_coverage=0.601).rested["N1"].usable[0]
    assert not read(points, minimum=6).rested["N1"].usable[0]


def test_what_nobody_states_has_neither_value_nor_use() -> None:
    rested = read(whole()).rested
    for code in ("N1", "R11", "A1"):
        assert np.isnan(rested[code].value[0])
        assert not rested[code].usable[0]
    assert np.isnan(rested["A1"].shares).all()
    assert rested["A1"].shares.shape == (1, 4)
    assert rested["N1"].shares.shape == (1, 0)
    assert rested["N1"].coverage[0] == 0
    alone = read([point("request")]).rested["C2"]
    assert (alone.among[0], alone.counted[0], np.isnan(alone.coverage[0])) == (0, 0, True)


def test_votes_are_usable_though_they_have_no_value() -> None:
    rested = read(whole(supplier="own")).rested["A1"]
    assert (bool(rested.usable[0]), np.isnan(rested.value[0])) == (True, True)
    assert rested.shares[0].tolist() == [1, 0, 0, 0]


def test_the_best_value_is_one_touchpoint_s_and_journeys_are_kept_apart() -> None:
    found = read(
        [point(trigger="calendar"), point(trigger="sensed")],
        [point(trigger="calendar", identified="no", carries_context="no")],
        [point(trigger="campaign", identified="no", carries_context="no")],
        [point()],
    ).rested["R11"]
    assert found.value.tolist() == pytest.approx([3, 2, 0, np.nan], nan_ok=True)
    assert found.counted.tolist() == [2, 1, 1, 0]
    assert found.weight.tolist() == [2, 1, 1, 0]


def test_derived_values_stand_at_their_items_journey_by_journey() -> None:
    model = using("N1", "N2")
    assert model.derive is not None
    found = derived(
        journeys(whole(direction="two_way", carries_context="no"), whole(carries_context="yes")),
        model.derive,
        model.width,
    )
    at = model.positions
    assert found.shape == (2, model.width)
    assert found[:, at["N1"]].tolist() == pytest.approx([4, np.nan], nan_ok=True)
    assert found[:, at["N2"]].tolist() == [0, 4]
    assert (~np.isnan(found)).sum() == 3


def test_values_lie_on_a_grid_of_sixteen_places() -> None:
    third = value("N1", point(direction="two_way"), point(direction="one_way"), point(direction="one_way"))
    assert third == round(4 / 3 * 2**16) / 2**16
    assert third != 4 / 3


def test_kinds_are_counted_among_those_that_state_what_is_needed() -> None:
    seen = {"identified": "yes", "carries_context": "yes"}
    other = point(medium="personal", identified="yes")
    assert np.isnan(value("I2", point(medium="digital", **seen), other))
    no = {"identified": "yes", "carries_context": "no"}
    mixed = [point(medium=medium, **seen) for medium in ("digital", "personal")] + [
        point(medium="physical", **no)
    ]
    assert value("I2", *mixed) == pytest.approx(8 / 3, abs=1e-4)


RATED = [
    sheet(N="2 1 2", I="3 3 3", R="- - - 2 - 3 - 2 - 3 2 2"),
    sheet(N="1 1 2", I="3 3 3", R="- - - 3 - 3 - 3 - 3 2 1"),
]


def stand_ins(**values: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.full((1, RULES.width), np.nan)
    for item, each in values.items():
        found[0, RULES.positions[item]] = each
    return found


def line_of(account: Account, item: str) -> Line:
    return next(line for line in account.lines if line.item == item)


def test_a_derived_value_replaces_the_mean_and_is_never_averaged() -> None:
    before, after = score(counted(*RATED), RULES), score(counted(*RATED), RULES, derived=stand_ins(N1=4))
    loads = {load.item: abs(load.whole) for load in RULES.capabilities[2].loads}
    answered = sum(loads[item] for item in ("N1", "N2", "N3", "I2", "R6", "R8"))
    rise = (4 - 1.5) * loads["N1"] / answered
    assert after.capabilities[0, 2] - before.capabilities[0, 2] == pytest.approx(rise, abs=1e-6)


def test_a_derived_value_stands_where_nobody_answered() -> None:
    asked, both = (score(counted(sheet(I="3 3 3")), RULES, derived=each) for each in (None, stand_ins(R10=3)))
    assert (bool(asked.gate_met[0, 3]), bool(both.gate_met[0, 3])) == (False, True)
    assert both.coverage[0] > asked.coverage[0]


def test_a_follow_up_is_led_to_by_the_derived_value() -> None:
    proof = receipt(counted(*RATED)[0], RULES, 2, derived=stand_ins(R10=0)[0])
    line = line_of(proof.account("relationship", "AE"), "R12")
    assert line.why_not == "not asked"


def test_the_receipt_shows_both_and_which_was_used() -> None:
    proof = receipt(counted(*RATED)[0], RULES, 2, derived=stand_ins(N1=3.5)[0])
    line = line_of(proof.account("capability", "N"), "N1")
    assert (line.asked, line.derived, line.mean, line.n) == (1.5, 3.5, 3.5, 2)
    other = line_of(proof.account("capability", "N"), "N2")
    assert (other.asked, other.derived, other.mean) == (1, None, 1)


def test_a_stranger_reckons_it_again_from_the_receipt() -> None:
    proof = receipt(counted(*RATED)[0], RULES, 2, derived=stand_ins(N1=8 / 3, R4=1)[0].round(4) * 1.0)
    written = proof.as_dict()
    hist, raters, asked = tally_in(written, RULES)
    again = score(hist, RULES, raters, asked, derived_in(written, RULES))
    for account in proof.accounts:
        if account.kind == "capability":
            at = ["I", "D", "N", "C"].index(account.code)
            assert np.array_equal(
                again.capabilities[0, at], np.float64(account.score or np.nan), equal_nan=True
            )
            assert account.score is None or sum(line.points or 0 for line in account.lines) == account.score


def test_a_fingerprint_tells_derived_values_apart_and_ignores_none() -> None:
    row = counted(*RATED)[0]
    marks = {fingerprint(row, RULES, 2, derived=each) for each in (stand_ins(N1=1)[0], stand_ins(N1=2)[0])}
    plain = fingerprint(row, RULES, 2)
    assert len(marks | {plain}) == 3
    assert plain == fingerprint(row, RULES, 2, derived=stand_ins()[0])


def test_derived_of_a_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="derived must be"):
        score(counted(*RATED), RULES, derived=np.zeros((2, RULES.width)))


STATEMENTS = st.fixed_dictionaries(
    {"step": st.sampled_from(STEPS), "signature": st.booleans()},
    optional={name: st.sampled_from(words) for name, words in STATED.items() if name != "step"},
)
JOURNEYS = st.lists(st.lists(STATEMENTS, max_size=7), min_size=1, max_size=4)


@given(JOURNEYS)
def test_a_journey_says_the_same_alone_and_among_others(each: list[list[dict[str, Any]]]) -> None:
    together = read(*each)
    for at, one in enumerate(each):
        alone = read(one)
        for code, rested in together.rested.items():
            assert np.array_equal(alone.rested[code].value[0], rested.value[at], equal_nan=True)
            assert alone.rested[code].usable[0] == rested.usable[at]


@given(JOURNEYS)
def test_values_are_on_the_scale_and_exact_in_single_precision(each: list[list[dict[str, Any]]]) -> None:
    for rested in read(*each).rested.values():
        known = rested.value[~np.isnan(rested.value)]
        assert ((known >= 0) & (known <= 4)).all()
        assert (known.astype(np.float32) == known).all()
        assert (rested.counted <= rested.among).all()
