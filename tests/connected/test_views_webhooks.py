"""Webhooks in the settings: the secret once, the log, sending again."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from connected.models import Delivery, Role, Webhook
from connected.permissions import Actor
from connected.services import add_webhook, announce, send_due
from tests import factories
from tests.connected.conftest import SHELL_QUERIES, Browser
from tests.receiver import Receiver, receiving, status

Browse = Callable[[Actor], Browser]
BOTH = ["placement.changed", "run.finished"]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        yield found


@pytest.fixture
def hook(owner: Actor, receiver: Receiver) -> Webhook:
    return add_webhook(by=owner, url=receiver.url, events=BOTH, name="Warehouse")[0]


def test_without_any_the_page_says_what_one_is_for(owner: Actor, browse: Browse) -> None:
    page = browse(owner).get("webhooks").content.decode()
    assert "No webhook yet" in page
    assert "run.finished" in page


def test_the_secret_is_shown_once(owner: Actor, browse: Browse, receiver: Receiver) -> None:
    browser = browse(owner)
    made = browser.post("webhook-new", data={"url": receiver.url, "events": BOTH, "name": ""})
    page = browser.after(made)
    assert "whsec_" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "whsec_" not in browser.get("webhook", Webhook.objects.get().pk).content.decode()


def test_the_page_with_the_secret_makes_no_second_webhook(
    owner: Actor, browse: Browse, receiver: Receiver
) -> None:
    browser = browse(owner)
    made = browser.post("webhook-new", data={"url": receiver.url, "events": BOTH, "name": ""})
    for _ in range(2):
        browser.after(made)
    assert Webhook.objects.count() == 1


def test_a_refused_address_is_said_beside_its_field(owner: Actor, browse: Browse) -> None:
    page = browse(owner).post("webhook-new", data={"url": "https://127.0.0.1/", "events": BOTH})
    assert page.status_code == 422
    assert "not on the public internet" in str(page.context["form"].errors["url"])


def test_the_secret_is_exchanged(owner: Actor, browse: Browse, hook: Webhook) -> None:
    browser = browse(owner)
    page = browser.after(browser.post("webhook-rotate", hook.pk)).content.decode()
    assert "whsec_" in page
    assert "The one before counts until" in page


def test_the_log_shows_what_was_answered_and_sends_again(
    owner: Actor, browse: Browse, hook: Webhook, receiver: Receiver
) -> None:
    receiver.answer = status(500, b"<b>no</b>")
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={"run": 7})
    send_due()
    Delivery.objects.update(state="failed")
    delivery = Delivery.objects.get()
    browser = browse(owner)
    assert "It answered 500" in browser.get("webhook", hook.pk).content.decode()
    detail = browser.get("delivery", hook.pk, delivery.pk).content.decode()
    assert "&lt;b&gt;no&lt;/b&gt;" in detail
    assert "&quot;run&quot;: 7" in detail
    receiver.answer = status(200)
    browser.post("delivery-replay", hook.pk, delivery.pk)
    send_due()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_one_that_waits_is_not_sent_again(owner: Actor, browse: Browse, hook: Webhook) -> None:
    announce(workspace_id=owner.workspace_id, kind="run.finished", payload={})
    answer = browse(owner).post("delivery-replay", hook.pk, Delivery.objects.get().pk)
    assert answer.status_code == 302
    assert Delivery.objects.get().state == "waiting"


def test_it_is_disabled_and_made_active_again(owner: Actor, browse: Browse, hook: Webhook) -> None:
    browser = browse(owner)
    for state in ("disabled", "active"):
        browser.post("webhook-state", hook.pk, data={"state": state})
        hook.refresh_from_db()
        assert hook.state == state


def test_it_is_changed(owner: Actor, browse: Browse, hook: Webhook, receiver: Receiver) -> None:
    values = {"url": receiver.url, "events": ["run.finished"], "name": "Lake"}
    browse(owner).post("webhook-edit", hook.pk, data=values)
    hook.refresh_from_db()
    assert (hook.name, hook.events) == ("Lake", ["run.finished"])


def test_it_is_deleted_after_a_question(owner: Actor, browse: Browse, hook: Webhook) -> None:
    browser = browse(owner)
    assert "Its log goes with it" in browser.get("webhook-delete", hook.pk).content.decode()
    browser.post("webhook-delete", hook.pk)
    assert not Webhook.objects.exists()


def test_older_events_are_on_further_pages(owner: Actor, browse: Browse, hook: Webhook) -> None:
    for number in range(25):
        announce(workspace_id=owner.workspace_id, kind="run.finished", payload={"run": number})
    first = browse(owner).get("webhook", hook.pk)
    assert len(first.context["deliveries"]) == 20
    rest = browse(owner).get("webhook", hook.pk, query=f"?before={first.context['older']}")
    assert len(rest.context["deliveries"]) == 5
    assert rest.context["older"] is None


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_odd_place_in_the_log_is_its_beginning(
    owner: Actor, browse: Browse, hook: Webhook, before: str
) -> None:
    assert browse(owner).get("webhook", hook.pk, query=f"?before={before}").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(
    owner: Actor,
    browse: Browse,
    receiver: Receiver,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        add_webhook(by=owner, url=receiver.url, events=BOTH)
    browser = browse(owner)
    with django_assert_num_queries(SHELL_QUERIES + 1):
        browser.get("webhooks")


def test_others_have_no_webhooks(owner: Actor, browse: Browse, hook: Webhook) -> None:
    browser = browse(factories.member(owner, Role.CONSULTANT))
    assert browser.get("webhooks").status_code == 403
    assert browser.get("webhook", hook.pk).status_code == 403
    assert "webhooks" not in browser.get("settings").content.decode()
