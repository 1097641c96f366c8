"""The matrix over REST says the same from the workspace's sums as from every placement."""

from typing import Any

import pytest
from django.test import Client

from connected.models import Role
from connected.permissions import Actor
from matrix import frames
from matrix.api import heatmap
from matrix.frames import cube
from matrix.services import runs, start_run
from tests import factories
from tests.api import caller, read
from tests.matrix.test_cube import portfolio
from tests.matrix.test_runs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Of a workspace whose placements are kept as sums too."""
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)
    portfolio(owner)
    work_off(start_run(by=owner))
    assert cube.exists()
    return caller(owner)


def both(client: Client, monkeypatch: pytest.MonkeyPatch, query: str) -> tuple[Any, Any]:
    """What is answered from the sums, and from the rows."""
    monkeypatch.setattr(heatmap, "MOST_POINTS", 0)
    kept = read(client, f"matrix/?{query}").json()
    monkeypatch.setattr(heatmap, "read_cube", lambda: None)
    return kept, read(client, f"matrix/?{query}").json()


@pytest.mark.parametrize(
    "query",
    ["", "weight=sheets", "weight=customers", "weight=revenue", "cell=CO-MM", "cell=co-mm&quadrant=q3",
     "quadrant=Q2&weight=customers", "quadrant=Q1"],
)  # fmt: skip
def test_sums_and_rows_say_the_same(client: Client, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    kept, counted = both(client, monkeypatch, query)
    for one, other in zip(kept.pop("cells"), counted.pop("cells"), strict=True):
        assert one == pytest.approx(other)
    assert kept == counted


def test_the_density_is_of_what_matches(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told = read(client, "matrix/").json()["points"]
    quadrant = next(each["quadrant"] for each in told if each["quadrant"])
    points = [each for each in told if each["quadrant"] == quadrant]
    kept, _ = both(client, monkeypatch, f"quadrant={quadrant}")
    assert kept["points"] == []
    assert kept["points_left_out"] == kept["segments"] == len(points) > 0
    places = [(min(int(each["interact"] * 10), 39), min(int(each["customize"] * 10), 39)) for each in points]
    assert sum(map(sum, kept["density"])) == len(points)
    assert all(kept["density"][row][column] for row, column in places)


def test_few_are_told_one_by_one(client: Client) -> None:
    picture = read(client, "matrix/").json()
    assert len(picture["points"]) == picture["segments"] == 4
    assert (picture["points_left_out"], picture["density"]) == (0, None)


def test_no_row_is_read_for_all_of_a_workspace(
    owner: Actor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heatmap, "MOST_POINTS", 0)
    monkeypatch.setattr(frames, "sum_up", None)
    assert read(client, "matrix/").json()["segments"] == 4


def test_a_manager_never_gets_the_sums_of_all(
    owner: Actor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heatmap, "MOST_POINTS", 0)
    first = read(client, "placements/").json()["results"][0]
    manager = caller(factories.member(owner, Role.MANAGER, (first["firm"],)))
    of_firm = read(client, f"matrix/?firm={first['firm']}").json()
    assert read(manager, "matrix/").json() == of_firm
    assert read(caller(factories.member(owner, Role.MANAGER)), "matrix/").json()["segments"] == 0
