"""What differs between two model files."""

import json

import pytest

from matrix.findings.versions import Line, headline, lines
from matrix.scoring.versions import Difference, differences
from matrix.services.models import FOLDER

V1, V2 = (json.loads((FOLDER / f"cs-1.v{number}.json").read_text()) for number in (1, 2))


def changed(*place: str, value: object) -> dict[str, object]:
    found = json.loads(json.dumps(V1))
    at = found
    for name in place[:-1]:
        at = at[name]
    at[place[-1]] = value
    return dict(found)


def test_a_name_a_number_s_form_and_a_version_are_no_difference() -> None:
    assert differences(V1, {**V1, "version": 7, "title": "Other", "minimum_raters": 3.0}) == []


def test_a_value_added_or_taken_is_none_on_one_side() -> None:
    more = changed("relationships", "RD", "loads", "R4", value=0.5)
    place = ("relationships", "RD", "loads", "R4")
    assert differences(V1, more) == [Difference(place, None, 0.5)]
    assert differences(more, V1) == [Difference(place, 0.5, None)]


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("quadrant", "cut"), 2, Line("Quadrant", "high from, 0-4", "1.35", "2")),
        (
            ("relationships", "CO", "gate", "minimum"),
            3,
            Line("Curated offering", "gate: least mean", "2", "3"),
        ),
        (("capabilities", "I", "I1"), 2, Line("Identify", "weight of I1, the i1", "1", "2")),
        (
            ("architectures", "scales", "A6", "PP"),
            3,
            Line("Architecture", "A6, the a6: votes for peer-to-peer", "2", "3"),
        ),
        (
            ("presence", "order"),
            ["RD", "AE", "CB", "CO"],
            Line("When a relationship is present", "order", "AE, CB, CO, RD", "RD, AE, CB, CO"),
        ),
    ],
)
def test_each_place_has_a_plain_name(place: tuple[str, ...], value: object, said: Line) -> None:
    found = differences(V1, changed(*place, value=value))
    assert lines(found, lambda code: f"the {code.lower()}") == [said]


def test_curves_are_one_line_and_rules_one_an_item() -> None:
    found = lines(differences(V1, V2), str)
    assert Line("Confidence", "curves", "–", "there") in found
    assert Line("What the journey says", "R4, R4", "–", "there") in found
    assert len(found) == len({(line.section, line.what) for line in found})


def test_the_headline_counts() -> None:
    assert headline(0, "a v1", "a v2") == "a v1 and a v2 score alike"
    assert headline(2, "a v1", "a v2") == "Two differences between a v1 and a v2"
