"""Portfolio, firms, firm and segment pages, through the browser's door."""

import csv
import re
from decimal import Decimal
from typing import cast

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Participant, Workshop
from assessments.services import save_answer
from connected.models import Role, User
from connected.permissions import Actor
from connected.services import add_segment, add_touchpoint, change_segment
from matrix.models import Placement, Stale, StandingPlacement
from matrix.services import rescore_stale
from matrix.views import portfolio
from tests import factories
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db

CELL = re.compile(r'<td class="cell[^"]*"')


def page(actor: Actor, name: str, *args: int, query: str = "") -> str:
    """The page's text, as a signed-in person gets it."""
    return b"".join(answer(actor, name, *args, query=query)).decode()


def answer(actor: Actor, name: str, *args: int, query: str = "") -> HttpResponse:
    assert actor.user_id
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return cast(HttpResponse, client.get(reverse(name, args=[actor.workspace_slug, *args]) + query))


def scored(owner: Actor, raters: int = 3, firm: int | None = None, **changed: int) -> int:
    """A placed segment; returns its id."""
    segment = assessed(owner, [{**GUEST, **changed}] * raters, firm)
    rescore_stale(workspace_id=owner.workspace_id)
    return segment.pk


def cells(text: str) -> list[str]:
    return CELL.findall(text)


# --- Portfolio ------------------------------------------------------------------------------------


def test_an_empty_portfolio_teaches_and_offers_a_firm(owner: Actor) -> None:
    text = page(owner, "portfolio")
    assert "New firm" in text
    assert len([c for c in cells(text) if "empty" in c]) == 20


def test_answers_that_wait_for_a_run_lead_to_the_runs(owner: Actor) -> None:
    assessed(owner, [GUEST] * 3)
    text = page(owner, "portfolio")
    assert "wait for a re-score" in text
    assert f'href="{reverse("runs", args=[owner.workspace_slug])}">See the runs' in text
    assert "wait for a re-score" not in page(factories.member(owner, Role.MANAGER), "portfolio")


def test_without_answers_people_are_to_be_asked(owner: Actor) -> None:
    factories.segment(owner, factories.firm(owner).pk)
    text = page(owner, "portfolio")
    assert "Ask people about a segment." in text
    assert "Four relationships down the side, five architectures across" in text


def test_twenty_cells_of_which_one_column_is_measured(owner: Actor) -> None:
    scored(owner)
    text = page(owner, "portfolio")
    assert len(cells(text)) == 20
    assert len([c for c in cells(text) if "empty" in c]) == 16


