"""A running workshop moves to another version of its questionnaire and back: nothing is lost or invented."""

from typing import Any, ClassVar

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.models import KeptSheet, Sheet, Upgrade
from assessments.queries import answers_of, asked_before, instrument_of, way_to
from assessments.services import (
    NOT_GIVEN,
    Conflict,
    add_participant,
    move_version,
    move_workshop,
    save_from_page,
    versions,
)
from assessments.signals import answers_saved
from connected.models import Role
from connected.permissions import Actor
from connected.states import WrongStep
from tests import factories
from tests.assessments.world import World, client_of, world
from tests.matrix.worlds import GUEST

pytestmark = pytest.mark.django_db

GONE = ("R7", "R9", "P6", "A4")
KEPT = {code: value for code, value in GUEST.items() if code not in GONE}
NEW = {"R13": 3, "P7": 4, "P8": 1}


@pytest.fixture
def room(owner: Actor) -> World:
    """One sheet, answered under version 1, with evidence to a question that stays and to one that goes."""
    room = world(owner)
    room.save_all(answers=GUEST | {"N3": None}, evidence={"R1": "Stays", "R7": "Goes"})
    return room


def move(room: World, version: int) -> Upgrade | None:
    return move_version(by=room.owner, workshop_id=room.workshop.pk, version=version)


def said(room: World) -> dict[str, int | None]:
    room.workshop.refresh_from_db()
    return answers_of(
        instrument_of(room.workshop), Sheet.objects.filter(participant=room.participant).first()
    )


def from_page(room: World, **answers: Any) -> versions.FromPage:
    return save_from_page(**room.place, answers=answers, evidence={}, expected={})


def row(room: World) -> tuple[Any, ...]:
    return Sheet.objects.values_list("answers", "given", "evidence", "digits").get(
        participant=room.participant
    )


def test_answers_to_questions_that_stay_go_along_and_no_other_is_made_up(room: World) -> None:
    move(room, 2)
    assert said(room) == KEPT | {"N3": None}


def test_it_is_said_how_many_went_where(room: World) -> None:
    moved = move(room, 2)
    assert moved is not None
    assert (moved.sheets, moved.carried, moved.kept, moved.returned) == (1, 31, 4, 0)
    assert (str(moved), moved.created_by_id) == ("cs-1 v1 to cs-1 v2", room.owner.user_id)


def test_evidence_follows_its_question(room: World) -> None:
    move(room, 2)
    assert Sheet.objects.get(participant=room.participant).evidence == {"R1": "Stays"}


def test_what_a_sheet_said_is_kept_whole_with_its_version(room: World) -> None:
    before = Sheet.objects.get(participant=room.participant)
    move(room, 2)
    kept = KeptSheet.objects.get(participant=room.participant)
    assert (kept.answers, kept.given, kept.evidence, kept.version) == (
        before.answers,
        before.given,
        before.evidence,
        before.version,
    )


def test_going_back_restores_exactly_what_was_there(room: World) -> None:
    before = row(room)
    move(room, 2)
    move(room, 1)
    assert row(room) == before


def test_going_back_keeps_what_was_answered_since_to_common_questions(room: World) -> None:
    move(room, 2)
    room.save_all(answers={"R1": 0, "R10": 3, **NEW}, evidence={"R10": "Since"})
    move(room, 1)
    assert said(room) == GUEST | {"N3": None, "R1": 0, "R10": 3}
    assert row(room)[2] == {"R1": "Stays", "R7": "Goes", "R10": "Since"}


def test_answers_to_new_questions_are_kept_and_come_back_with_their_version(room: World) -> None:
    move(room, 2)
    room.save_all(answers=NEW)
    back = move(room, 1)
    again = move(room, 2)
    assert back is not None
    assert again is not None
    assert (back.kept, back.returned, again.kept, again.returned) == (3, 4, 4, 3)
    assert said(room) == KEPT | NEW | {"N3": None}


def test_the_same_version_again_changes_nothing(room: World) -> None:
    move(room, 2)
    before = Sheet.objects.get(participant=room.participant)
    assert move(room, 2) is None
    assert (Sheet.objects.get(pk=before.pk).version, Upgrade.objects.count()) == (before.version, 1)


def test_every_move_counts_the_sheet_s_version_on(room: World) -> None:
    before = Sheet.objects.get(participant=room.participant)
    move(room, 2)
    move(room, 1)
    after = Sheet.objects.get(participant=room.participant)
    assert (after.version, after.updated_at) == (before.version + 2, before.updated_at)


def test_the_segments_are_announced(room: World) -> None:
    heard: list[list[int]] = []

    def hear(sender: object, segment_ids: list[int], **words: object) -> None:
        heard.append(list(segment_ids))

    answers_saved.connect(hear)
    try:
        move(room, 2)
    finally:
        answers_saved.disconnect(hear)
    assert heard == [[room.segment.pk]]


