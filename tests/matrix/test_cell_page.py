"""The segments of one cell, a page at a time."""

import pytest
from django.test import Client

from connected.models import User
from connected.permissions import Actor
from matrix.services import rescore_stale, runs, start_run
from matrix.views import cell as page
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(owner: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=owner.user_id or 0))
    return client


def test_pages_hold_each_segment_once(owner: Actor, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "SIZE", 2)
    segments = [assessed(owner, [GUEST] * 3).pk for _ in range(5)]
    rescore_stale(workspace_id=owner.workspace_id)
    address, seen = f"/w/{owner.workspace_slug}/cells/CO-PR/", []
    after = ""
    for _ in range(3):
        context = browser.get(address + after).context
        seen += [row.placement.segment_id for row in context["rows"]]
        after = f"?after={context['next']}"
    assert seen == segments
    assert context["next"] is None


def test_a_cell_there_is_not_is_not_found(owner: Actor, browser: Client) -> None:
    assert browser.get(f"/w/{owner.workspace_slug}/cells/XX-PR/").status_code == 404


def test_those_in_no_cell_say_why(owner: Actor, browser: Client) -> None:
    assessed(owner, [dict.fromkeys(GUEST, 0) | {"A1": 1, "A2": 1, "A3": 1, "A4": 1}] * 3)
    rescore_stale(workspace_id=owner.workspace_id)
    rows = browser.get(f"/w/{owner.workspace_slug}/cells/none/").context["rows"]
    assert [row.why for row in rows] == ["buy what we have"]


def test_it_is_counted_where_sums_tell(
    owner: Actor, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)
    assessed(owner, [GUEST] * 3)
    work_off(start_run(by=owner))
    assert browser.get(f"/w/{owner.workspace_slug}/cells/CO-PR/").context["count"] == 1
    assert browser.get(f"/w/{owner.workspace_slug}/cells/CO-RT/").context["count"] == 0
