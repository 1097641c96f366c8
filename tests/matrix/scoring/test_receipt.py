import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from matrix.scoring import (
    ARCHITECTURES,
    CAPABILITIES,
    RELATIONSHIPS,
    Receipt,
    derived_in,
    fingerprint,
    fingerprints,
    receipt,
    tally_in,
)
from matrix.scoring.receipt import NOT_ASKED, UNANSWERED, apportioned
from matrix.scoring.rules import rules
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, counted, sheet

FULL = sheet(R="4 3 3 3 2 - 2 1 2 1 3 -", A="MM MM MM MM 2 0", I="1 1 1", D="2 2 2", N="4 4 4", C="2 2 2")


@pytest.fixture
def proof() -> Receipt:
    return receipt(counted(FULL)[0], MODEL, instrument=INSTRUMENT)


def test_a_line_is_item_mean_weight_points(proof: Receipt) -> None:
    line = proof.account("relationship", "RD").lines[0]
    assert (line.item, line.n, line.mean, line.weight) == ("R1", 1, 4.0, 0.8)
    assert line.exact == Fraction(8 * 4, 21 * 4)
    assert line.title == INSTRUMENT.item("R1").title


def test_it_names_the_model_and_every_account(proof: Receipt) -> None:
    assert (proof.model, proof.model_version) == (MODEL.code, MODEL.version)
    named = {account.code: (account.name, account.top) for account in proof.accounts}
    assert named["CB"] == (RELATIONSHIPS["CB"].name, 1)
    assert named["CW"] == (ARCHITECTURES["CW"].name, 1)
    assert named["D"] == (CAPABILITIES["D"].name, 4)


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


# --- As plain values ------------------------------------------------------------------------------


def test_its_plain_values_are_named_once_and_for_all(proof: Receipt) -> None:
    said = json.loads(json.dumps(proof.as_dict(), allow_nan=False))
    assert list(said) == [
        *("model", "fingerprint", "raters", "coverage", "agreement", "confidence", "asked", "tally"),
        *("derived", "accounts", "gates", "cap", "outcome", "rules"),
    ]
    assert said["model"] == {"code": "cs-1", "version": 1, "fingerprint": MODEL.fingerprint}
    assert (said["raters"], said["agreement"], said["derived"]) == (1, None, {})
    assert said["coverage"] == proof.outcome.coverage == proof.coverage
    assert said["confidence"] == {
        "cell": None,
        "quadrant": None,
        "reckoned": "cs-1 version 1 is not calibrated, so no confidence is given.",
    }
    assert said["asked"] == list(MODEL.items)
    assert said["tally"]["R1"] == [0, 0, 0, 0, 1]
    assert said["gates"][2] == {
        "relationship": "AE",
        "item": "R10",
        "mean": 1.0,
        "minimum": 3.0,
        "met": False,
    }
    assert set(said["cap"]) == {"before", "limit", "after", "applied"}
    assert said["outcome"]["primary_relationship"] == "RD"
    assert said["rules"] == rules(MODEL)


def test_a_fingerprint_is_the_same_at_any_time(proof: Receipt) -> None:
    """Kept placements carry it: another one for the same answers would disown them."""
    assert proof.fingerprint == "a37eea17e9398069"


def test_accounts_stand_in_one_order(proof: Receipt) -> None:
    assert [(account.kind, account.code) for account in proof.accounts] == [
        *(("relationship", code) for code in ("RD", "CO", "CB", "AE")),
        *(("wanted", code) for code in ("RD", "CO", "CB", "AE")),
        *(("architecture", code) for code in ("PR", "RT", "MM", "CW", "PP")),
        *(("capability", code) for code in ("I", "D", "N", "C")),
    ]
    assert [account.top for account in proof.accounts] == [1] * 13 + [4] * 4
    assert [account.name for account in proof.accounts][2:13:4] == [
        "Coach behavior",
        "Coach behavior",
        "Connected market maker",
    ]


def test_an_account_is_written_whole(proof: Receipt) -> None:
    said = next(each for each in proof.as_dict()["accounts"] if each["code"] == "CB")
    line = said["lines"][1]
    assert {name: said[name] for name in ("kind", "name", "top", "exact", "coverage")} == {
        "kind": "relationship", "name": "Coach behavior", "top": 1, "exact": "49/108", "coverage": 1.0,
    }  # fmt: skip
    assert said["score"] == pytest.approx(49 / 108, abs=1e-7)
    assert line == {
        "item": "R8", "title": "Prompts to act", "counts": (0, 1, 0, 0, 0), "n": 1,
        "asked": 1.0, "derived": None, "mean": 1.0, "weight": 0.9, "points": line["points"],
        "exact": "1/12", "why_not": None,
    }  # fmt: skip
    assert line["points"] == pytest.approx(1 / 12, abs=1e-7)


def test_an_account_tells_how_much_of_its_weight_is_answered(proof: Receipt) -> None:
    assert proof.account("capability", "N").coverage == pytest.approx(3.4 / 3.7)
    assert proof.account("wanted", "CB").coverage == 0.0
    assert proof.account("relationship", "AE").coverage == 1.0
    some = receipt(counted(sheet(A1="PR", A2="PR", A5=0))[0], MODEL)
    assert some.account("architecture", "PR").coverage == pytest.approx(7 / 12)


