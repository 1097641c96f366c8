"""How robust a placement is: its page, its part for htmx, and the ellipse near a line."""

from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from connected.models import User
from connected.permissions import Actor
from matrix.models import Placement
from matrix.services import rescore_stale
from tests import factories
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db

NEAR = {**GUEST, "C1": 1, "C2": 2, "C3": 1, "R4": 2, "D3": 1}


def answer(actor: Actor, name: str, pk: int, htmx: bool = False) -> HttpResponse:
    client = Client(headers={"HX-Request": "true"} if htmx else None)
    assert actor.user_id
    client.force_login(User.objects.get(pk=actor.user_id))
    return cast(HttpResponse, client.get(reverse(name, args=[actor.workspace_slug, pk])))


def placed(owner: Actor, answers: dict[str, int]) -> int:
    segment = assessed(owner, [answers] * 3)
    rescore_stale(workspace_id=owner.workspace_id)
    return segment.pk


def test_the_page_says_what_other_weights_and_raters_do(owner: Actor) -> None:
    page = answer(owner, "segment-robust", placed(owner, GUEST)).content.decode()
    assert "With every weight up to a fifth more or less, the cell stays the same in " in page
    assert (
        "With as many raters drawn anew from these answers, the cell stays the same in all 100 draws" in page
    )
    assert Placement.objects.get().fingerprint in page


def test_the_page_says_the_same_each_time(owner: Actor) -> None:
    segment = placed(owner, NEAR)
    one, two = (answer(owner, "segment-robust", segment).content.decode() for _ in range(2))
    assert one.split("<dl")[1].split("</dl>")[0] == two.split("<dl")[1].split("</dl>")[0]


def test_htmx_gets_the_part_alone(owner: Actor) -> None:
    page = answer(owner, "segment-robust", placed(owner, GUEST), htmx=True).content.decode()
    assert page.startswith("<h3>")
    assert "<html" not in page


def test_a_segment_that_is_not_placed_says_so(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    assert "there is nothing to shake" in answer(owner, "segment-robust", segment.pk).content.decode()


def test_the_segment_s_page_says_how_sure_it_is_and_opens_the_door(owner: Actor) -> None:
    segment = placed(owner, GUEST)
    page = answer(owner, "segment", segment).content.decode()
    assert "Confidence: " in page
    assert reverse("segment-robust", args=[owner.workspace_slug, segment]) in page


@pytest.mark.parametrize(("answers", "ellipses"), [(GUEST, 0), (NEAR, 1)], ids=["far", "near"])
def test_only_a_point_near_a_line_has_an_ellipse(
    owner: Actor, answers: dict[str, int], ellipses: int
) -> None:
    segment = placed(owner, answers)
    assert Placement.objects.get().borderline is bool(ellipses)
    for name, pk in (("segment", segment), ("firm", Placement.objects.get().segment.firm_id)):
        page = answer(owner, name, pk).content.decode()
        assert page.count('class="err"') == ellipses
        assert page.count("The ellipse shows") == ellipses
