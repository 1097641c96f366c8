"""A model held to some of its items keeps every rule that needs no other, at the items' new places."""

from matrix.scoring import Model
from matrix.scoring.model import Gate, Sensed
from matrix.scoring.narrow import narrowed
from tests.matrix.scoring.answers import MODEL


def held(*items: str) -> Model:
    return narrowed(MODEL, sorted(MODEL.positions[item] for item in items))


def loads(model: Model, family: str) -> dict[str, list[tuple[str, int]]]:
    return {each.code: [(load.item, load.position) for load in each.loads] for each in getattr(model, family)}


def test_items_stand_one_after_another() -> None:
    found = held("R1", "R10", "R12", "P1", "A5")
    assert found.items == ("R1", "R10", "R12", "P1", "A5")
    assert found.parts == {
        "relationships": (0, 1, 2),
        "wants": (3,),
        "architecture": (4,),
        "capabilities": (),
    }
    assert [(each.position, each.on, each.minimum) for each in found.conditions] == [(2, 1, 2)]
    assert found.unwilling == ("P1", 3, 1.0)
    assert found.split == ("A5", 4, 1.0, 3.0)
    assert found.sensed == (Sensed("R10", 1, 3.0, ("AE",)),)
    assert found.gates == (None, None, None, Gate("AE", "R10", 1, 3.0, 2.0))
    assert (found.derive, found.confidence) == (None, None)


def test_a_dimension_is_kept_whole_or_not_at_all() -> None:
    found = held("R1", "R2", "R3", "R4", "P1", "P5", "D1", "D2", "D3", "R7")
    assert loads(found, "relationships") == {
        "RD": [("R1", 0), ("R2", 1), ("R3", 2)], "CO": [], "CB": [], "AE": [],
    }  # fmt: skip
    assert loads(found, "wanted") == {"RD": [], "CO": [], "CB": [("P1", 5), ("P5", 6)], "AE": []}
    assert loads(found, "capabilities")["D"] == [("R7", 4), ("D1", 7), ("D2", 8), ("D3", 9)]
    assert loads(found, "capabilities")["I"] == []


def test_votes_are_kept_when_all_are() -> None:
    found = held("R1", "A1", "A2", "A3", "A4", "A5", "A6")
    assert [(each.item, each.position) for each in found.votes] == [
        ("A1", 1), ("A2", 2), ("A3", 3), ("A4", 4), ("A5", 5), ("A6", 6),
    ]  # fmt: skip
    assert found.choices == {1, 2, 3, 4}
    assert held("A1", "A2", "A3", "A4", "A5").votes == ()
    assert held("R1", "A2").choices == {1}


def test_what_hangs_on_an_item_that_is_not_kept_never_comes_true() -> None:
    found = held("R1", "R2")
    assert (found.conditions, found.sensed, found.gates) == ((), (), (None,) * 4)
    item, at, most = found.unwilling
    assert (item, at) == ("P1", 0)
    assert most < -1
    item, at, low, high = found.split
    assert (item, at) == ("A5", 0)
    assert low == high
    assert low > 5


def test_cuts_and_windows_stay() -> None:
    found = held("R1")
    for name in ("present_cut", "primary_window", "order", "majority", "lead", "quadrant_cut", "cap_margin"):
        assert getattr(found, name) == getattr(MODEL, name)
