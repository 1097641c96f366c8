"""Every rule from scores to a sentence: what makes it speak, and when it stays a plain noun."""

from dataclasses import replace
from datetime import timedelta

import pytest

from matrix.findings import firm, portfolio, proposal, segment, steps, versions, words
from matrix.findings.facts import Gate, Standing
from matrix.findings.steps import Deed, Disputed
from matrix.scoring import RELATIONSHIPS, Outcome
from matrix.scoring.versions import Difference
from tests.matrix.outcomes import GUEST, baseline, mixed, outcome, standing

GATES = {"CO": Gate("R4", 2), "CB": Gate("R8", 2), "AE": Gate("R10", 3)}


def said(runs: tuple[segment.Run, ...]) -> str:
    return "".join(run.text for run in runs)


@pytest.mark.parametrize(("given", "sentence"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_a_list_reads_as_a_list(given: list[str], sentence: str) -> None:
    assert words.listed(given) == sentence


def test_a_sentence_writes_all_its_numbers_one_way() -> None:
    assert [words.figures(3, 12)(12), words.figures(3, 13)(3)] == ["twelve", "3"]


# --- Segment --------------------------------------------------------------------------------------


def test_the_verdict_names_cell_and_what_is_present_too() -> None:
    assert said(segment.verdict(GUEST)) == (
        "This segment gets a curated offering from a connected producer, "
        "with respond-to-desire and coach behavior present too."
    )


def test_the_verdict_stresses_relationship_and_architecture_only() -> None:
    strong = [run.text for run in segment.verdict(GUEST) if run.strong]
    assert strong == ["a curated offering", "connected producer"]


def test_below_all_four_the_verdict_says_so() -> None:
    sentence = said(segment.verdict(baseline()))
    assert "can buy what we have from a connected producer: none of the four" in sentence


def test_mixed_supply_is_said_with_its_shares() -> None:
    assert "from mixed supply, 54\N{NO-BREAK SPACE}% market maker, 31\N{NO-BREAK SPACE}% retailer" in said(
        segment.verdict(mixed())
    )


def test_two_people_make_a_provisional_verdict() -> None:
    assert said(segment.verdict(outcome(raters=2))).startswith("So far, from two people, this segment gets")


def test_an_unknown_relationship_is_not_called_below_all() -> None:
    unknown = outcome(primary_relationship=None, present=())
    assert said(segment.verdict(unknown)) == (
        "This segment cannot be placed: too little is answered to say which relationship it gets."
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, ""),
        ({"raters": 2}, "two of three people needed have answered"),
        ({"coverage": 0.68}, "68\N{NO-BREAK SPACE}% of the answers are in, firm from 75\N{NO-BREAK SPACE}%"),
        ({"coverage": 0.75}, ""),
    ],
)
def test_provisional_says_whether_people_or_answers_are_wanting(
    changed: dict[str, object], reason: str
) -> None:
    found = standing(outcome=outcome(**changed))
    assert segment.doubt(outcome(**changed)) == reason
    assert found.provisional is bool(reason)


@pytest.mark.parametrize(
    ("found", "is_placed"),
    [
        (GUEST, True),
        (baseline(), True),
        (mixed(), True),
        (outcome(primary_architecture=None), False),
        (outcome(primary_relationship=None, present=()), False),
    ],
)
def test_placed_is_when_relationship_and_supply_are_known(found: Outcome, is_placed: bool) -> None:
    assert standing(outcome=found).placed is is_placed


def test_certainty_is_raters_and_agreement_never_a_chance() -> None:
    assert segment.certainty(outcome(raters=3)) == "Three raters, agreement .81."


def test_without_agreement_only_the_raters_are_named() -> None:
    assert segment.certainty(outcome(agreement=None)) == "14 raters."


@pytest.mark.parametrize(
    ("changed", "headline"),
    [
        ({}, "They want more coaching than they get"),
        ({"intrusive": ("AE",)}, "Automatic execution is more than they want"),
        (
            {"gap": {"RD": -0.2, "CO": 0, "CB": 0, "AE": 0}},
            "They get more ease of ordering than they ask for",
        ),
        ({"gap": dict.fromkeys(RELATIONSHIPS, 0.02)}, "They get about what they want"),
        ({"gap": dict.fromkeys(RELATIONSHIPS, None)}, "Today and wanted"),
    ],
)
def test_today_and_wanted_in_one_sentence(changed: dict[str, object], headline: str) -> None:
    assert segment.wants_headline(outcome(**changed)) == headline


