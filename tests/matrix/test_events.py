"""What webhooks are told of placing: one event for what was scored together, one for a run that ended."""

from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connected.models import Delivery, Webhook
from connected.permissions import Actor
from connected.services import add_webhook
from matrix.models import StandingPlacement
from matrix.services import (
    cancel_run,
    claim_chunk,
    events,
    mark_stale,
    rescore_stale,
    score_claimed,
    start_run,
)
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(owner: Actor) -> Webhook:
    url = "https://receiver.invalid/"
    return add_webhook(by=owner, url=url, events=["placement.changed", "run.finished"])[0]


def told(kind: str) -> list[Any]:
    rows = Delivery.objects.filter(kind=kind).order_by("id").values_list("payload", flat=True)
    return [payload["data"] for payload in rows]


def test_a_first_placement_is_told_without_a_before(owner: Actor, hook: Webhook) -> None:
    segment = assessed(owner, [GUEST] * 3)
    rescore_stale(workspace_id=owner.workspace_id)
    (event,) = told("placement.changed")
    placement = StandingPlacement.objects.get()
    assert event["count"] == 1
    assert event["segments"] == [
        {
            "segment": segment.pk,
            "firm": segment.firm_id,
            "placement": placement.pk,
            "before": None,
            "after": {
                "cell": f"{placement.primary_relationship}-{placement.primary_architecture}",
                "quadrant": "Q4",
            },
        }
    ]


def test_the_next_one_tells_where_it_stood(owner: Actor, hook: Webhook) -> None:
    segment = assessed(owner, [GUEST] * 3)
    for _ in range(2):
        mark_stale(workspace_id=owner.workspace_id, segment_ids=[segment.pk])
        rescore_stale(workspace_id=owner.workspace_id)
    first, second = told("placement.changed")
    assert second["segments"][0]["before"] == first["segments"][0]["after"]
    assert second["segments"][0]["placement"] > first["segments"][0]["placement"]


def test_what_is_scored_together_is_told_together_and_listed_in_part(
    owner: Actor, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LISTED", 2)
    for _ in range(3):
        assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    (event,) = told("placement.changed")
    assert (event["count"], len(event["segments"])) == (3, 2)


def test_the_link_leads_to_what_has_changed(owner: Actor, hook: Webhook, client: Any) -> None:
    assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    since = unquote(told("placement.changed")[0]["changes"]).partition("changed_since=")[2]
    assert since < StandingPlacement.objects.get().computed_at.isoformat()


def test_a_run_tells_of_its_end_and_not_of_each_segment(owner: Actor, hook: Webhook) -> None:
    assessed(owner, [GUEST])
    rescore_stale(workspace_id=owner.workspace_id)
    run = start_run(by=owner)
    assert told("run.finished") == []
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.get().pk)
    assert claim is not None
    score_claimed(claim=claim)
    (event,) = told("run.finished")
    model = f"{run.model.code}.v{run.model.version}"
    assert (event["run"], event["state"], event["model"]) == (run.pk, "finished", model)
    assert (event["total"], event["done"], event["failed"], event["placed"]) == (1, 1, 0, 1)
    assert "/api/v1/placements/?changed_since=" in event["changes"]
    assert len(told("placement.changed")) == 1


def test_a_cancelled_run_has_ended_too(owner: Actor, hook: Webhook) -> None:
    assessed(owner, [GUEST])
    cancel_run(by=owner, run_id=start_run(by=owner).pk)
    assert [event["state"] for event in told("run.finished")] == ["cancelled"]


def test_a_run_over_nothing_has_ended_at_once(owner: Actor, hook: Webhook) -> None:
    start_run(by=owner)
    assert [event["total"] for event in told("run.finished")] == [0]


def test_where_nobody_is_told_nothing_is_reckoned(owner: Actor) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert events.standing_before([1]) is None
    assert len(queries) == 1
