"""What asked and derived say, in words."""

from dataclasses import replace
from typing import Any

import pytest

from matrix.findings import evidence as findings
from matrix.scoring import STATED, Compared, receipt
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, counted
from tests.matrix.scoring.journeys import RULES
from tests.matrix.scoring.test_confidence import PARK

assert RULES.derive is not None
DERIVE = RULES.derive
RULE = {rule.code: rule for rule in DERIVE.rules}


def each(code: str = "N1", **changes: Any) -> Compared:
    found = Compared(RULE[code], 2.0, 3, 2.5, 5, 5, True, 0.5, False)
    return replace(found, **changes)


@pytest.mark.parametrize(
    ("compared", "touchpoints", "enough", "words"),
    [
        ([], 0, False, "Nothing is derived yet: the journey is not described."),
        ([each()], 3, False, "Three touchpoints described: derived values may not speak yet."),
        (
            [each(difference=None)],
            6,
            True,
            "Six touchpoints described: too few are both asked and derived.",
        ),
        ([each(), each("N2")], 6, True, "Asked and derived agree on all two items that can be compared."),
        (
            [each(asks=True), each("N2"), each("R4", asks=True)],
            6,
            True,
            "Asked and derived are far apart on N1 and R4: ask for evidence.",
        ),
        (
            [each(code, asks=True) for code in ("N1", "N2", "R4", "R5", "C2")],
            6,
            True,
            "Asked and derived are far apart on five of five items: ask for evidence.",
        ),
    ],
)
def test_the_headline(compared: list[Compared], touchpoints: int, enough: bool, words: str) -> None:
    assert findings.headline(compared, touchpoints, enough) == words


@pytest.mark.parametrize(
    ("by_step", "words"),
    [
        ([2, 1, 1, 1], ""),
        ([1, 1, 1, 0], "Before derived values may be used: two more touchpoints, none in Repeat yet."),
        ([1, 1, 1, 1], "Before derived values may be used: one more touchpoint."),
        ([3, 3, 3, 0], "Before derived values may be used: none in Repeat yet."),
        ([4, 0, 0, 0], "Before derived values may be used: three more touchpoints, "
         "none in Request, Respond and Repeat yet."),
    ],
)  # fmt: skip
def test_what_a_journey_lacks(by_step: list[int], words: str) -> None:
    assert findings.missing(by_step, DERIVE) == words


@pytest.mark.parametrize(
    ("compared", "words"),
    [
        (each(), "within 1.5"),
        (each(asks=True), "ask for evidence"),
        (each(usable=False), "not to be used yet"),
        (each(asked=None, n=0, difference=None), "not asked"),
        (each(derived=None, difference=None), "nothing derived"),
        (each(asked=None, n=0, derived=None, counted=0, difference=None), "neither asked nor derived"),
    ],
)
def test_the_difference_in_words(compared: Compared, words: str) -> None:
    assert findings.difference(compared, 1.5) == words


@pytest.mark.parametrize("code", RULE)
def test_every_rule_reads_as_a_sentence(code: str) -> None:
    words = findings.rule_words(RULE[code])
    assert words.endswith(".")
    assert "_" not in words


def test_a_rule_says_what_it_looks_at() -> None:
    chosen = "the customer decides from a shortlist and the content is individual"
    assert findings.rule_words(RULE["R4"]) == f"Share of Request touchpoints where {chosen}."
    assert findings.rule_words(RULE["I2"]).endswith("seen in two kinds of medium or more.")


def test_every_word_that_touchpoints_state_has_a_clause() -> None:
    for name, words in STATED.items():
        for at in range(len(words)):
            assert name == "step" or findings.clause(name, frozenset({at}))


@pytest.mark.parametrize(
    ("gaps", "disputes", "words"),
    [
        (0, 0, "Agenda"),
        (1, 0, "One item asks for evidence"),
        (2, 1, "Two items ask for evidence and one item divides the room"),
        (0, 3, "Three items divide the room"),
    ],
)
def test_the_agenda_s_headline(gaps: int, disputes: int, words: str) -> None:
    assert findings.agenda_headline(gaps, disputes) == words


def test_a_mean_of_touchpoints_says_so_beside_what_people_said() -> None:
    line = receipt(counted(PARK)[0], MODEL, 1, None, INSTRUMENT).accounts[0].lines[0]
    assert findings.instead(line) == ""
    assert findings.instead(replace(line, derived=1.0, asked=3.25)) == "from touchpoints; people said 3.25"
    assert findings.instead(replace(line, derived=1.0, asked=None)) == "from touchpoints; nobody answered"
    assert findings.instead(replace(line, derived=1.0, why_not="not asked")) == ""


def test_what_is_taken_from_touchpoints_is_named() -> None:
    assert findings.taken({}) == ""
    assert findings.taken({"N1": 0.0}).startswith("N1 is taken from the journey’s touchpoints")
    assert findings.taken({"I1": 4.0, "N1": 0.0}).startswith("I1 and N1 are taken")
