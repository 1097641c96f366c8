"""A workshop with people and segments, ready to answer, and clients that click through pages."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from assessments.models import Participant, Sheet, Workshop
from assessments.services import add_participant, save_answer, save_answers, start_workshop
from connected.models import Firm, Segment
from connected.permissions import Actor
from tests import factories


@dataclass(frozen=True)
class World:
    owner: Actor
    firm: Firm
    segment: Segment
    workshop: Workshop
    participant: Participant

    @property
    def place(self) -> dict[str, Any]:
        """The keywords that say which sheet."""
        return {
            "by": self.owner,
            "workshop_id": self.workshop.pk,
            "participant_id": self.participant.pk,
            "segment_id": self.segment.pk,
        }

    def save(self, item: str, value: Any, **more: Any) -> Sheet:
        return save_answer(**{**self.place, "item": item, "value": value, **more})

    def save_all(self, **more: Any) -> Sheet:
        return save_answers(**{**self.place, **more})

    def path(self, tail: str = "") -> str:
        return f"/w/{self.owner.workspace_slug}/workshops/{tail}"

    def sheet_path(self, tail: str = "") -> str:
        return self.path(f"{self.workshop.pk}/sheets/{self.participant.pk}/{self.segment.pk}/{tail}")


def world(owner: Actor, **workshop: Any) -> World:
    """One firm, one segment, one workshop and one participant asked on paper."""
    firm = factories.firm(owner)
    segment = factories.segment(owner, firm.pk)
    started = start_workshop(by=owner, firm_id=firm.pk, **{"name": "First round", **workshop})
    participant = add_participant(by=owner, workshop_id=started.pk, name="Shift lead", group="Front line")
    return World(owner, firm, segment, started, participant)


def client_of(actor: Actor) -> Client:
    """A browser in which this member is signed in."""
    assert actor.user_id is not None
    client = Client()
    client.force_login(get_user_model().objects.get(pk=actor.user_id))
    return client
