"""Fit by situation: what counts, what is told, and in which words."""

from typing import Any

import pytest
from django.test import Client

from assessments.models import Participant, Sheet, Workshop
from assessments.services import save_answers
from connected.models import Segment
from connected.permissions import Actor
from matrix import frames
from matrix.findings import situations
from matrix.models import StandingPlacement
from matrix.scoring import Outcome
from tests.assessments.world import client_of
from tests.matrix.outcomes import outcome
from tests.matrix.test_generations import live
from tests.matrix.worlds import GUEST, assessed

# Urgent: let the firm act. Nothing the guest gets today does.
URGENT = {f"P{at}.urgent": value for at, value in zip(range(1, 7), (4, 0, 3, 1, 0, 4), strict=True)}
HURRIED: dict[str, int | None] = {**GUEST, **URGENT}
PLAIN: dict[str, int | None] = {**GUEST}

pytestmark = pytest.mark.django_db


def told(segment: Segment) -> dict[str, frames.Situated]:
    rows = StandingPlacement.objects.filter(segment=segment).select_related("model__instrument")
    return {each.situation: each for each in frames.situations_of(rows).get(segment.pk, ())}


def placed(owner: Actor, raters: list[dict[str, int | None]]) -> Segment:
    segment = assessed(owner, raters)
    live(owner, segment.pk)
    return segment


def test_nobody_said_anything(owner: Actor) -> None:
    assert told(placed(owner, [PLAIN] * 3)) == {}


def test_wanted_is_reckoned_as_for_routine(owner: Actor) -> None:
    """Answers alike in both situations want alike."""
    same: dict[str, int | None] = {
        f"{item}.urgent": value for item, value in GUEST.items() if item.startswith("P")
    }
    segment = placed(owner, [{**GUEST, **same}] * 3)
    routine = StandingPlacement.objects.get(segment=segment)
    found = told(segment)["urgent"]
    assert found.raters == 3
    assert found.outcome is not None
    assert [found.outcome.wanted[code] for code in ("RD", "CO", "CB", "AE")] == [
        routine.want_rd, routine.want_co, routine.want_cb, routine.want_ae,
    ]  # fmt: skip
    assert found.outcome.relationships["CO"] == routine.co


def test_another_situation_leaves_the_placement_as_it_is(owner: Actor) -> None:
    one, other = placed(owner, [PLAIN] * 3), placed(owner, [HURRIED] * 3)
    prints = StandingPlacement.objects.filter(segment__in=[one, other]).values_list("fingerprint", "coverage")
    assert len(set(prints)) == 1


def test_two_people_are_too_few(owner: Actor) -> None:
    found = told(placed(owner, [HURRIED, HURRIED, PLAIN]))["urgent"]
    assert (found.raters, found.outcome) == (2, None)


def test_do_not_know_is_no_answer(owner: Actor) -> None:
    unknown = dict.fromkeys(URGENT)
    assert told(placed(owner, [{**GUEST, **unknown}] * 3)) == {}


def test_a_blind_workshop_gives_nothing_away(owner: Actor) -> None:
    segment = placed(owner, [HURRIED] * 3)
    assert "urgent" in told(segment)
    Workshop.objects.update(reveal="blind")
    assert told(segment) == {}
    Workshop.objects.update(state="discussing")
    assert "urgent" in told(segment)


def test_only_the_last_round_counts(owner: Actor) -> None:
    segment = placed(owner, [HURRIED] * 3)
    Workshop.objects.update(round=2)
    for person in Participant.objects.all()[:1]:
        save_answers(
            by=owner,
            workshop_id=person.workshop_id,
            participant_id=person.pk,
            segment_id=segment.pk,
            answers={"R1": 4},
        )
    assert Sheet.objects.count() == 4
    assert told(segment)["urgent"].raters == 2


@pytest.fixture
def client(owner: Actor) -> Client:
    return client_of(owner)


def test_the_segment_page_says_it_first(client: Client, owner: Actor) -> None:
    segment = placed(owner, [HURRIED] * 3)
    page = client.get(f"/w/{owner.workspace_slug}/segments/{segment.pk}/").content.decode()
    assert "when urgent they want automatic execution, and nothing happens by itself" in page
    assert "under-served" in page


