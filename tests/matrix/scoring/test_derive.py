"""The rules of a model: refused with place and reason when they cannot be used."""

import json
import math
from typing import Any

import pytest

from matrix.scoring import STATED, Ballot, Best, Derive, Model, ModelError, Rule, Share
from matrix.scoring.derive import Where
from tests.matrix.scoring.answers import INSTRUMENT
from tests.matrix.scoring.journeys import RULES_JSON

BAD: list[tuple[tuple[str, ...], Any, str, str]] = [
    (("minimum",), 0, "minimum", "must be from 1 to 1000"),
    (("minimum",), 2.5, "minimum", "must be a whole number"),
    (("gap",), math.nan, "gap", "must be finite"),
    (("gap",), -1, "gap", "must be from 0 to 4"),
    (("minimum_coverage",), 2, "minimum_coverage", "must be from 0 to 1"),
    (("surprise",), 1, "surprise", "is not known here"),
    (
        ("items", "R99"),
        {"share": {"content": ["same"]}},
        "items.R99",
        "there is no item on the scale 0-4 called R99",
    ),
    (
        ("items", "A1"),
        {"share": {"content": ["same"]}},
        "items.A1",
        "there is no item on the scale 0-4 called A1",
    ),
    (("items", "R4"), {}, "items.R4", "needs either share or best"),
    (("items", "R4", "best"), [], "items.R4", "needs either share or best"),
    (("items", "R4", "evidence"), "both", "items.R4.evidence", "'both' is not asked or derived"),
    (("items", "R4", "steps"), ["later"], "items.R4.steps[0]", "'later' is not a word for step"),
    (("items", "R4", "steps"), [], "items.R4.steps", "names nothing"),
    (("items", "R4", "share"), {}, "items.R4.share", "has no condition"),
    (("items", "R4", "share"), {"mood": ["good"]}, "items.R4.share.mood", "touchpoints do not state mood"),
    (
        ("items", "R4", "share"),
        {"content": ["loud"]},
        "items.R4.share.content[0]",
        "'loud' is not a word for content",
    ),
    (("items", "R4", "share"), {"step": ["request"]}, "items.R4.share.step", "touchpoints do not state step"),
    (("items", "R5", "curve"), [[0, 0]], "items.R5.curve", "must be two points or more, by rising share"),
    (
        ("items", "R5", "curve"),
        [[0, 0], [0, 4]],
        "items.R5.curve",
        "must be two points or more, by rising share",
    ),
    (("items", "R5", "curve"), [[0, 0], [1, 5]], "items.R5.curve[1][1]", "must be from 0 to 4"),
    (("items", "R5", "curve"), [[0], [1, 4]], "items.R5.curve[0]", "must be a share and a value"),
    (("items", "I2", "across", "least"), 1, "items.I2.across.least", "must be from 2 to 3"),
    (("items", "R10", "best"), [], "items.R10.best", "must name values from the highest down"),
    (("items", "R10", "curve"), [[0, 0], [1, 4]], "items.R10.curve", "goes with share only"),
    (("checks", "N1"), {"votes": {}}, "checks.N1", "N1 is neither a relationship nor a choice item"),
    (
        ("checks", "A1", "votes", "to"),
        {"own": ["PR"]},
        "checks.A1.votes.to",
        "must name each architecture once",
    ),
    (
        ("checks", "A1", "votes", "to", "mine"),
        ["PR"],
        "checks.A1.votes.to.mine",
        "'mine' is not a word for supplier",
    ),
    (("checks", "RD", "evidence"), "derived", "checks.RD.evidence", "is not known here"),
]


@pytest.mark.parametrize(("way", "value", "place", "reason"), BAD, ids=[f"{b[2]}: {b[3]}" for b in BAD])
def test_a_bad_rule_is_refused_with_place_and_reason(
    way: tuple[str, ...], value: Any, place: str, reason: str
) -> None:
    data = json.loads(json.dumps(RULES_JSON))
    spot = data["derive"]
    for step in way[:-1]:
        spot = spot[step]
    spot[way[-1]] = value
    with pytest.raises(ModelError) as refused:
        Model.from_json(data, INSTRUMENT)
    assert refused.value.place == f"model.derive.{place}"
    assert refused.value.reason == reason


def test_values_of_a_best_go_from_the_highest_down() -> None:
    data = json.loads(json.dumps(RULES_JSON))
    data["derive"]["items"]["R10"]["best"].reverse()
    with pytest.raises(ModelError, match="highest down"):
        Model.from_json(data, INSTRUMENT)


def test_a_model_without_rules_derives_nothing() -> None:
    assert Model.from_json({k: v for k, v in RULES_JSON.items() if k != "derive"}, INSTRUMENT).derive is None


# --- What is read ---------------------------------------------------------------------------------


