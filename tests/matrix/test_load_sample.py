"""The sample workspace as it stands in the database, loaded through the real verbs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from assessments.models import Sheet
from connected.models import Firm, Touchpoint, User
from connected.permissions import operator
from connected.services import actor_for
from connected.tenancy import in_workspace
from matrix.models import Run, Stale, StandingPlacement
from matrix.permissions import visible_past, visible_placements
from matrix.proofs import change_of, earlier_than, proof_of, ways_of
from matrix.queries import models
from matrix.queries.placements import codes, unplaced
from matrix.scoring import Change, Reached, Target
from matrix.views.evidence import comparison
from matrix.views.robust import ellipses


@pytest.fixture(scope="module", autouse=True)
def sample(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The sample, loaded once for the tests below and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_sample", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_every_answered_segment_is_placed_and_the_unfinished_firm_is_not() -> None:
    with in_workspace(operator("sample").workspace_id):
        assert StandingPlacement.objects.count() == Sheet.objects.values("segment_id").distinct().count()
        assert {segment.firm.name for segment in unplaced(None)} == {"Harbour Mutual Insurance"}


def test_the_park_guest_lands_as_the_book_says() -> None:
    with in_workspace(operator("sample").workspace_id):
        guest = StandingPlacement.objects.get(
            segment__name="Guest with a wristband", segment__firm__name="Walt Disney Parks"
        )
        assert codes(guest.present) == ["RD", "CO", "CB"]
        assert (guest.primary_architecture, guest.raters) == ("PR", 3)


def test_journeys_are_complete() -> None:
    with in_workspace(operator("sample").workspace_id):
        for firm in Firm.objects.exclude(name__startswith="Harbour"):
            for segment in firm.segments.all():
                steps = list(Touchpoint.objects.filter(segment=segment).values_list("step", flat=True))
                assert len(steps) >= 6
                assert set(steps) == {"recognize", "request", "respond", "repeat"}


def test_the_manager_sees_only_what_was_granted() -> None:
    manager = actor_for(email="manager@sample.test", workspace="sample")
    with in_workspace(manager.workspace_id, user_id=manager.user_id):
        firms = set(visible_placements(manager).values_list("segment__firm__name", flat=True))
    assert "Walt Disney Parks" in firms
    assert "Harbour Mutual Insurance" not in firms


def test_loading_again_changes_nothing() -> None:
    call_command("load_sample", verbosity=0)
    assert User.objects.filter(email__endswith="@sample.test").count() == 3


def test_production_refuses_public_passwords(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="public passwords"):
        call_command("load_sample", verbosity=0)


def test_sign_ins_are_those_of_the_contract() -> None:
    for name in ("consultant", "manager", "owner"):
        assert User.objects.get(email=f"{name}@sample.test").check_password("connected-demo")


def _story_of(name: str) -> Change:
    """Why a segment is placed otherwise than half a year ago."""
    with in_workspace(operator("sample").workspace_id):
        now = StandingPlacement.objects.select_related("model__instrument").get(segment__name=name)
        before = earlier_than(now)
        assert before is not None
        assert now.computed_at - before.computed_at > timedelta(days=150)
        return change_of(before, now)


def test_a_page_plan_went_from_a_calendar_to_acting_by_itself() -> None:
    found = _story_of("Household on a page plan")
    turned = {turn.name: turn.after for turn in found.turns}
    assert turned["primary"] == "AE"
    assert {step.kind for step in found.steps} == {"answer", "weights", "gates"}


@pytest.mark.parametrize("name", ["Guest with a wristband", "Global firms with an account team"])
def test_others_joined_and_coaching_began(name: str) -> None:
    found = _story_of(name)
    assert ("present", "CB", True) in [(turn.name, turn.code, turn.after) for turn in found.turns]
    assert {step.kind for step in found.steps} == {"answer", "participants", "weights", "gates"}
    for score in found.scores:
        if score.parts and score.before is not None and score.after is not None:
            assert sum(score.parts) == score.after - score.before


def test_half_a_year_ago_the_matrix_was_there_already() -> None:
    actor = operator("sample")
    with in_workspace(actor.workspace_id):
        then = visible_past(actor, timezone.now() - timedelta(weeks=20))
        assert 15 < then.count() < StandingPlacement.objects.count()


def test_nothing_is_left_to_be_scored_and_the_model_in_force_is_the_newest() -> None:
    with in_workspace(operator("sample").workspace_id):
        assert not Stale.objects.exists()
        assert str(models.in_force()) == "cs-1 v2"
        assert set(StandingPlacement.objects.values_list("model__version", flat=True)) == {2}


def test_a_proposal_waits_with_flows_and_movers() -> None:
    with in_workspace(operator("sample").workspace_id):
        (run,) = Run.objects.filter(decision="candidate")
        assert run.changes is not None
        assert run.changes["cell_changed"] >= 2
        assert run.changes["quadrant_changed"] >= 2
        assert len(run.changes["movers"]) >= 3
        assert any(flow["from"] != flow["to"] for flow in run.changes["cells"])


def test_a_move_is_blocked_for_want_of_consent() -> None:
    with in_workspace(operator("sample").workspace_id):
        readers = StandingPlacement.objects.select_related("model__instrument", "segment").get(
            segment__name="Readers and editors"
        )
        ways, _ = ways_of(proof_of(readers), Target.named("AE-PP"), readers.segment.consent)
    assert ways.reached is Reached.BARRED


def test_some_points_lie_near_a_line_and_some_touchpoints_speak_against_answers() -> None:
    with in_workspace(operator("sample").workspace_id):
        standing = StandingPlacement.objects.select_related("model__instrument", "segment__firm")
        assert len(ellipses(standing)) >= 3
        told = [comparison(each.segment, each) for each in standing]
    assert sum(any(one.asks for one in each.compared) for each in told if each) >= 3
