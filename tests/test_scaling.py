"""What docs/scaling.md predicts is what the model gives for the last figures."""

import pytest

from benchmarks import cost_model
from benchmarks.cost_model import Measured, cost

BY = Measured(chunk=20e-6, copied=8e-6, end=5e-6, placement=1000, sheet=500, segment=300, n=1_000_000)


def test_the_documents_table_is_the_models() -> None:
    found = cost_model.table(cost_model.measured(cost_model.last_results()))
    text = cost_model.DOC.read_text()
    assert cost_model.written(text, found) == text


def test_more_workers_are_quicker_until_the_database_is_full() -> None:
    hours = cost(36_000_000, BY).hours
    assert hours[1] == pytest.approx(0.2)
    assert hours[2] == pytest.approx(0.1)
    assert hours[8] == hours[32] == pytest.approx(0.08)


def test_what_is_kept_grows_with_placements_alone() -> None:
    one, ten = cost(1_000_000, BY), cost(10_000_000, BY)
    assert (one.generation, one.kept, one.answers) == (1e9, 1e10, 1.8e9)
    assert (ten.generation, ten.workspaces) == (1e10, 10)
    assert ten.end_hours == pytest.approx(50 / 3600)


def test_a_figure_that_is_missing_is_named() -> None:
    lines = [line for line in cost_model.last_results() if line["name"] != "kept of one sheet"]
    with pytest.raises(KeyError, match="kept of one sheet"):
        cost_model.measured(lines)
