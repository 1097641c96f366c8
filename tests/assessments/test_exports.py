"""Files taken along, and brought back."""

import io

import pytest

from assessments.models import Participant, Sheet, Workshop
from assessments.services import add_participant, move_workshop, save_answer, start_workshop
from assessments.services.exports import FILES, export_rows, header_of
from assessments.services.imports import import_answers, import_table
from assessments.tables import Table, read_table, write_csv, write_xlsx
from connected.models import Firm, Role, Segment, Touchpoint
from connected.permissions import Actor
from tests import factories

ODD = "=1+1, “quoted”\n-5 'and' \\ 007"


def as_csv(by: Actor, what: str) -> bytes:
    return "".join(write_csv(header_of(what), export_rows(by=by, what=what))).encode()


def as_xlsx(by: Actor, what: str) -> bytes:
    file = io.BytesIO()
    write_xlsx(header_of(what), export_rows(by=by, what=what), file)
    return file.getvalue()


def lines(by: Actor, what: str) -> list[list[str]]:
    return [list(row) for row in read_table(as_csv(by, what)).rows]


@pytest.fixture
def world(owner: Actor) -> Workshop:
    """One firm with everything, in words that would break a careless file."""
    firm = Firm.objects.create(workspace_id=owner.workspace_id, name="=Acme", industry="-x", need=ODD)
    segment = Segment.objects.create(
        workspace_id=owner.workspace_id,
        firm=firm,
        name="@Riders",
        offering="+49",
        situation="'=urgent",
        customers=5,
        revenue="1234567890123456.78",
        currency="EUR",
        consent="no",
        source=ODD,
    )
    for name, step in (("Mail", "repeat"), ("Mail", "repeat"), ("Order", "request")):
        Touchpoint.objects.create(
            workspace_id=owner.workspace_id,
            segment=segment,
            name=name,
            step=step,
            position=Touchpoint.objects.count(),
            description=f"-{Touchpoint.objects.count()}",
            identified=True,
            importance=3,
            date="2026-12-31",
            cost="-5 EUR",
        )
    workshop = start_workshop(
        by=owner, firm_id=firm.pk, name="Spring", participants=[("-Ann", ""), ("Bob", "")]
    )
    for person in workshop.participants.all():
        for item, value in (("R1", 3), ("R2", None), ("A1", "MM")):
            save_answer(
                by=owner,
                workshop_id=workshop.pk,
                participant_id=person.pk,
                segment_id=segment.pk,
                item=item,
                value=value,
                evidence=ODD,
            )
    return workshop


def take(by: Actor, what: str, table: Table) -> object:
    if what == "answers":
        return import_answers(by=by, table=table)
    return import_table(by=by, kind=what, table=table)


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
@pytest.mark.parametrize("what", FILES)
def test_an_export_brought_back_changes_nothing(
    owner: Actor, world: Workshop, what: str, write: object
) -> None:
    done = take(owner, what, read_table(write(owner, what)))  # type: ignore[operator]
    assert {name: count for name, count in vars(done).items() if count and name != "unchanged"} == {}
    assert done.unchanged > 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_exports_make_the_same_world_elsewhere(owner: Actor, world: Workshop, write: object) -> None:
    files = {what: read_table(write(owner, what)) for what in FILES}  # type: ignore[operator]
    before = {what: lines(owner, what) for what in FILES}
    other = factories.workspace()
    with factories.in_workspace(other.workspace_id, user_id=other.user_id):
        for what, table in files.items():
            take(other, what, table)
        assert {what: lines(other, what) for what in FILES} == before


def test_answers_are_written_as_their_codes(owner: Actor, world: Workshop) -> None:
    rows = [row[4:6] for row in lines(owner, "answers")]
    assert rows == [["R1", "3"], ["R2", ""], ["A1", "MM"]] * 2


def test_a_manager_takes_only_granted_firms_and_no_ones_answers(owner: Actor, world: Workshop) -> None:
    granted = factories.firm(owner, "Granted")
    manager = factories.member(owner, Role.MANAGER, (granted.pk,))
    assert [row[0] for row in lines(manager, "firms")] == ["Granted"]
    assert [lines(manager, what) for what in ("segments", "touchpoints", "answers")] == [[], [], []]


def test_blind_answers_stay_sealed_until_the_discussion(owner: Actor) -> None:
    firm = factories.firm(owner)
    segment = factories.segment(owner, firm.pk)
    member = factories.member(owner)
    workshop = start_workshop(by=owner, firm_id=firm.pk, name="Blind", reveal="blind")
    person = add_participant(by=owner, workshop_id=workshop.pk, name="Ann", user_id=member.user_id)
    save_answer(
        by=member,
        workshop_id=workshop.pk,
        participant_id=person.pk,
        segment_id=segment.pk,
        item="R1",
        value=3,
    )
    assert (len(lines(owner, "answers")), len(lines(member, "answers"))) == (0, 1)
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    assert len(lines(owner, "answers")) == 1


def test_each_firm_gives_the_workshop_an_import_would_write_into(owner: Actor, world: Workshop) -> None:
    newer = start_workshop(by=owner, firm_id=world.firm_id, name="Newer", participants=[("Cleo", "")])
    assert lines(owner, "answers") == []
    move_workshop(by=owner, workshop_id=newer.pk, state="committed")
    assert len(lines(owner, "answers")) == 6


def test_only_the_current_round_is_given(owner: Actor, world: Workshop) -> None:
    Workshop.objects.filter(pk=world.pk).update(round=2)
    assert lines(owner, "answers") == []


def test_an_export_reads_in_a_fixed_number_of_queries(
    owner: Actor, world: Workshop, django_assert_num_queries: object
) -> None:
    ann = Participant.objects.get(name="-Ann")
    for name in ("Second", "Third"):
        segment = factories.segment(owner, world.firm_id, name)
        sheet = Sheet.objects.filter(participant=ann).first()
        assert sheet is not None
        sheet.pk, sheet.segment = None, segment
        sheet.save()
    with django_assert_num_queries(7):  # type: ignore[operator]
        assert len(list(export_rows(by=owner, what="answers"))) == 12
