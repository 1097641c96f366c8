"""The rules beside a receipt are those of the model's file, number by number."""

from typing import Any

from matrix.scoring.rules import rules
from tests.matrix.scoring.answers import MODEL, MODEL_JSON

SAID: dict[str, Any] = rules(MODEL)


def test_nothing_is_said_but_what_is_published() -> None:
    assert set(SAID) == {
        *("minimum_coverage", "minimum_raters", "tolerance", "grid", "choices", "conditions"),
        *("gates", "presence", "architecture", "quadrant", "intrusion", "confidence"),
    }


def test_cuts_and_windows_are_the_file_s() -> None:
    for section in ("minimum_coverage", "minimum_raters", "presence", "quadrant", "intrusion"):
        assert SAID[section] == MODEL_JSON[section], section


def test_the_grid_and_the_tolerance_are_the_published_ones() -> None:
    assert SAID["grid"] == {"levels": 24, "tasks": 22}
    assert SAID["tolerance"] == 0.000001


def test_a_gate_names_its_relationship_its_item_and_both_minima() -> None:
    assert SAID["gates"] == [
        {"relationship": "CO", "item": "R4", "minimum": 2, "partial": None},
        {"relationship": "CB", "item": "R8", "minimum": 2, "partial": None},
        {"relationship": "AE", "item": "R10", "minimum": 3, "partial": 2},
    ]


def test_what_is_asked_of_some_only_says_of_whom() -> None:
    assert SAID["conditions"] == [{"item": "R12", "on": "R10", "minimum": 2}]


def test_votes_are_the_file_s_in_the_order_of_the_questions() -> None:
    file, said = MODEL_JSON["architectures"], SAID["architecture"]
    given = file["choices"] | file["scales"]
    assert said["votes"] == [{"item": item, "gives": given[item]} for item in sorted(given)]
    assert SAID["choices"] == sorted(file["choices"])
    assert {name: said[name] for name in ("majority", "lead", "split")} == {
        name: file[name] for name in ("majority", "lead", "split")
    }
    assert set(said) == {"votes", "majority", "lead", "split"}
