from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from matrix.scoring import Receipt, fingerprint, receipt
from matrix.scoring.receipt import NOT_ASKED, UNANSWERED, apportioned
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, counted, sheet

FULL = sheet(R="4 3 3 3 2 - 2 1 2 1 3 -", A="MM MM MM MM 2 0", I="1 1 1", D="2 2 2", N="4 4 4", C="2 2 2")


@pytest.fixture(scope="module")
def proof() -> Receipt:
    return receipt(counted(FULL)[0], MODEL, instrument=INSTRUMENT)


def test_a_line_is_item_mean_weight_points(proof: Receipt) -> None:
    line = proof.account("relationship", "RD").lines[0]
    assert (line.item, line.n, line.mean, line.weight) == ("R1", 1, 4.0, 0.8)
    assert line.exact == Fraction(8 * 4, 21 * 4)
    assert line.title == INSTRUMENT.item("R1").title


def test_items_without_points_say_why(proof: Receipt) -> None:
    assert proof.account("relationship", "CO").lines[2].why_not == UNANSWERED
    assert proof.account("relationship", "AE").lines[2].why_not == NOT_ASKED


def test_gates_are_listed_as_found(proof: Receipt) -> None:
    assert [(gate.item, gate.mean, gate.met) for gate in proof.gates] == [
        ("R4", 3.0, True),
        ("R8", 1.0, False),
        ("R10", 1.0, False),
    ]


def test_the_cap_shows_before_and_after(proof: Receipt) -> None:
    assert proof.cap.applied
    assert proof.cap.after == proof.cap.limit
    assert proof.account("capability", "N").score == proof.cap.before


def test_a_vote_against_is_a_line_below_nought(proof: Receipt) -> None:
    lines = {line.item: line.points for line in proof.account("architecture", "MM").lines}
    assert lines["A5"] == pytest.approx(-1 / 8, abs=1e-6)


def test_votes_against_stop_at_nought() -> None:
    found = receipt(counted(sheet(A="CW CW CW MM 4 0"))[0], MODEL).account("architecture", "MM")
    assert found.score == 0.0
    assert sum(line.points or 0 for line in found.lines) == 0.0


def test_a_score_that_is_not_known_has_no_points() -> None:
    account = receipt(counted(sheet(R1=4))[0], MODEL).account("relationship", "RD")
    assert account.score is None
    assert account.shown() == ((None, None, None), None)


def test_shown_points_sum_to_the_shown_score(proof: Receipt) -> None:
    points, total = proof.account("relationship", "RD").shown()
    assert points == (Decimal("38.1"), Decimal("28.6"), Decimal("17.8"))
    assert total == Decimal("84.5")


def test_fingerprint_stands_for_answers_raters_form_and_model() -> None:
    row = counted(FULL)[0]
    other = row.copy()
    other[0, 0] += 1
    asked = np.ones(MODEL.width, dtype=bool)
    asked[3] = False
    marks = {fingerprint(row, MODEL, 1), fingerprint(other, MODEL, 1), fingerprint(row, MODEL, 2)}
    assert len(marks | {fingerprint(row, MODEL, 1, asked)}) == 4
    assert fingerprint(row, MODEL, 1) == receipt(row, MODEL).fingerprint


def test_apportioning_gives_the_largest_remainders() -> None:
    parts = [Fraction(7, 3), Fraction(7, 3), Fraction(7, 3)]
    assert apportioned(parts, 7) == [3, 2, 2]
    assert sum(apportioned(parts, 6)) == 6
    assert sum(apportioned([Fraction(-1, 3), Fraction(4, 3)], 1)) == 1
