"""What became of each item between two versions: what is refused, and why; loaded once, never changed."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import assessments
from assessments import models
from assessments.crosswalk import Crosswalk, CrosswalkError
from assessments.instrument import Instrument, InstrumentError
from assessments.queries import current_version
from assessments.services import ChangedVersion, load_crosswalk, load_crosswalks

DATA = Path(assessments.__file__).parent / "data"
OLD, NEW = (
    json.loads((DATA / "instruments" / f"cs-1.v{number}.json").read_text("utf-8")) for number in (1, 2)
)
FILE = json.loads((DATA / "crosswalks" / "cs-1.v1-v2.json").read_text("utf-8"))
PLACE = {entry["item"]: order for order, entry in enumerate(FILE["items"])}


def read(raw: Any = FILE, old: dict[str, Any] = OLD, new: dict[str, Any] = NEW) -> Crosswalk:
    return Crosswalk.from_json(raw, Instrument.from_json(old), Instrument.from_json(new))


def edited(edit: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    raw: dict[str, Any] = deepcopy(FILE)
    edit(raw)
    return raw


def with_item(data: dict[str, Any], code: str, **members: Any) -> dict[str, Any]:
    changed: dict[str, Any] = deepcopy(data)
    next(item for item in changed["items"] if item["code"] == code).update(members)
    return changed


def test_what_a_version_leaves_behind_and_asks_again() -> None:
    found = read()
    assert (found.left, [step.item for step in found.asked_again]) == (
        ("R7", "R9", "P6", "A4"),
        ["R13", "R14", "P7", "P8"],
    )


def test_what_is_carried_is_the_same_or_reworded() -> None:
    found = read()
    assert len(found.carried) == 32
    assert {"R1", "R10", "A5"} <= found.carried


def _entry(code: str, **members: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda raw: raw["items"][PLACE[code]].update(members)


@pytest.mark.parametrize(
    ("edit", "place", "reason"),
    [
        (lambda raw: raw.update(of=1), "crosswalk.of", "not known"),
        (lambda raw: raw.update(to=3), "crosswalk", "other versions"),
        (lambda raw: raw.update(items={}), "crosswalk.items", "must be a list"),
        (lambda raw: raw["items"].append("R1"), "items[36]", "must be an object"),
        (_entry("R1", item="R7"), "items[0].item", "newer version has no item R7"),
        (_entry("R1", item=7), "items[0].item", "newer version has no item 7"),
        (_entry("R1", of=["R13"]), "items[0].of", "older version has no item R13"),
        (_entry("R1", of="R1"), "items[0].of", "must be a list of codes"),
        (_entry("R1", becomes="R1"), "items[0].becomes", "not known"),
        (_entry("R1", why=1), "items[0].why", "must be a text"),
        (_entry("R1", **{"is": "alike"}), "items[0].is", "one of same, reworded"),
        (_entry("R1", of=["R2"]), "items[1].of", "R2 is used twice"),
        (_entry("R1", of=[]), "items[0].of", "exactly one older item"),
        (_entry("R13", of=["R7"]), "items[7].of", "two older items or more"),
        (_entry("R13", of=["R7", "R7"]), "items[7].of", "two older items or more"),
        (_entry("R14", of=["A4"]), "items[11].of", "no older item"),
        (_entry("P7", of=[], **{"is": "new"}), "items[18].is", "split into one item only"),
        (_entry("P7", of=["P6", "A4"], **{"is": "merged"}), "items[18].of", "P6 is used twice"),
        (lambda raw: raw["items"].pop(0), "crosswalk.items", "R1 of the newer version is missing"),
        (lambda raw: raw["items"].append(raw["items"][0]), "items[36].item", "R1 is told of twice"),
        (lambda raw: raw["dropped"].clear(), "crosswalk.dropped", "A4 is neither used nor dropped"),
        (lambda raw: raw["dropped"].append({"item": "R1"}), "dropped[1].item", "dropped, and used"),
        (lambda raw: raw["dropped"].append({"item": "A4"}), "dropped[1].item", "told of twice"),
        (lambda raw: raw["dropped"].append({"item": "P7"}), "dropped[1].item", "older version has no item"),
        (_entry("R10", **{"is": "same"}), "items[8].is", "its words differ"),
        (_entry("R1", **{"is": "reworded"}), "items[0].is", "word for word the same"),
    ],
)  # fmt: skip
def test_a_faulty_crosswalk_is_refused_with_place_and_reason(
    edit: Callable[[dict[str, Any]], Any], place: str, reason: str
) -> None:
    with pytest.raises(CrosswalkError, match=reason) as refusal:
        read(edited(edit))
    assert refusal.value.place == place


CHOICES = [{"code": code, "text": code} for code in ("PR", "RT", "MM", "CW", "PP")]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"kind": "choice", "choices": CHOICES}, "a scale became a choice"),
        ({"part": "wants"}, "moved to another part"),
        ({"condition": {"item": "R4", "minimum": 2}}, "another condition"),
    ],
)
@pytest.mark.parametrize("said", ["same", "reworded"])
def test_what_is_answered_otherwise_is_neither_same_nor_reworded(
    members: dict[str, Any], reason: str, said: str
) -> None:
    place = PLACE["R5"]
    with pytest.raises(CrosswalkError, match=f"R5 is not {said}.*{reason}") as refusal:
        read(edited(_entry("R5", **{"is": said})), new=with_item(NEW, "R5", **members))
    assert refusal.value.place == f"items[{place}].is"


def test_choices_in_another_order_are_another_scale() -> None:
    with pytest.raises(CrosswalkError, match="A1 is not same: its choices differ"):
        read(new=with_item(NEW, "A1", choices=CHOICES[::-1]))


def test_an_item_keeps_its_code_or_takes_a_new_one() -> None:
    swapped = deepcopy(NEW)
    for item in swapped["items"]:
        item["code"] = {"R13": "R7"}.get(item["code"], item["code"])
    with pytest.raises(CrosswalkError, match="R7 was another question"):
        read(edited(_entry("R13", item="R7")), new=swapped)


def test_a_follow_up_of_a_question_asked_anew_is_not_the_same() -> None:
    old, new = (
        with_item(data, "P5", condition={"item": lead, "minimum": 2})
        for data, lead in ((OLD, "R7"), (NEW, "R13"))
    )
    with pytest.raises(CrosswalkError, match="P5 is not same: it is asked under another condition"):
        read(old=old, new=new)


def test_by_choice_is_true_or_false() -> None:
    with pytest.raises(InstrumentError, match="true or false"):
        Instrument.from_json({**NEW, "by_choice": "yes"})


@pytest.mark.django_db(databases=["default", "owner"])
class TestLoading:
    def test_loading_again_changes_nothing(self) -> None:
        before = list(models.Crosswalk.objects.values_list("pk", "fingerprint"))
        load_crosswalks()
        assert list(models.Crosswalk.objects.values_list("pk", "fingerprint")) == before != []

    def test_one_that_was_used_cannot_be_edited(self) -> None:
        with pytest.raises(ChangedVersion, match="never changes"):
            load_crosswalk(edited(_entry("R10", why="Other words.")))

    @pytest.mark.parametrize(("end", "to"), [("from", 9), ("to", 9), ("to", "2")])
    def test_it_joins_versions_that_are_loaded(self, end: str, to: Any) -> None:
        with pytest.raises(CrosswalkError, match="is loaded") as refusal:
            load_crosswalk({**FILE, end: to})
        assert refusal.value.place == f"crosswalk.{end}"

    def test_the_app_s_role_may_only_read_them(self) -> None:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            models.Crosswalk.objects.update(fingerprint="mine")

    def test_a_version_asked_by_choice_is_not_what_new_workshops_are_asked(self) -> None:
        assert models.Instrument.objects.filter(code="cs-1", version=2).exists()
        assert current_version().version == 1
