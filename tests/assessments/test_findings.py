"""The headline over who has answered what."""

import pytest

from assessments.findings import Progress, headline, number_of_questions
from tests.assessments.test_instrument import INSTRUMENT

NONE, BEGUN, FULL = Progress(14), Progress(14, 3, 1), Progress(14, 12, 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ""),
        ([("Ana", [])], ""),
        ([("Ana", [NONE]), ("Bo", [NONE])], "Nobody has answered yet"),
        ([("Ana", [FULL]), ("Bo", [FULL])], "Everyone has answered everything"),
        ([("Ana", [FULL])], "The one sheet is complete"),
        ([("Ana", [FULL, BEGUN]), ("Bo", [NONE, FULL])], "2 of 4 sheets are complete"),
        ([("Ana", [FULL]), ("Bo", [NONE])], "1 of 2 sheets is complete; Bo has not begun"),
        ([("Ana", [BEGUN])], "No sheet is complete yet"),
        (
            [("Ana", [FULL]), ("Bo", [NONE]), ("Cy", [NONE])],
            "1 of 3 sheets is complete; Bo and Cy have not begun",
        ),
        (
            [("Ana", [FULL]), *((name, [NONE]) for name in ("Bo", "Cy", "Di"))],
            "1 of 4 sheets is complete; 3 people have not begun",
        ),
    ],
)
def test_headline(rows: list[tuple[str, list[Progress]]], said: str) -> None:
    assert headline(rows) == said


def test_do_not_know_completes_a_sheet() -> None:
    assert (FULL.given, FULL.open, FULL.state) == (14, 0, "complete")


def test_a_sheet_of_do_not_know_has_begun() -> None:
    assert Progress(14, 0, 1).state == "begun"


def test_a_sheet_has_one_more_question_when_another_calls_for_it() -> None:
    assert number_of_questions(INSTRUMENT.items) == "35 or 36 questions: one follows from R10"


def test_the_short_form_has_the_same_number_for_everyone() -> None:
    assert number_of_questions(INSTRUMENT.short_items) == "14 questions"
