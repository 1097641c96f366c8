"""What would move it: no smaller set does, and every rule of the model holds on the way."""

import json
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.instrument import Instrument
from matrix.scoring import Model, Move, Reached, Target, Ways, moves, outcome, score, wished
from matrix.scoring.aims import goals_of, related
from matrix.scoring.narrow import narrowed, with_conditions
from tests.matrix.scoring.answers import MODEL, ROOMS, Hist, counted, placed, sheet, tried
from tests.matrix.scoring.test_known_cases import CASES, QUADRANTS

GUEST = CASES["theme park, guest with a wristband"][0]
RIDER = CASES["ride hailing, city rider"][0]
CODES = ("RD", "CO", "CB", "AE")


def ways(answers: list[int], to: str, **options: Any) -> Ways:
    return moves(counted(answers)[0], MODEL, Target.named(to), 1, **options)


def changed(found: Ways) -> dict[str, int]:
    return {move.item: move.after for move in found.moves}


# --- Targets ----------------------------------------------------------------------------------------


def test_targets_are_read_whatever_their_case() -> None:
    assert Target.named(" co-mm ") == Target("CO", "MM")
    assert Target.named("q4") == Target(quadrant="Q4")
    assert (Target("CO", "MM").code, Target(quadrant="Q2").code) == ("CO-MM", "Q2")


@pytest.mark.parametrize("word", ["", "CO", "CO-", "MM-CO", "Q5", "CO-MM-PR"])
def test_what_is_no_target_is_refused_in_words(word: str) -> None:
    with pytest.raises(ValueError, match="Give a cell such as CO-MM"):
        Target.named(word)


def test_the_wish_is_the_most_wanted_from_who_supplies_most() -> None:
    assert wished(placed(sheet(P="4 0 0 0 4 4", A="MM MM MM RT 0 0"))) == Target("CB", "MM")
    assert wished(placed(sheet(R1=1))) == Target("RD", "PR")


def test_sides_that_share_nothing_are_searched_apart() -> None:
    assert [goal.aims for goal in goals_of(Target("CO", "MM"), MODEL)] == [
        (("relationship", 1),),
        (("architecture", 2),),
    ]
    interact, customize = goals_of(Target(quadrant="Q3"), MODEL)
    assert (interact.aims, customize.aims) == ((("interact", 1),), (("customize", 0),))
    assert [MODEL.items[at] for at in customize.positions] == ["R4", "D3", "C1", "C2", "C3"]


def test_sides_tied_by_what_must_not_come_are_one() -> None:
    (whole,) = goals_of(Target(quadrant="Q4"), MODEL, ("CO",))
    assert whole.aims == (("interact", 1), ("customize", 1))


# --- Ways -------------------------------------------------------------------------------------------


def test_where_it_stands_nothing_moves() -> None:
    found = ways(GUEST, "RD-PR")
    assert (found.reached, found.moves, found.exact, found.steps) == (Reached.THERE, (), True, 0)


def test_one_answer_is_enough() -> None:
    found = ways(GUEST, "CB-PR")
    assert found.moves == (Move("R8", 3.0, 4, None, 1.0, False),)
    assert (found.reached, found.exact, found.gives_up, found.steps) == (Reached.FOUND, True, False, 1.0)
    assert (found.then.primary_relationship, found.then.primary_architecture) == ("CB", "PR")


def test_supply_takes_two_choices() -> None:
    found = ways(GUEST, "RD-MM")
    assert changed(found) == {"A1": 3, "A2": 3}
    assert found.moves[0] == Move("A1", None, 3, ("PR", "MM"), 4.0, False)


def test_both_sides_add_up_to_more_than_three() -> None:
    found = ways(RIDER, "CO-PR")
    assert changed(found) == {"R4": 4, "R5": 4, "A1": 1, "A2": 1, "A5": 1}
    assert (found.exact, found.steps) == (True, 3 + 3 + 4 + 4 + 3)


def test_a_gate_asks_for_its_own_item() -> None:
    assert changed(ways(RIDER, "AE-CW")) == {"R10": 4}


