"""docs/states.md shows the tables the code runs by."""

from pathlib import Path

import pytest

from assessments.models import IMPORT_STATES, WORKSHOP_STATES
from connected.models import DELIVERY_STATES, WEBHOOK_STATES
from connected.states import Transitions, WrongStep
from matrix.models import CHUNK_STATES, DECISIONS, RUN_STATES

TABLES = (
    WORKSHOP_STATES,
    IMPORT_STATES,
    RUN_STATES,
    DECISIONS,
    CHUNK_STATES,
    WEBHOOK_STATES,
    DELIVERY_STATES,
)
DOCUMENT = Path(__file__).parent.parent / "docs" / "states.md"


STEPS = [(table, now, then) for table in TABLES for now in table.table for then in table.table]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.thing)
def test_the_diagram_in_the_docs_is_the_table(table: Transitions) -> None:
    shown = f"```mermaid\n{table.diagram()}\n```"
    assert shown in DOCUMENT.read_text(encoding="utf-8"), f"Put this into {DOCUMENT.name}:\n{shown}"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.thing)
def test_every_following_state_is_in_the_table(table: Transitions) -> None:
    assert {then for following in table.table.values() for then in following} <= set(table.table)


@pytest.mark.parametrize(("table", "now", "then"), STEPS, ids=lambda part: getattr(part, "thing", part))
def test_a_step_is_allowed_or_says_what_would_be(table: Transitions, now: str, then: str) -> None:
    if then in table.table[now]:
        assert table.check(now, then) == then
        return
    with pytest.raises(WrongStep, match=f"{now} cannot become {then}"):
        table.check(now, then)
