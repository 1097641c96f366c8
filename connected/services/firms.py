"""Firms, segments and touchpoints: add, change, drop, move."""

from typing import Any, Final, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Max

from connected.models import Firm, Segment, Tenant, Touchpoint
from connected.permissions import Actor, edit_firm, edit_segment, edit_touchpoint, must_edit
from connected.signals import journeys_changed

Row = TypeVar("Row", bound=Tenant)

HAS_NAME_ALREADY: Final = "This workspace already has a firm of that name."
NEEDS_CURRENCY: Final = "Revenue needs a currency, such as EUR."

# The field beside which a person reads what a constraint forbids.
_BESIDE: Final = {
    "firm_name_once": "name",
    "segment_once": "name",
    "segment_revenue_has_currency": "currency",
}


def _save(row: Row, values: dict[str, Any]) -> Row:
    """Set without spaces around, check and save: the message names the field and the reason."""
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    _check(row)
    if row.pk is None:
        row.save()
    else:
        # Only what was given: of two people who change different fields, neither undoes the other.
        row.save(update_fields=[*values, "updated_at"])
    return row


def _check(row: Tenant) -> None:
    """Raise :class:`ValidationError` for what a person should read.

    Only constraints with words of their own are asked here: each costs a query, and the others repeat
    what the fields have checked; PostgreSQL holds them all the same.
    """
    row.full_clean(validate_constraints=False)
    for constraint in row._meta.constraints:
        if constraint.violation_error_message != constraint.default_violation_error_message:
            try:
                constraint.validate(type(row), row)
            except ValidationError as error:
                raise ValidationError(
                    {_BESIDE.get(constraint.name, NON_FIELD_ERRORS): error.messages}
                ) from error
    if isinstance(row, Touchpoint) and row.position < 0:
        raise ValidationError({"position": "Give 0 or more: 0 is the first place."})


@transaction.atomic
def add_firm(*, by: Actor, name: str, **values: Any) -> Firm:
    """A new firm. ``values``: industry, need, refuses."""
    must_edit(by)
    return _save(Firm(workspace_id=by.workspace_id), {"name": name, **values})


@transaction.atomic
def change_firm(*, by: Actor, firm_id: int, **values: Any) -> Firm:
    return _save(edit_firm(by, firm_id), values)


@transaction.atomic
def drop_firm(*, by: Actor, firm_id: int) -> None:
    """Delete a firm with its segments, journeys, workshops and placements."""
    edit_firm(by, firm_id).delete()


@transaction.atomic
def add_segment(*, by: Actor, firm_id: int, name: str, **values: Any) -> Segment:
    """A new segment of a firm. ``values``: offering, situation, customers, revenue, currency, consent."""
    firm = edit_firm(by, firm_id)
    return _apart(_save(Segment(workspace_id=by.workspace_id, firm=firm), {"name": name, **values}))


@transaction.atomic
def change_segment(*, by: Actor, segment_id: int, **values: Any) -> Segment:
    segment = _save(edit_segment(by, segment_id), values)
    return _apart(segment) if {"name", "offering", "situation"} & values.keys() else segment


def _apart(segment: Segment) -> Segment:
    """Raise :class:`ValidationError` for a twin that differs in capital letters only."""
    twin = (
        Segment.objects.filter(
            firm_id=segment.firm_id,
            name__iexact=segment.name,
            offering__iexact=segment.offering,
            situation__iexact=segment.situation,
        )
        .exclude(pk=segment.pk)
        .first()
    )
    if twin is not None:
        raise ValidationError({"name": twin_words(twin.name)})
    return segment


def twin_words(name: str) -> str:
    return f"“{name}” is here already for this offering and situation, capital letters aside."


@transaction.atomic
def drop_segment(*, by: Actor, segment_id: int) -> None:
    """Delete a segment with its journey, sheets and placements."""
    edit_segment(by, segment_id).delete()


@transaction.atomic
def add_touchpoint(*, by: Actor, segment_id: int, name: str, step: str, **values: Any) -> Touchpoint:
    """A new touchpoint at the end of its step. ``values``: any other attribute of the model."""
    segment = edit_segment(by, segment_id)
    values.setdefault("position", _end(segment_id))
    row = Touchpoint(workspace_id=by.workspace_id, segment=segment)
    return _told(_save(row, {"name": name, "step": step, **values}))


def _told(touchpoint: Touchpoint) -> Touchpoint:
    """Announce that this touchpoint's journey changed."""
    journeys_changed.send(
        Touchpoint, workspace_id=touchpoint.workspace_id, segment_ids=[touchpoint.segment_id]
    )
    return touchpoint


def _end(segment_id: int) -> int:
    """The position after every touchpoint of a journey."""
    last = Touchpoint.objects.filter(segment_id=segment_id).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


@transaction.atomic
def change_touchpoint(*, by: Actor, touchpoint_id: int, **values: Any) -> Touchpoint:
    """Change any attribute. A touchpoint given another step goes to that step's end."""
    touchpoint = edit_touchpoint(by, touchpoint_id)
    if values.get("step", touchpoint.step) != touchpoint.step:
        values.setdefault("position", _end(touchpoint.segment_id))
    return _told(_save(touchpoint, values))


@transaction.atomic
def drop_touchpoint(*, by: Actor, touchpoint_id: int) -> None:
    touchpoint = edit_touchpoint(by, touchpoint_id)
    touchpoint.delete()
    _told(touchpoint)


@transaction.atomic
def move_touchpoint(*, by: Actor, touchpoint_id: int, step: str, place: int) -> Touchpoint:
    """Put a touchpoint at ``place`` (0 first) among those of ``step``; the others close up."""
    touchpoint = edit_touchpoint(by, touchpoint_id)
    touchpoint.step = step
    _check(touchpoint)
    # The segment row is the lock: two people who reorder one journey take turns. Not its key: who changes one
    # touchpoint holds that, and may hold a row that is moved here.
    Segment.objects.select_for_update(no_key=True).get(pk=touchpoint.segment_id)
    others = list(
        Touchpoint.objects.filter(segment_id=touchpoint.segment_id, step=step)
        .exclude(pk=touchpoint.pk)
        .order_by("position", "id")
    )
    others.insert(max(0, min(place, len(others))), touchpoint)
    for position, each in enumerate(others):
        each.position = position
    Touchpoint.objects.bulk_update(others, ["position", "step"])
    return _told(touchpoint)