@pytest.mark.parametrize(
    ("changed", "met", "remark"),
    [
        ({}, False, "not present: R10 below 3"),
        ({"scheduled_repeat": True}, False, "scheduled repeat only: R10 below 3"),
        ({"relationships": {**GUEST.relationships, "AE": 0.9}}, False, "not present: R10 below 3"),
        ({}, True, "not present: below 40"),
        ({"relationships": {**GUEST.relationships, "AE": None}}, True, "too little answered to say"),
        ({"intrusive": ("AE",)}, True, "intrusive: more than they want"),
    ],
)
def test_a_gate_not_met_is_said_whatever_the_level(
    changed: dict[str, object], met: bool, remark: str
) -> None:
    assert segment.want_remark(outcome(**changed), "AE", GATES["AE"], met, 0.4) == remark


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        (GUEST, "The firm makes it"),
        (mixed(), "No architecture leads"),
        (outcome(primary_architecture=None), "Architecture"),
    ],
)
def test_architecture_headline(found: Outcome, headline: str) -> None:
    assert segment.architecture_headline(found) == headline


@pytest.mark.parametrize(
    ("changed", "headline"),
    [
        ({}, "Strongest at identifying, weakest at differentiating"),
        ({"capped": True}, "Interact is held back by identify"),
        ({"differentiate": 3.0}, "The four tasks stand close together"),
        ({"identify": None}, "Capabilities"),
    ],
)
def test_capability_headline(changed: dict[str, object], headline: str) -> None:
    assert segment.capability_headline(outcome(**changed)) == headline


@pytest.mark.parametrize(
    ("spreads", "headline"),
    [
        ({"R7": "split", "R1": "high"}, "The room is split on R7"),
        ({"R1": "too few"}, "Too few people to compare"),
        ({"R1": "mixed"}, "Talk about these first"),
        ({"R1": "high"}, "The raters agree"),
        ({}, "Agreement"),
    ],
)
def test_agenda_headline(spreads: dict[str, str], headline: str) -> None:
    assert segment.agenda_headline(spreads) == headline


def test_without_consent_coaching_is_not_recommended() -> None:
    assert "not recommended" in segment.consent_note("no")
    assert segment.consent_note("yes") == ""


# --- Firm -----------------------------------------------------------------------------------------


def test_the_standfirst_says_what_is_present_and_what_is_nowhere() -> None:
    assert firm.standfirst([standing()]) == (
        "Respond-to-desire, curated offering and coach behavior are present inside one architecture: "
        "the firm makes it. Automatic execution is not present in any segment, and four columns stand empty."
    )


def test_a_standfirst_from_few_people_says_so() -> None:
    few = standing(outcome=outcome(raters=2))
    assert firm.standfirst([few]).startswith("Provisional so far: respond-to-desire")


def test_a_firm_without_placements_claims_nothing() -> None:
    assert firm.standfirst([standing(outcome=None)]) == "One segment, none placed yet."


@pytest.mark.parametrize(
    ("levels", "headline"),
    [
        ([[0.8, None, 0.3, None, None]] * 4, "Strong where the firm makes it, thin where other firms sell"),
        (
            [[0.8, None, 0.6, None, None], [0.5, None, 0.4, None, None], *[[None] * 5] * 2],
            "Respond-to-desire leads in every column, most where the firm makes it",
        ),
        (
            [[0.8, None, 0.5, None, None], [0.5, None, 0.7, None, None], *[[None] * 5] * 2],
            "Respond-to-desire where the firm makes it and curated offering where other firms sell",
        ),
        ([[0.3, None, None, None, None]] * 4, "No relationship reaches the level from which it is present"),
        ([[None] * 5] * 4, "Where the segments stand"),
    ],
)
def test_firm_matrix_headline(levels: firm.Levels, headline: str) -> None:
    assert firm.matrix_headline(levels, 3) == headline


def test_two_segments_make_no_headline() -> None:
    assert firm.matrix_headline([[0.8, None, 0.3, None, None]] * 4, 2) == "Where the segments stand"


def test_a_firm_all_mixed_says_so_above_its_empty_columns() -> None:
    said = firm.matrix_headline([[None] * 5] * 4, 3, [0.6, 0.7, None, 0.2])
    assert said == "All supply is mixed, so no column fills; curated offering leads"


