"""Firms and segments: forms, errors beside fields, deleting with the toll named."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from connected.models import Firm, Role, Segment
from connected.permissions import Actor
from connected.services import add_segment, add_touchpoint
from tests import factories
from tests.connected.conftest import SHELL_QUERIES, Browser

Browse = Callable[[Actor], Browser]


def test_a_new_firm_leads_to_its_page(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    answer = browser.post("firm-new", data={"name": "Acme", "need": "Rest"})
    firm = Firm.objects.get(name="Acme")
    assert answer.headers["Location"] == browser.at("firm", firm.pk)
    assert firm.need == "Rest"


def test_a_name_taken_is_said_beside_the_name_and_nothing_typed_is_lost(owner: Actor, browse: Browse) -> None:
    factories.firm(owner, "Acme")
    answer = browse(owner).post("firm-new", data={"name": "Acme", "refuses": "Discounts"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["This workspace already has a firm of that name."]
    assert "Discounts" in answer.content.decode()


def test_an_error_is_tied_to_its_field(owner: Actor, browse: Browse) -> None:
    page = browse(owner).post("firm-new", data={"name": ""}).content.decode()
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_error"' in page


def test_editing_a_firm_keeps_the_old_name_in_the_title_while_wrong(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner, "Acme")
    answer = browse(owner).post("firm-edit", firm.pk, data={"name": ""})
    page = answer.content.decode()
    assert '<h1 class="page">Acme</h1>' in page
    answer = browse(owner).post("firm-edit", firm.pk, data={"name": "Acme of London", "need": "x" * 5_000})
    assert answer.status_code == 422
    assert f'href="{answer.wsgi_request.path.removesuffix("edit/")}">Acme</a>' in answer.content.decode()


def shown(browser: Browser, route: str, pk: int) -> dict[str, str]:
    """What the form of a page would send as it stands: nothing that the page does not have."""
    answer = browser.get(route, pk)
    page, form = answer.content.decode(), answer.context["form"]
    assert [field.html_name for field in form if f'name="{field.html_name}"' not in page] == []
    return {field.html_name: str(field.value() or "") for field in form}


def test_of_two_who_edit_a_firm_neither_undoes_what_the_other_did_not_touch(
    owner: Actor, browse: Browse
) -> None:
    firm, browser = factories.firm(owner, "Acme"), browse(owner)
    one, other = (shown(browser, "firm-edit", firm.pk) for _ in range(2))
    browser.post("firm-edit", firm.pk, data={**one, "need": "Rest\r\nand quiet"})
    browser.post("firm-edit", firm.pk, data={**other, "refuses": "Discounts"})
    firm.refresh_from_db()
    assert (firm.name, firm.need, firm.refuses) == ("Acme", "Rest\r\nand quiet", "Discounts")


def test_what_both_changed_is_shown_and_asked_once_more(owner: Actor, browse: Browse) -> None:
    segment, browser = factories.segment(owner, factories.firm(owner).pk, "Guests"), browse(owner)
    before = shown(browser, "segment-edit", segment.pk)
    first = {**before, "customers": "500", "consent": "yes", "revenue": "1200000.50", "currency": "EUR"}
    browser.post("segment-edit", segment.pk, data=first)
    late = {**before, "customers": "700", "consent": "no", "revenue": "1200000.5", "source": "Report"}
    answer = browser.post("segment-edit", segment.pk, data={**late, "currency": "EUR"})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"customers", "consent"}
    assert "It says “500” now. Save again to keep yours." in form.errors["customers"][0]
    assert "It says “Yes” now." in form.errors["consent"][0]
    assert form["customers"].value() == "700"
    segment.refresh_from_db()
    assert (segment.customers, segment.source) == (500, "")
    again = {field.html_name: str(field.value() or "") for field in form}
    assert browser.post("segment-edit", segment.pk, data=again).status_code == 302
    segment.refresh_from_db()
    assert (segment.customers, segment.consent, segment.source) == (700, "no", "Report")


def test_the_form_of_a_touchpoint_says_what_it_showed_too(owner: Actor, browse: Browse) -> None:
    segment, browser = factories.segment(owner, factories.firm(owner).pk), browse(owner)
    row = add_touchpoint(by=owner, segment_id=segment.pk, name="Stand in the queue", step="request")
    one, other = (shown(browser, "touchpoint-edit", row.pk) for _ in range(2))
    browser.post("touchpoint-edit", row.pk, data={**one, "pain": "3"})
    browser.post("touchpoint-edit", row.pk, data={**other, "owner": "Park"})
    row.refresh_from_db()
    assert (row.pain, row.owner) == (3, "Park")


def test_a_firm_deleted_meanwhile_is_not_there_to_save(owner: Actor, browse: Browse) -> None:
    firm, browser = factories.firm(owner), browse(owner)
    pk, before = firm.pk, shown(browser, "firm-edit", firm.pk)
    firm.delete()
    assert browser.post("firm-edit", pk, data=before).status_code == 404


@pytest.mark.parametrize("was", ["", "nonsense", "[1]"])
def test_a_form_that_does_not_say_what_it_showed_saves_all_it_holds(
    owner: Actor, browse: Browse, was: str
) -> None:
    firm = factories.firm(owner, "Acme")
    browse(owner).post("firm-edit", firm.pk, data={"name": "Acme", "need": "Rest", "was": was})
    firm.refresh_from_db()
    assert (firm.name, firm.need) == ("Acme", "Rest")


def test_deleting_an_empty_firm_needs_no_name(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner)
    browse(owner).post("firm-delete", firm.pk)
    assert not Firm.objects.filter(pk=firm.pk).exists()


def test_deleting_a_firm_names_the_toll(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner)
    segment = factories.segment(owner, firm.pk)
    for number in range(2):
        add_touchpoint(by=owner, segment_id=segment.pk, name=f"T{number}", step="request")
    toll = browse(owner).get("firm-delete", firm.pk).context["toll"]
    assert toll == [(1, "segment"), (2, "touchpoints")]


@pytest.mark.parametrize(("typed", "gone"), [("Acme", True), ("acme", False), ("", False)])
def test_a_firm_with_segments_goes_only_when_named(
    owner: Actor, browse: Browse, typed: str, gone: bool
) -> None:
    firm = factories.firm(owner, "Acme")
    factories.segment(owner, firm.pk)
    browse(owner).post("firm-delete", firm.pk, data={"name": typed})
    assert Firm.objects.filter(pk=firm.pk).exists() is not gone


def test_a_new_segment(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner)
    values = {"name": "Guests", "offering": "Park", "revenue": "12.5", "currency": "eur", "consent": "yes"}
    browse(owner).post("segment-new", firm.pk, data=values)
    segment = Segment.objects.get(firm=firm)
    assert (segment.offering, segment.currency, segment.consent) == ("Park", "EUR", "yes")


def test_and_another_comes_back_with_the_same_offering(owner: Actor, browse: Browse) -> None:
    firm, browser = factories.firm(owner), browse(owner)
    answer = browser.post(
        "segment-new", firm.pk, data={"name": "Guests", "offering": "Park", "consent": "no", "another": "1"}
    )
    assert answer.headers["Location"] == browser.at("segment-new", firm.pk) + "?another=1"
    assert 'value="Park"' in browser.client.get(answer.headers["Location"]).content.decode()


def test_a_new_segment_begins_empty(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner)
    add_segment(by=owner, firm_id=firm.pk, name="Guests", offering="Park")
    assert 'value="Park"' not in browse(owner).get("segment-new", firm.pk).content.decode()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("currency", "euros"), ("customers", "12k"), ("revenue", "12k"), ("name", "day visitor")],
)
def test_what_cannot_be_taken_is_refused_in_words_and_looked_at(
    owner: Actor, browse: Browse, field: str, typed: str
) -> None:
    firm = factories.firm(owner)
    factories.segment(owner, firm.pk, name="Day visitor")
    values = {"name": "Guests", "revenue": "1", "currency": "EUR", "consent": "no", field: typed}
    answer = browse(owner).post("segment-new", firm.pk, data=values)
    form = answer.context["form"]
    assert (answer.status_code, [each.name for each in form.wrong]) == (422, [field])
    assert form[field].value() == typed
    assert "autofocus" in str(form[field])


def test_revenue_without_currency_is_said_beside_the_currency(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner)
    answer = browse(owner).post(
        "segment-new", firm.pk, data={"name": "Guests", "revenue": "1", "consent": "no"}
    )
    assert list(answer.context["form"].errors) == ["currency"]


@pytest.mark.parametrize("revenue", ["NaN", "Infinity", "-1", "1e30"])
def test_a_number_that_is_none_is_refused(owner: Actor, browse: Browse, revenue: str) -> None:
    firm = factories.firm(owner)
    values = {"name": "Guests", "revenue": revenue, "currency": "EUR", "consent": "no"}
    answer = browse(owner).post("segment-new", firm.pk, data=values)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["revenue"])


def test_the_same_segment_twice_is_refused_beside_its_name(owner: Actor, browse: Browse) -> None:
    firm, browser = factories.firm(owner), browse(owner)
    values = {"name": "Guests", "offering": "Park", "consent": "no"}
    browser.post("segment-new", firm.pk, data=values)
    answer = browser.post("segment-new", firm.pk, data=values)
    assert list(answer.context["form"].errors) == ["name"]


def test_deleting_a_segment_leads_to_its_firm(owner: Actor, browse: Browse) -> None:
    firm, browser = factories.firm(owner), browse(owner)
    segment = factories.segment(owner, firm.pk)
    assert browser.post("segment-delete", segment.pk).headers["Location"] == browser.at("firm", firm.pk)
    assert not Segment.objects.filter(pk=segment.pk).exists()


@pytest.mark.parametrize("route", ["firm-edit", "firm-delete", "segment-new"])
def test_a_manager_may_not_change_what_is_granted(owner: Actor, browse: Browse, route: str) -> None:
    firm = factories.firm(owner)
    manager = factories.member(owner, Role.MANAGER, (firm.pk,))
    assert browse(manager).post(route, firm.pk, data={"name": "Other"}).status_code == 403


def test_what_is_not_granted_is_like_what_never_was(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner)
    browser = browse(factories.member(owner, Role.MANAGER))
    hidden, missing = browser.get("firm-edit", firm.pk), browser.get("firm-edit", 10**9)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert "Nothing here" in hidden.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_finding_costs_the_same_for_one_and_for_three(
    owner: Actor, browse: Browse, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        factories.segment(owner, factories.firm(owner, f"Acme {number}").pk, f"Acme guests {number}")
    browser = browse(owner)
    with django_assert_num_queries(SHELL_QUERIES + 2):
        page = browser.get("find", query="?q=acme").content.decode()
    assert page.count("<small>Firm") == rows


def test_find_takes_every_word(owner: Actor, browse: Browse) -> None:
    firm = factories.firm(owner, "Walt Disney Parks")
    factories.segment(owner, firm.pk, "Annual passholder")
    found = browse(owner).get("find", query="?q=disney+annual").context
    assert [segment.name for segment in found["found_segments"]] == ["Annual passholder"]
    assert found["found_firms"] == []


def test_find_part_is_the_list_of_the_page(owner: Actor, browse: Browse) -> None:
    factories.firm(owner, "Acme")
    browser = browse(owner)
    part = browser.get(
        "find", query="?q=acme", **{"HX-Request": "true", "HX-Target": "found"}
    ).content.decode()
    assert part.strip()
    assert part.strip() in browser.get("find", query="?q=acme").content.decode()


def test_find_shows_a_manager_only_what_is_granted(owner: Actor, browse: Browse) -> None:
    factories.firm(owner, "Acme one")
    granted = factories.firm(owner, "Acme two")
    manager = factories.member(owner, Role.MANAGER, (granted.pk,))
    assert browse(manager).get("find", query="?q=acme").context["found_firms"] == [granted]
