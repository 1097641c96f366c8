"""May you? One function per question, returning the object or failing.

What an actor may not see is a 404, byte for byte like something that never existed; what it may see
but not change is a 403.
"""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from connected.models import (
    ApiToken,
    Delivery,
    Firm,
    FirmGrant,
    Membership,
    Role,
    Scope,
    Segment,
    Touchpoint,
    Webhook,
)
from connected.queries import workspaces


@dataclass(frozen=True)
class Actor:
    """Who is asking, in which workspace, and how far their hand reaches.

    ``firms`` is None when every firm is visible, else the ids granted to a manager.
    ``may_write`` is false for a token of scope read, whatever the role.
    """

    user_id: int | None
    name: str
    workspace_id: int
    workspace_slug: str
    workspace_name: str
    membership_id: int | None
    role: str
    may_write: bool = True
    firms: frozenset[int] | None = None
    token_id: int | None = field(default=None)

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def may_edit(self) -> bool:
        """Owners and consultants change assessments; managers look."""
        return self.may_write and self.role in (Role.OWNER, Role.CONSULTANT)

    @property
    def may_own(self) -> bool:
        """Members, tokens and the workspace itself belong to owners."""
        return self.may_write and self.is_owner


def actor_of(membership: Membership, token: ApiToken | None = None) -> Actor:
    """The actor a membership makes, narrowed by the token it came with. Needs the workspace context."""
    workspace, user = membership.workspace, membership.user
    firms = None
    if membership.role == Role.MANAGER:
        firms = frozenset(FirmGrant.objects.filter(membership=membership).values_list("firm_id", flat=True))
    return Actor(
        user_id=user.pk,
        name=str(user),
        workspace_id=workspace.pk,
        workspace_slug=workspace.slug,
        workspace_name=workspace.name,
        membership_id=membership.pk,
        role=membership.role,
        may_write=token is None or token.scope == Scope.WRITE,
        firms=firms,
        token_id=token.pk if token else None,
    )


def operator(workspace_slug: str) -> Actor:
    """Whoever runs a command on the server: an owner's hand without a person.

    Raises :class:`LookupError` naming the workspaces there are.
    """
    known = workspaces()
    if workspace_slug not in known:
        there = ", ".join(known) or "none yet"
        raise LookupError(f"No workspace “{workspace_slug}”. There are: {there}.")
    return Actor(
        user_id=None,
        name="operator",
        workspace_id=known[workspace_slug],
        workspace_slug=workspace_slug,
        workspace_name=workspace_slug,
        membership_id=None,
        role=Role.OWNER,
    )


def firm_filter(actor: Actor, path: str = "") -> Q:
    """The condition that limits rows to the firms an actor may see; ``path`` leads to the firm's id."""
    if actor.firms is None:
        return Q()
    return Q(**{f"{path}__in" if path else "pk__in": actor.firms})


def visible_firms(actor: Actor) -> "QuerySet[Firm]":
    return Firm.objects.filter(firm_filter(actor))


def visible_segments(actor: Actor) -> "QuerySet[Segment]":
    return Segment.objects.filter(firm_filter(actor, "firm_id"))


def visible_touchpoints(actor: Actor) -> "QuerySet[Touchpoint]":
    return Touchpoint.objects.filter(firm_filter(actor, "segment__firm_id"))


def see_firm(actor: Actor, firm_id: int) -> Firm:
    firm = visible_firms(actor).filter(pk=firm_id).first()
    if firm is None:
        raise Http404("No such firm.")
    return firm


def see_segment(actor: Actor, segment_id: int) -> Segment:
    segment = visible_segments(actor).select_related("firm").filter(pk=segment_id).first()
    if segment is None:
        raise Http404("No such segment.")
    return segment


def see_touchpoint(actor: Actor, touchpoint_id: int) -> Touchpoint:
    touchpoint = visible_touchpoints(actor).select_related("segment__firm").filter(pk=touchpoint_id).first()
    if touchpoint is None:
        raise Http404("No such touchpoint.")
    return touchpoint


def must_edit(actor: Actor) -> Actor:
    """Raises :class:`PermissionDenied` unless the actor may change assessments."""
    if not actor.may_edit:
        raise PermissionDenied("You can look at this but not change it.")
    return actor


def must_own(actor: Actor) -> Actor:
    """Raises :class:`PermissionDenied` unless the actor is an owner with a writing hand."""
    if not actor.may_own:
        raise PermissionDenied("Only an owner of the workspace can do this.")
    return actor


def edit_firm(actor: Actor, firm_id: int) -> Firm:
    firm = see_firm(actor, firm_id)
    must_edit(actor)
    return firm


def edit_segment(actor: Actor, segment_id: int) -> Segment:
    segment = see_segment(actor, segment_id)
    must_edit(actor)
    return segment


def edit_touchpoint(actor: Actor, touchpoint_id: int) -> Touchpoint:
    touchpoint = see_touchpoint(actor, touchpoint_id)
    must_edit(actor)
    return touchpoint


def see_member(actor: Actor, membership_id: int) -> Membership:
    """A member, for an owner: 403 for anyone else, whether or not the member exists."""
    must_own(actor)
    membership = Membership.objects.select_related("user").filter(pk=membership_id).first()
    if membership is None:
        raise Http404("No such member.")
    return membership


def see_token(actor: Actor, token_id: int) -> ApiToken:
    """One's own token, or any as an owner."""
    token = tokens_seen(actor).filter(pk=token_id).first()
    if token is None:
        raise Http404("No such token.")
    return token


def tokens_seen(actor: Actor) -> "QuerySet[ApiToken]":
    """One's own tokens; all of the workspace for an owner."""
    rows = ApiToken.objects.select_related("membership__user")
    return (
        rows
        if actor.may_own
        else rows.filter(membership__in=[actor.membership_id] if actor.membership_id else [])
    )


def webhooks_seen(actor: Actor) -> "QuerySet[Webhook]":
    """The webhooks of the workspace, for owners: what is sent names every firm."""
    return Webhook.objects.all() if actor.is_owner else Webhook.objects.none()


def see_webhook(actor: Actor, webhook_id: int) -> Webhook:
    webhook = webhooks_seen(actor).select_related("created_by").filter(pk=webhook_id).first()
    if webhook is None:
        raise Http404("No such webhook.")
    return webhook


def deliveries_seen(actor: Actor, webhook_id: int) -> "QuerySet[Delivery]":
    return see_webhook(actor, webhook_id).deliveries.all()


def see_delivery(actor: Actor, webhook_id: int, delivery_id: int) -> Delivery:
    delivery = deliveries_seen(actor, webhook_id).filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404("No such delivery.")
    return delivery


class Asked(HttpRequest):
    """A request inside a workspace, as the middleware hands it to a page's view."""

    actor: Actor
    htmx: HtmxDetails
