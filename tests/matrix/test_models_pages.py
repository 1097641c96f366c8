"""The pages of scoring models."""

import pytest

from connected.permissions import Actor
from matrix.models import ScoringModel
from tests.matrix.test_runs_pages import address, signed_in

pytestmark = pytest.mark.django_db


def test_the_list_says_which_is_in_force(owner: Actor) -> None:
    page = signed_in(owner).get(address(owner, "models")).content.decode()
    newest = ScoringModel.objects.filter(code="cs-1").latest("version")
    assert f"{newest}</a>, in force<small>" in page
    assert page.count(", in force<small>") == 1


def test_a_version_is_shown_against_the_one_before_it(owner: Actor) -> None:
    second = ScoringModel.objects.get(code="cs-1", version=2)
    page = signed_in(owner).get(address(owner, "model", second.pk)).content.decode()
    assert "between cs-1 v1 and cs-1 v2" in page


def test_another_may_be_chosen(owner: Actor) -> None:
    first, second = ScoringModel.objects.filter(code="cs-1").order_by("version")[:2]
    where = address(owner, "model", first.pk)
    page = signed_in(owner).get(where, {"against": second.pk}).content.decode()
    assert "between cs-1 v2 and cs-1 v1" in page


def test_a_model_there_is_not_is_not_found(owner: Actor) -> None:
    assert signed_in(owner).get(address(owner, "model", 999)).status_code == 404