def test_the_quadrant_headline_groups_letters() -> None:
    segments = [standing("A"), standing("B"), standing("C", outcome=outcome(borderline=True))]
    assert firm.quadrant_headline(segments) == "A and B tailor to the one customer; C is near a border"


def test_segments_without_a_cell_are_named_with_why() -> None:
    found = firm.unseated([standing("A"), standing("B", outcome=mixed()), standing("C", outcome=baseline())])
    assert [(each.letter, why.split(":")[0]) for each, why in found] == [
        ("B", "has no column"),
        ("C", "stands below all four rows"),
    ]


# --- Steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segments", "workshop", "deed"),
    [
        ([], False, Deed.ADD_SEGMENT),
        ([standing(outcome=None, sheets=0, touchpoints=0)], False, Deed.JOURNEY),
        ([standing(outcome=None, sheets=0)], False, Deed.WORKSHOP),
        ([standing(outcome=None, sheets=0)], True, Deed.COLLECT),
        ([standing(outcome=outcome(raters=2), sheets=2)], True, Deed.COLLECT),
        ([standing(agreement={"CB": 0.2})], False, Deed.DISCUSS),
        ([standing(touchpoints=0)], False, Deed.JOURNEY),
        ([standing(customers=None)], False, Deed.PORTFOLIO),
    ],
)
def test_the_next_step_of_a_firm(segments: list[Standing], workshop: bool, deed: Deed) -> None:
    assert steps.next_step(segments, GATES, workshop).deed is deed


def test_one_person_short_is_said_in_words() -> None:
    step = steps.next_step([standing(outcome=outcome(raters=2), sheets=2)], GATES, True)
    assert step.lead == "One more person places Segment A."


def test_a_sheet_half_empty_is_the_next_step_and_no_person_is_asked_for() -> None:
    step = steps.next_step([standing(outcome=outcome(raters=3, coverage=0.68), sheets=3)], GATES, True)
    assert step.lead == "68\N{NO-BREAK SPACE}% of the answers for Segment A are in."
    assert step.deed is Deed.COLLECT


def test_a_segment_of_which_too_little_is_known_is_missing() -> None:
    unknown = standing(outcome=outcome(primary_architecture=None))
    assert steps.missing([unknown], GATES, False)[0].lead == "A cannot be placed"


def test_a_gate_not_met_is_no_lack_where_it_is_not_wanted() -> None:
    held = {"RD": 0.8, "CO": 0.7, "CB": 0.5, "AE": 0.45}
    unwanted = standing(outcome=outcome(relationships=held, wanted={**GUEST.wanted, "AE": 0.2}))
    wanted = standing(outcome=outcome(relationships=held, wanted={**GUEST.wanted, "AE": 0.6}))
    assert steps.missing([unwanted], GATES, False) == []
    assert steps.missing([wanted], GATES, False)[0].lead == "A wants automatic execution"


def test_without_consent_automatic_execution_is_never_recommended() -> None:
    held = {"RD": 0.8, "CO": 0.7, "CB": 0.3, "AE": 0.45}
    refused = outcome(relationships=held, present=("RD", "CO"), wanted={**GUEST.wanted, "AE": 0.9})
    assert steps.missing([standing(outcome=refused, consent="no")], GATES, False) == []


def test_a_split_item_is_the_segments_next_step() -> None:
    step = steps.segment_step(standing(), [Disputed("R7", "Goal", "split", 0.2)], GATES, False)
    assert step.lead == "Talk about R7. The room is split."


# --- Portfolio ------------------------------------------------------------------------------------


def tally(placed: int, **present: int) -> portfolio.Tally:
    return portfolio.Tally(3, placed, placed, {code: present.get(code, 0) for code in RELATIONSHIPS}, 0, 0)


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (tally(10, RD=7, AE=1, CO=3, CB=2), "Most answer a clear request. Only one acts first."),
        (tally(4, RD=4), "All answer a clear request. None acts first."),
        (tally(0), "Nothing to see yet"),
        (tally(3), "No relationship is present yet"),
    ],
)
def test_the_title_is_a_count(given: portfolio.Tally, title: str) -> None:
    assert portfolio.title(given) == title


def cell(row: str, column: str, level: float, agreement: float = 0.9, present: int = 1) -> portfolio.CellFact:
    return portfolio.CellFact(row, column, level, agreement, present, 2, 6)


def test_one_segment_is_no_majority() -> None:
    assert portfolio.title(tally(1, RD=1)) == "One segment placed"
    assert portfolio.matrix_headline([cell("RD", "PR", 0.8)], 1) == "Where all segments stand"