def test_of_equal_sets_the_one_that_gives_up_nothing_wins() -> None:
    """Making ordering worse by one step would do as well."""
    row = counted(GUEST)[0].copy()
    row[0] = [0, 0, 0, 1, 0]
    assert outcome(score(row[None], MODEL)).primary_relationship == "CB"
    assert not ways(GUEST, "CB-PR").gives_up


def test_a_way_may_be_asked_that_gives_up_nothing() -> None:
    smallest, building = ways(RIDER, "CB-CW"), ways(RIDER, "CB-CW", building=True)
    assert changed(smallest) == {"R1": 0, "R8": 4}
    assert [move.gives_up for move in smallest.moves] == [True, False]
    assert changed(building) == {"R7": 3, "R8": 4, "R9": 4} or len(building.moves) == 3
    assert not building.gives_up
    assert building.exact


def test_the_cap_is_lifted_by_identify() -> None:
    found = ways(sheet(I="0 0 0", D="1 1 1", N="4 4 4", C="0 0 0", R="0 2 2 0 0 0 0 0 0 0 0 -"), "Q3")
    assert changed(found) == {"R1": 1} or len(found.moves) == 1
    assert found.then.quadrant == "Q3"


def test_quadrants_move_on_both_axes() -> None:
    assert changed(ways(QUADRANTS["Q2"], "Q3")) == {"N1": 4, "C1": 0}
    assert changed(ways(QUADRANTS["Q1"], "Q2")) == {"C2": 4}


def test_beyond_three_a_way_is_found_step_by_step() -> None:
    low = sheet(I="0 0 0", D="0 0 0", N="0 0 0", C="4 4 4", R="0 0 0 0 0 0 0 0 0 0 0 -")
    raised = replace(MODEL, quadrant_cut=3.6)
    found = moves(counted(low)[0], raised, Target.named("Q3"), 1)
    assert (found.reached, found.exact) == (Reached.FOUND, False)
    assert found.then.quadrant == "Q3"
    for move in found.moves:
        row = applied(counted(low)[0], {m.item: m.after for m in found.moves if m != move}, raised, 1)
        assert outcome(score(row[None], raised)).quadrant != "Q3"


def test_what_is_out_of_reach_is_said() -> None:
    found = ways(sheet(C="4 4 4"), "RD-PR")
    assert (found.reached, found.moves, found.exact) == (Reached.NONE, (), False)


def test_nobody_knows_is_built_up_from_nought() -> None:
    (move,) = ways(sheet(R1=4, R4=0, R8=0, R10=0, A="PR PR PR PR 0 0"), "RD-PR").moves
    assert (move.item, move.before, move.steps) == ("R2", None, 1.0)


def test_a_mean_between_levels_moves_to_a_whole_one() -> None:
    row = counted(sheet(R="4 4 4 1 4 4 0 0 0 0 0 -", A="PR PR PR PR 0 0"),
                  sheet(R="4 4 4 2 4 4 0 0 0 0 0 -", A="PR PR PR PR 0 0"))[0]  # fmt: skip
    (move,) = moves(row, MODEL, Target.named("CO-PR"), 2).moves
    assert move == Move("R4", 1.5, 3, None, 1.5, False)


def test_a_choice_without_majority_says_so() -> None:
    row = counted(sheet(R1=4, R2=4, R3=4, R4=0, R8=0, R10=0, A="PR PR PR PR 0 0"),
                  sheet(R1=4, R2=4, R3=4, R4=0, R8=0, R10=0, A="MM MM RT RT 0 0"))[0]  # fmt: skip
    found = moves(row, MODEL, Target.named("RD-MM"), 2)
    assert [(move.item, move.chosen, move.steps) for move in found.moves] == [("A1", (None, "MM"), 2.0)]


def test_what_touchpoints_say_is_moved_in_place_of_answers() -> None:
    value = np.full(MODEL.width, np.nan)
    value[MODEL.positions["R8"]] = 1.5
    found = ways(GUEST, "CB-PR", derived=value)
    assert [(move.item, move.before, move.after) for move in found.moves] == [("R8", 1.5, 4)]
    assert found.then.primary_relationship == "CB"


