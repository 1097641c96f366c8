"""Reading the shared words: which workspaces exist, who belongs where, how segments are lettered."""

import hashlib
from collections.abc import Iterable
from functools import reduce
from operator import or_
from string import ascii_uppercase
from typing import TypeVar

from django.db import connection
from django.db.models import CASCADE, Count, ForeignObjectRel, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django_scopes import scopes_disabled

from connected.findings import STEPS, Contact
from connected.models import (
    ApiToken,
    Delivery,
    FirmGrant,
    Membership,
    Role,
    Segment,
    Touchpoint,
    User,
    Webhook,
)

Row = TypeVar("Row", bound=Model)


def workspaces() -> dict[str, int]:
    """Slug to id of every workspace, for commands and the reaper: they stand outside the walls."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug, id FROM connected_workspaces() ORDER BY id")
        return dict(cursor.fetchall())


def memberships_of(user: User) -> "QuerySet[Membership]":
    """A person's memberships in every workspace. Needs the person in the database context."""
    with scopes_disabled():
        return (
            Membership.objects.filter(user=user)
            .select_related("workspace", "user")
            .order_by("workspace__name")
        )


def digest(secret: str) -> str:
    """What is kept of a token's secret. It is 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def live_token(key: str) -> ApiToken | None:
    """The token of that key if it is neither revoked nor expired. Needs the key in the context."""
    with scopes_disabled():
        token = (
            ApiToken.objects.filter(key=key, revoked_at__isnull=True)
            .select_related("membership__user", "membership__workspace")
            .first()
        )
    if token is None or (token.expires_at and token.expires_at <= timezone.now()):
        return None
    return token


def letters(ids: Iterable[int]) -> dict[int, str]:
    """The letter of each segment within its firm, by age: A to Z, then AA, AB."""
    names = {}
    for place, segment_id in enumerate(sorted(ids)):
        high, low = divmod(place, 26)
        names[segment_id] = (ascii_uppercase[(high - 1) % 26] if high else "") + ascii_uppercase[low]
    return names


def named(rows: "QuerySet[Row]", words: str, *columns: str, most: int = 8) -> list[Row]:
    """The first rows in which every word occurs in one of ``columns``; none without words."""
    if not words:
        return []
    for word in words.split():
        rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns)))
    return list(rows.order_by(columns[0], "pk")[:most])


def newest_segment(firm_id: int) -> dict[str, str]:
    """Offering and currency of a firm's newest segment; empty without one."""
    newest = Segment.objects.filter(firm_id=firm_id).order_by("-pk").first()
    return {"offering": newest.offering, "currency": newest.currency} if newest else {}


# What people know as things of their own; the rest (runs' rows, overlays) is machinery.
_KNOWN = ("segment", "touchpoint", "workshop", "participant", "sheet", "placement")


def goes_with(row: Model) -> list[tuple[int, str]]:
    """What is deleted with a row, as counts and words, by following cascades through every app."""
    counts: dict[str, int] = {}
    paths: list[tuple[type[Model], str]] = [(type(row), "")]
    while paths:
        model, path = paths.pop()
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, ForeignObjectRel) or relation.on_delete is not CASCADE:
                continue
            related = relation.related_model
            further = f"{relation.field.name}__{path}" if path else relation.field.name
            if related._meta.model_name in _KNOWN and related._meta.model_name not in counts:
                counts[related._meta.model_name] = related._default_manager.filter(
                    **{further: row.pk}
                ).count()
                paths.append((related, further))
    return [(counts[name], name if counts[name] == 1 else f"{name}s") for name in _KNOWN if counts.get(name)]


def in_journey_order(touchpoints: Iterable[Touchpoint]) -> list[Touchpoint]:
    """Recognize, request, respond, repeat; within a step by position."""
    order = {step: place for place, step in enumerate(STEPS)}
    return sorted(touchpoints, key=lambda each: (order[each.step], each.position, each.pk))


def contacts(touchpoints: Iterable[Touchpoint]) -> list[Contact]:
    """Touchpoints, given in journey order, as findings and pictures read them."""
    return [
        Contact(
            id=each.pk,
            number=number,
            name=each.name,
            step=each.step,
            medium=each.medium,
            importance=each.importance,
            pain=each.pain,
            signature=each.signature,
            measured=bool(each.metric),
            identified=each.identified,
            firm_moves=each.initiator in ("firm", "system") if each.initiator else None,
            acts_for_customer=each.decides == "consent",
            has_consent=bool(each.consent_basis),
        )
        for number, each in enumerate(touchpoints, start=1)
    ]


def members() -> "QuerySet[Membership]":
    """Everyone in this workspace by name, with ``granted``: how many firms a manager may see."""
    return (
        Membership.objects.select_related("user")
        .annotate(granted=Count("grants"))
        .order_by("user__name", "user__email")
    )


def members_by_role() -> dict[str, int]:
    """How many people have each role, owners first."""
    counts = dict(Membership.objects.values_list("role").annotate(count=Count("pk")).order_by())
    return {role.label: counts.get(role.value, 0) for role in Role}


def granted_firms(membership_id: int) -> list[int]:
    return list(FirmGrant.objects.filter(membership_id=membership_id).values_list("firm_id", flat=True))


def webhooks() -> "QuerySet[Webhook]":
    """All of this workspace, with ``last_state`` and ``last_at`` of the newest event sent to each."""
    newest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-id")
    return Webhook.objects.annotate(
        last_state=Subquery(newest.values("state")[:1]), last_at=Subquery(newest.values("created_at")[:1])
    ).order_by("id")


def wanted(kind: str) -> bool:
    """Whether anybody is told of this kind of event: what would be told need not be reckoned else."""
    return Webhook.objects.filter(state="active", events__contains=[kind]).exists()


def deliveries(webhook_id: int, *, before: int | None, most: int) -> list[Delivery]:
    """The newest of a webhook's log, or those older than ``before``, without what was sent."""
    rows = Delivery.objects.filter(webhook_id=webhook_id).defer("payload").order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:most])