def test_a_weighted_look_says_what_weighs_and_who_carries_it() -> None:
    heavy = replace(cell("RD", "PR", 0.9), heaviest=0.97)
    look = portfolio.look_first([heavy], "customers")
    assert look
    assert look.text == (
        "It rests on two segments and six sheets, weighted by customers. "
        "One segment carries 97\N{NO-BREAK SPACE}% of the weight."
    )
    assert "respond-to-desire where the firm makes it one segment" in portfolio.heavy_note([heavy])


def test_a_split_room_is_where_to_look_first() -> None:
    look = portfolio.look_first([cell("RD", "PR", 0.9), cell("CO", "MM", 0.44, agreement=0.3)])
    assert look
    assert look.lead == "Curated offering where other firms sell stands at 44, and its rooms are split."


def test_with_no_cell_there_is_nowhere_to_look() -> None:
    assert portfolio.look_first([]) is None


def test_the_matrix_headline_sets_the_common_against_the_rare() -> None:
    cells = [cell("RD", "PR", 0.8), cell("RD", "MM", 0.7), cell("AE", "PR", 0.6)]
    headline = "Every column in use answers a clear request; one alone acts first, where the firm makes it"
    assert portfolio.matrix_headline(cells, 3) == headline


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ({"Q1": 1, "Q3": 3}, "Three segments talk but do not tailor"),
        ({"Q1": 5, "Q4": 5}, "Five segments talk and tailor; as many neither talk nor tailor"),
        ({"Q1": 2, "Q4": 1, "Q2": 2, "Q3": 2}, "Capability quadrant"),
        ({"Q4": 2}, "Capability quadrant"),
        ({}, "Capability quadrant"),
    ],
)
def test_portfolio_quadrant_headline(counts: dict[str, int], headline: str) -> None:
    assert portfolio.quadrant_headline(counts) == headline


def test_thousands_of_segments_are_told_with_their_thousands_apart() -> None:
    counts = {"Q1": 61345, "Q2": 22254, "Q3": 42486, "Q4": 91651}
    assert portfolio.quadrant_note(counts, 95401, 0) == (
        "91,651 one-to-one, 42,486 targeted, 22,254 niche, 61,345 mass; 95,401 of them borderline."
    )


@pytest.mark.parametrize(
    ("present", "said"),
    [
        (0, "Present for none of 24,021: all 53.7 points come from levels short of present."),
        (1, "Present for 1 of 24,021: that one adds 47.0 of the 53.7 points."),
        (16609, "Present for 16,609 of 24,021: those that have it add 47.0 of the 53.7 points."),
        (24021, "Present for all 24,021."),
    ],
)
def test_what_a_cell_of_very_many_is_made_of(present: int, said: str) -> None:
    assert portfolio.made_of(present, 24021, "47.0", "53.7") == said


def test_what_no_cell_counts_is_said() -> None:
    assert portfolio.below_note(1, 2) == (
        "One segment sells only what it has, below all four relationships. "
        "Two segments have mixed supply and no column: split the offering to give it one."
    )


def test_differences_of_models_come_in_the_order_in_which_a_model_is_read() -> None:
    places = [("confidence", "x"), ("quadrant", "cut"), ("relationships", "AE", "gate", "minimum"),
              ("relationships", "RD", "gate", "minimum"), ("presence", "cut")]  # fmt: skip
    found = versions.lines([Difference(place, 1, 2) for place in places], str)
    assert [line.section for line in found] == [
        RELATIONSHIPS["RD"].name, RELATIONSHIPS["AE"].name, "When a relationship is present", "Quadrant",
        "Confidence",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "quadrants", "said"),
    [
        (2, 4, "2 of 20 segments would move to another cell, 4 to another quadrant"),
        (2, 0, "2 of 20 segments would move to another cell"),
        (0, 4, "4 of 20 segments would move to another quadrant, none to another cell"),
        (0, 0, "None of 20 segments would move to another cell"),
    ],
)
def test_a_proposal_tells_both_changes(cells: int, quadrants: int, said: str) -> None:
    changes = {"cell_changed": cells, "quadrant_changed": quadrants, "segments": 20}
    assert proposal.headline(changes, "candidate") == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "less than a second"), (14, "14 s"), (134, "2 min 14 s"), (11_100, "3 h 5 min")],
)
def test_how_long_a_run_took(seconds: float, said: str) -> None:
    assert proposal.lasted(timedelta(seconds=seconds)) == said