def test_a_way_says_where_it_leads_and_what_it_costs() -> None:
    found = ways(RIDER, "CO-PR")
    assert (found.target, found.barred) == (Target("CO", "PR"), ())
    assert found.steps == sum(move.steps for move in found.moves)
    assert [move.item for move in found.moves] == sorted(
        (move.item for move in found.moves), key=MODEL.items.index
    )
    row = applied(counted(RIDER)[0], changed(found), MODEL, 1)
    assert outcome(score(row[None], MODEL, np.array([1]))) == found.then


def test_where_it_stands_today_is_told_when_nothing_helps() -> None:
    found = ways(sheet(C="4 4 4"), "RD-PR", barred=("AE",))
    assert found.then == outcome(score(counted(sheet(C="4 4 4")), MODEL, np.array([1])))
    assert found.barred == ("AE",)


def test_what_was_not_asked_can_be_moved_only_where_the_model_counts_it() -> None:
    asked = np.ones(MODEL.width, dtype=bool)
    asked[[MODEL.positions[item] for item in ("R2", "R3")]] = False
    found = ways(sheet(R1=1, R4=0, R8=0, R10=0, A="PR PR PR PR 0 0"), "RD-PR", asked=asked)
    assert changed(found) == {"R1": 2}
    assert found.moves[0] == Move("R1", 1.0, 2, None, 1.0, False)


def test_a_choice_with_half_of_the_room_has_no_majority_and_with_more_it_has() -> None:
    halves = [
        sheet(R1=4, R2=4, R3=4, R4=0, R8=0, R10=0, A=f"{code} PR RT RT 0 0") for code in ("PR", "PR", "MM")
    ]
    found = moves(counted(*halves)[0], MODEL, Target.named("RD-RT"), 3)
    chosen = {move.item: move.chosen for move in found.moves}
    assert chosen.get("A1", ("PR", "RT")) == ("PR", "RT")


def test_the_number_of_raters_stays_as_it_is_on_the_way() -> None:
    found = moves(counted(RIDER)[0], MODEL, Target.named("AE-CW"), 5)
    assert found.then.raters == 5
    assert found.then.coverage < ways(RIDER, "AE-CW").then.coverage


# --- Consent ----------------------------------------------------------------------------------------


def test_without_consent_the_target_is_barred() -> None:
    found = ways(RIDER, "AE-CW", barred=("CB", "AE"))
    assert (found.reached, found.moves, found.barred) == (Reached.BARRED, (), ("AE",))


def test_without_consent_nothing_barred_comes_along() -> None:
    near = sheet(R="2 2 2 0 0 0 4 1 4 0 4 -", I="4 4 4", D="2 2 2", N="1 1 1", C="4 4 4")
    row = counted(near)[0]
    for target in ("Q4", "CO-PR", "RD-PR"):
        found = moves(row, MODEL, Target.named(target), 1, barred=("CB", "AE"))
        assert not {"CB", "AE"} & set(found.then.present)
        assert found.barred in (("CB", "AE"), ())


def test_what_is_present_already_may_stay() -> None:
    assert ways(GUEST, "CO-PR", barred=("CB", "AE")).reached is Reached.FOUND


# --- Nothing smaller --------------------------------------------------------------------------------

SMALL_ITEMS: list[dict[str, Any]] = [
    *({"code": f"S{n}", "part": "relationships", "kind": "scale"} for n in range(4)),
    *({"code": f"T{n}", "part": "capabilities", "kind": "scale"} for n in range(2)),
    *({"code": f"K{n}", "part": "architecture", "kind": "choice"} for n in range(2)),
]


def _small_instrument() -> Instrument:
    columns = ("PR", "RT", "MM", "CW", "PP")
    more: dict[str, dict[str, Any]] = {
        "scale": {"anchors": {"0": "a", "2": "b", "4": "c"}},
        "choice": {"choices": [{"code": code, "text": code} for code in columns]},
    }
    items = [{**item, **more[item["kind"]], "title": item["code"], "text": "?"} for item in SMALL_ITEMS]
    items[3]["condition"] = {"item": "S2", "minimum": 2}
    return Instrument.from_json(
        {"code": "s", "version": 1, "title": "S", "introduction": "I", "short_form": ["S0"], "items": items}
    )


SMALL = _small_instrument()
SCALES = [item.code for item in SMALL.items if not item.is_choice]
WEIGHTS = st.dictionaries(st.sampled_from(SCALES), st.integers(1, 4), min_size=1, max_size=3)