def test_the_picked_cell_opens_rows_that_add_up(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    for first in (4, 2, 1):
        scored(owner, firm=firm, R4=first)
    text = page(owner, "portfolio", query="?cell=CO-PR&weight=nothing")
    why = text[text.index('id="why"') : text.index('class="total"')]
    adds = [Decimal(found) for found in re.findall(r'data-l="adds">([\d.]+)<', why)]
    total = re.search(r'data-l="total">([\d.]+)<', text)
    assert len(adds) == 3
    assert total
    assert sum(adds) == Decimal(total[1])


def test_a_cell_there_is_not_opens_nothing(owner: Actor) -> None:
    scored(owner)
    assert 'id="why"' not in page(owner, "portfolio", query="?cell=XX-YY&open=abc&firms=firm:99&weight=gold")


def test_the_sentence_filters_by_firm(owner: Actor) -> None:
    one, other = factories.firm(owner, "Alpha"), factories.firm(owner, "Omega")
    scored(owner, firm=one.pk)
    scored(owner, firm=other.pk)
    text = page(owner, "portfolio", query=f"?firms=firm:{one.pk}")
    table = text[text.index('id="firms"') :]
    assert "Alpha" in table
    assert "Omega" not in table


def test_no_customer_numbers_is_said_as_such(owner: Actor) -> None:
    scored(owner)
    text = page(owner, "portfolio", query="?weight=customers&cell=RD-PR")
    assert "leaving out <b>1 of 1</b> segment: no customer numbers" in text
    why = text[text.index('id="why"') :]
    assert "Its one segment has no customer numbers, so nothing can be weighed." in why
    assert "too few" not in text[text.index('<table class="matrix"') : text.index("</table>")]


def test_firms_are_turned_by_the_page_and_opened_by_an_arrow(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio, "FIRMS_A_PAGE", 1)
    for _ in range(3):
        scored(owner)
    text = page(owner, "portfolio", query="?page=2")
    assert re.search(r"Previous firms</a> Page 2 of 3 <a [^>]+>Next firms</a>", text)
    assert re.search(
        r'aria-label="Open the 1 segment of [^"]+"><span aria-hidden="true">▸</span> 1</a>', text
    )


def test_many_firms_are_found_by_name_instead_of_listed(owner: Actor) -> None:
    firms = [factories.firm(owner, f"Firm {place:03}") for place in range(201)]
    scored(owner, firm=firms[200].pk)
    assert 'value="firm:' not in page(owner, "portfolio")
    table = page(owner, "portfolio", query="?named=firm 20")
    assert "Firm 200" in table
    assert "Firm 100" not in table


def test_two_currencies_are_refused_in_words(owner: Actor) -> None:
    for currency in ("EUR", "USD"):
        change_segment(by=owner, segment_id=scored(owner), revenue=5, currency=currency)
    assert "EUR and USD and cannot be added up" in page(owner, "portfolio", query="?weight=revenue")


def test_segments_below_all_four_are_listed(owner: Actor) -> None:
    scored(owner, **{f"R{n}": 0 for n in range(1, 12)})
    text = page(owner, "portfolio")
    assert "One segment sells only what it has" in text
    assert "In no cell" in text


def test_a_manager_sees_granted_firms_only(owner: Actor) -> None:
    mine, hidden = factories.firm(owner, "Granted"), factories.firm(owner, "Hidden")
    scored(owner, firm=mine.pk)
    scored(owner, firm=hidden.pk)
    text = page(factories.member(owner, Role.MANAGER, (mine.pk,)), "portfolio")
    assert "Granted" in text
    assert "Hidden" not in text


def test_the_csv_has_a_line_a_segment_and_no_formulas(owner: Actor) -> None:
    firm = factories.firm(owner, "=1+1")
    segment = scored(owner, firm=firm.pk)
    response = answer(owner, "portfolio-csv")
    rows = list(csv.DictReader(b"".join(response).decode().splitlines()))
    assert [row["firm"] for row in rows] == ["'=1+1"]
    assert rows[0]["primary_relationship"] == "RD"
    assert StandingPlacement.objects.get(segment_id=segment).raters == int(rows[0]["raters"])


# --- Firms and firm -------------------------------------------------------------------------------


def test_the_list_says_what_is_missing(owner: Actor) -> None:
    factories.firm(owner, "Bare")
    scored(owner)
    text = page(owner, "firms")
    assert "its first segment" in text
    assert "the journey of 1" in text


def test_the_list_goes_by_the_hundred_and_finds_by_name(owner: Actor) -> None:
    for place in range(101):
        factories.firm(owner, f"Firm {place:03}")
    assert "Firm 100" not in page(owner, "firms")
    assert "Firm 100" in page(owner, "firms", query="?page=2")
    assert "Firm 100" in page(owner, "firms", query="?named=m 100")


def test_twins_are_told_apart_by_their_offering(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    for offering in ("Day ticket", "Season pass"):
        add_segment(by=owner, firm_id=firm, name="Families", offering=offering)
    text = page(owner, "firm", firm)
    assert "Families (Day ticket)" in text
    assert "Families (Season pass)" in text


def test_an_empty_list_begins_with_a_firm(owner: Actor) -> None:
    text = page(owner, "firms")
    assert reverse("firm-new", args=[owner.workspace_slug]) in text
    assert reverse("imports", args=[owner.workspace_slug]) in text


def test_a_manager_is_not_offered_what_they_may_not_do(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    text = (
        page(manager, "firm", segment.firm_id) + page(manager, "firms") + page(manager, "segment", segment.pk)
    )
    for name in ("firm-new", "imports"):
        assert reverse(name, args=[owner.workspace_slug]) not in text
    for name in ("firm-edit", "segment-new", "workshop-new"):
        assert reverse(name, args=[owner.workspace_slug, segment.firm_id]) not in text


def test_a_firm_shows_letters_in_its_cells(owner: Actor) -> None:
    segment = scored(owner)
    firm = StandingPlacement.objects.get(segment_id=segment).segment.firm_id
    text = page(owner, "firm", firm)
    assert text.count('<span class="mk also"') == 3  # two cells, and the key
    assert "Respond-to-desire × connected producer" in text


def test_too_few_answers_look_absent_not_low(owner: Actor) -> None:
    segment = scored(owner, raters=2)
    firm = StandingPlacement.objects.get(segment_id=segment).segment.firm_id
    text = page(owner, "firm", firm)
    assert "2 people answered; shown from 3" in text
    assert "data-level" not in text[text.index('<table class="matrix"') : text.index("</table>")]


def test_a_gate_not_met_has_no_fill(owner: Actor) -> None:
    segment = scored(owner, R10=2, R11=4)
    firm = StandingPlacement.objects.get(segment_id=segment).segment.firm_id
    assert '<td class="cell gated">' in page(owner, "firm", firm)


# --- Segment --------------------------------------------------------------------------------------


def test_an_unplaced_segment_says_what_to_do(owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    text = page(owner, "segment", segment.pk)
    assert "Not placed yet." in text
    assert reverse("workshop-new", args=[owner.workspace_slug, segment.firm_id]) in text


def test_a_placed_segment_shows_its_verdict_and_receipt(owner: Actor) -> None:
    text = page(owner, "segment", scored(owner))
    assert "<b>a respond-to-desire relationship</b> from a <b>connected producer</b>" in text
    assert "gate R8 3.00, met: needs 2" in text
    assert text.count('class="total"') == 4 + 4 + 5 + 4


def test_points_of_a_relationship_add_up_to_its_total(owner: Actor) -> None:
    text = page(owner, "segment", scored(owner))
    receipt = text[text.index('id="receipt"') :]
    first = receipt[: receipt.index('class="total"')]
    points = [Decimal(found) for found in re.findall(r'data-l="points">([\d.]+)<', first)]
    total = re.search(
        r'class="num" role="cell">([\d.]+)</td></tr>', receipt[receipt.index('class="total"') :]
    )
    assert len(points) == 3
    assert total
    assert sum(points) == Decimal(total[1])


def test_without_an_answer_is_not_called_not_knowing(owner: Actor) -> None:
    segment = assessed(owner, [GUEST, GUEST, {"R1": 4}])
    rescore_stale(workspace_id=owner.workspace_id)
    text = page(owner, "segment", segment.pk)
    assert "+1 no answer" in text
    assert "do not know" not in text


def test_two_full_sheets_and_a_stub_are_provisional(owner: Actor) -> None:
    segment = assessed(owner, [GUEST, GUEST, {"R1": 4}])
    rescore_stale(workspace_id=owner.workspace_id)
    text = page(owner, "segment", segment.pk)
    assert re.search(r"Provisional: \d\d\N{NO-BREAK SPACE}% of the answers are in", text)


def test_saved_answers_that_change_nothing_make_no_row(owner: Actor) -> None:
    segment = scored(owner)
    Stale.objects.create(workspace_id=owner.workspace_id, segment_id=segment)
    rescore_stale(workspace_id=owner.workspace_id)
    assert Placement.objects.filter(segment_id=segment).count() == 2
    assert 'id="history"' not in page(owner, "segment", segment)


def test_why_leads_to_the_receipt_of_that_relationship(owner: Actor) -> None:
    segment = scored(owner)
    there = reverse("segment", args=[owner.workspace_slug, segment])
    assert f'href="{there}#receipt-co"' in page(owner, "portfolio", query="?cell=CO-PR")
    assert 'id="receipt-co"' in page(owner, "segment", segment)


def test_neighbours_are_on_the_keys_j_and_k(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    one, two, three = (factories.segment(owner, firm).pk for _ in range(3))
    text = page(owner, "segment", two)
    for key, other in (("k", one), ("j", three)):
        link = re.search(rf'<a rel="\w+" data-key="{key}"[^>]*href="([^"]+)"', text)
        assert link
        assert link[1] == reverse("segment", args=[owner.workspace_slug, other])


def noted(owner: Actor) -> int:
    """A placed segment one of whose raters left a note."""
    segment = scored(owner)
    participant = Participant.objects.order_by("pk").first()
    assert participant
    save_answer(
        by=owner,
        workshop_id=participant.workshop_id,
        participant_id=participant.pk,
        segment_id=segment,
        item="R1",
        value=4,
        evidence="One tap at the till",
    )
    return segment


def test_notes_stand_beside_their_item(owner: Actor) -> None:
    assert "One tap at the till" in page(owner, "segment", noted(owner))


def test_a_manager_reads_no_notes_and_no_names(owner: Actor) -> None:
    segment = noted(owner)
    firm = StandingPlacement.objects.get(segment_id=segment).segment.firm_id
    text = page(factories.member(owner, Role.MANAGER, (firm,)), "segment", segment)
    assert "One tap at the till" not in text
    assert "Rater 0" not in text


# --- Live -----------------------------------------------------------------------------------------


def since(text: str) -> str:
    found = re.search(r'data-since="(\w+)"', text)
    assert found
    return found[1]


def test_nothing_new_is_204(owner: Actor) -> None:
    segment = scored(owner)
    seen = since(page(owner, "segment", segment))
    assert answer(owner, "segment-live", segment, query=f"?since={seen}").status_code == 204


def test_nothing_new_costs_one_query_beyond_signing_in(owner: Actor) -> None:
    segment = scored(owner)
    seen = since(page(owner, "segment", segment))
    with CaptureQueriesContext(connection) as queries:
        answer(owner, "segment-live", segment, query=f"?since={seen}")
    own = [q["sql"] for q in queries if "matrix_" in q["sql"]]
    assert len(own) == 1


def test_a_new_placement_is_the_fresh_page_main_region(owner: Actor) -> None:
    segment = scored(owner)
    seen = since(page(owner, "segment", segment))
    workshop = Workshop.objects.get()
    participant = workshop.participants.order_by("pk").first()
    assert participant
    save_answer(
        by=owner,
        workshop_id=workshop.pk,
        participant_id=participant.pk,
        segment_id=segment,
        item="R1",
        value=0,
    )
    rescore_stale(workspace_id=owner.workspace_id)
    swapped = page(owner, "segment-live", segment, query=f"?since={seen}")
    fresh = page(owner, "segment", segment)
    assert swapped.strip() in fresh


def test_answers_on_their_way_are_said(owner: Actor) -> None:
    segment = scored(owner)
    seen = since(page(owner, "segment", segment))
    Stale.objects.create(workspace_id=owner.workspace_id, segment_id=segment)
    assert "Answers are being scored" in page(owner, "segment-live", segment, query=f"?since={seen}")


def test_another_workspaces_segment_never_existed(owner: Actor) -> None:
    segment = scored(owner)
    stranger = factories.workspace()
    assert answer(stranger, "segment-live", segment).status_code == 404


# --- As many queries for three as for one ---------------------------------------------------------


def counted(actor: Actor, name: str, *args: int, query: str = "") -> int:
    cache.clear()
    answer(actor, name, *args, query=query)
    with CaptureQueriesContext(connection) as queries:
        assert answer(actor, name, *args, query=query).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("name", "query"),
    [("portfolio", ""), ("portfolio", "?cell=CO-PR&open={firm}"), ("firms", ""), ("firm", "")],
)
def test_queries_do_not_grow_with_segments_and_firms(owner: Actor, name: str, query: str) -> None:
    firm = factories.firm(owner).pk
    args = [firm] if name == "firm" else []
    query = query.format(firm=firm)
    scored(owner, firm=firm)
    one = counted(owner, name, *args, query=query)
    for place in (firm, firm, None, None):
        segment = scored(owner, firm=place)
        add_touchpoint(by=owner, segment_id=segment, name="Order", step="request")
    assert counted(owner, name, *args, query=query) == one


def test_queries_of_a_segment_do_not_grow_with_its_neighbours(owner: Actor) -> None:
    firm = factories.firm(owner).pk
    segment = scored(owner, firm=firm)
    one = counted(owner, "segment", segment)
    scored(owner, firm=firm)
    scored(owner, firm=firm)
    assert counted(owner, "segment", segment) == one