def test_other_workshops_stay_as_they_are(owner: Actor, room: World) -> None:
    other = world(owner)
    other.save_all(answers=GUEST)
    before = row(other)
    move(room, 2)
    assert row(other) == before


@pytest.mark.parametrize("state", ["discussing", "committed"])
def test_a_workshop_that_takes_no_answers_is_not_moved(room: World, state: str) -> None:
    move_workshop(by=room.owner, workshop_id=room.workshop.pk, state=state)
    with pytest.raises(WrongStep, match=f"is {state}: its questions change only before"):
        move(room, 2)


@pytest.mark.parametrize("version", [0, 3, 9])
def test_a_version_no_crosswalk_leads_to_is_refused(room: World, version: int) -> None:
    with pytest.raises(ValidationError, match="No crosswalk leads from cs-1 v1"):
        move(room, version)


def test_only_who_leads_workshops_moves_one(room: World) -> None:
    manager = factories.member(room.owner, Role.MANAGER, (room.firm.pk,))
    with pytest.raises(PermissionDenied):
        move_version(by=manager, workshop_id=room.workshop.pk, version=2)


def test_removing_someone_takes_what_was_kept_of_them(room: World) -> None:
    move(room, 2)
    room.participant.delete()
    assert not KeptSheet.objects.exists()


class TestOpenPages:
    """Pages that show the questions of before, and send what was tapped on them."""

    def test_an_answer_to_a_question_not_asked_any_more_is_kept_with_its_version(self, room: World) -> None:
        move(room, 2)
        saved = from_page(room, R7=4)
        assert (saved.kept, saved.asks, said(room)) == (("R7",), 2, KEPT | {"N3": None})
        move(room, 1)
        assert said(room) == GUEST | {"N3": None, "R7": 4}

    def test_one_sent_together_with_others_holds_none_of_them_up(self, room: World) -> None:
        move(room, 2)
        assert from_page(room, R7=4, R1=1).kept == ("R7",)
        assert said(room)["R1"] == 1

    def test_one_for_a_sheet_nobody_had_begun_waits_for_the_way_back(self, owner: Actor) -> None:
        room = world(owner)
        move(room, 2)
        assert from_page(room, R7=4).version == 0
        assert said(room) == {}
        move(room, 1)
        assert said(room) == {"R7": 4}

    def test_after_the_way_back_an_answer_to_the_newer_questions_is_kept_too(self, room: World) -> None:
        move(room, 2)
        move(room, 1)
        assert from_page(room, R13=2).kept == ("R13",)
        move(room, 2)
        assert said(room) == KEPT | {"N3": None, "R13": 2}

    def test_two_who_answer_it_differently_are_told(self, room: World) -> None:
        move(room, 2)
        with pytest.raises(Conflict) as clash:
            save_from_page(**room.place, answers={"R7": 4}, evidence={}, expected={"R7": NOT_GIVEN})
        assert [(each.item, each.value) for each in clash.value.current] == [("R7", GUEST["R7"])]

    def test_the_same_answer_arriving_twice_is_no_clash(self, room: World) -> None:
        move(room, 2)
        for _ in range(2):
            save_from_page(**room.place, answers={"R7": 4}, evidence={}, expected={"R7": GUEST["R7"]})

    def test_a_note_to_it_is_kept_as_well(self, room: World) -> None:
        move(room, 2)
        save_from_page(**room.place, answers={}, evidence={"R7": "More", "R9": ""}, expected={})
        assert KeptSheet.objects.get().evidence == {"R1": "Stays", "R7": "More"}

    def test_what_no_version_ever_asked_is_refused(self, room: World) -> None:
        move(room, 2)
        with pytest.raises(ValidationError, match="does not ask"):
            from_page(room, R99=1)

    def test_a_value_its_question_does_not_take_is_refused(self, room: World) -> None:
        move(room, 2)
        with pytest.raises(ValidationError, match="R7 takes 0-4"):
            from_page(room, R7=5)

    def test_programs_are_refused_what_is_not_asked(self, room: World) -> None:
        move(room, 2)
        with pytest.raises(ValidationError, match="does not ask"):
            room.save("R7", 4)

    def test_the_page_is_told_which_version_is_asked(self, room: World) -> None:
        move(room, 2)
        said = {"item": "R7", "value": "4", "expected": str(GUEST["R7"])}
        answer = client_of(room.owner).post(room.sheet_path("answer/"), said)
        assert (answer.status_code, answer.json()["asks"]) == (200, 2)

    def test_a_page_without_script_loses_nothing_either(self, room: World) -> None:
        move(room, 2)
        sent = {"at": "R7", "go": "next", "R7": "4", "was.R7": str(GUEST["R7"])}
        page = client_of(room.owner).post(room.sheet_path(), sent, follow=True).content.decode()
        assert "Kept with those of before: R7" in page
        move(room, 1)
        assert said(room)["R7"] == 4


