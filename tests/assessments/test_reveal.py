"""The one reveal policy: whose sheet may be seen by whom, and when."""

from dataclasses import dataclass
from itertools import product

import pytest
from django.http import Http404

from assessments.models import Participant
from assessments.permissions import answer_for, may_see_sheet, readable_participants, see_participant
from assessments.services import add_participant, move_workshop
from connected.models import Role
from connected.permissions import Actor
from tests import factories
from tests.assessments.world import World, client_of, world


@dataclass(frozen=True)
class Cast:
    """A workshop with someone asked on paper, a facilitator and a manager who answer, and onlookers."""

    room: World
    people: dict[str, Participant]
    actors: dict[str, Actor]


def cast(owner: Actor, reveal: str, state: str) -> Cast:
    room = world(owner, reveal=reveal)
    actors = {
        "owner": owner,
        "consultant": factories.member(owner),
        "manager": factories.member(owner, Role.MANAGER, firms=(room.firm.pk,)),
        "stranger": factories.member(owner, Role.MANAGER),
    }
    people = {"paper": room.participant}
    for name in ("consultant", "manager"):
        people[name] = add_participant(
            by=owner, workshop_id=room.workshop.pk, name=name, user_id=actors[name].user_id
        )
    if state != "collecting":
        move_workshop(by=owner, workshop_id=room.workshop.pk, state=state)
    return Cast(room, people, actors)


EVERYONE = {"paper", "consultant", "manager"}
OPEN = {"owner": EVERYONE, "consultant": EVERYONE, "manager": {"manager"}, "stranger": set()}
BLIND = {"owner": {"paper"}, "consultant": {"paper", "consultant"}, "manager": {"manager"}, "stranger": set()}


@pytest.mark.parametrize(
    ("reveal", "state", "seen"),
    [
        ("open", "collecting", OPEN),
        ("open", "discussing", OPEN),
        ("open", "committed", OPEN),
        ("blind", "collecting", BLIND),
        ("blind", "discussing", OPEN),
        ("blind", "committed", OPEN),
    ],
)
def test_who_sees_whose_sheet(owner: Actor, reveal: str, state: str, seen: dict[str, set[str]]) -> None:
    scene = cast(owner, reveal, state)
    for (viewer, actor), (name, person) in product(scene.actors.items(), scene.people.items()):
        assert may_see_sheet(actor, person) is (name in seen[viewer]), f"{viewer} sees {name}"


def test_many_are_judged_as_one_is(owner: Actor) -> None:
    scene = cast(owner, "blind", "collecting")
    for actor in scene.actors.values():
        many = set(readable_participants(actor))
        assert many == {person for person in scene.people.values() if may_see_sheet(actor, person)}


def test_what_may_not_be_seen_may_not_be_answered(owner: Actor) -> None:
    scene = cast(owner, "blind", "collecting")
    with pytest.raises(Http404):
        answer_for(owner, scene.room.workshop.pk, scene.people["consultant"].pk)


def test_a_participant_without_grant_is_not_there_either(owner: Actor) -> None:
    scene = cast(owner, "open", "collecting")
    with pytest.raises(Http404):
        see_participant(scene.actors["stranger"], scene.room.workshop.pk, scene.people["manager"].pk)


def test_an_operator_without_account_is_nobodys_participant(owner: Actor) -> None:
    scene = cast(owner, "blind", "collecting")
    operator = Actor(**{**vars(owner), "user_id": None})
    assert set(readable_participants(operator)) == {scene.people["paper"]}


def test_pages_follow_the_policy(owner: Actor) -> None:
    scene = cast(owner, "blind", "collecting")
    room = scene.room
    page = client_of(owner).get(room.path(f"{room.workshop.pk}/"))
    paths = {name: f"sheets/{person.pk}/{room.segment.pk}/" for name, person in scene.people.items()}
    shown = {name for name, path in paths.items() if path in page.content.decode()}
    assert shown == {"paper"}
    for name, path in paths.items():
        status = client_of(owner).get(room.path(f"{room.workshop.pk}/{path}")).status_code
        assert status == (200 if name in shown else 404)