def read(**changes: Any) -> Derive:
    """The rules of the file with members of the section replaced."""
    data = json.loads(json.dumps(RULES_JSON))
    data["derive"] |= changes
    found = Model.from_json(data, INSTRUMENT).derive
    assert found is not None
    return found


def rule(code: str, **members: Any) -> Rule:
    """One rule of the file, with members replaced."""
    section = "items" if code in RULES_JSON["derive"]["items"] else "checks"
    rules = json.loads(json.dumps(RULES_JSON["derive"][section]))
    rules[code] |= members
    return next(each for each in read(**{section: rules}).rules if each.code == code)


def words(attribute: str, codes: frozenset[int]) -> set[str]:
    return {STATED[attribute][code] for code in codes}


def clauses(where: Where) -> dict[str, set[str]]:
    return {attribute: words(attribute, codes) for attribute, codes in where.clauses}


def test_numbers_are_the_file_s() -> None:
    found = read()
    assert (found.minimum, found.per_step, found.signature) == (5, 1, 2)
    assert (found.minimum_coverage, found.gap) == (0.6, 1.5)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("minimum", 1, 1000),
        ("per_step", 0, 100),
        ("signature", 1, 100),
        ("minimum_coverage", 0, 1),
        ("gap", 0, 4),
    ],
)
def test_the_ends_of_a_number_belong_to_it_and_nothing_beyond(name: str, low: int, high: int) -> None:
    for value in (low, high):
        assert getattr(read(**{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ModelError, match=f"^model.derive.{name}: must be from {low} to {high}$"):
            read(**{name: value})


def test_rules_come_in_the_order_of_the_questions_then_the_checks() -> None:
    order = ["R4", "R5", "R8", "R10", "R11", "I1", "I2", "N1", "N2", "C2", "RD", "A1"]
    assert [each.code for each in read().rules] == order
    turned = dict(reversed(RULES_JSON["derive"]["items"].items()))
    checks = dict(reversed(RULES_JSON["derive"]["checks"].items()))
    assert [each.code for each in read(items=turned, checks=checks).rules] == order


def test_a_rule_knows_where_its_item_stands_and_a_level_has_no_place() -> None:
    assert rule("R4").position == INSTRUMENT.positions["R4"]
    assert rule("A1").position == INSTRUMENT.positions["A1"]
    assert rule("RD").position is None


def test_a_rule_speaks_of_its_steps_or_of_all() -> None:
    assert words("step", rule("R8").steps) == {"recognize"}
    assert words("step", rule("RD").steps) == {"request", "respond"}
    assert words("step", rule("A1").steps) == {"respond"}
    assert words("step", rule("N1").steps) == {"recognize", "request", "respond", "repeat"}


def test_a_share_has_conditions_a_curve_and_kinds() -> None:
    how = rule("R5").how
    assert isinstance(how, Share)
    assert clauses(how.where) == {"decides": {"shortlist"}, "content": {"individual"}}
    assert (how.curve, how.across) == (((0, 0), (0.25, 2), (0.75, 4)), None)
    plain, seen = rule("RD").how, rule("I2").how
    assert isinstance(plain, Share)
    assert isinstance(seen, Share)
    assert plain.curve == ((0, 0), (1, 4))
    assert clauses(plain.where)["latency"] == {"instant", "minutes"}
    assert seen.across == ("medium", 2)
    assert isinstance(rule("RD", across={"attribute": "medium", "least": 3}).how, Share)


def test_a_best_has_values_from_the_highest_down() -> None:
    how = rule("R11").how
    assert isinstance(how, Best)
    assert [value for _, value in how.levels] == [4, 3, 2]
    assert [clauses(where) for where, _ in how.levels] == [
        {"trigger": {"sensed"}, "identified": {"yes"}, "carries_context": {"yes"}},
        {"trigger": {"sensed"}},
        {"trigger": {"calendar"}},
    ]


def test_a_ballot_names_columns_in_their_order() -> None:
    to = {"member": ["PP"], "individual": ["CW"], "partner": ["RT", "MM"], "own": ["PR"]}
    how = rule("A1", votes={"of": "supplier", "to": to}).how
    assert isinstance(how, Ballot)
    assert (how.of, [codes for _, codes in how.to]) == ("supplier", [("PR",), ("RT", "MM"), ("CW",), ("PP",)])
    assert [STATED["supplier"][code] for code, _ in how.to] == ["own", "partner", "individual", "member"]


def test_only_items_said_to_be_derived_are_used() -> None:
    assert (rule("R4").used, rule("R4", evidence="asked").used, rule("R4", evidence="derived").used) == (
        (False, False, True)
    )
    assert not rule("A1").used
    assert [each.code for each in read(items={"R4": RULES_JSON["derive"]["items"]["R4"]}).used] == []


def test_checks_may_be_left_out() -> None:
    data = json.loads(json.dumps(RULES_JSON))
    del data["derive"]["checks"]
    found = Model.from_json(data, INSTRUMENT).derive
    assert found is not None
    assert len(found.rules) == 10


def test_the_ends_of_a_curve_and_of_a_best_belong() -> None:
    share = rule("R4", curve=[[0, 4], [1, 0]]).how
    assert isinstance(share, Share)
    assert share.curve == ((0, 4), (1, 0))
    best = rule("R10", best=[{"where": {"trigger": ["sensed"]}, "value": value} for value in (4, 0)]).how
    assert isinstance(best, Best)
    assert [value for _, value in best.levels] == [4, 0]
    assert rule("I2", across={"attribute": "medium", "least": 3}).how != rule("I2").how


MORE_BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("R4", {"curve": [[0, 0], [1.1, 4]]}, "items.R4.curve[1][0]", "must be from 0 to 1"),
    ("R4", {"curve": [[0, -1], [1, 4]]}, "items.R4.curve[0][1]", "must be from 0 to 4"),
    ("R4", {"curve": [[0, 0, 1], [1, 4]]}, "items.R4.curve[0]", "must be a share and a value"),
    ("R4", {"curve": [[1, 0], [0, 4]]}, "items.R4.curve", "must be two points or more, by rising share"),
    ("R4", {"loud": 1}, "items.R4.loud", "is not known here"),
    ("R10", {"across": {"attribute": "medium", "least": 2}}, "items.R10.across", "goes with share only"),
    (
        "R10",
        {"best": [{"where": {"trigger": ["sensed"]}, "value": 5}]},
        "items.R10.best[0].value",
        "must be from 0 to 4",
    ),
    ("R10", {"best": [{"value": 4}]}, "items.R10.best[0].where", "is missing"),
    ("R10", {"best": [{"where": {}, "value": 4}]}, "items.R10.best[0].where", "has no condition"),
    ("R10", {"best": [{"where": {"trigger": ["sensed"]}}]}, "items.R10.best[0].value", "is missing"),
    (
        "I2",
        {"across": {"attribute": "step", "least": 2}},
        "items.I2.across.attribute",
        "'step' is not what they state",
    ),
    ("I2", {"across": {"attribute": "medium", "least": 4}}, "items.I2.across.least", "must be from 2 to 3"),
    ("I2", {"across": {"attribute": "medium"}}, "items.I2.across.least", "is missing"),
    ("I2", {"across": {"least": 2}}, "items.I2.across.attribute", "is missing"),
    ("RD", {"best": []}, "checks.RD.best", "is not known here"),
    ("A1", {"share": {"content": ["same"]}}, "checks.A1.share", "is not known here"),
    ("A1", {"votes": {"of": "supplier"}}, "checks.A1.votes.to", "is missing"),
    ("A1", {"votes": {"to": {}}}, "checks.A1.votes.of", "is missing"),
    ("A1", {"votes": {"of": "step", "to": {}}}, "checks.A1.votes.of", "'step' is not what they state"),
    (
        "A1",
        {"votes": {"of": "supplier", "to": {"own": ["XX"]}}},
        "checks.A1.votes.to.own[0]",
        "'XX' is not an architecture",
    ),
]


@pytest.mark.parametrize(
    ("code", "members", "place", "reason"), MORE_BAD, ids=[f"{b[2]}: {b[3]}" for b in MORE_BAD]
)
def test_a_bad_member_of_a_rule_is_refused_with_place_and_reason(
    code: str, members: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(ModelError) as refused:
        rule(code, **members)
    assert (refused.value.place, refused.value.reason) == (f"model.derive.{place}", reason)


@pytest.mark.parametrize(
    ("member", "place"),
    [
        ("minimum", "minimum"), ("per_step", "per_step"), ("signature", "signature"),
        ("minimum_coverage", "minimum_coverage"), ("gap", "gap"), ("items", "items"),
    ],
)  # fmt: skip
def test_what_is_needed_is_named_where_it_is_missing(member: str, place: str) -> None:
    data = json.loads(json.dumps(RULES_JSON))
    del data["derive"][member]
    with pytest.raises(ModelError, match=rf"^model\.derive\.{place}: is missing$"):
        Model.from_json(data, INSTRUMENT)


def test_a_check_of_a_level_needs_a_share() -> None:
    with pytest.raises(ModelError, match=r"^model\.derive\.checks\.RD\.share: is missing$"):
        read(checks={"RD": {"steps": ["request"]}})
    with pytest.raises(ModelError, match=r"^model\.derive\.checks\.X9: X9 is neither"):
        read(checks={"X9": {"votes": {}}})
