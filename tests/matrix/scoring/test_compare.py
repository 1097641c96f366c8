"""Asked beside derived: differences, and when they ask for evidence."""

from typing import Any

import pytest

from matrix.scoring import Compared, compare, evidence
from tests.matrix.scoring.answers import MODEL, counted, sheet
from tests.matrix.scoring.journeys import RULES, journeys, point, using, whole


def compared(code: str, *sheets: list[int], levels: float | None = None, **stated: str) -> Compared:
    assert RULES.derive is not None
    found = evidence(journeys(whole(**stated)), RULES.derive)
    hist = counted(*sheets)[0] if sheets else None
    rows = compare(found, 0, RULES, hist, {"RD": levels})
    return next(each for each in rows if each.code == code)


@pytest.mark.parametrize(("answers", "asks"), [(("2", "3"), False), (("2", "2", "3"), True)])
def test_evidence_is_asked_for_above_the_gap_and_not_at_it(answers: tuple[str, ...], asks: bool) -> None:
    found = compared("N1", *(sheet(N1=each) for each in answers), direction="two_way")
    assert (found.derived, found.n, found.asks) == (4, len(answers), asks)


def test_what_nobody_was_asked_differs_from_nothing() -> None:
    found = compared("N1", direction="two_way")
    assert (found.asked, found.n, found.difference, found.asks) == (None, 0, None, False)


def test_what_is_not_stated_differs_from_nothing() -> None:
    found = compared("N1", sheet(N1=4))
    assert (found.asked, found.derived, found.difference, found.asks) == (4, None, None, False)


def test_a_level_is_held_against_points_of_four() -> None:
    found = compared("RD", levels=1.0, initiator="customer", decides="customer", latency="days")
    assert (found.asked, found.derived, found.difference, found.asks) == (4, 0, -4, True)


def test_votes_differ_by_half_the_sum_of_their_differences() -> None:
    found = compared("A1", sheet(A1="RT"), sheet(A1="PR"), supplier="own")
    assert found.asked_shares == (0.5, 0.5, 0, 0)
    assert found.derived_shares == (1, 0, 0, 0)
    assert (found.difference, found.asks) == (2, True)


def test_two_architectures_that_touchpoints_cannot_tell_apart_are_one_group() -> None:
    assert compared("A1", sheet(A1="RT"), sheet(A1="MM"), supplier="partner").difference == 0


def test_only_a_model_that_says_so_uses_the_derived_value() -> None:
    model = using("N1")
    assert model.derive is not None
    rows = compare(evidence(journeys(whole(direction="two_way")), model.derive), 0, model, None, {})
    assert [each.code for each in rows if each.used] == ["N1"]


def test_a_value_stands_beside_what_it_rests_on() -> None:
    found = compared("N1", sheet(N1=1), sheet(N1=2), direction="two_way")
    assert (found.asked, found.n, found.derived, found.difference) == (1.5, 2, 4.0, 2.5)
    assert (found.counted, found.among, found.usable, found.asks) == (5, 5, True, True)
    assert (found.asked_shares, found.derived_shares, found.used) == ((), (), False)


def test_what_is_below_the_asked_asks_as_well() -> None:
    found = compared("N1", sheet(N1=4), direction="one_way")
    assert (found.derived, found.difference, found.asks) == (0, -4, True)


def rows_of(points: list[dict[str, Any]], *sheets: list[int], **levels: float | None) -> dict[str, Compared]:
    assert RULES.derive is not None
    hist = counted(*sheets)[0] if sheets else None
    found = evidence(journeys(whole(), points), RULES.derive)
    return {each.code: each for each in compare(found, 1, RULES, hist, levels)}


def test_a_journey_too_short_to_be_used_asks_for_nothing() -> None:
    found = rows_of([point(direction="two_way", supplier="own")], sheet(N1=0, A1="PP"))
    assert (found["N1"].difference, found["N1"].usable, found["N1"].asks) == (4, False, False)
    assert (found["A1"].usable, found["A1"].asks) == (False, False)


def test_the_journey_asked_for_is_the_one_compared() -> None:
    half = [
        *whole(direction="two_way"),
        point("respond", supplier="own"),
        point("respond", supplier="member"),
    ]
    found = rows_of(half, sheet(A1="PP"))
    assert (found["N1"].counted, found["N1"].among) == (5, 7)
    assert (found["A1"].counted, found["A1"].among) == (2, 4)
    assert found["A1"].derived_shares == (0.5, 0, 0, 0.5)
    assert (found["A1"].asked_shares, found["A1"].n) == ((0, 0, 0, 1), 1)
    assert (found["A1"].difference, found["A1"].asked, found["A1"].derived) == (2, None, None)


def test_votes_need_both_sides_to_differ() -> None:
    stated, silent = whole(supplier="own"), whole()
    assert rows_of(stated)["A1"].difference is None
    assert (rows_of(stated)["A1"].n, rows_of(stated)["A1"].asked_shares) == (0, ())
    assert rows_of(silent, sheet(A1="PR"))["A1"].difference is None
    assert rows_of(silent, sheet(A1="PR"))["A1"].derived_shares == ()


def test_a_relationship_without_a_level_was_not_asked() -> None:
    quick = whole(initiator="customer", decides="customer", latency="minutes")
    assert rows_of(quick, RD=None)["RD"].asked is None
    assert rows_of(quick)["RD"].difference is None
    assert (rows_of(quick, RD=0.5)["RD"].asked, rows_of(quick, RD=0.5)["RD"].n) == (2.0, 0)


def test_votes_ask_above_the_gap_only() -> None:
    """Three of four chose another group: 4 x 3/4 is above 1.5, one of four is below."""
    stated = whole(supplier="own")
    assert rows_of(stated, *[sheet(A1="PR")] * 3, sheet(A1="PP"))["A1"].asks is False
    assert rows_of(stated, *[sheet(A1="PP")] * 3, sheet(A1="PR"))["A1"].asks is True
    eight = [sheet(A1="PP")] * 3 + [sheet(A1="PR")] * 5
    assert (rows_of(stated, *eight)["A1"].difference, rows_of(stated, *eight)["A1"].asks) == (1.5, False)


def test_a_model_without_rules_compares_nothing() -> None:
    assert RULES.derive is not None
    found = evidence(journeys(whole()), RULES.derive)
    assert compare(found, 0, MODEL, None, {}) == ()
