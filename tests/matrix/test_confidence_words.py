"""Sentences about how sure and how robust a placement is."""

import pytest

from matrix.findings import confidence as findings
from matrix.scoring import Robust, Stability
from tests.matrix.outcomes import outcome

STILL = Stability(1.0, 1.0, None, None)
MOVES = Stability(0.81, 0.6, (("CO", None), 0.12), ("Q3", 0.4))


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.02, "less than 1 in 10"), (0.051, "about 1 in 10"), (0.449, "about 4 in 10"),
        (0.72, "about 7 in 10"), (0.949, "about 9 in 10"),
        (0.95, "more than 9 in 10"), (0.99, "more than 9 in 10"),
    ],
)  # fmt: skip
def test_shares_are_said_in_tenths(share: float, words: str) -> None:
    assert findings.in_ten(share) == words


def test_confidence_is_one_sentence() -> None:
    found = outcome(confidence_cell=0.71, confidence_quadrant=0.97)
    assert (
        findings.sure(found) == "Confidence: about 7 in 10 for the cell, more than 9 in 10 for the quadrant."
    )
    assert findings.short(found) == "Confidence about 7 in 10"


def test_what_is_not_known_is_not_said() -> None:
    assert findings.sure(outcome()) == ""
    assert findings.short(outcome(confidence_quadrant=0.9)) == ""
    assert findings.sure(outcome(confidence_quadrant=0.9)) == "Confidence: about 9 in 10 for the quadrant."


@pytest.mark.parametrize(
    ("weights", "raters", "said"),
    [
        (STILL, STILL, "It stays where it is"),
        (STILL, None, "It stays where it is"),
        (STILL, MOVES, "It may well stand elsewhere"),
        (Stability(0.7, None, None, None), STILL, "It mostly stays where it is"),
        (Stability(None, None, None, None), None, "Too little is answered to try how robust it is"),
    ],
)
def test_the_headline_is_that_of_the_weakest(weights: Stability, raters: Stability | None, said: str) -> None:
    assert findings.headline(Robust(100, weights, raters)) == said


def test_what_moves_says_how_often_and_where_to() -> None:
    assert findings.raters_said(Robust(100, STILL, MOVES)) == (
        "With as many raters drawn anew from these answers, the cell stays the same in 81 of 100 draws; "
        "else it is most often curated offering × mixed supply.",
        "The quadrant stays the same in 60 of 100 draws; else it is most often targeted.",
    )


def test_what_stays_says_all() -> None:
    assert findings.weights_said(Robust(100, STILL, None)) == (
        "With every weight up to a fifth more or less, the cell stays the same in all 100 draws.",
        "The quadrant stays the same in all 100 draws.",
    )


def test_a_quadrant_alone_has_its_own_sentence() -> None:
    only = Stability(None, 0.5, None, None)
    assert findings.weights_said(Robust(100, only, None)) == (
        "With every weight up to a fifth more or less, the quadrant stays the same in 50 of 100 draws.",
    )


def test_too_few_raters_are_said_to_be_too_few() -> None:
    assert "nobody to draw anew" in findings.raters_said(Robust(100, STILL, None))[0]


def test_ellipses_are_explained_where_there_are_any() -> None:
    assert findings.ellipse_note(0) == ""
    assert findings.ellipse_note(1).startswith("The ellipse shows how far off")
    assert findings.ellipse_note(3).startswith("Three ellipses show how far off")
