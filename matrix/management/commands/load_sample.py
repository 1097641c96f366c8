"""``manage.py load_sample``: the sample workspace, through the same verbs the pages use."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from assessments.sample import SampleFirm, SampleSegment, read_instrument, read_sample
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
from matrix.models import Run
from matrix.queries import models
from matrix.services import (
    approve_run,
    claim_chunk,
    fork_model,
    publish_draft,
    rescore_stale,
    save_draft,
    score_claimed,
    start_run,
)

SLUG = "sample"
PASSWORD = "connected-demo"  # noqa: S105 - printed at every start; never loaded in production
NOW = "cs-1.v2"
# Models of the workspace's own: what half a year ago was scored with, and what is proposed today.
EARLIER: Final = {
    "title": "First weights of the house",
    "relationships/CO/gate/minimum": "2.5",
    "relationships/CB/loads/R8": "0.6",
    "relationships/AE/loads/R12": "0.9",
    "presence/cut": "0.45",
    "capabilities/C/C2": "0.6",
    "quadrant/cap_margin": "0.5",
}
PROPOSED: Final = {
    "title": "Acting first as the journey shows it",
    "derive/items/R10/evidence": "derived",
    "relationships/CO/loads/R6": "0.9",
    "quadrant/cut": "1.6",
}
# Every time that pages, REST or exports tell, but of what is laid over: there is nothing of that yet.
_DATED: Final = {
    "assessments_workshop": ("created_at", "updated_at"),
    "assessments_participant": ("created_at",),
    "assessments_sheet": ("updated_at",),
    "matrix_run": ("created_at", "finished_at"),
    "matrix_generation": ("moved_at",),
    "matrix_placement": ("computed_at",),
}


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
        _story(consultant, owner)
        # The manager sees the firms that have been placed, not the one still in work.
        placed = Firm.objects.filter(segments__sheets__isnull=False).exclude(name__startswith="Harbour")
        grant_firms(by=owner, membership_id=manager.pk, firm_ids=placed.values_list("pk", flat=True))
    return owner.workspace_id


def _story(by: Actor, owner: Actor) -> None:
    """Half a year ago most firms were assessed, under another model; some have been once more since."""
    known = [_load_firm(by, sample) for sample in read_sample()]
    for firm in known:
        if not firm.sample.recent:
            firm.assess(by, "First assessment", {pk: each.before() for pk, each in firm.segments.items()})
    _run(by, _publish(by, EARLIER, "Scored with until cs-1.v2 was agreed on."))
    _set_back()
    for firm in known:
        if firm.sample.recent:
            firm.assess(by, "First assessment", firm.segments)
        elif again := {pk: each for pk, each in firm.segments.items() if each.earlier}:
            firm.end(by)
            firm.assess(by, "Second assessment", again)
    approve_run(by=owner, run_id=_run(by, NOW).pk)
    _run(
        by,
        _publish(by, PROPOSED, "What touchpoints show of acting first, in place of what people say of it."),
    )


def _publish(by: Actor, values: Mapping[str, str], note: str) -> str:
    """A version of the house's own model: cs-1.v2 but for these values, by names of fields; its name."""
    draft = fork_model(by=by, model_id=models.named(NOW).pk)
    draft = save_draft(by=by, draft_id=draft.pk, version=draft.version, values=values)
    published = publish_draft(
        by=by, draft_id=draft.pk, version=draft.version, code="house", title=draft.title, note=note
    )
    return published.name


def _run(by: Actor, model: str) -> Run:
    """A batch run over the workspace, done here and now."""
    run = start_run(by=by, model_code=model)
    for chunk_id in run.chunks.values_list("pk", flat=True):
        if claim := claim_chunk(workspace_id=by.workspace_id, chunk_id=chunk_id):
            score_claimed(claim=claim)
    return run


def _set_back() -> None:
    """Date all that there is in the workspace half a year back."""
    with connection.cursor() as cursor:
        for table, columns in _DATED.items():
            moved = ", ".join(f"{column} = {column} - interval '26 weeks'" for column in columns)
            cursor.execute(f"UPDATE {table} SET {moved}")  # noqa: S608 - constants; the wall keeps others out


def _actor(membership: Membership) -> Actor:
    return actor_of(Membership.objects.select_related("user", "workspace").get(pk=membership.pk))


@dataclass
class _Loaded:
    """A firm that is in the database: what was written of its segments, by id, and its open workshops."""

    sample: SampleFirm
    pk: int
    segments: Mapping[int, SampleSegment]
    workshops: list[int] = field(default_factory=list)

    def assess(self, by: Actor, name: str, said: Mapping[int, SampleSegment]) -> None:
        """One workshop for each group of people who answered together."""
        rooms: dict[str, dict[int, SampleSegment]] = {}
        for pk, each in said.items():
            if each.raters:
                rooms.setdefault(each.raters[0].name, {})[pk] = each
        for room in rooms.values():
            first = next(iter(room.values()))
            one = name if len(rooms) == 1 else f"{name}: {first.name}"
            self.workshops.append(_load_workshop(by, self.pk, one, room))
            if self.sample.discussed:
                move_workshop(by=by, workshop_id=self.workshops[-1], state="discussing")

    def end(self, by: Actor) -> None:
        for workshop_id in self.workshops:
            move_workshop(by=by, workshop_id=workshop_id, state="committed")
        self.workshops.clear()


def _load_firm(by: Actor, sample: SampleFirm) -> _Loaded:
    """A firm with its segments and their journeys."""
    firm = add_firm(
        by=by, name=sample.name, industry=sample.industry, need=sample.need, refuses=sample.refuses
    )
    return _Loaded(sample, firm.pk, {_load_segment(by, firm, each).pk: each for each in sample.segments})


def _load_workshop(by: Actor, firm_id: int, name: str, room: Mapping[int, SampleSegment]) -> int:
    workshop = start_workshop(by=by, firm_id=firm_id, name=name)
    instrument = read_instrument()
    raters = {rater.name: rater for each in room.values() for rater in each.raters}
    people = {
        rater.name: add_participant(
            by=by, workshop_id=workshop.pk, name=rater.name, group=rater.group.replace("_", " ")
        ).pk
        for rater in raters.values()
    }
    for segment_id, each in room.items():
        for sheet in each.sheets(instrument):
            if sheet.answers:
                save_answers(
                    by=by,
                    workshop_id=workshop.pk,
                    participant_id=people[sheet.rater.name],
                    segment_id=segment_id,
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
