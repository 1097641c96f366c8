"""The answers file, taken over."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied

from assessments.models import Participant, Sheet, Workshop
from assessments.services import move_workshop, save_answer, start_workshop
from assessments.services.imports import Imported, import_answers
from assessments.signals import answers_saved
from assessments.tables import TableError, read_table
from connected.models import Firm, Role, Segment
from connected.permissions import Actor
from tests import factories

HEADER = "firm,segment,offering,participant,item,value"


def file_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def take(by: Actor, *rows: str, header: str = HEADER, dry_run: bool = False) -> Imported:
    return import_answers(by=by, table=read_table(file_of(*rows, header=header)), dry_run=dry_run)


def reasons(by: Actor, *rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(TableError) as refused:
        take(by, *rows, header=header)
    return [str(problem) for problem in refused.value.problems]


@pytest.fixture
def announced() -> Iterator[list[list[int]]]:
    heard: list[list[int]] = []

    def hear(sender: object, segment_ids: list[int], **kwargs: object) -> None:
        heard.append(list(segment_ids))

    answers_saved.connect(hear)
    yield heard
    answers_saved.disconnect(hear)


def test_creates_what_is_missing(owner: Actor) -> None:
    take(owner, "Acme,Riders,Rides,Ann,R1,3", "Acme,Riders,Rides,Bob,R1,2")
    assert (Firm.objects.get().name, Segment.objects.get().offering) == ("Acme", "Rides")
    assert [p.name for p in Participant.objects.all()] == ["Ann", "Bob"]
    assert Workshop.objects.get().name == "Imported answers"


def test_counts_what_it_did(owner: Actor) -> None:
    done = take(owner, "Acme,Riders,,Ann,R1,3", "Acme,Riders,,Ann,R2,2", "Acme,Guests,,Ann,R1,")
    assert vars(done) == {
        "firms_created": 1,
        "segments_created": 2,
        "workshops_created": 1,
        "participants_created": 1,
        "sheets": 2,
        "answers": 3,
        "changed": 0,
        "unchanged": 0,
    }


@pytest.mark.parametrize(
    ("item", "written", "kept"), [("R1", "0", 0), ("R1", "3.0", 3), ("A1", "mm", 3), ("A1", "5", 5)]
)
def test_reads_values(owner: Actor, item: str, written: str, kept: int) -> None:
    take(owner, f"Acme,Riders,Rides,Ann,{item},{written}")
    position = {"R1": 0, "A1": 18}[item]
    assert Sheet.objects.get().answers[position] == kept


def test_empty_is_do_not_know_and_absent_is_not_given(owner: Actor) -> None:
    take(owner, "Acme,Riders,Rides,Ann,R1,")
    sheet = Sheet.objects.get()
    assert (sheet.answers[:2], sheet.given[:2]) == ([None, None], [True, False])


def test_the_same_file_twice_changes_nothing(owner: Actor, announced: list[list[int]]) -> None:
    rows = ["Acme,Riders,Rides,Ann,R1,3", "Acme,Riders,Rides,Ann,R2,"]
    take(owner, *rows)
    before = list(Sheet.objects.values())
    again = take(owner, *rows)
    assert (again.sheets, again.answers, again.unchanged) == (0, 0, 2)
    assert list(Sheet.objects.values()) == before
    assert len(announced) == 1


def test_announces_only_segments_that_changed(owner: Actor, announced: list[list[int]]) -> None:
    take(owner, "Acme,Riders,Rides,Ann,R1,3", "Acme,Guests,Rides,Ann,R1,3")
    take(owner, "Acme,Riders,Rides,Ann,R1,3", "Acme,Guests,Rides,Ann,R1,4")
    assert announced[1] == [Segment.objects.get(name="Guests").pk]


def test_leaves_other_items_alone(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    segment = factories.segment(owner, firm.pk, "Riders")
    workshop = start_workshop(by=owner, firm_id=firm.pk, name="Spring", participants=[("Ann", "")])
    ann = workshop.participants.get().pk
    save_answer(
        by=owner, workshop_id=workshop.pk, participant_id=ann, segment_id=segment.pk, item="R1", value=4
    )
    done = take(owner, "Acme,Riders,,Ann,R2,1")
    sheet = Sheet.objects.get()
    assert (sheet.answers[:2], sheet.version, done.answers) == ([4, 1], 2, 1)


def test_a_dry_run_counts_and_writes_nothing(owner: Actor, announced: list[list[int]]) -> None:
    done = take(owner, "Acme,Riders,Rides,Ann,R1,3", dry_run=True)
    assert (done.firms_created, done.answers) == (1, 1)
    assert not Firm.objects.exists()
    assert not announced


def test_names_every_bad_row(owner: Actor) -> None:
    assert reasons(
        owner, "Acme,Riders,Rides,Ann,R1,9", "Acme,Riders,Rides,Ann,R99,1", "Acme,Riders,Rides,Ann,A1,XX"
    ) == [
        "row 2, column value: R1 takes 0-4, or nothing for “do not know”",
        "row 3, column item: there is no item “R99” in this questionnaire",
        "row 4, column value: A1 takes PR, RT, MM, CW, PP or 1-5, or nothing for “do not know”",
    ]


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e0", "0x1", "२", "2.5", "--", "1 2"])
def test_refuses_numbers_that_are_no_answer(owner: Actor, value: str) -> None:
    assert len(reasons(owner, f"Acme,Riders,Rides,Ann,R1,{value}")) == 1


def test_one_bad_row_imports_nothing(owner: Actor) -> None:
    reasons(owner, "Acme,Riders,Rides,Ann,R1,3", "Acme,Riders,Rides,Ann,R2,7")
    assert not Firm.objects.exists()


def test_empty_names_are_named(owner: Actor) -> None:
    assert reasons(owner, ",Riders,Rides,Ann,R1,3") == ["row 2, column firm: this is empty"]


def test_long_names_are_named(owner: Actor) -> None:
    assert reasons(owner, f"Acme,{'x' * 121},Rides,Ann,R1,3") == [
        "row 2, column segment: this is longer than 120 characters"
    ]


def test_contradicting_rows_are_both_named(owner: Actor) -> None:
    found = reasons(owner, "Acme,Riders,,Ann,R1,3", "Acme,Riders,,Bob,R1,1", "Acme,Riders,,Ann,R1,4")
    assert found == ["row 4, column value: row 2 and row 4 give different answers to the same item"]


def test_a_row_said_twice_is_fine(owner: Actor) -> None:
    assert take(owner, "Acme,Riders,Rides,Ann,A1,MM", "Acme,Riders,Rides,Ann,A1,3").answers == 1


def test_writes_into_the_newest_workshop_that_is_not_committed(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    open_one = start_workshop(by=owner, firm_id=firm.pk, name="Open")
    committed = start_workshop(by=owner, firm_id=firm.pk, name="Done")
    move_workshop(by=owner, workshop_id=committed.pk, state="committed")
    take(owner, "Acme,Riders,Rides,Ann,R1,3")
    assert Sheet.objects.get().workshop_id == open_one.pk


def test_a_workshop_in_discussion_takes_no_answers(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    workshop = start_workshop(by=owner, firm_id=firm.pk, name="Spring")
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    assert reasons(owner, "Acme,Riders,Rides,Ann,R1,3") == [
        "row 2, column firm: “Spring” of this firm is discussing: it takes answers while it is collecting"
    ]


def test_a_short_form_takes_only_its_items(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    start_workshop(by=owner, firm_id=firm.pk, name="Spring", form="short")
    assert "row 2, column item" in reasons(owner, "Acme,Riders,Rides,Ann,R2,3")[0]


def test_sealed_answers_of_a_blind_workshop_cannot_be_overwritten(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    workshop = start_workshop(by=owner, firm_id=firm.pk, name="Blind", reveal="blind")
    other = factories.member(owner)
    Participant.objects.create(
        workspace_id=owner.workspace_id, workshop=workshop, name="Ann", user_id=other.user_id
    )
    assert reasons(owner, "Acme,Riders,Rides,Ann,R1,3") == [
        "row 2, column participant: this person’s answers are their own until the discussion"
    ]


def test_finds_the_segment_whatever_its_situation(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    segment = factories.segment(owner, firm.pk, "Riders")
    Segment.objects.filter(pk=segment.pk).update(situation="Urgent")
    assert take(owner, "Acme,Riders,,Ann,R1,3").segments_created == 0


def test_asks_which_situation_is_meant(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    for situation in ("Routine", "Urgent"):
        segment = factories.segment(owner, firm.pk, f"Riders {situation}")
        Segment.objects.filter(pk=segment.pk).update(name="Riders", situation=situation)
    (reason,) = reasons(owner, "Acme,Riders,,Ann,R1,3")
    assert "Routine, Urgent; add a column “situation”" in reason


def test_a_situation_column_is_exact(owner: Actor) -> None:
    take(owner, "Acme,Riders,,Ann,R1,3,Urgent", header=f"{HEADER},situation")
    assert Segment.objects.get().situation == "Urgent"


def test_evidence_is_kept_and_merged(owner: Actor) -> None:
    header = f"{HEADER},evidence"
    take(owner, "Acme,Riders,,Ann,R1,3,seen in the app", header=header)
    take(owner, "Acme,Riders,,Ann,R2,3,told", header=header)
    assert Sheet.objects.get().evidence == {"R1": "seen in the app", "R2": "told"}


def test_a_column_that_is_missing_is_named(owner: Actor) -> None:
    (reason,) = reasons(owner, "Acme,Riders,Rides,Ann,R1", header="firm,segment,offering,participant,item")
    assert reason.startswith("row 1, column value: this column is missing")


def test_managers_cannot_import(owner: Actor) -> None:
    manager = factories.member(owner, Role.MANAGER)
    with pytest.raises(PermissionDenied):
        take(manager, "Acme,Riders,Rides,Ann,R1,3")


def test_another_workspace_stays_untouched(owner: Actor) -> None:
    other = factories.workspace()
    with factories.in_workspace(other.workspace_id, user_id=other.user_id):
        take(other, "Acme,Riders,Rides,Ann,R1,3")
    done = take(owner, "Acme,Riders,Rides,Ann,R1,0")
    assert (done.firms_created, done.participants_created) == (1, 1)
    with factories.in_workspace(other.workspace_id, user_id=other.user_id):
        assert Sheet.objects.get().answers[0] == 3


def test_a_ragged_row_hides_no_other_bad_row(owner: Actor) -> None:
    rows = ("Acme,Riders", "Acme,Riders,Rides,Ann,R1,9", ",Riders,Rides,Ann,R1,1", "Acme,Riders,Rides,,R77,1")
    told = [each.partition(":")[0] for each in reasons(owner, *rows)]
    assert told == [
        "row 2",
        "row 3, column value",
        "row 4, column firm",
        "row 5, column participant",
        "row 5, column item",
    ]
