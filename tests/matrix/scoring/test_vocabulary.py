from assessments.instrument import Part
from matrix.scoring import (
    ARCHETYPES,
    ARCHITECTURES,
    JOURNEY_ORDER,
    QUADRANTS,
    RELATIONSHIPS,
    STAGES,
    STEPS,
)
from tests.matrix.scoring.answers import INSTRUMENT, MODEL


def test_every_cell_has_a_line() -> None:
    assert list(ARCHETYPES) == [(row, column) for row in RELATIONSHIPS for column in ARCHITECTURES]


def test_journey_order_follows_where_relationships_start() -> None:
    starts = [STAGES.index(RELATIONSHIPS[code].starts) for code in JOURNEY_ORDER]
    assert starts == sorted(starts)
    assert MODEL.order == JOURNEY_ORDER


def test_stages_are_the_steps_taken_apart() -> None:
    assert tuple(stage for stages in STEPS.values() for stage in stages) == STAGES


def test_quadrant_two_customizes_and_three_interacts() -> None:
    assert QUADRANTS["Q2"].customize_high
    assert not QUADRANTS["Q2"].interact_high
    assert QUADRANTS["Q3"].interact_high
    assert not QUADRANTS["Q3"].customize_high


def test_choice_items_ask_for_the_architectures_in_order() -> None:
    for item in INSTRUMENT.choice_items:
        assert [choice.code for choice in item.choices] == list(ARCHITECTURES)


def test_every_item_counts_in_the_model() -> None:
    assert len(INSTRUMENT.parts[Part.ARCHITECTURE]) == len(MODEL.votes)
