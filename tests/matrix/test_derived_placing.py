"""A model that scores with what journeys say: live, as a batch, and again from the receipt."""

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from connected.models import Touchpoint, User
from connected.permissions import Actor
from connected.services import change_touchpoint, drop_touchpoint, move_touchpoint
from matrix import frames
from matrix.models import Placement, ScoringModel, Stale, StandingPlacement
from matrix.proofs import written as receipt_of
from matrix.queries import evidence, models
from matrix.scoring import derived_in, score, tally_in
from matrix.services import load_model, mark_stale, rescore_stale, start_run
from matrix.services.placements import place
from tests import factories
from tests.matrix.scoring.journeys import RULES_JSON
from tests.matrix.test_evidence import TALKS, describe, whole
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def derived_model(module_database: None, django_db_blocker: Any) -> None:
    """The newest version scores N1 and I1 with what journeys say."""
    data = json.loads(json.dumps(RULES_JSON)) | {"version": 99}
    for item in ("N1", "I1"):
        data["derive"]["items"][item]["evidence"] = "derived"
    with django_db_blocker.unblock():
        load_model(data)


def placed(owner: Actor, segment: int) -> StandingPlacement:
    mark_stale(workspace_id=owner.workspace_id, segment_ids=[segment])
    rescore_stale(workspace_id=owner.workspace_id)
    return StandingPlacement.objects.get(segment_id=segment)


def test_a_described_journey_stands_in_for_answers(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    asked = placed(owner, segment)
    whole(owner, segment, **TALKS)
    both = placed(owner, segment)
    assert asked.interact is not None
    assert both.interact is not None
    assert both.interact < asked.interact
    assert asked.derived is None
    stand_ins = frames.derived_of(both)
    assert stand_ins is not None
    core = models.parsed(both.model)
    known = {core.items[at]: stand_ins[at] for at in np.flatnonzero(~np.isnan(stand_ins))}
    assert known == {"N1": 0, "I1": 4}


def test_a_journey_too_short_leaves_the_answers_in_place(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    describe(owner, segment, "recognize", "request", **TALKS)
    assert placed(owner, segment).derived is None


def test_the_receipt_shows_both_and_reckons_the_placement_again(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    whole(owner, segment, **TALKS)
    placement = placed(owner, segment)
    written = json.loads(json.dumps(receipt_of(Placement.objects.get(pk=placement.pk)), default=str))
    lines = [line for account in written["accounts"] for line in account["lines"] if line["item"] == "N1"]
    assert [(line["asked"], line["derived"], line["mean"]) for line in lines] == [(3.0, 0.0, 0.0)]
    core = models.parsed(placement.model)
    hist, raters, asked = tally_in(written, core)
    again = score(hist, core, raters, asked, derived_in(written, core))
    assert float(again.interact[0]) == placement.interact
    assert written["fingerprint"] == placement.fingerprint


def test_the_page_says_what_is_taken_from_touchpoints(owner: Actor, client: Client) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    whole(owner, segment, **TALKS)
    placed(owner, segment)
    client.force_login(User.objects.get(pk=owner.user_id or 0))
    page = client.get(reverse("segment", args=[owner.workspace_slug, segment])).content.decode()
    assert "I1 and N1 are taken from the journey’s touchpoints" in page
    assert "from touchpoints; people said 3.00" in page


def test_a_batch_places_as_a_live_re_score_does(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    whole(owner, segment, **TALKS)
    live = placed(owner, segment)
    before = Placement.objects.count()
    place(workspace_id=owner.workspace_id, model=live.model, scope=frames.Scope(), run_id=None)
    assert Placement.objects.count() == before + 1
    batch = Placement.objects.order_by("-pk").first()
    assert batch is not None
    assert (batch.fingerprint, batch.interact) == (live.fingerprint, live.interact)
    assert bytes(batch.derived or b"") == bytes(live.derived or b"")


def test_journeys_read_for_a_batch_are_those_read_for_a_page(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    ids = sorted(factories.segment(owner, firm).pk for _ in range(3))
    whole(owner, ids[0], **TALKS)
    describe(owner, ids[2], "repeat", "request", medium="personal", latency="weeks", signature=True)
    rows = evidence.journeys([ids[0], ids[2]])
    page = evidence.touchpoints_of([rows[ids[0]], rows[ids[2]]])
    batch = frames.read_touchpoints(owner.workspace_id, np.array([ids[0], ids[2]]))
    names = list(page.codes)
    told = [
        sorted(zip(each.owner, each.signature, *(each.codes[name] for name in names), strict=True))
        for each in (page, batch)
    ]
    assert told[0] == told[1]
    assert len(batch) == 7


def test_a_changed_journey_is_scored_again(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    whole(owner, segment, **TALKS)
    placed(owner, segment)
    first = Touchpoint.objects.order_by("pk").first()
    assert first is not None
    for change in (
        lambda: change_touchpoint(by=owner, touchpoint_id=first.pk, direction="two_way"),
        lambda: move_touchpoint(by=owner, touchpoint_id=first.pk, step="repeat", place=0),
        lambda: drop_touchpoint(by=owner, touchpoint_id=first.pk),
    ):
        change()
        assert Stale.objects.filter(segment_id=segment).exists()
        rescore_stale(workspace_id=owner.workspace_id)
        assert not Stale.objects.exists()


def test_a_model_that_uses_answers_reads_no_journey(owner: Actor) -> None:
    core = models.parsed(ScoringModel.objects.get(version=2))
    assert frames.derived_values(owner.workspace_id, core, np.array([1])) is None


def test_a_journey_changed_under_a_candidate_that_reads_it_is_marked(owner: Actor) -> None:
    segment = assessed(owner, [GUEST] * 3).pk
    work_off(start_run(by=owner, model_code="cs-1.v2"))
    assert work_off(start_run(by=owner, model_code="cs-1.v99")).decision == "candidate"
    Stale.objects.all().delete()
    describe(owner, segment, "request", **TALKS)
    assert [stale.segment_id for stale in Stale.objects.all()] == [segment]
