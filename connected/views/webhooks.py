"""Webhooks: who is told of events, and what became of each telling. Owners only; a secret is shown once."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from connected import permissions, queries, services
from connected.forms import WebhookForm
from connected.models import EVENTS, Webhook
from connected.permissions import Asked
from connected.states import WrongStep
from connected.views import once

PAGE = 20


def _of(request: Asked, webhook: int) -> Webhook:
    permissions.must_own(request.actor)
    return permissions.see_webhook(request.actor, webhook)


def webhooks(request: Asked, workspace: str) -> HttpResponse:
    permissions.must_own(request.actor)
    context = {"webhooks": queries.webhooks(), "events": EVENTS}
    return render(request, "connected/webhooks.html", context)


def new(request: Asked, workspace: str) -> HttpResponse:
    """The form; the page after it is the only time the secret is seen."""
    actor = permissions.must_own(request.actor)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and (made := form.call(services.add_webhook, by=actor)):
        return _with_secret(request, *made)
    status = 422 if form.is_bound else 200
    return render(request, "connected/webhook_form.html", {"form": form}, status=status)


def webhook(request: Asked, workspace: str, webhook: int) -> HttpResponse:
    """What it is told, how it answers, and the newest of its log."""
    row = _of(request, webhook)
    before = request.GET.get("before", "")
    older_than = int(before) if before.isdecimal() and len(before) < 19 else None
    log = queries.deliveries(row.pk, before=older_than, most=PAGE + 1)
    context = {
        "webhook": row,
        "secret": once.taken(request),
        "deliveries": log[:PAGE],
        "older": log[PAGE - 1].pk if len(log) > PAGE else None,
        "before": before,
    }
    return once.without(request, render(request, "connected/webhook.html", context))


def _with_secret(request: Asked, row: Webhook, secret: str) -> HttpResponse:
    return once.shown_at(reverse("webhook", args=[request.actor.workspace_slug, row.pk]), request, secret)


def edit(request: Asked, workspace: str, webhook: int) -> HttpResponse:
    row = _of(request, webhook)
    values = {"url": row.url, "events": row.events, "name": row.name}
    form = WebhookForm(request.POST or None, initial=values)
    saved = None
    if request.method == "POST":
        saved = form.call(services.change_webhook, by=request.actor, webhook_id=row.pk)
    if saved:
        messages.success(request, "Saved.")
        return redirect("webhook", workspace, row.pk)
    status = 422 if form.is_bound else 200
    context = {"form": form, "webhook": row}
    return render(request, "connected/webhook_form.html", context, status=status)


@require_POST
def state(request: Asked, workspace: str, webhook: int) -> HttpResponse:
    """Disable it, or make it active again."""
    row = _of(request, webhook)
    wanted = "disabled" if request.POST.get("state") == "disabled" else "active"
    services.change_webhook(by=request.actor, webhook_id=row.pk, state=wanted)
    words = "It is sent nothing from now on." if wanted == "disabled" else "Events are sent to it again."
    messages.success(request, words)
    return redirect("webhook", workspace, row.pk)


@require_POST
def rotate(request: Asked, workspace: str, webhook: int) -> HttpResponse:
    """Exchange the secret; the page after it is the only time the new one is seen."""
    _of(request, webhook)
    return _with_secret(request, *services.rotate_secret(by=request.actor, webhook_id=webhook))


def delete(request: Asked, workspace: str, webhook: int) -> HttpResponse:
    row = _of(request, webhook)
    if request.method == "POST":
        services.drop_webhook(by=request.actor, webhook_id=row.pk)
        messages.success(request, f"“{row}” is deleted, and its log with it.")
        return redirect("webhooks", workspace)
    return render(request, "connected/webhook_delete.html", {"webhook": row})


def delivery(request: Asked, workspace: str, webhook: int, delivery: int) -> HttpResponse:
    """One event on its way to one webhook: what is sent, and what was answered last."""
    row = _of(request, webhook)
    sent = permissions.see_delivery(request.actor, webhook, delivery)
    body = json.dumps(sent.payload, indent=2, ensure_ascii=False)
    return render(request, "connected/delivery.html", {"webhook": row, "delivery": sent, "body": body})


@require_POST
def replay(request: Asked, workspace: str, webhook: int, delivery: int) -> HttpResponse:
    _of(request, webhook)
    try:
        services.replay_delivery(by=request.actor, webhook_id=webhook, delivery_id=delivery)
    except WrongStep:
        messages.error(request, "It still waits for its next attempt.")
    else:
        messages.success(request, "It is sent again within seconds.")
    return redirect("webhook", workspace, webhook)
