"""Proposals on the page of their run, in REST and from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connected.models import Role
from connected.permissions import Actor
from matrix.models import Run, Stale
from matrix.queries import proposals
from matrix.services import start_run
from tests import factories
from tests.api import caller, read, send
from tests.matrix.test_runs import work_off
from tests.matrix.test_runs_pages import address, signed_in
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate(owner: Actor) -> Run:
    assessed(owner, [GUEST] * 3)
    Stale.objects.all().delete()
    work_off(start_run(by=owner, model_code="cs-1.v1"))
    return work_off(start_run(by=owner, model_code="cs-1.v2"))


def decided(run: Run) -> str:
    run.refresh_from_db()
    return run.decision


def test_a_run_is_started_under_the_model_chosen(owner: Actor) -> None:
    assessed(owner, [GUEST])
    signed_in(owner).post(address(owner, "run-start"), {"model": "cs-1.v1"})
    assert Run.objects.get().model.version == 1


def test_the_page_shows_what_would_change_and_asks(owner: Actor, candidate: Run) -> None:
    page = signed_in(owner).get(address(owner, "run", candidate.pk)).content.decode()
    assert "None of 1 segments would move to another cell" in page
    assert address(owner, "run-approve", candidate.pk) in page
    assert address(owner, "run-discard", candidate.pk) in page


def test_approving_from_the_page(owner: Actor, candidate: Run) -> None:
    signed_in(owner).post(address(owner, "run-approve", candidate.pk))
    assert (decided(candidate), proposals.is_in_force(candidate)) == ("approved", True)


def test_deciding_twice_says_why_not(owner: Actor, candidate: Run) -> None:
    client = signed_in(owner)
    client.post(address(owner, "run-discard", candidate.pk))
    answer = client.post(address(owner, "run-approve", candidate.pk), follow=True)
    assert b"proposal that is discarded cannot become approved" in answer.content


def test_the_earlier_run_offers_to_come_back(owner: Actor, candidate: Run) -> None:
    client, first = signed_in(owner), Run.objects.earliest("id")
    client.post(address(owner, "run-approve", candidate.pk))
    back = address(owner, "run-rollback", first.pk)
    assert back in client.get(address(owner, "run", first.pk)).content.decode()
    client.post(back)
    assert proposals.is_in_force(first)
    assert back not in client.get(address(owner, "run", first.pk)).content.decode()


def test_a_manager_sees_a_proposal_and_may_not_decide(owner: Actor) -> None:
    segment = assessed(owner, [GUEST])
    work_off(start_run(by=owner, model_code="cs-1.v1"))
    run = work_off(start_run(by=owner, model_code="cs-1.v2", firm_id=segment.firm_id))
    manager = signed_in(factories.member(owner, Role.MANAGER, (segment.firm_id,)))
    assert b"Approve" not in manager.get(address(owner, "run", run.pk)).content
    assert manager.post(address(owner, "run-approve", run.pk)).status_code == 403
    assert decided(run) == "candidate"


def test_rest_tells_and_decides(owner: Actor, candidate: Run) -> None:
    client = caller(owner)
    told = read(client, f"runs/{candidate.pk}/").json()
    assert (told["decision"], told["in_force"], told["changes"]["segments"]) == ("candidate", False, 1)
    approved = send(client, "post", f"runs/{candidate.pk}/approve/", {})
    assert (approved.status_code, approved.json()["in_force"]) == (200, True)
    assert send(client, "post", f"runs/{candidate.pk}/discard/", {}).status_code == 409
    first = Run.objects.earliest("id")
    assert send(client, "post", f"runs/{first.pk}/rollback/", {}).json()["in_force"]


def test_the_command_decides(owner: Actor, candidate: Run) -> None:
    out = StringIO()
    call_command("rescore", workspace=owner.workspace_slug, approve=candidate.pk, stdout=out)
    assert out.getvalue() == f"Run {candidate.pk}: approved\n"
    with pytest.raises(CommandError, match="cannot become"):
        call_command("rescore", workspace=owner.workspace_slug, discard=candidate.pk)