def test_the_versions_asked_before_are_those_left(room: World) -> None:
    assert asked_before(room.workshop) == []
    move(room, 2)
    room.workshop.refresh_from_db()
    assert [instrument.version for _, instrument in asked_before(room.workshop)] == [1]


def test_the_way_back_is_the_way_read_against_its_direction(room: World) -> None:
    there = way_to(room.workshop, 2)
    move(room, 2)
    room.workshop.refresh_from_db()
    back = way_to(room.workshop, 1)
    assert there is not None
    assert back is not None
    assert (there.left, there.asked_again) == (back.asked_again, back.left)


class TestPage:
    def test_it_shows_what_happens_to_each_question_before_anything_does(self, room: World) -> None:
        page = client_of(room.owner).get(room.path(f"{room.workshop.pk}/questions/")).content.decode()
        assert "Version 2 asks 4 questions anew" in page
        assert "31 answers go along" in page
        assert "One question instead of R7 and R9" in page
        assert said(room) == GUEST | {"N3": None}

    def test_it_names_who_has_something_to_look_at(self, room: World) -> None:
        add_participant(by=room.owner, workshop_id=room.workshop.pk, name="Not begun")
        page = client_of(room.owner).get(room.path(f"{room.workshop.pk}/questions/")).content.decode()
        people = page.partition('id="people"')[2]
        assert room.participant.name in people
        assert "Not begun" not in people

    def test_confirming_moves_it_and_says_so(self, room: World) -> None:
        there = room.path(f"{room.workshop.pk}/questions/")
        page = client_of(room.owner).post(there, {"to": "2"}, follow=True).content.decode()
        assert "Version 2 is asked from now on. 31 answers went along, 4 stay with version 1." in page
        assert "Go back to version 1" in page

    def test_the_way_back_says_what_comes_back_and_what_is_kept(self, room: World) -> None:
        move(room, 2)
        room.save_all(answers={**NEW, "R1": 0})
        there = room.path(f"{room.workshop.pk}/questions/?to=1")
        page = " ".join(client_of(room.owner).get(there).content.decode().split())
        assert "4 come back, 3 given to version 2 only are kept with it, and 1 common answer" in page

    def test_a_committed_workshop_says_why_not(self, room: World) -> None:
        move_workshop(by=room.owner, workshop_id=room.workshop.pk, state="committed")
        client, there = client_of(room.owner), room.path(f"{room.workshop.pk}/questions/")
        page = client.get(there).content.decode()
        assert "is committed" in page
        assert "<button" not in page.partition('aria-label="What now"')[2].partition("</aside>")[0]
        assert "is committed" in client.post(there, {"to": "2"}, follow=True).content.decode()

    @pytest.mark.parametrize("to", ["x", "99999", "-1"])
    def test_what_is_no_version_is_not_found(self, room: World, to: str) -> None:
        there = room.path(f"{room.workshop.pk}/questions/?to={to}")
        assert client_of(room.owner).get(there).status_code == 404

    def test_a_version_no_way_leads_to_is_said(self, room: World) -> None:
        there = room.path(f"{room.workshop.pk}/questions/?to=9")
        assert "No other version to move to" in client_of(room.owner).get(there).content.decode()

    def test_the_short_form_may_have_nothing_to_ask_anew(self, owner: Actor) -> None:
        room = world(owner, form="short")
        room.save_all(answers={"R1": 1})
        page = client_of(owner).get(room.path(f"{room.workshop.pk}/questions/")).content.decode()
        assert "asks nothing that is not answered already" in page


class TestSituations:
    """What is wanted in other situations goes with its question."""

    SAID: ClassVar = {"P1.urgent": 4, "P6.urgent": 1, "P6.high_stakes": None}

    def wants(self, room: World) -> dict[str, int | None]:
        return dict(Sheet.objects.get(participant=room.participant).wants)

    def test_it_goes_along_or_is_kept_as_its_question_is(self, room: World) -> None:
        room.save_all(answers=self.SAID)
        move(room, 2)
        assert self.wants(room) == {"P1.urgent": 4}
        room.save_all(answers={"P7.urgent": 2})
        move(room, 1)
        assert self.wants(room) == self.SAID
        move(room, 2)
        assert self.wants(room) == {"P1.urgent": 4, "P7.urgent": 2}

    def test_an_open_page_s_is_kept_with_its_version(self, room: World) -> None:
        move(room, 2)
        assert save_from_page(
            **room.place, answers={"P6.urgent": 3}, evidence={}, expected={"P6.urgent": NOT_GIVEN}
        ).kept == ("P6.urgent",)
        move(room, 1)
        assert self.wants(room) == {"P6.urgent": 3}