SUPPLY: tuple[dict[str, Any], ...] = ({}, {"T1": {"CW": 2, "MM": -1}})
GATED: st.SearchStrategy[bool] = st.booleans()


@st.composite
def models(draw: st.DrawFn) -> Model:
    loads = {code: draw(WEIGHTS) for code in CODES}
    gated: dict[str, Any] = {
        code: {"gate": {"item": min(set(own) - {"S3"}), "minimum": draw(st.integers(1, 3))}}
        if set(own) - {"S3"} and bool(draw(GATED))
        else {}
        for code, own in loads.items()
    }
    even = dict.fromkeys(("PR", "RT", "MM", "CW", "PP"), 1)
    cuts = st.sampled_from([0.25, 0.4, 0.6])
    data = {
        "code": "s", "version": 1, "title": "S", "instrument": {"code": "s", "version": 1},
        "minimum_coverage": draw(cuts), "minimum_raters": 3,
        "relationships": {code: {"loads": loads[code], **gated[code]} for code in CODES},
        "presence": {"cut": draw(cuts), "window": draw(st.sampled_from([0.0, 0.15])),
                     "order": draw(st.permutations(CODES))},
        "wanted": {code: {"S0": 1} for code in CODES},
        "intrusion": {"unwanted": ["CB"], "sensed": [], "unwilling": {"item": "S0", "maximum": 1}},
        "architectures": {
            "choices": {"K0": {**even, "PP": 2}, "K1": even},
            "scales": draw(st.sampled_from(SUPPLY)),
            "majority": 0.5, "lead": 0.15, "split": {"item": "T1", "from": 1, "to": 3},
        },
        "capabilities": {code: draw(WEIGHTS) for code in ("I", "D", "N", "C")},
        "quadrant": {"cut": draw(st.sampled_from([1.35, 2.5])), "band": 0.35, "cap_margin": 1},
    }  # fmt: skip
    return Model.from_json(json.loads(json.dumps(data)), SMALL)


@st.composite
def rooms(draw: st.DrawFn) -> Hist:
    raters = draw(st.integers(1, 2))
    row = np.zeros((len(SMALL), 5), dtype=np.uint16)
    for at in range(len(SMALL)):
        for answer in draw(st.lists(st.integers(0, 4), min_size=0, max_size=raters)):
            row[at, answer] += 1
    return row


def applied(row: Hist, to: dict[str, int], model: Model, raters: int) -> Hist:
    """The tally after these changes, made by hand. A choice is given as 1-5."""
    found = row.copy()
    for item, value in to.items():
        at = model.positions[item]
        n = int(row[at].sum()) or raters
        found[at] = 0
        found[at, value - (at in model.choices)] = n
    return found


def every_set(row: Hist, model: Model, size: int, barred: bool) -> list[tuple[dict[str, int], float, int]]:
    """All sets of that size with their steps and how many answers they lower, by plain loops."""
    neutral = {votes.item for votes in model.votes}
    options: dict[str, list[tuple[int, float, int]]] = {}
    for at, item in enumerate(model.items):
        n = int(row[at].sum())
        mean = sum(level * int(count) for level, count in enumerate(row[at])) / n if n else 0.0
        for level in range(5):
            choice = at in model.choices
            if row[at, level] == n > 0 or (not n and level == 0 and not choice):
                continue
            steps = (4 * (1 - row[at, level] / n) if n else 4.0) if choice else abs(level - mean)
            lowered = int(level < mean and item not in neutral and not choice)
            options.setdefault(item, []).append((level + choice, float(steps), lowered))
    found = []
    for some in combinations(options, size):
        for each in product(*(options[item] for item in some)):
            to = {item: value for item, (value, _, _) in zip(some, each, strict=True)}
            found.append((to, round(sum(e[1] for e in each), 9), sum(e[2] for e in each)))
    return found


