"""``changed_since`` and ``as_of``: times, tokens of this database, and runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from connected import commits, sealed
from connected.api.lists import MOST_ID, MomentField
from connected.permissions import Actor
from matrix.permissions import visible_runs
from matrix.queries import changes
from matrix.queries.past import came_in_force

# Said with every answer that can be followed up.
TOKEN_HEADER: Final = "Changed-Since-Token"  # noqa: S105 - the name of a header
_TOKEN: Final = r"^[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$"  # noqa: S105 - how one looks
# How it begins, so that no token looks like a time; nobody reads of it what the server counts.
_KIND, _PURPOSE = "s1.", "matrix.changes"


@dataclass(frozen=True)
class Reached:
    """How far a workspace's changes have been told: a snapshot of one database."""

    workspace_id: int
    database: str
    snapshot: str

    def token(self) -> str:
        return _KIND + sealed.seal([self.workspace_id, self.database, self.snapshot], _PURPOSE)

    def is_before(self, now: "Reached") -> bool:
        """False too of another workspace or database, and of one that was restored since."""
        here = (self.workspace_id, self.database) == (now.workspace_id, now.database)
        return here and self.high <= now.high

    @property
    def high(self) -> int:
        """The first transaction that had not begun."""
        return int(self.snapshot.split(":")[1])


def reached(actor: Actor) -> Reached:
    """Up to now."""
    return Reached(actor.workspace_id, *commits.here())


def read_token(text: str, now: Reached) -> Reached:
    """Raises ValidationError in words for a token of anything but ``now``'s workspace and database."""
    try:
        found = Reached(*sealed.unseal(text.removeprefix(_KIND), _PURPOSE))
    except (ValueError, TypeError):
        raise ValidationError("Neither a time nor a token that was given out here.") from None
    if found.workspace_id != now.workspace_id:
        raise ValidationError("Neither a time nor a token that was given out here.")
    if not found.is_before(now):
        raise ValidationError("This token is of before the database was restored: read everything anew.")
    return found


class SinceField(forms.CharField):
    """A time, or a token as it stands."""

    def clean(self, value: Any) -> datetime | str | None:
        text = super().clean(value)
        if not text or not text[0].isdigit():
            return text or None
        return MomentField().clean(text)


class AsOfField(forms.CharField):
    """A time, or the number of a run."""

    def clean(self, value: Any) -> datetime | int | None:
        text = super().clean(value)
        if not text:
            return None
        word, _, number = text.partition(":")
        if word.lower() != "run":
            return MomentField().clean(text)
        if not (number.isascii() and number.isdigit() and int(number[:19]) <= MOST_ID):
            raise ValidationError("Give a time, or a run such as run:12.")
        return int(number[:19])


class TimeFilter(django_filters.Filter):  # type: ignore[misc]
    """Says what may be asked; :mod:`matrix.api.filters` reads it together with who asks."""

    def filter(self, rows: "QuerySet[Any]", value: Any) -> "QuerySet[Any]":
        return rows


class SinceFilter(TimeFilter):
    field_class = SinceField
    schema = {"type": "string", "anyOf": [{"format": "date-time"}, {"pattern": _TOKEN}]}


class TokenFilter(TimeFilter):
    field_class = forms.CharField
    schema = {"type": "string", "pattern": _TOKEN}


class AsOfFilter(TimeFilter):
    field_class = AsOfField
    schema = {"type": "string", "anyOf": [{"format": "date-time"}, {"pattern": r"^run:[0-9]{1,18}$"}]}


def changed(since: datetime | str, until: Reached) -> changes.Changes:
    """Raises ValidationError in words."""
    if isinstance(since, datetime):
        return changes.after(since)
    return changes.between(read_token(since, until).snapshot, until.snapshot)


def moment_of(actor: Actor, as_of: datetime | int) -> datetime:
    """Raises ValidationError in words for a run the actor does not see, or that never came in force."""
    if isinstance(as_of, datetime):
        return as_of
    if (run := visible_runs(actor).filter(pk=as_of).first()) is None:
        raise ValidationError("There is no such run.")
    if (moment := came_in_force(run)) is None:
        raise ValidationError("This run never came in force.")
    return moment


__all__ = [
    "TOKEN_HEADER",
    "AsOfFilter",
    "Reached",
    "SinceFilter",
    "TokenFilter",
    "changed",
    "moment_of",
    "reached",
    "read_token",
]
