"""What would move a segment, in words: each way of ending, each way of being said."""

from dataclasses import replace
from typing import Any

import pytest

from matrix.findings.moves import (
    building,
    earning,
    explained,
    figures,
    headline,
    name_of,
    place,
    then,
    today,
)
from matrix.scoring import Move, Outcome, Reached, Target, Ways
from tests.matrix.outcomes import GUEST, outcome

COACH, FOURTH = Target.named("CB-PR"), Target.named("Q4")
R8 = Move("R8", 1.33, 3, None, 1.67, False)
NOBODY = Move("R7", None, 2, None, 2.0, False)
CHOICE = Move("A1", None, 3, ("PR", "MM"), 4.0, False)
NO_LEAD = replace(CHOICE, chosen=(None, "MM"))
LESS = Move("R1", 3.0, 1, None, 2.0, True)
UNKNOWN = outcome(
    primary_relationship=None, buys_what_we_have=False, primary_architecture=None, mixed=False, quadrant=None
)


def ways(reached: Reached, *moves: Move, **more: Any) -> Ways:
    told: dict[str, Any] = {"target": COACH, "exact": True, "then": GUEST} | more
    return Ways(reached=reached, moves=moves, **told)


def test_targets_are_named_as_on_pages() -> None:
    assert name_of(COACH) == "Coach behavior × connected producer"
    assert name_of(FOURTH) == "Q4 One-to-one"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (ways(Reached.THERE), "It stands there now: Coach behavior × connected producer"),
        (ways(Reached.BARRED), "Blocked for lack of consent: Coach behavior × connected producer"),
        (ways(Reached.NONE, target=FOURTH), "No way found to Q4 One-to-one"),
        (ways(Reached.FOUND, R8), "One change would move it to Coach behavior × connected producer"),
        (ways(Reached.FOUND, R8, NOBODY), "Two changes would move it to Coach behavior × connected producer"),
    ],
)
def test_the_headline_says_how_it_ended(found: Ways, said: str) -> None:
    assert headline(found) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (ways(Reached.THERE), "Nothing has to change."),
        (
            ways(Reached.BARRED, barred=("CB",)),
            "This segment does not consent, so coach behavior is not recommended, whatever it would take. "
            "Ask for consent first, for a stated purpose.",
        ),
        (ways(Reached.FOUND, R8), "No smaller set of changed answers gets there."),
        (
            ways(Reached.FOUND, R8, exact=False),
            "It takes more than three changes on one side, so this way was found step by step: it gets "
            "there, but a shorter one may exist.",
        ),
        (
            ways(Reached.FOUND, R8, barred=("CB", "AE"), target=FOURTH),
            "No smaller set of changed answers gets there. Ways on which coach behavior and automatic "
            "execution would become present are left out, for this segment does not consent.",
        ),
        (ways(Reached.NONE), "Neither three changes nor a longer way step by step gets there."),
        (
            ways(Reached.NONE, then=UNKNOWN),
            "Too little is answered about relationships: three changes cannot make up for it.",
        ),
        (
            ways(Reached.NONE, then=replace(UNKNOWN, buys_what_we_have=True)),
            "Too little is answered about who supplies: three changes cannot make up for it.",
        ),
        (
            ways(Reached.NONE, then=UNKNOWN, target=FOURTH),
            "Too little is answered about capabilities: three changes cannot make up for it.",
        ),
    ],
)
def test_what_it_rests_on_is_explained(found: Ways, said: str) -> None:
    assert explained(found) == said


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [
        (R8, "1.3", "3"),
        (NOBODY, "no answer", "2"),
        (CHOICE, "Producer", "Market maker"),
        (NO_LEAD, "no majority", "Market maker"),
    ],
)
def test_a_move_says_from_what_to_what(move: Move, before: str, after: str) -> None:
    assert (today(move), then(move)) == (before, after)


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (R8, "A prompt in time, at Recognize."),
        (CHOICE, "A prompt in time."),
        (LESS, "Give up a part: no more than a prompt in time, at Recognize."),
        (replace(LESS, after=0), "Give it up altogether, at Recognize."),
    ],
)
def test_what_would_earn_it_is_one_sentence(move: Move, said: str) -> None:
    assert earning(move, "a prompt in time", "Recognize") == said


def test_the_way_that_gives_nothing_up_is_told_beside_one_that_does() -> None:
    assert building(None) == ""
    assert building(ways(Reached.FOUND, R8, NOBODY)) == "Without giving anything up it takes two changes"
    assert building(ways(Reached.NONE)) == "Without giving anything up there is no way"


def test_figures_are_those_the_target_is_about() -> None:
    after: Outcome = replace(GUEST, relationships=GUEST.relationships | {"AE": 0.61}, customize=None)
    assert figures(GUEST, after, FOURTH) == [("Interact", "3.1", "3.1"), ("Customize", "2.9", "not known")]
    assert figures(GUEST, after, Target.named("AE-PR")) == [
        ("Automatic execution", "35, not present", "61, not present"),
        ("Connected producer, share of votes", "82\N{NO-BREAK SPACE}%", "82\N{NO-BREAK SPACE}%"),
    ]
    unknown = replace(GUEST, relationships=dict.fromkeys(GUEST.relationships), architectures={"PR": None})
    assert figures(unknown, GUEST, COACH) == [
        ("Coach behavior", "not known", "56"),
        ("Connected producer, share of votes", "not known", "82\N{NO-BREAK SPACE}%"),
    ]


def test_the_place_is_told_in_the_terms_of_the_target() -> None:
    assert "producer" in place(GUEST, COACH)
    assert "Q4" in place(GUEST, FOURTH)
