"""Asked and derived on the pages of a segment and a workshop."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import Workshop
from assessments.services import move_workshop, start_workshop
from connected.models import Role, Segment, Touchpoint
from connected.permissions import Actor
from connected.services import add_touchpoint
from matrix.models import ScoringModel, Stale
from matrix.queries import evidence, models
from matrix.scoring import STATED
from tests import factories
from tests.matrix.test_pages import answer, page, scored
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db
TALKS = {"direction": "one_way", "identified": True, "carries_context": True}


def describe(owner: Actor, segment: int, *steps: str, **stated: object) -> None:
    for place, step in enumerate(steps):
        add_touchpoint(by=owner, segment_id=segment, name=f"Contact {place}", step=step, **stated)


def whole(owner: Actor, segment: int, **stated: object) -> None:
    describe(owner, segment, *STATED["step"], "respond", **stated)


def row(text: str, code: str) -> str:
    return text.partition(f'id="basis-{code}"')[2].partition("</tr>")[0]


def test_a_journey_is_read_in_one_query_as_it_is_stated(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk).pk
    describe(owner, segment, "repeat", direction="two_way", identified=False, signature=True)
    describe(owner, segment, "request")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        rows = evidence.journeys([segment])[segment]
    found = evidence.touchpoints_of([rows])
    assert len(queries) == 1
    assert found.codes["step"].tolist() == [1, 3]
    assert found.codes["direction"].tolist() == [-1, 1]
    assert found.codes["identified"].tolist() == [-1, 0]
    assert found.signature.tolist() == [False, True]


def test_a_gap_asks_for_evidence_and_names_what_it_rests_on(owner: Actor) -> None:
    segment = scored(owner, N1=4)
    whole(owner, segment, **TALKS)
    text = page(owner, "segment-evidence", segment)
    assert "ask for evidence" in row(text, "n1")
    assert "4.0" in row(text, "n1")
    assert "0.0" in row(text, "n1")
    first = Touchpoint.objects.order_by("pk").first()
    assert first is not None
    assert f"/journey/#tp-{first.pk}" in row(text, "n1")
    assert "Ask for evidence on N1" in text


def test_values_that_agree_ask_for_nothing(owner: Actor) -> None:
    segment = scored(owner, N2=4)
    whole(owner, segment, **TALKS)
    assert "ask for evidence" not in row(page(owner, "segment-evidence", segment), "n2")


def test_a_short_journey_says_what_is_missing_and_asks_for_nothing(owner: Actor) -> None:
    segment = scored(owner, N1=4)
    describe(owner, segment, "recognize", "request", "respond", **TALKS)
    text = page(owner, "segment-evidence", segment)
    assert "two more touchpoints, none in Repeat yet" in text
    assert "ask for evidence" not in row(text, "n1")
    assert "not to be used yet" in row(text, "n1")


def test_a_touchpoint_that_states_nothing_is_named_as_left_out(owner: Actor) -> None:
    segment = scored(owner)
    whole(owner, segment)
    assert "Left out" in row(page(owner, "segment-evidence", segment), "n1")


def test_a_segment_without_answers_or_journey_has_its_page(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk).pk
    assert "the journey is not described" in page(owner, "segment-evidence", segment)


def test_a_model_without_rules_borrows_those_of_the_newest(owner: Actor) -> None:
    old = ScoringModel.objects.get(code="cs-1", version=1)
    assert evidence.deriving(old) == models.in_force()


def test_the_segment_page_tells_the_headline_and_leads_there(owner: Actor) -> None:
    segment = scored(owner, N1=4)
    whole(owner, segment, **TALKS)
    text = page(owner, "segment", segment)
    assert "far apart on" in text
    assert f"/segments/{segment}/evidence/" in text


# --- The workshop's agenda ------------------------------------------------------------------------


def blind(owner: Actor) -> tuple[Workshop, Segment]:
    segment = assessed(owner, [{**GUEST, "N1": 4, "R4": level} for level in (0, 4, 4)])
    whole(owner, segment.pk, **TALKS)
    workshop = Workshop.objects.get()
    Workshop.objects.update(reveal="blind")
    workshop.refresh_from_db()
    return workshop, segment


def test_the_agenda_has_gaps_then_the_lowest_agreement(owner: Actor) -> None:
    workshop, segment = blind(owner)
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    text = page(owner, "workshop-agenda", workshop.pk)
    gap, split = text.index(f"/segments/{segment.pk}/evidence/#basis-n1"), text.index("#item-R4")
    assert gap < split
    assert "ask for evidence" in text


def test_a_blind_workshop_s_agenda_is_shut_until_the_discussion(owner: Actor) -> None:
    workshop, _ = blind(owner)
    text = page(owner, "workshop-agenda", workshop.pk)
    assert "opens with the discussion" in text
    assert "#item-R4" not in text
    assert "#basis-n1" not in text


def test_a_manager_s_agenda_holds_nobody_s_answers(owner: Actor) -> None:
    workshop, segment = blind(owner)
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    text = page(manager, "workshop-agenda", workshop.pk)
    assert "no answers open to you" in text
    assert "#item-R4" not in text
    assert "#basis-n1" not in text


def test_the_agenda_reads_this_workshop_only(owner: Actor) -> None:
    _, segment = blind(owner)
    other = start_workshop(by=owner, firm_id=segment.firm_id, name="Second")
    assert "#item-R4" not in page(owner, "workshop-agenda", other.pk)


def test_the_workshop_page_opens_the_agenda_in_place(owner: Actor) -> None:
    workshop, _ = blind(owner)
    assert f"/workshops/{workshop.pk}/agenda/" in page(owner, "workshop", workshop.pk)


def test_the_agenda_s_queries_do_not_grow_with_segments(owner: Actor) -> None:
    workshop, segment = blind(owner)
    move_workshop(by=owner, workshop_id=workshop.pk, state="discussing")
    with CaptureQueriesContext(connection) as one:
        answer(owner, "workshop-agenda", workshop.pk)
    for _ in range(3):
        whole(owner, factories.segment(owner, segment.firm_id).pk, **TALKS)
    with CaptureQueriesContext(connection) as four:
        answer(owner, "workshop-agenda", workshop.pk)
    assert len(four) == len(one)


def test_a_journey_marks_nothing_where_the_model_uses_answers(owner: Actor) -> None:
    segment = scored(owner)
    whole(owner, segment, **TALKS)
    assert not Stale.objects.exists()
