"""Webhooks: who is told of events, and the log of every telling. Owners only."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connected import services
from connected.api.access import MAY_READ, ScopePermission, actor_of
from connected.api.lists import CursorPages
from connected.api.resources import Listed, example
from connected.models import DELIVERY_STATES, EVENTS, WEBHOOK_STATES, Delivery, Webhook
from connected.outgoing import LONGEST
from connected.permissions import Actor, deliveries_seen, webhooks_seen
from connected.services.webhooks import OVERLAP


class OwnersPermission(ScopePermission):
    """What is sent names every firm, so webhooks are the owners’."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.auth is None:
            return False
        actor = actor_of(request)
        self.message = "Webhooks belong to owners of the workspace." if not actor.is_owner else MAY_READ
        return actor.is_owner and (request.method in SAFE_METHODS or actor.may_write)


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "enum": list(EVENTS)},
        "minItems": 1,
        "maxItems": len(EVENTS),
        "uniqueItems": True,
    }
)
class Events(serializers.ListField):
    """One kind of event or more, each once."""

    def __init__(self, **kwargs: Any) -> None:
        child = serializers.ChoiceField(choices=list(EVENTS))
        super().__init__(child=child, min_length=1, max_length=len(EVENTS), **kwargs)


@extend_schema_field(
    {"type": "string", "format": "uri", "pattern": "^https://[A-Za-z0-9]", "maxLength": LONGEST}
)
class Address(serializers.CharField):
    """Where events are sent. What else is asked of it depends on where its name leads."""


class WebhookWrite(serializers.Serializer[Webhook]):
    url = Address(max_length=LONGEST, help_text="Where events are sent; https, on the internet.")
    events = Events(help_text="Kinds of events to send.")
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)


class WebhookChange(WebhookWrite):
    state = serializers.ChoiceField(
        choices=list(WEBHOOK_STATES.table), required=False, help_text="A disabled one is sent nothing."
    )


class WebhookBody(serializers.ModelSerializer[Webhook]):
    events = Events()

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            *("id", "name", "url", "events", "state", "reason", "failures", "failing_since"),
            *("created_at", "updated_at"),
        )
        extra_kwargs = {
            "reason": {"help_text": "Why it is disabled."},
            "failures": {"help_text": "Attempts that failed in a row."},
        }


class WebhookMade(WebhookBody):
    secret = serializers.CharField(
        allow_null=True, help_text="`whsec_…`, shown this once; null in an answer that was kept."
    )

    class Meta(WebhookBody.Meta):
        fields = (*WebhookBody.Meta.fields, "secret")


def made(webhook: Webhook, secret: str) -> dict[str, Any]:
    return {**WebhookBody(webhook).data, "secret": secret}


@extend_schema_view(
    list=extend_schema(tags=["Webhooks"], summary="List webhooks", responses=WebhookBody(many=True)),
    retrieve=extend_schema(tags=["Webhooks"], summary="Read a webhook", responses=WebhookBody),
    create=extend_schema(
        tags=["Webhooks"],
        summary="Add a webhook",
        description="The secret that events are signed with is in this answer and nowhere else.",
        examples=example(url="https://example.com/hooks", events=["run.finished"], name="Data warehouse"),
        request=WebhookWrite,
        responses={201: WebhookMade},
    ),
    partial_update=extend_schema(
        tags=["Webhooks"],
        summary="Change some values of a webhook",
        description="`state` disables it, or makes it active again.",
        request=WebhookChange,
        responses=WebhookBody,
    ),
    destroy=extend_schema(
        tags=["Webhooks"], summary="Delete a webhook", description="Its log goes too; what waits is not sent."
    ),
)
class WebhookViews(ListModelMixin, RetrieveModelMixin, Listed):
    model = Webhook
    serializer_class = WebhookBody
    permission_classes = (OwnersPermission,)
    filter_backends = ()
    shown_once = ("secret",)

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return webhooks_seen(actor)

    def create(self, request: Request) -> Response:
        values = self.read(WebhookWrite(data=request.data))
        webhook, secret = services.add_webhook(by=actor_of(request), **values)
        location = request.build_absolute_uri(f"{request.path}{webhook.pk}/")
        return Response(made(webhook, secret), status=status.HTTP_201_CREATED, headers={"Location": location})

    def partial_update(self, request: Request, pk: int) -> Response:
        self.get_object()
        values = self.read(WebhookChange(data=request.data, partial=True))
        webhook = services.change_webhook(by=actor_of(request), webhook_id=pk, **values)
        return Response(WebhookBody(webhook).data)

    def destroy(self, request: Request, pk: int) -> Response:
        services.drop_webhook(by=actor_of(request), webhook_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        tags=["Webhooks"],
        summary="Exchange the secret of a webhook",
        description=f"For {OVERLAP.total_seconds() / 3600:.0f} hours events are signed with both.",
        request=None,
        responses=WebhookMade,
    )
    def rotate(self, request: Request, pk: int) -> Response:
        return Response(made(*services.rotate_secret(by=actor_of(request), webhook_id=pk)))


class DeliveryLine(serializers.ModelSerializer[Delivery]):
    type = serializers.CharField(source="kind")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            *("id", "event", "type", "state", "attempts", "next_attempt_at", "status", "reply", "reason"),
            *("created_at", "ended_at"),
        )
        extra_kwargs = {
            "event": {"help_text": "The `webhook-id` the receiver sees, the same at every attempt."},
            "status": {"help_text": "What the receiver answered last; null for no answer."},
            "reply": {"help_text": "The beginning of what it answered."},
            "reason": {"help_text": "Why the last attempt did not count."},
        }


class DeliveryBody(DeliveryLine):
    payload = serializers.JSONField(help_text="What is sent.")

    class Meta(DeliveryLine.Meta):
        fields = (*DeliveryLine.Meta.fields, "payload")


class DeliveryFilters(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(
        choices=[(state, state) for state in DELIVERY_STATES.table], help_text="Deliveries in this state."
    )


class LatestFirst(CursorPages):
    ordering = "-id"


@extend_schema_view(
    list=extend_schema(
        tags=["Webhooks"],
        summary="List the deliveries of a webhook, newest first",
        description="Kept for 30 days.",
        responses=DeliveryLine(many=True),
    ),
    retrieve=extend_schema(
        tags=["Webhooks"], summary="Read a delivery, with what is sent", responses=DeliveryBody
    ),
)
class DeliveryViews(ListModelMixin, Listed):
    model = Delivery
    serializer_class = DeliveryLine
    permission_classes = (OwnersPermission,)
    pagination_class = LatestFirst
    filterset_class = DeliveryFilters

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return deliveries_seen(actor, self.kwargs["webhook"])

    def retrieve(self, request: Request, webhook: int, pk: int) -> Response:
        return Response(DeliveryBody(self.get_object()).data)

    @extend_schema(
        tags=["Webhooks"],
        summary="Send an event again",
        description="With the same id. 409 while it still waits.",
        request=None,
        responses={202: DeliveryBody},
    )
    def replay(self, request: Request, webhook: int, pk: int) -> Response:
        delivery = services.replay_delivery(by=actor_of(request), webhook_id=webhook, delivery_id=pk)
        return Response(DeliveryBody(delivery).data, status=status.HTTP_202_ACCEPTED)
