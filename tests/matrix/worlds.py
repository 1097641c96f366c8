"""Firms with answers, for tests of placing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from django.db import connection

from assessments.services import add_participant, save_answers, start_workshop
from connected.models import Segment
from connected.permissions import Actor
from tests import factories

# Sober answers of a theme park's guest: coached, curated and served at once by the firm itself.
GUEST: dict[str, int] = {
    "R1": 4,
    "R2": 3,
    "R3": 3,
    "R4": 3,
    "R5": 2,
    "R6": 3,
    "R7": 2,
    "R8": 3,
    "R9": 2,
    "R10": 1,
    "R11": 2,
    "P1": 3,
    "P2": 2,
    "P3": 2,
    "P4": 3,
    "P5": 3,
    "P6": 2,
    "A1": 1,
    "A2": 1,
    "A3": 1,
    "A4": 1,
    "A5": 0,
    "A6": 0,
    "I1": 4,
    "I2": 3,
    "I3": 3,
    "D1": 2,
    "D2": 2,
    "D3": 2,
    "N1": 3,
    "N2": 3,
    "N3": 2,
    "C1": 2,
    "C2": 3,
    "C3": 3,
}


def assessed(by: Actor, raters: Sequence[Mapping[str, int | None]], firm_id: int | None = None) -> Segment:
    """A segment with one sheet a rater, in a workshop of its firm."""
    firm_id = firm_id or factories.firm(by).pk
    segment = factories.segment(by, firm_id)
    workshop = start_workshop(by=by, firm_id=firm_id, name="Workshop")
    for place, answers in enumerate(raters):
        participant = add_participant(by=by, workshop_id=workshop.pk, name=f"Rater {place}")
        save_answers(
            by=by,
            workshop_id=workshop.pk,
            participant_id=participant.pk,
            segment_id=segment.pk,
            answers=answers,
        )
    return segment


@contextmanager
def another_connection(workspace_id: int) -> Iterator[Any]:
    """A cursor of a second transaction inside the workspace's walls; it commits when this ends."""
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace_id)])
            yield cursor
        other.commit()
