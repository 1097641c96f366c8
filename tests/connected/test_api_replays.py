"""``Idempotency-Key``: what is answered to the same POST sent again, and to another under its key."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from connected import tasks
from connected.models import ApiToken, Firm, KeptAnswer
from connected.permissions import Actor
from connected.tenancy import in_workspace
from tests import factories
from tests.api import caller, send


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


def keyed(client: Client, path: str, body: Any, key: str = "one") -> Any:
    return client.post(
        f"/api/v1/{path}", body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def said(answer: Any) -> tuple[int, bytes, str, str]:
    return answer.status_code, answer.content, answer["Content-Type"], answer.get("Location", "")


def test_the_same_call_again_gets_the_same_answer_and_is_not_done_again(client: Client) -> None:
    first, again = (keyed(client, "firms/", {"name": "Uber"}) for _ in range(2))
    assert said(again) == said(first)
    assert first.status_code == 201
    assert Firm.objects.count() == 1


def test_a_kept_answer_says_that_it_is_one(client: Client) -> None:
    first, again = (keyed(client, "firms/", {"name": "Uber"}) for _ in range(2))
    assert "Idempotent-Replay" not in first
    assert again["Idempotent-Replay"] == "true"


def test_what_happened_since_does_not_change_the_answer(client: Client) -> None:
    first = keyed(client, "firms/", {"name": "Uber"})
    send(client, "patch", f"firms/{first.json()['id']}/", {"name": "Lyft"})
    assert keyed(client, "firms/", {"name": "Uber"}).content == first.content


def test_another_body_under_the_key_is_a_422_and_changes_nothing(client: Client) -> None:
    keyed(client, "firms/", {"name": "Uber"})
    other = keyed(client, "firms/", {"name": "Lyft"})
    assert other.status_code == 422
    assert "was given to another call" in other.json()["detail"]
    assert list(Firm.objects.values_list("name", flat=True)) == ["Uber"]


def test_another_address_under_the_key_is_a_422(client: Client, owner: Actor) -> None:
    firm = factories.firm(owner)
    body = {"firm": firm.pk, "name": "Riders"}
    keyed(client, "segments/", body)
    assert keyed(client, "workshops/", body).status_code == 422


def test_another_key_is_another_call(client: Client, owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    body = {"segment": segment.pk, "step": "request", "name": "Opens the app"}
    made = {keyed(client, "touchpoints/", body, key).json()["id"] for key in ("one", "two", "one")}
    assert len(made) == 2


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(client: Client, owner: Actor) -> None:
    keyed(client, "firms/", {"name": "Uber"})
    assert keyed(caller(owner), "firms/", {"name": "Lyft"}).status_code == 201


def test_a_refusal_is_kept_and_what_it_had_begun_is_not(client: Client) -> None:
    factories_name = {"name": "Uber"}
    send(client, "post", "firms/", factories_name)
    first = keyed(client, "firms/", factories_name)
    Firm.objects.all().delete()
    again = keyed(client, "firms/", factories_name)
    assert first.status_code == 400
    assert said(again) == said(first)
    assert not Firm.objects.exists()


def test_a_call_that_was_not_let_in_keeps_nothing(owner: Actor) -> None:
    reader = caller(owner, scope="read")
    assert keyed(reader, "firms/", {"name": "Uber"}).status_code == 403
    assert not KeptAnswer.objects.exists()


def test_a_call_that_fails_leaves_no_key(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control is the test of refusals: those are kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '10ms', true)")
    monkeypatch.setattr("connected.api.firms.FirmViews.create", _away)
    assert keyed(client, "firms/", {"name": "Uber"}).status_code == 503
    monkeypatch.undo()
    with in_workspace(ApiToken.objects.get().workspace_id):
        assert not KeptAnswer.objects.exists()


def _away(*args: Any, **kwargs: Any) -> None:
    """A statement the database gives up on, half done."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1ms'")
        cursor.execute("SELECT pg_sleep(1)")


@pytest.mark.parametrize("key", ["", "a" * 256, "two words", "ключ", "tab\there"])
def test_an_odd_key_is_a_400_that_says_what_a_key_is(client: Client, key: str) -> None:
    answer = keyed(client, "firms/", {"name": "Uber"}, key)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_the_longest_key_is_taken(client: Client) -> None:
    assert keyed(client, "firms/", {"name": "Uber"}, "~" * 255).status_code == 201


def test_after_a_day_a_key_is_new(client: Client) -> None:
    keyed(client, "firms/", {"name": "Uber"})
    KeptAnswer.objects.update(kept_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert keyed(client, "firms/", {"name": "Lyft"}).status_code == 201


def test_tidying_drops_what_has_expired_and_nothing_else(client: Client) -> None:
    for key in ("old", "young"):
        keyed(client, "firms/", {"name": key}, key)
    old = timezone.now() - timedelta(hours=24, seconds=1)
    KeptAnswer.objects.filter(key="old").update(kept_at=old)
    tasks.tidy()
    assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["young"]


def test_other_methods_pass_the_key_over(client: Client) -> None:
    firm = send(client, "post", "firms/", {"name": "Uber"}).json()["id"]
    for name in ("Lyft", "Bolt"):
        answer = client.patch(
            f"/api/v1/firms/{firm}/",
            {"name": name},
            content_type="application/json",
            headers={"Idempotency-Key": "one"},
        )
        assert answer.json()["name"] == name


def test_the_database_holds_one_answer_a_key(client: Client, owner: Actor) -> None:
    keyed(client, "firms/", {"name": "Uber"})
    kept = KeptAnswer.objects.get()
    kept.pk = None
    with pytest.raises(DatabaseError, match="answer_kept_once"):
        kept.save()