def test_a_line_of_a_choice_is_the_share_that_chose_it() -> None:
    proof = receipt(counted(*[sheet(A="PR PR PR PR 0 0")] * 3, sheet(A="MM PR PR PR 0 0"))[0], MODEL)
    line = proof.account("architecture", "PR").lines[0]
    assert (line.item, line.counts, line.n, line.mean) == ("A1", (3, 0, 1, 0, 0), 4, 0.75)
    assert line.exact == Fraction(3 * 3, 4 * 8)
    assert [each.item for each in proof.account("architecture", "PR").lines] == ["A1", "A2", "A3", "A4"]
    assert [each.item for each in proof.account("architecture", "CW").lines] == ["A1", "A2", "A3", "A4", "A5"]


def test_without_a_questionnaire_lines_have_no_title() -> None:
    assert receipt(counted(FULL)[0], MODEL).account("relationship", "RD").lines[0].title == ""


def test_a_wanted_line_with_a_negative_weight_counts_from_the_far_end() -> None:
    account = receipt(counted(sheet(P="1 4 4 0 0 0"))[0], MODEL).account("wanted", "RD")
    line = account.lines[0]
    assert (line.item, line.weight, line.exact) == ("P1", -0.5, Fraction(5 * 3, 23 * 4))
    assert account.exact == Fraction(15 + 7 * 4 + 8 * 4 + 3 * 4, 23 * 4)


def test_what_was_not_put_to_anyone_is_not_unanswered() -> None:
    asked = np.ones(MODEL.width, dtype=bool)
    asked[MODEL.positions["R3"]] = False
    proof = receipt(counted(sheet(R1=4, R2=4))[0], MODEL, asked=asked)
    account = proof.account("relationship", "RD")
    assert [line.why_not for line in account.lines] == [None, None, NOT_ASKED]
    assert account.coverage == 1.0
    assert "R3" not in proof.asked
    assert len(proof.asked) == MODEL.width - 1


def test_the_cap_of_what_is_not_known_is_none() -> None:
    proof = receipt(counted(sheet(N="4 4 4", R="- - - - - 4 - 4 - - - -"))[0], MODEL)
    assert (proof.cap.limit, proof.cap.after, proof.cap.applied) == (None, None, False)
    assert proof.cap.before is not None
    assert proof.gates[2].mean is None


def test_derived_values_are_named_by_item() -> None:
    derived = np.full(MODEL.width, np.nan)
    derived[MODEL.positions["N1"]] = 2.5
    proof = receipt(counted(FULL)[0], MODEL, derived=derived)
    assert proof.as_dict()["derived"] == {"N1": 2.5}
    assert derived_in(proof.as_dict(), MODEL)[0].tolist() == pytest.approx(derived.tolist(), nan_ok=True)
    assert derived_in(proof.as_dict(), MODEL).shape == (1, MODEL.width)


def test_a_receipt_gives_back_what_it_was_reckoned_from() -> None:
    asked = np.ones(MODEL.width, dtype=bool)
    asked[3] = False
    row = counted(FULL, FULL)[0]
    hist, raters, again = tally_in(receipt(row, MODEL, 5, asked).as_dict(), MODEL)
    assert np.array_equal(hist, row[None])
    assert (raters.tolist(), again.tolist()) == ([5], asked.tolist())
    assert (hist.dtype.name, raters.dtype.name, again.dtype.name) == ("uint16", "int64", "bool")


# --- Shown ----------------------------------------------------------------------------------------


def test_points_are_shown_at_the_places_and_the_scale_asked_for(proof: Receipt) -> None:
    points, total = proof.account("relationship", "RD").shown(places=0)
    assert (points, total) == ((Decimal(38), Decimal(29), Decimal(18)), Decimal(85))
    points, total = proof.account("capability", "D").shown(places=2, scale=1)
    assert total == Decimal("2.00")
    assert sum(point for point in points if point is not None) == total


def test_a_line_without_points_is_shown_without(proof: Receipt) -> None:
    points, total = proof.account("relationship", "CO").shown()
    assert points[2] is None
    assert sum(point for point in points if point is not None) == total == Decimal("64.1")


@pytest.mark.parametrize(
    ("parts", "whole", "found"),
    [
        (["1/2", "1/2"], 1, [1, 0]),
        (["1/2", "1/2"], 0, [0, 0]),
        (["3/4", "1/4"], 1, [1, 0]),
        (["1/4", "3/4"], 1, [0, 1]),
        (["1", "2"], 3, [1, 2]),
        (["7/4", "5/4", "1"], 3, [1, 1, 1]),
        (["1", "2"], 2, [1, 1]),
        (["-1/2", "3/2"], 1, [0, 1]),
        ([], 0, []),
    ],
)
def test_what_is_over_goes_to_the_largest_remainder(parts: list[str], whole: int, found: list[int]) -> None:
    assert apportioned([Fraction(part) for part in parts], whole) == found


def test_fingerprints_of_many_are_those_of_each() -> None:
    hist = np.concatenate([counted(FULL), counted(sheet(R1=1))])
    asked = np.ones((2, MODEL.width), dtype=bool)
    asked[1, 5] = False
    derived = np.full((2, MODEL.width), np.nan)
    derived[1, 0] = 3.25
    found = fingerprints(hist, MODEL, np.array([1, 4]), asked, derived)
    assert found[0] == fingerprint(hist[0], MODEL, 1) == fingerprint(hist[0], MODEL, 1, None, derived[0])
    assert found[1] == fingerprint(hist[1], MODEL, 4, asked[1], derived[1])
    assert found[1] != fingerprint(hist[1], MODEL, 4, asked[1])
    assert [len(each) for each in found] == [16, 16]
