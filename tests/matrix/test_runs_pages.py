"""Runs from the page."""

import pytest
from django.test import Client
from django.urls import reverse

from connected.models import Role, User
from connected.permissions import Actor
from matrix.models import Run
from matrix.services import cancel_run, claim_chunk, fail_chunk, score_claimed, start_run
from tests import factories
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id or 0))
    return client


def address(actor: Actor, name: str, *args: int) -> str:
    return reverse(name, args=[actor.workspace_slug, *args])


def finished(owner: Actor) -> Run:
    run = start_run(by=owner)
    for chunk_id in run.chunks.values_list("pk", flat=True):
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk_id)
        assert claim is not None
        score_claimed(claim=claim)
    run.refresh_from_db()
    return run


def test_without_runs_the_page_says_how_segments_were_placed(owner: Actor) -> None:
    assert b"placed one by one" in signed_in(owner).get(address(owner, "runs")).content


def test_starting_a_run_leads_to_its_page(owner: Actor) -> None:
    assessed(owner, [GUEST])
    answer = signed_in(owner).post(address(owner, "run-start"))
    assert answer["Location"] == address(owner, "run", Run.objects.get().pk)


def test_a_run_of_one_firm_is_started_for_that_firm(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    assessed(owner, [GUEST])
    signed_in(owner).post(address(owner, "run-start"), {"firm": segment.firm_id})
    assert (Run.objects.get().firm_id, Run.objects.get().total) == (segment.firm_id, 1)


def test_a_run_in_work_asks_again_and_a_finished_one_does_not(owner: Actor) -> None:
    assessed(owner, [GUEST])
    waiting, over = start_run(by=owner), finished(owner)
    client = signed_in(owner)
    assert b"every 1s" in client.get(address(owner, "run", waiting.pk)).content
    assert b"every 1s" not in client.get(address(owner, "run", over.pk)).content


def test_the_part_htmx_asks_for_stands_in_the_page_as_it_is(owner: Actor) -> None:
    assessed(owner, [GUEST])
    where, client = address(owner, "run", finished(owner).pk), signed_in(owner)
    part = client.get(where, headers={"HX-Request": "true"}).content.decode().strip()
    assert part.startswith('<div id="run-progress"')
    assert part in client.get(where).content.decode()


def test_cancelling_a_run_that_has_ended_says_so(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = finished(owner)
    answer = signed_in(owner).post(address(owner, "run-cancel", run.pk), follow=True)
    assert b"had ended before" in answer.content


def test_a_manager_is_neither_offered_nor_allowed_a_run(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    manager = signed_in(factories.member(owner, Role.MANAGER, (segment.firm_id,)))
    assert b"Start the run" not in manager.get(address(owner, "runs")).content
    assert manager.post(address(owner, "run-start")).status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_run_and_three(
    owner: Actor, number: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    assessed(owner, [GUEST])
    for _ in range(number):
        start_run(by=owner)
    client = signed_in(owner)
    client.get(address(owner, "runs"))
    with django_assert_num_queries(23):  # type: ignore[operator]
        client.get(address(owner, "runs"))


def test_a_run_that_was_cancelled_is_resumed_from_its_page(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run = start_run(by=owner)
    cancel_run(by=owner, run_id=run.pk)
    visitor = signed_in(owner)
    assert address(owner, "run-resume", run.pk) in visitor.get(address(owner, "run", run.pk)).text
    visitor.post(address(owner, "run-resume", run.pk))
    run.refresh_from_db()
    assert run.state == "queued"


def test_segments_set_aside_are_named_with_their_reason(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    run = start_run(by=owner)
    for _ in range(3):
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
        assert claim is not None
        fail_chunk(claim=claim, reason="ValueError: poison")
    page = signed_in(owner).get(address(owner, "run", run.pk)).text
    assert f">{segment.name}</a>" in page
    assert "<td>ValueError: poison</td>" in page