def smallest(
    row: Hist, model: Model, target: Target, raters: int, barred: tuple[str, ...]
) -> tuple[int, int, float] | None:
    """(size, answers lowered, steps) of the best set up to three, by trying all of them."""
    today = outcome(score(row[None], model, np.array([raters])))
    for size in range(4):
        sets = every_set(row, model, size, bool(barred))
        if not sets:
            continue
        hist = np.stack([applied(row, to, model, raters) for to, _, _ in sets])
        scores = score(hist, model, np.full(len(hist), raters))
        good = []
        for at, (_, steps, lowered) in enumerate(sets):
            if target.quadrant:
                there = f"Q{scores.quadrant[at]}" == target.quadrant
            else:
                there = (
                    scores.primary[at] == CODES.index(str(target.relationship))
                    and scores.primary_architecture[at]
                    == ("PR", "RT", "MM", "CW", "PP").index(str(target.architecture))
                )  # fmt: skip
            come = any(scores.present[at, CODES.index(code)] and code not in today.present for code in barred)
            if there and not come:
                good.append((lowered, steps))
        if good:
            return (size, *min(good))
    return None


TARGETS = st.sampled_from(["RD-PR", "CO-MM", "CB-CW", "AE-PP", "CO-RT", "Q1", "Q2", "Q3", "Q4"])


@given(models(), rooms(), TARGETS, st.sampled_from([(), ("CB", "AE")]))
@tried(40)
def test_an_exhaustive_search_finds_nothing_smaller(
    model: Model, row: Hist, to: str, barred: tuple[str, ...]
) -> None:
    target, raters = Target.named(to), max(1, int(row.sum(axis=1).max()))
    found = moves(row, model, target, raters, barred=barred)
    best = smallest(row, model, target, raters, barred)
    if found.reached is Reached.BARRED:
        assert target.relationship in barred
    elif found.reached is Reached.THERE:
        assert best is not None
        assert best[0] == 0
    elif best is None:
        assert not found.exact or len(found.moves) > 3
    else:
        lowered = sum(move.gives_up for move in found.moves)
        assert (len(found.moves), lowered, round(found.steps, 6)) == (best[0], best[1], round(best[2], 6))
        assert found.exact
    if found.reached is Reached.FOUND:
        row = applied(row, changed(found), model, raters)
        assert outcome(score(row[None], model, np.array([raters]))) == found.then


@given(ROOMS)
@tried(30)
def test_a_model_held_to_some_items_scores_them_bit_for_bit(room: list[list[int]]) -> None:
    hist, raters = counted(*room), np.array([len(room)])
    whole = score(hist, MODEL, raters)
    for target, names in (
        (Target("RD", "PR"), ("relationships", "present", "primary", "gate_met")),
        (Target(quadrant="Q4"), ("interact", "capped")),
    ):
        goal = goals_of(target, MODEL)[0]
        part = score(hist[:, list(goal.positions)], narrowed(MODEL, goal.positions), raters)
        for name in names:
            assert np.array_equal(getattr(part, name), getattr(whole, name), equal_nan=True)
    votes = goals_of(Target("RD", "PR"), MODEL)[1].positions
    part = score(hist[:, list(votes)], narrowed(MODEL, votes), raters)
    assert np.array_equal(part.architectures, whole.architectures, equal_nan=True)
    assert part.primary_architecture[0] == whole.primary_architecture[0]
    assert part.split[0] == whole.split[0]


def test_what_is_not_kept_is_not_known() -> None:
    keep = with_conditions([MODEL.positions["R12"]], MODEL)
    assert [MODEL.items[at] for at in keep] == ["R10", "R12"]
    found = score(counted(GUEST)[:, list(keep)], narrowed(MODEL, keep), np.array([1]))
    assert np.isnan(found.relationships).all()
    assert np.isnan(found.capabilities).all()
    assert np.isnan(found.architectures).all()


def test_what_could_bring_along_a_barred_relationship_may_be_held_back_by_all_it_hangs_on() -> None:
    shared = MODEL.relationships[3].loads[:1]
    model = replace(
        MODEL,
        capabilities=tuple(replace(task, loads=task.loads + shared) for task in MODEL.capabilities),
    )
    (goal,) = goals_of(Target.named("Q3"), model, ["AE"])
    assert related(model, "AE") <= set(goal.positions)
    apart = goals_of(Target.named("Q3"), MODEL, ["AE"])
    assert not related(MODEL, "AE") & {at for each in apart for at in each.positions}
