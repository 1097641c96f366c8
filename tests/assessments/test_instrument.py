import json
from pathlib import Path
from typing import Any

import pytest

import assessments
from assessments.instrument import Instrument, InstrumentError, Part, asks

INSTRUMENT_FILE = Path(assessments.__file__).parent / "data" / "instruments" / "cs-1.v1.json"
INSTRUMENT = Instrument.from_json(INSTRUMENT_FILE.read_bytes())

CODES = (
    [f"R{n}" for n in range(1, 13)]
    + [f"{letter}{n}" for letter in "PA" for n in range(1, 7)]
    + [f"{letter}{n}" for letter in "IDNC" for n in range(1, 4)]
)


def changed(at: int | None = None, **members: Any) -> dict[str, Any]:
    """The file of CS-1 with members of the whole, or of one item, replaced."""
    data: dict[str, Any] = json.loads(INSTRUMENT_FILE.read_text("utf-8"))
    (data if at is None else data["items"][at]).update(members)
    return data


def test_cs1_has_its_items_in_order() -> None:
    assert list(INSTRUMENT.positions) == CODES


def test_cs1_has_its_short_form() -> None:
    short = ["R1", "R4", "R8", "R10", "P1", "P2", "A1", "A2", "A5", "A6", "I1", "D1", "N3", "C1"]
    assert [item.code for item in INSTRUMENT.short_items] == short


def test_parts_hold_every_item_once() -> None:
    assert [len(INSTRUMENT.parts[part]) for part in Part] == [12, 6, 6, 12]


def test_each_item_asks_a_question_of_its_own() -> None:
    texts = [item.text for item in INSTRUMENT.items]
    assert len(set(texts)) == len(texts)
    assert all(text.endswith("?") for text in texts)


def test_each_item_has_help() -> None:
    assert all(item.help for item in INSTRUMENT.items)


def test_safety_is_asked_only_where_the_firm_may_act() -> None:
    safety = INSTRUMENT.item("R12")
    assert [asks(safety, {"R10": given}) for given in (None, 1, 2, 4)] == [False, False, True, True]


def test_labels_are_anchors_and_choices() -> None:
    assert INSTRUMENT.item("R4").label(0) == "The same for all"
    assert INSTRUMENT.item("R4").label(1) is None
    assert INSTRUMENT.item("A1").label(1) == "We do"


@pytest.mark.parametrize(("item", "value"), [("R4", 5), ("A1", 0), ("A1", 6)])
def test_there_is_no_label_for_what_is_no_answer(item: str, value: int) -> None:
    with pytest.raises(ValueError, match="has no answer"):
        INSTRUMENT.item(item).label(value)


@pytest.mark.parametrize(
    ("item", "written", "value"),
    [("R4", "3", 3), ("R4", " ", None), ("A1", "mm", 3), ("A1", "5", 5), ("A1", "", None)],
)
def test_written_answers_are_read(item: str, written: str, value: int | None) -> None:
    assert INSTRUMENT.item(item).value_of(written) == value


@pytest.mark.parametrize(
    ("item", "written"), [("R4", "5"), ("R4", "-1"), ("R4", "2.0"), ("A1", "0"), ("R4", "PR"), ("R4", "²")]
)
def test_other_answers_are_refused_with_what_is_taken(item: str, written: str) -> None:
    with pytest.raises(ValueError, match=f"{item} takes"):
        INSTRUMENT.item(item).value_of(written)


BAD = [
    (changed(code=""), "instrument.code"),
    (changed(version=0), "instrument.version"),
    (changed(version=True), "instrument.version"),
    (changed(items=[]), "instrument.items"),
    (changed(short_form=["R1", "X9"]), "instrument.short_form[1]"),
    (changed(short_form=["R1", "R1"]), "instrument.short_form[1]"),
    (changed(at=1, code="R1"), "items[1].code"),
    (changed(at=0, kind="slider"), "items[0].kind"),
    (changed(at=0, part="weather"), "items[0].part"),
    (changed(at=0, text=" "), "items[0].text"),
    (changed(at=0, help=3), "items[0].help"),
    (changed(at=0, anchors={"0": "a", "4": "b"}), "items[0].anchors"),
    (changed(at=0, anchors={"0": "a", "2": "", "4": "b"}), "items[0].anchors.2"),
    (changed(at=18, choices=[{"code": "PR", "text": "We"}]), "items[18].choices"),
    (changed(at=18, choices=[{"code": "PR", "text": "We"}] * 5), "items[18].choices"),
    (changed(at=18, choices=["PR"] * 5), "items[18].choices[0]"),
    (changed(at=2, condition={"item": "R9", "minimum": 2}), "items[2].condition"),
    (changed(at=2, condition={"item": "R1", "minimum": 5}), "items[2].condition.minimum"),
    (changed(at=19, condition={"item": "A1", "minimum": 2}), "items[19].condition"),
    (changed(at=2, condition=[]), "items[2].condition"),
]


@pytest.mark.parametrize(("data", "place"), BAD, ids=[place for _, place in BAD])
def test_a_bad_file_is_refused_at_its_place(data: dict[str, Any], place: str) -> None:
    with pytest.raises(InstrumentError) as refused:
        Instrument.from_json(data)
    assert refused.value.place == place
    assert refused.value.reason


@pytest.mark.parametrize("text", ["", "{", "[]", b"\xff"])
def test_text_that_is_no_instrument_is_refused(text: str | bytes) -> None:
    with pytest.raises(InstrumentError):
        Instrument.from_json(text)
