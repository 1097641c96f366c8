"""Wanted against today, in words and by cell."""

from typing import Any

import pytest

from matrix.findings.gap import Fit, Flag, fit_sentence, fits, flags
from matrix.scoring import Outcome
from tests.matrix.outcomes import outcome, standing


def wants(today: float, wanted: float, present: bool, **changes: Any) -> Outcome:
    none = dict.fromkeys(("RD", "CO", "CB", "AE"))
    return outcome(
        relationships=none | {"CB": today},
        wanted=none | {"CB": wanted},
        gap=none | {"CB": wanted - today},
        present=("CB",) if present else (),
        intrusive=changes.get("intrusive", ()),
        primary_architecture=changes.get("column", "PR"),
    )


@pytest.mark.parametrize(
    ("today", "wanted", "present", "kinds"),
    [
        (0.5, 0.7, True, ["under-served"]),
        (0.5, 0.55, True, []),
        (0.45, 0.5, False, ["under-served"]),
        (0.1, 0.3, False, []),
        (0.7, 0.5, True, []),
        (0.7, 0.5, False, []),
    ],
)
def test_under_served_is_wanted_and_not_had(
    today: float, wanted: float, present: bool, kinds: list[str]
) -> None:
    assert [flag.kind for flag in flags(wants(today, wanted, present))] == kinds


def test_intrusive_is_what_the_scores_say() -> None:
    assert flags(wants(0.7, 0.2, True, intrusive=("CB",))) == (Flag("CB", "intrusive"),)


def test_cells_name_the_segments_they_fit_badly() -> None:
    rows = [
        standing("A", outcome=wants(0.3, 0.8, False)),
        standing("B", outcome=wants(0.8, 0.3, True, intrusive=("CB",))),
        standing("C", outcome=wants(0.3, 0.8, False, column=None)),
    ]
    assert fits(rows) == {("CB", "PR"): Fit(("A",), ("B",))}


def test_the_sentence_names_both_kinds() -> None:
    rows = [
        standing("A", outcome=wants(0.3, 0.8, False)),
        standing("B", outcome=wants(0.8, 0.3, True, intrusive=("CB",))),
    ]
    assert fit_sentence(rows) == "Coach behavior is intrusive for B; A wants more coaching."


def test_nothing_to_say_is_no_sentence() -> None:
    assert fit_sentence([standing("A", outcome=wants(0.5, 0.5, True))]) == ""