def test_the_firm_page_says_it_by_segment(client: Client, owner: Actor) -> None:
    segment = placed(owner, [HURRIED] * 3)
    page = client.get(f"/w/{owner.workspace_slug}/firms/{segment.firm_id}/").content.decode()
    assert "Fit by situation" in page
    assert "when urgent they want automatic execution" in page


def test_without_another_situation_the_pages_say_nothing_of_it(client: Client, owner: Actor) -> None:
    segment = placed(owner, [PLAIN] * 3)
    for place in (f"segments/{segment.pk}/", f"firms/{segment.firm_id}/"):
        assert 'id="situations"' not in client.get(f"/w/{owner.workspace_slug}/{place}").content.decode()


# --- Words -----------------------------------------------------------------------------------------


def wants(**wanted: float | None) -> Outcome:
    """The guest with other wants: coach at 56 and three relationships present, automatic at 35 and not."""
    levels = outcome().relationships
    asked: dict[str, Any] = {code: wanted.get(code, levels[code]) for code in levels}
    gap = {code: None if asked[code] is None else asked[code] - (levels[code] or 0) for code in levels}
    return outcome(wanted=asked, gap=gap)


def test_what_fits_and_what_is_lacking_is_one_sentence() -> None:
    told = {"": (14, wants()), "urgent": (9, wants(AE=0.9)), "high_stakes": (2, None)}
    assert situations.sentence(told, 0.4) == (
        "Routine it fits; when urgent they want automatic execution, and nothing happens by itself; "
        "when much is at stake only two people answered, too few to say."
    )


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"urgent": (9, wants(AE=0.9))}, "It does not fit when urgent"),
        ({"urgent": (9, wants()), "high_stakes": (9, wants())}, "It fits in each situation"),
        ({"urgent": (9, wants()), "high_stakes": (2, None)}, "It fits where enough is answered"),
        (
            {"urgent": (9, wants(AE=0.9)), "high_stakes": (9, wants(CB=0.9))},
            "It does not fit when urgent and when much is at stake",
        ),
    ],
)
def test_the_headline_says_where_it_does_not_fit(others: dict[str, Any], said: str) -> None:
    assert situations.headline({"": (14, wants()), **others}, 0.4) == said


def test_a_segment_that_no_situation_fits() -> None:
    told = {"": (14, wants(AE=0.9)), "urgent": (9, wants(AE=0.9))}
    assert situations.headline(told, 0.4) == "It fits in none of the situations"


def test_what_they_have_and_want_more_of() -> None:
    told = {"": (14, wants()), "urgent": (9, wants(CB=0.9))}
    assert situations.sentence(told, 0.4).endswith("when urgent they want coaching, more than they get.")


def test_nothing_known_is_not_a_fit() -> None:
    told = {"": (14, wants()), "urgent": (9, wants(RD=None, CO=None, CB=None, AE=None))}
    assert situations.sentence(told, 0.4).endswith("when urgent too little is answered to say.")


def test_routine_alone_is_said_elsewhere() -> None:
    assert situations.sentence({"": (14, wants())}, 0.4) == ""


def test_the_table_has_a_word_for_each() -> None:
    told = {"": (14, wants(RD=0.5)), "urgent": (9, wants(AE=0.9, CB=None)), "high_stakes": (2, None)}
    rows = {row.name: row for row in situations.table(told, 0.4)}
    words = {name: [cell.word for cell in row.cells] for name, row in rows.items()}
    assert words == {
        "Respond-to-desire": ["more than asked for", "fits", "too few answered"],
        "Curated offering": ["fits", "fits", "too few answered"],
        "Coach behavior": ["fits", "wanted is not known", "too few answered"],
        "Automatic execution": ["fits", "under-served", "too few answered"],
    }
    assert (rows["Automatic execution"].today, rows["Automatic execution"].cells[1].percent) == (35, 90)
    assert situations.heads(told)[1].startswith("Urgent, n")
