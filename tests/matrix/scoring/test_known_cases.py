"""The cases of the sources land where the sources put them, answered soberly by one rater."""

import pytest

from tests.matrix.scoring.answers import placed, sheet

PRODUCER = "PR PR PR PR 0 0"

CASES = {
    "theme park, guest with a wristband": (
        sheet(R="4 3 3 3 2 3 2 3 2 1 3 -", A=PRODUCER, I="4 4 3", D="2 2 2", N="3 3 3", C="2 2 2"),
        ("RD", "CO", "CB"),
        "PR",
    ),
    "ride hailing, city rider": (
        sheet(R="4 3 4 1 1 1 0 1 0 0 2 -", A="CW CW CW CW 4 1"),
        ("RD",),
        "CW",
    ),
    "encyclopaedia, readers and editors": (
        sheet(R="4 3 - 1 0 0 0 1 0 0 1 -", A="PP PP PP PP 4 3"),
        ("RD",),
        "PP",
    ),
    "network of chronic patients": (
        sheet(R="2 1 - 3 2 2 4 2 3 0 2 -", A="PP PP PP PP 4 4"),
        ("CO", "CB"),
        "PP",
    ),
    "printer that reorders its toner": (
        sheet(R="- - 2 0 0 0 0 1 0 4 4 3", A=PRODUCER),
        ("AE",),
        "PR",
    ),
    "phone game, free players": (
        sheet(R="4 3 - 1 1 1 1 1 1 0 3 -", A=PRODUCER),
        ("RD",),
        "PR",
    ),
    "detergent sold by advertising": (
        sheet(R="1 1 0 0 0 0 0 0 0 0 0 -", A=PRODUCER),
        (),
        "PR",
    ),
}

QUADRANTS = {
    "Q1": sheet(R="1 1 0 0 0 0 0 0 0 0 0 -", I="0 0 0", D="1 1 0", N="0 0 0", C="1 0 0"),
    "Q1, large firm selling to small ones": sheet(
        R="1 2 1 1 0 0 0 0 0 0 0 -", I="2 1 1", D="2 1 1", N="1 1 1", C="0 1 1"
    ),
    "Q2": sheet(R="1 1 1 2 0 0 0 0 0 0 0 -", I="1 1 1", D="1 2 1", N="1 0 1", C="2 2 1"),
    "Q3": sheet(R="2 3 2 1 1 0 0 1 1 0 1 -", I="4 3 3", D="3 1 4", N="3 3 2", C="0 1 1"),
    "Q4": sheet(R="3 3 3 4 2 3 2 2 2 1 2 -", I="4 4 3", D="3 3 3", N="4 4 4", C="4 3 4"),
}


@pytest.mark.parametrize("case", CASES)
def test_relationships_are_those_of_the_sources(case: str) -> None:
    answers, present, _ = CASES[case]
    assert placed(answers).present == present


@pytest.mark.parametrize("case", CASES)
def test_architecture_is_that_of_the_sources(case: str) -> None:
    answers, _, architecture = CASES[case]
    assert placed(answers).primary_architecture == architecture


@pytest.mark.parametrize("case", QUADRANTS)
def test_archetypes_fall_into_their_quadrant(case: str) -> None:
    assert placed(QUADRANTS[case]).quadrant == case[:2]


def test_nothing_present_is_buy_what_we_have() -> None:
    assert placed(CASES["detergent sold by advertising"][0]).buys_what_we_have
