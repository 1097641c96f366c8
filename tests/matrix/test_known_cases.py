"""The sample's answers land where the sources place the known cases (Connected Strategy, ch. 4 and 7)."""

from functools import cache

import pytest

from assessments.sample import read_sample
from matrix.scoring import Outcome
from tests.matrix.scoring import answers

SEGMENTS = {
    f"{firm.name}: {segment.name}": segment
    for firm in read_sample()
    for segment in firm.segments
    if segment.answers
}

# Relationships present, all of them and no other; None where the sources do not say.
RELATIONSHIPS: dict[str, tuple[str, ...]] = {
    "Walt Disney Parks: Guest with a wristband": ("RD", "CO", "CB"),
    "Uber: City rider": ("RD",),
    "Lyft: City rider": ("RD",),
    "Wikipedia: Readers and editors": ("RD",),
    "PatientsLikeMe: Patients with a chronic condition": ("CO", "CB"),
    "HP: Household on a page plan": ("AE",),
    "Niantic: Free players": ("RD",),
    "Procter & Gamble: Household reached by advertising": (),
}
ARCHITECTURE = {
    "Walt Disney Parks: Guest with a wristband": "PR",
    "Uber: City rider": "CW",
    "Lyft: City rider": "CW",
    "Wikipedia: Readers and editors": "PP",
    "PatientsLikeMe: Patients with a chronic condition": "PP",
    "HP: Household on a page plan": "PR",
    "Niantic: Free players": "PR",
    "Procter & Gamble: Household reached by advertising": "PR",
    "Nike: Sports: runners": "PR",
    "Nike: Fashion: street and style": "PR",
    "Lufthansa: Member who flies now and then": "PR",
    "Microsoft: Small businesses": "PR",
}
QUADRANT = {
    "Procter & Gamble: Household reached by advertising": "Q1",
    "Nike: Sports: runners": "Q2",
    "Nike: Fashion: street and style": "Q2",
    "Lufthansa: Member who flies now and then": "Q3",
    "Microsoft: Small businesses": "Q1",
}


@cache
def placed(name: str) -> Outcome:
    sheets = [sheet.answers for sheet in SEGMENTS[name].sheets(answers.INSTRUMENT)]
    return answers.placed(
        *(answers.sheet(**{i: "-" if v is None else v for i, v in row.items()}) for row in sheets)
    )


@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_relationships_present_are_those_of_the_sources(name: str) -> None:
    assert placed(name).present == RELATIONSHIPS[name]


@pytest.mark.parametrize("name", [name for name, present in RELATIONSHIPS.items() if not present])
def test_none_present_is_buy_what_we_have(name: str) -> None:
    assert placed(name).buys_what_we_have


@pytest.mark.parametrize("name", ARCHITECTURE)
def test_architecture_is_that_of_the_sources(name: str) -> None:
    assert placed(name).primary_architecture == ARCHITECTURE[name]


@pytest.mark.parametrize("name", QUADRANT)
def test_quadrant_is_that_of_the_sources(name: str) -> None:
    assert placed(name).quadrant == QUADRANT[name]


@pytest.mark.parametrize("name", QUADRANT)
def test_quadrants_of_the_sources_are_clear_of_the_border(name: str) -> None:
    assert not placed(name).borderline


def test_the_guest_is_curated_first_because_that_starts_before_ordering() -> None:
    guest = placed("Walt Disney Parks: Guest with a wristband")

    assert guest.primary_relationship == "CO"
    assert not guest.scheduled_repeat


def test_a_pass_paid_by_the_month_is_a_scheduled_repeat_and_not_automatic() -> None:
    holder = placed("Walt Disney Parks: Annual passholder living nearby")

    assert holder.scheduled_repeat
    assert "AE" not in holder.present


def test_two_of_three_raters_are_too_few_for_agreement() -> None:
    unfinished = placed("Harbour Mutual Insurance: Drivers with a box in the car")

    assert unfinished.raters == 2
    assert unfinished.agreement is None
    assert unfinished.quadrant is None
