"""Runs from the page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from connected.models import Role, User
from connected.permissions import Actor
from matrix.models import Run
from matrix.services import cancel_run, claim_chunk, fail_chunk, rescore_stale, score_claimed, start_run
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
    assessed(owner, [GUEST])
    assert "No segment is placed yet." in signed_in(owner).get(address(owner, "runs")).text
    rescore_stale(workspace_id=owner.workspace_id)
    assert "placed one by one" in signed_in(owner).get(address(owner, "runs")).text


def test_a_manager_is_not_told_that_there_is_no_run(owner: Actor) -> None:
    manager = signed_in(factories.member(owner, Role.MANAGER, (assessed(owner, [GUEST]).firm_id,)))
    assert "over all firms are not yours to see" in manager.get(address(owner, "runs")).text


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


def test_what_is_swapped_while_a_run_goes_on_has_no_button(owner: Actor) -> None:
    assessed(owner, [GUEST])
    where, client = address(owner, "run", start_run(by=owner).pk), signed_in(owner)
    part = client.get(where, headers={"HX-Request": "true"})
    assert 'id="run-said" hx-swap-oob="true"' in part.text
    assert "<button" not in part.text
    assert "HX-Retarget" not in part
    whole = client.get(where).text
    assert part.text.split('<div id="run-said"')[0].strip() in whole
    assert "<button" in whole


def test_at_its_end_the_whole_is_swapped(owner: Actor) -> None:
    assessed(owner, [GUEST])
    where = address(owner, "run", finished(owner).pk)
    part = signed_in(owner).get(where, headers={"HX-Request": "true"})
    assert (part["HX-Retarget"], part["HX-Reswap"]) == ("#run-progress", "outerHTML")


def test_a_run_under_another_model_is_not_said_to_change_what_is_in_force(owner: Actor) -> None:
    assessed(owner, [GUEST])
    finished(owner)
    client, said = signed_in(owner), "Placements in force change when the last segment is done"
    assert said in client.get(address(owner, "run", start_run(by=owner).pk)).text
    other = start_run(by=owner, model_code="cs-1.v1")
    page = client.get(address(owner, "run", other.pk)).text
    assert said not in page
    assert "changes nothing by itself" in page


def test_the_list_asks_again_while_a_run_goes_on_and_not_after(owner: Actor) -> None:
    assessed(owner, [GUEST])
    run, client = start_run(by=owner), signed_in(owner)
    assert "every 1s" in client.get(address(owner, "runs")).text
    part = client.get(address(owner, "runs"), headers={"HX-Request": "true"}).text
    assert f'<span id="run-{run.pk}-state" hx-swap-oob="true">Queued' in part
    assert "<h1" not in part
    finished(owner)
    cancel_run(by=owner, run_id=run.pk)
    assert "every 1s" not in client.get(address(owner, "runs")).text
    part = client.get(address(owner, "runs"), headers={"HX-Request": "true"}).text
    assert 'hx-swap-oob="true">Cancelled' in part
    assert "every 1s" not in part


def test_a_firm_nobody_knows_is_told_at_its_field_and_kept(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matrix.forms.MOST_OPTIONS", 0)
    assessed(owner, [GUEST])
    given = {"firm": "Nonsense", "model": "cs-1.v1"}
    answer = signed_in(owner).post(address(owner, "run-start"), given)
    assert answer.status_code == 422
    assert 'id="id_firm_error"><b>Not taken.</b> There is no firm named “Nonsense”.' in answer.text
    assert 'value="Nonsense"' in answer.text
    assert '<option value="cs-1.v1" selected>' in answer.text
    assert not Run.objects.exists()


def test_a_finished_run_says_how_long_it_took_and_offers_the_portfolio(owner: Actor) -> None:
    assessed(owner, [GUEST] * 3)
    run = finished(owner)
    Run.objects.filter(pk=run.pk).update(finished_at=run.created_at + timedelta(seconds=134))
    page = signed_in(owner).get(address(owner, "run", run.pk)).text
    assert "Ended after <b>2 min 14 s</b>" in page
    assert "0 segments a second from start to end." in page
    assert "Its placements are in force." in page
    assert f'<a class="btn" href="{address(owner, "portfolio")}">' in page
    assert "the others have no answers yet" not in page


def test_segments_without_answers_are_told(owner: Actor) -> None:
    factories.segment(owner, assessed(owner, [GUEST]).firm_id)
    page = signed_in(owner).get(address(owner, "run", finished(owner).pk)).text
    assert "the others have no answers yet" in page


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
    with django_assert_num_queries(24):  # type: ignore[operator]
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
