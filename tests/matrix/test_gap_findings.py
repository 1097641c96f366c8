"""Wanted against today, in words and by cell."""

from typing import Any

import pytest

from matrix.findings.gap import Fit, Flag, cell_fit, fit_note, fit_sentence, fits, flags, likely, likely_note
from matrix.scoring import CellFits, Cube, Outcome
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
    assert [flag.kind for flag in flags(wants(today, wanted, present), 0.4)] == kinds


def test_intrusive_is_what_the_scores_say() -> None:
    assert flags(wants(0.7, 0.2, True, intrusive=("CB",)), 0.4) == (Flag("CB", "intrusive"),)


def test_cells_name_the_segments_they_fit_badly() -> None:
    rows = [
        standing("A", outcome=wants(0.3, 0.8, False)),
        standing("B", outcome=wants(0.8, 0.3, True, intrusive=("CB",))),
        standing("C", outcome=wants(0.3, 0.8, False, column=None)),
    ]
    assert fits(rows, 0.4) == {("CB", "PR"): Fit(("A",), ("B",))}


def test_the_sentence_names_both_kinds() -> None:
    rows = [
        standing("A", outcome=wants(0.3, 0.8, False)),
        standing("B", outcome=wants(0.8, 0.3, True, intrusive=("CB",))),
    ]
    assert fit_sentence(rows, 0.4) == "Coach behavior is intrusive for B; A wants more coaching."


def test_nothing_to_say_is_no_sentence() -> None:
    assert fit_sentence([standing("A", outcome=wants(0.5, 0.5, True))], 0.4) == ""


def test_the_cut_is_the_models() -> None:
    found = wants(0.1, 0.35, False)
    assert [len(flags(found, cut)) for cut in (0.3, 0.4)] == [1, 0]


def cells(**counts: float) -> CellFits:
    """Counts of the cell of coach behavior and producers; all others are empty."""
    found = Cube.empty().fits()
    for name, count in counts.items():
        getattr(found, name)[2, 0] = count
    return found


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (cells(), ""),
        (cells(known=3), "Nobody is under-served, and nothing is intrusive, as far as wants are known."),
        (cells(known=30, more=1), "Most under-served: 1 of 30 wants more coaching where the firm makes it."),
        (
            cells(known=9, more=4, less=2),
            "Most under-served: four of nine want more coaching where the firm makes it. "
            "Most intrusive: coach behavior where the firm makes it, to two of nine.",
        ),
    ],
)
def test_many_segments_fit_in_a_sentence(found: CellFits, words: str) -> None:
    assert fit_note(found) == words


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0), "What they want of it is not known."),
        ((0, 0, 1), "Of one segment whose wants are known, none want more of it and to none it is too much."),
        (
            (1, 20, 400),
            "Of 400 segments whose wants are known, 1 wants more of it and to 20 it is more than wanted.",
        ),
    ],
)
def test_a_cell_says_whom_it_fits(counts: tuple[int, int, int], words: str) -> None:
    assert cell_fit(*counts) == words


@pytest.mark.parametrize(
    ("here", "sure", "belongs", "words"),
    [
        (5, 0, 0.0, ""),
        (1, 1, 0.8, "Confidence that the one segment here is rightly placed: about 8 in 10."),
        (3, 2, 1.3, "Confidence that the two segments here are rightly placed: about 6 in 10 on average."),
        (412, 412, 360.4, "Of 412 segments here about 360 belong here."),
        (412, 400, 360.4, "Of 400 segments here whose confidence is known about 360 belong here."),
    ],
)
def test_how_many_belong(here: int, sure: int, belongs: float, words: str) -> None:
    assert likely(here, sure, belongs) == words


def test_over_all_cells() -> None:
    assert likely_note(cells(sure=9, belongs=8)) == ""
    assert likely_note(cells(sure=2_000, belongs=1_650.2)) == (
        "Of 2,000 segments in a cell about 1,650 belong where they stand."
    )
