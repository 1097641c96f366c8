"""The sample workspace: its files are whole, and a fault in one is named with its place."""

from pathlib import Path

import pytest

from assessments.sample import (
    SAMPLE_FOLDER,
    SampleError,
    SampleSegment,
    read_firm,
    read_instrument,
    read_sample,
)

INSTRUMENT = read_instrument()
FIRMS = {firm.name: firm for firm in read_sample()}
UNFINISHED = FIRMS["Harbour Mutual Insurance"]
FINISHED = [
    pytest.param(segment, id=f"{firm.name}, {segment.name}")
    for firm in FIRMS.values()
    if firm is not UNFINISHED
    for segment in firm.segments
]
every_finished = pytest.mark.parametrize("segment", FINISHED)

FIRM = """
name = "A firm"
industry = "Some"
need = "A need"
refuses = ""

[[segments]]
offering = "An offering"
name = "A group"
consent = "yes"
source = "Invented."
raters = [{ name = "Board", group = "board" }, { name = "Counter", group = "front_line" }]
"""
TOUCHPOINT = """
[[segments.touchpoints]]
step = "recognise"
"""


def read(folder: Path, text: str) -> SampleSegment:
    path = folder / "firm.toml"
    path.write_text(text, encoding="utf-8")
    return read_firm(path, INSTRUMENT).segments[0]


def test_every_known_case_has_a_firm() -> None:
    assert {"Walt Disney Parks", "Uber", "Lyft", "Wikipedia", "PatientsLikeMe", "HP"} <= FIRMS.keys()
    assert {"Niantic", "Procter & Gamble", "Nike", "Lufthansa", "Microsoft"} <= FIRMS.keys()


@every_finished
def test_a_journey_has_six_touchpoints_and_every_step(segment: SampleSegment) -> None:
    steps = [touchpoint.step for touchpoint in segment.touchpoints]

    assert len(steps) >= 6
    assert set(steps) == {"recognize", "request", "respond", "repeat"}


@every_finished
def test_a_journey_is_in_the_order_of_its_steps(segment: SampleSegment) -> None:
    order = ["recognize", "request", "respond", "repeat"]
    steps = [order.index(touchpoint.step) for touchpoint in segment.touchpoints]

    assert steps == sorted(steps)


@every_finished
def test_touchpoints_of_a_journey_have_different_names(segment: SampleSegment) -> None:
    names = [touchpoint.name for touchpoint in segment.touchpoints]

    assert len(names) == len(set(names))


@every_finished
def test_three_groups_answer_every_item_that_is_asked(segment: SampleSegment) -> None:
    sheets = segment.sheets(INSTRUMENT)
    always = {item.code for item in INSTRUMENT.items if item.condition is None}

    assert list(dict.fromkeys(sheet.rater.group for sheet in sheets)) == ["board", "front_line", "customers"]
    assert all(always <= sheet.answers.keys() for sheet in sheets)
    assert all(("R12" in sheet.answers) == ((sheet.answers["R10"] or 0) >= 2) for sheet in sheets)


@every_finished
def test_do_not_know_is_rare(segment: SampleSegment) -> None:
    for sheet in segment.sheets(INSTRUMENT):
        assert list(sheet.answers.values()).count(None) <= 2


@every_finished
def test_eight_items_have_evidence(segment: SampleSegment) -> None:
    assert len(segment.evidence) >= 8
    assert all(any(notes) for notes in segment.evidence.values())


def test_the_unfinished_firm_shows_every_state_on_the_way() -> None:
    partly, journey_only, bare = UNFINISHED.segments
    given = [len(sheet.answers) for sheet in partly.sheets(INSTRUMENT)]

    assert 0 < given[1] < given[0] < len(INSTRUMENT)
    assert given[2] == 0
    assert (len(journey_only.touchpoints), len(journey_only.sheets(INSTRUMENT))) == (3, 0)
    assert (bare.touchpoints, bare.raters) == ((), ())


def test_answers_become_one_sheet_per_rater(tmp_path: Path) -> None:
    segment = read(tmp_path, FIRM + '[segments.answers]\nR1 = [4, "-"]\nA1 = ["", "PP"]\n')

    assert [dict(sheet.answers) for sheet in segment.sheets(INSTRUMENT)] == [{"R1": 4}, {"R1": None, "A1": 5}]


def test_a_question_that_was_not_asked_is_not_answered(tmp_path: Path) -> None:
    segment = read(tmp_path, FIRM + '[segments.answers]\nR10 = [1, 2]\nR12 = ["-", "-"]\n')

    assert ["R12" in sheet.answers for sheet in segment.sheets(INSTRUMENT)] == [False, True]


def test_evidence_goes_to_the_rater_who_wrote_it(tmp_path: Path) -> None:
    segment = read(tmp_path, FIRM + '[segments.evidence]\nR1 = ["", "Seen at the counter."]\n')

    assert [dict(sheet.evidence) for sheet in segment.sheets(INSTRUMENT)] == [
        {},
        {"R1": "Seen at the counter."},
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (FIRM + "[segments.answers]\nR1 = [5, 4]\n", "firm.toml: segments 1, answers: R1 takes 0-4"),
        (FIRM + "[segments.answers]\nX1 = [1, 1]\n", "firm.toml: segments 1, answers: there is no item X1"),
        (
            FIRM + "[segments.answers]\nR1 = [1]\n",
            "firm.toml: segments 1: Value error, R1: 1 values for 2 raters",
        ),
        (FIRM + "colour = 1\n", "firm.toml: segments 1, colour: "),
        (FIRM + "revenue = 5\n", "firm.toml: segments 1: Value error, revenue needs a currency"),
        (FIRM + TOUCHPOINT, "firm.toml: segments 1, touchpoints 1, step: "),
        ("name =", "firm.toml: Invalid value"),
    ],
)
def test_a_fault_is_named_with_file_and_place(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SampleError, match="(?m)^" + fault.replace(".", r"\.")):
        read(tmp_path, text)


def test_every_file_is_a_firm_of_its_own() -> None:
    assert len(list(SAMPLE_FOLDER.glob("*.toml"))) == len(FIRMS)
