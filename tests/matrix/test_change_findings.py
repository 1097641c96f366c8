"""Why a placement changed, in words: each branch says what its figures say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.findings.change import (
    headline,
    reason_words,
    score_name,
    sentence,
    sentences,
    step_detail,
    step_words,
    summary,
    unsplit,
)
from matrix.scoring import Change, Moved, Reason, Step, Turn, receipt
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, counted
from tests.matrix.scoring.test_confidence import PARK

PROOF = receipt(counted(PARK)[0], MODEL, 1, None, INSTRUMENT)
R8 = Step("answer", "R8", 1.5, 2.75)
CHOICE = Step("answer", "A1", chosen=("PR", "MM"))
JOINED, LEFT, OTHERS = (Step("participants", None, 2, after) for after in (3, 1, 2))
SHOWN, UNSHOWN = Step("touchpoints", "R10", None, 4.0), Step("touchpoints", "R10", 3.0, None)
ASKED, WEIGHTS, GATES = Step("questions"), Step("weights"), Step("gates")


def change(*steps: Step, turns: tuple[Turn, ...] = (), scores: tuple[Moved, ...] = ()) -> Change:
    return Change(PROOF, PROOF, steps, scores, turns)


def turn(
    name: str, before: str | bool | None, after: str | bool | None, code: str | None = None, *reasons: Reason
) -> Turn:
    return Turn(name, code, before, after, 0, reasons)


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ([turn("primary", "RD", "CO")], "It moved: from respond-to-desire to curated offering"),
        ([turn("primary", "baseline", "AE")], "It moved: from buy what we have to automatic execution"),
        ([turn("architecture", "PR", "mixed")], "It moved: from connected producer to mixed supply"),
        (
            [turn("primary", None, "CB"), turn("architecture", "RT", None)],
            "It moved: from not known to coach behavior and from connected retailer to not known",
        ),
        ([turn("quadrant", "Q1", "Q4")], "It moved from Q1 mass to Q4 one-to-one"),
        ([turn("present", False, True, "CB")], "Coach behavior became present"),
        (
            [turn("present", True, False, "CO"), turn("present", False, True, "AE")],
            "Curated offering is no longer present and automatic execution became present",
        ),
        ([turn("borderline", False, True)], "Nothing changed"),
    ],
)
def test_the_headline_is_the_largest_turn(turns: list[Turn], said: str) -> None:
    assert headline(change(R8, turns=tuple(turns))) == said


def test_figures_alone_move_no_placement() -> None:
    moved = Moved("relationship", "CB", 0.5, 0.75, (0.25,))
    assert headline(change(R8, scores=(moved,))) == "The figures moved, the placement did not"
    opposed = Moved("relationship", "CB", 0.5, 0.5, (0.25, -0.25))
    assert headline(change(R8, JOINED, scores=(opposed,))) == "The figures moved, the placement did not"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "The same answers under the same model."),
        ([R8], "What lies between: changed answers to one item."),
        (
            [R8, CHOICE, JOINED],
            "What lies between: changed answers to two items and one person who joined.",
        ),
        ([LEFT], "What lies between: one person who left."),
        ([OTHERS, WEIGHTS], "What lies between: other people who answered and the model’s weights."),
        (
            [SHOWN, UNSHOWN, ASKED, GATES],
            "What lies between: what touchpoints say, the questions asked and the model’s gates and cuts.",
        ),
    ],
)
def test_the_summary_names_each_kind_once(steps: list[Step], said: str) -> None:
    assert summary(change(*steps)) == said


@pytest.mark.parametrize(
    ("step", "words", "detail"),
    [
        (R8, "R8 Prompts to act", "1.5 to 2.8"),
        (Step("answer", "R8", None, 2.0), "R8 Prompts to act", "no answer to 2.0"),
        (CHOICE, "A1 Prompts to act", "producer to market maker"),
        (Step("answer", "A1", chosen=("PR", "PR")), "A1 Prompts to act", "producer, by other numbers"),
        (Step("answer", "A1", chosen=(None, "PP")), "A1 Prompts to act", "no majority to peer-to-peer"),
        (JOINED, "One person joined", "2 to 3"),
        (Step("participants", None, 2, 5), "Three people joined", "2 to 5"),
        (LEFT, "One person left", "2 to 1"),
        (OTHERS, "Other people answered", "2 to 2"),
        (SHOWN, "R10 Prompts to act, from touchpoints", "no answer to 4.0"),
        (ASKED, "The questions asked", ""),
        (WEIGHTS, "The model’s weights", ""),
        (GATES, "The model’s gates and cuts", ""),
    ],
)
def test_a_step_says_what_and_from_where_to_where(step: Step, words: str, detail: str) -> None:
    assert step_words(step, "Prompts to act") == words
    assert step_detail(step) == detail


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            Reason("gate", "R8", 1.5, 2.67, 2.0, 2.0, True),
            "the mean of R8 rose from 1.5 to 2.7, at or above its line of 2.0",
        ),
        (
            Reason("level", "CB", 0.45, 0.38, 0.4, 0.4, False),
            "the level of coach behavior fell from 45 to 38, below its line of 40",
        ),
        (
            Reason("level", "CB", 0.42, 0.42, 0.4, 0.45, False),
            "the level of coach behavior stayed at 42, below its line of 45 (before: 40)",
        ),
        (
            Reason("share", "MM", 0.4, 0.6, 0.5, 0.5, True),
            "the share of market maker rose from 40\N{NO-BREAK SPACE}% to 60\N{NO-BREAK SPACE}%, "
            "at or above its line of 50\N{NO-BREAK SPACE}%",
        ),
        (
            Reason("lead", "MM", 0.3, 0.1, 0.15, 0.15, False),
            "the lead of market maker fell from 30\N{NO-BREAK SPACE}% to 10\N{NO-BREAK SPACE}%, "
            "below its line of 15\N{NO-BREAK SPACE}%",
        ),
        (
            Reason("ahead", "MM", 0.4, 0.6, 0.5, 0.5, True),
            "the share of market maker went from 40\N{NO-BREAK SPACE}% to 60\N{NO-BREAK SPACE}% "
            "and ahead of the others",
        ),
        (
            Reason("interact", "", 1.2, 1.6, 1.35, 1.35, True),
            "interact rose from 1.2 to 1.6, at or above its line of 1.4",
        ),
        (
            Reason("window", "CO", 0.4, 0.6, 0.5, 0.5, True),
            "curated offering came near the highest level present",
        ),
        (
            Reason("window", "CO", 0.6, 0.4, 0.5, 0.5, False),
            "curated offering fell out of reach of the highest level present",
        ),
        (Reason("gate", "R8", None, 2.0, 2.0, 2.0, True), "the mean of R8 became known"),
        (Reason("interact", "", 1.6, None, 1.35, 1.35, False), "interact is no longer known"),
        (Reason("present", "CB", 0.0, 1.0, 0.0, 0.0, True), "coach behavior became present"),
        (Reason("present", "CB", 1.0, 0.0, 0.0, 0.0, False), "coach behavior is no longer present"),
    ],
)
def test_a_reason_names_both_figures_and_the_line(reason: Reason, said: str) -> None:
    assert reason_words(reason) == said


@pytest.mark.parametrize(
    ("step", "by"),
    [
        (R8, "The answer to R8 turned it."),
        (SHOWN, "What touchpoints say of R10 turned it."),
        (JOINED, "People who joined or left turned it."),
        (ASKED, "Another set of questions turned it."),
        (WEIGHTS, "The model’s weights turned it."),
        (GATES, "The model’s gates and cuts turned it."),
    ],
)
def test_the_step_that_turned_it_is_named(step: Step, by: str) -> None:
    assert sentence(turn("capped", False, True), change(step)) == f"Interact is held back by identify. {by}"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (turn("present", False, True, "CB"), "Coach behavior became present."),
        (turn("intrusive", False, True, "AE"), "Automatic execution became intrusive."),
        (turn("intrusive", True, False, "AE"), "Automatic execution is no longer intrusive."),
        (turn("scheduled_repeat", False, True), "A scheduled repeat is in place."),
        (turn("scheduled_repeat", True, False), "There is no scheduled repeat any more."),
        (turn("capped", True, False), "Interact is no longer held back by identify."),
        (turn("quadrant", "Q3", None), "The quadrant went from Q3 targeted to not known."),
        (
            turn("architecture", "mixed", "CW"),
            "The architecture went from mixed supply to crowd orchestrator.",
        ),
    ],
)
def test_every_label_that_turned_has_a_sentence(one: Turn, said: str) -> None:
    assert sentence(one, change(GATES)).startswith(said)


def test_a_sentence_gives_its_reasons_and_borders_have_none() -> None:
    why = Reason("gate", "R8", 1.5, 2.67, 2.0, 2.0, True)
    turns = (turn("present", False, True, "CB", why), turn("borderline", False, True))
    assert sentences(change(R8, turns=turns)) == [
        "Coach behavior became present because the mean of R8 rose from 1.5 to 2.7, at or above its line of "
        "2.0. The answer to R8 turned it."
    ]


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("relationship", "CB", "Coach behavior"),
        ("wanted", "CB", "Coach behavior, wanted"),
        ("architecture", "PP", "Peer-to-peer network creator"),
        ("capability", "D", "Differentiate"),
        ("capability", "N", "Interact, before its cap"),
        ("held", "N", "Interact"),
        ("coverage", "", "Coverage"),
        ("agreement", "", "Agreement"),
    ],
)
def test_scores_are_named_as_on_pages(kind: str, code: str, said: str) -> None:
    assert score_name(Moved(kind, code, 0.5, 0.5, ())) == said


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [
        (
            "agreement",
            None,
            0.8,
            "fewer than three people to compare before, so there is no difference to split",
        ),
        (
            "agreement",
            0.8,
            None,
            "fewer than three people to compare now, so there is no difference to split",
        ),
        ("relationship", None, 0.8, "too little answered before, so there is no difference to split"),
        ("relationship", 0.7, 0.8, ""),
    ],
)
def test_what_cannot_be_split_says_why(
    kind: str, before: float | None, after: float | None, said: str
) -> None:
    assert unsplit(Moved(kind, "CB", before, after, ())) == said


@given(st.lists(st.integers(-(2**22), 2**22), min_size=1, max_size=9), st.integers(0, 2**24))
def test_parts_as_shown_add_up_to_the_difference_as_shown(units: list[int], start: int) -> None:
    parts = tuple(unit / 2**25 for unit in units)
    moved = Moved("relationship", "CB", start / 2**24, start / 2**24 + sum(parts), parts)
    for places, scale in ((1, 100), (2, 1)):
        one, other, shown = moved.shown(places, scale)
        assert one is not None
        assert other is not None
        assert sum(shown, Decimal(0)) == other - one
