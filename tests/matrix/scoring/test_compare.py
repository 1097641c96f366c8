"""Asked beside derived: differences, and when they ask for evidence."""

import pytest

from matrix.scoring import Compared, compare, evidence
from tests.matrix.scoring.answers import counted, sheet
from tests.matrix.scoring.journeys import RULES, journeys, using, whole


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
