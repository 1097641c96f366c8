"""Proposals on the page of their run, in REST and from the command line."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connected.models import Firm, Role
from connected.permissions import Actor
from matrix.management.commands.rescore import Command
from matrix.models import Run, Stale
from matrix.queries import proposals
from matrix.services import approve_run, discard_run, roll_back, start_run
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


def states(owner: Actor) -> dict[int, str]:
    """What the list says of each run, without the times."""
    page = signed_in(owner).get(address(owner, "runs")).text
    cells = re.findall(r'<td><span id="run-(\d+)-state">(.*?)</span></td>', page, re.DOTALL)
    moment = r"\d+ \w+ \d{4}, \d\d:\d\d"
    return {int(run): " ".join(re.sub(f"<[^>]+>|{moment}", " ", said).split()) for run, said in cells}


def test_every_run_says_where_it_stands(owner: Actor, candidate: Run) -> None:
    first = Run.objects.earliest("id")
    assert states(owner) == {
        first.pk: "Finished, in force since",
        candidate.pk: "Finished, waits for a decision",
    }
    approve_run(by=owner, run_id=candidate.pk)
    by = f"Approved by {owner.name}"
    assert states(owner) == {
        first.pk: "Finished, was in force until",
        candidate.pk: f"Finished, in force since {by}",
    }
    roll_back(by=owner, run_id=first.pk)
    assert states(owner) == {
        first.pk: "Finished, in force since",
        candidate.pk: f"Finished, rolled back {by}",
    }
    page = signed_in(owner).get(address(owner, "run", candidate.pk)).text
    assert "Finished, rolled back <time" in page
    assert "Approved <time" in page


def test_a_run_of_one_firm_and_one_discarded_say_what_became_of_them(owner: Actor, candidate: Run) -> None:
    discard_run(by=owner, run_id=candidate.pk)
    of_firm = work_off(start_run(by=owner, firm_id=Firm.objects.get().pk))
    assert states(owner)[candidate.pk] == f"Finished Discarded by {owner.name}"
    assert states(owner)[of_firm.pk] == "Finished, took effect when it ended"


def test_the_list_offers_the_run_that_waits_to_those_who_may_decide(owner: Actor, candidate: Run) -> None:
    client, said = signed_in(owner), f"Run {candidate.pk} waits for a decision."
    assert said in client.get(address(owner, "runs")).text
    # The list that asked while it went on is told as well.
    assert said in client.get(address(owner, "runs"), headers={"HX-Request": "true"}).text
    firm = Firm.objects.get()
    of_firm = work_off(start_run(by=owner, model_code="cs-1.v2", firm_id=firm.pk))
    manager = signed_in(factories.member(owner, Role.MANAGER, (firm.pk,)))
    page = manager.get(address(owner, "runs")).text
    assert "Finished, waits for a decision" in page
    assert f"Run {of_firm.pk} waits" not in page


def test_a_model_without_confidence_says_so_where_it_is_decided(owner: Actor, candidate: Run) -> None:
    cost = "Confidence is not given under this model until it is calibrated."
    client, first = signed_in(owner), Run.objects.earliest("id")
    assert cost not in client.get(address(owner, "run", candidate.pk)).text
    approve_run(by=owner, run_id=candidate.pk)
    assert cost in client.get(address(owner, "run", first.pk)).text
    again = work_off(start_run(by=owner, model_code="cs-1.v1"))
    assert cost in client.get(address(owner, "run", again.pk)).text


def test_a_model_is_spelled_one_way(owner: Actor, candidate: Run) -> None:
    page = signed_in(owner).get(address(owner, "run", candidate.pk)).text
    assert "under cs-1 v1." in page
    assert "cs-1.v" not in page


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


def test_the_command_says_how_long_it_took_as_the_page_does(owner: Actor) -> None:
    for _ in range(3):
        assessed(owner, [GUEST])
    run = work_off(start_run(by=owner))
    run.finished_at = run.created_at + timedelta(seconds=1.5)
    run.save()
    page = signed_in(owner).get(address(owner, "run", run.pk)).text
    assert "Ended after <b>2 s</b>" in page
    assert "2 segments a second from start to end." in page
    out = StringIO()
    Command(stdout=out)._sum_up(run)
    assert out.getvalue() == f"Run {run.pk}: finished after 2 s, 2 segments a second from start to end\n"


def test_the_command_decides(owner: Actor, candidate: Run) -> None:
    out = StringIO()
    call_command("rescore", workspace=owner.workspace_slug, approve=candidate.pk, stdout=out)
    assert out.getvalue() == f"Run {candidate.pk}: approved\n"
    with pytest.raises(CommandError, match="cannot become"):
        call_command("rescore", workspace=owner.workspace_slug, discard=candidate.pk)
