"""``manage.py load_sample``: the sample workspace, through the same verbs the pages use."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments.instrument import Instrument
from assessments.queries import current_instrument
from assessments.sample import SampleFirm, SampleSegment, read_sample
from assessments.services import add_participant, move_workshop, save_answers, start_workshop
from connected.models import Firm, Membership, Role, Segment, User
from connected.permissions import Actor, actor_of
from connected.queries import workspaces
from connected.services import (
    add_firm,
    add_member,
    add_segment,
    add_touchpoint,
    create_workspace,
    grant_firms,
)
from connected.tenancy import in_workspace
from matrix.services import rescore_stale

SLUG = "sample"
PASSWORD = "connected-demo"  # noqa: S105 - printed at every start; never loaded in production


class Command(BaseCommand):
    help = "Load the sample workspace once. Refused in production: its password is public."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The sample has public passwords: it is not for CONNECTED_ENV=production.")
        if SLUG in workspaces():
            return
        with transaction.atomic():
            workspace_id = _load()
        rescore_stale(workspace_id=workspace_id)
        if options["verbosity"]:
            self.stdout.write("Sample workspace loaded.")


def _load() -> int:
    person = User.objects.filter(email="owner@sample.test").first()
    person = person or User.objects.create_user("owner@sample.test", PASSWORD, name="Sample owner")
    owner = create_workspace(slug=SLUG, name="Sample consultancy", owner=person)
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        consultant = _actor(
            add_member(
                by=owner,
                email="consultant@sample.test",
                name="Sample consultant",
                role=Role.CONSULTANT,
                password=PASSWORD,
            )
        )
        manager = add_member(
            by=owner, email="manager@sample.test", name="Sample manager", role=Role.MANAGER, password=PASSWORD
        )
        instrument = current_instrument()
        for firm in read_sample():
            _load_firm(consultant, firm, instrument)
        # The manager sees the firms that have been placed, not the one still in work.
        placed = Firm.objects.filter(segments__sheets__isnull=False).exclude(name__startswith="Harbour")
        grant_firms(by=owner, membership_id=manager.pk, firm_ids=placed.values_list("pk", flat=True))
    return owner.workspace_id


def _actor(membership: Membership) -> Actor:
    return actor_of(Membership.objects.select_related("user", "workspace").get(pk=membership.pk))


def _load_firm(by: Actor, sample: SampleFirm, instrument: Instrument) -> None:
    """A firm with its segments, and one workshop for each group of people who answered together."""
    firm = add_firm(
        by=by, name=sample.name, industry=sample.industry, need=sample.need, refuses=sample.refuses
    )
    rooms: dict[tuple[str, ...], list[tuple[SampleSegment, Segment]]] = {}
    for each in sample.segments:
        segment = _load_segment(by, firm, each)
        if each.raters:
            rooms.setdefault(tuple(rater.name for rater in each.raters), []).append((each, segment))
    for room in rooms.values():
        name = "First assessment" if len(rooms) == 1 else f"First assessment: {room[0][1].name}"
        workshop_id = _load_workshop(by, firm, name, room, instrument)
        if sample.discussed:
            move_workshop(by=by, workshop_id=workshop_id, state="discussing")


def _load_workshop(
    by: Actor, firm: Firm, name: str, room: Sequence[tuple[SampleSegment, Segment]], instrument: Instrument
) -> int:
    workshop = start_workshop(by=by, firm_id=firm.pk, name=name)
    people = {
        rater.name: add_participant(
            by=by, workshop_id=workshop.pk, name=rater.name, group=rater.group.replace("_", " ")
        ).pk
        for rater in room[0][0].raters
    }
    for each, segment in room:
        for sheet in each.sheets(instrument):
            if sheet.answers:
                save_answers(
                    by=by,
                    workshop_id=workshop.pk,
                    participant_id=people[sheet.rater.name],
                    segment_id=segment.pk,
                    answers=sheet.answers,
                    evidence=sheet.evidence,
                )
    return workshop.pk


def _load_segment(by: Actor, firm: Firm, sample: SampleSegment) -> Segment:
    segment = add_segment(
        by=by,
        firm_id=firm.pk,
        name=sample.name,
        offering=sample.offering,
        situation=sample.situation,
        customers=sample.customers,
        revenue=sample.revenue,
        currency=sample.currency or "",
        consent=sample.consent,
        source=sample.source,
    )
    for touchpoint in sample.touchpoints:
        values = {field.name: getattr(touchpoint, field.name) for field in dataclasses.fields(touchpoint)}
        values["cost"] = values["cost"] or ""
        add_touchpoint(by=by, segment_id=segment.pk, **values)
    return segment
