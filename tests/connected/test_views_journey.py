"""The journey page and its changes in place."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from connected.forms import TouchpointForm
from connected.models import Role, Segment, Touchpoint
from connected.permissions import Actor
from connected.services import add_touchpoint
from tests import factories
from tests.connected.conftest import SHELL_QUERIES, Browser

Browse = Callable[[Actor], Browser]
# What a browser sends of the fields nobody touched.
USUAL = {
    field.name: str(field.default)
    for field in Touchpoint._meta.fields
    if field.name in TouchpointForm.base_fields and field.choices and field.has_default()
} | {"step": "request"}


@pytest.fixture
def segment(owner: Actor) -> Segment:
    return factories.segment(owner, factories.firm(owner).pk)


def touchpoint(by: Actor, segment: Segment, name: str, step: str = "request", **values: object) -> Touchpoint:
    return add_touchpoint(by=by, segment_id=segment.pk, name=name, step=step, **values)


def order(segment: Segment, step: str = "request") -> list[str]:
    rows = Touchpoint.objects.filter(segment=segment, step=step).order_by("position", "id")
    return [row.name for row in rows]


def board(page: str) -> str:
    """The part every change answers with, without what differs by design: where to look, and when."""
    start = page.index('<div id="journey"')
    end = page.index('<span id="saved"')
    return page[start:end].replace(" autofocus", "")


def test_an_empty_journey_teaches_and_offers_the_first_touchpoint(
    owner: Actor, browse: Browse, segment: Segment
) -> None:
    page = browse(owner).get("journey", segment.pk).content.decode()
    assert "No journey yet" in page
    assert "Start where the need arises." in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_journey_costs_the_same_for_one_and_for_three(
    owner: Actor,
    browse: Browse,
    segment: Segment,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        touchpoint(owner, segment, f"T{number}")
    browser = browse(owner)
    with django_assert_num_queries(SHELL_QUERIES + 2):
        browser.get("journey", segment.pk)


def test_adding_in_place_answers_with_the_journey_a_fresh_page_shows(
    owner: Actor, browse: Browse, segment: Segment
) -> None:
    browser = browse(owner)
    part = browser.post(
        "touchpoint-new", segment.pk, data={"name": "Order", **USUAL}, htmx=True
    ).content.decode()
    assert order(segment) == ["Order"]
    fresh = browser.get("journey", segment.pk).content.decode()
    plain = [text.split('name="csrfmiddlewaretoken"') for text in (board(part), board(fresh))]
    assert [piece.split(">", 1)[-1] for piece in plain[0]] == [piece.split(">", 1)[-1] for piece in plain[1]]


def test_adding_without_script_leads_back_to_the_card(owner: Actor, browse: Browse, segment: Segment) -> None:
    browser = browse(owner)
    answer = browser.post("touchpoint-new", segment.pk, data={"name": "Order", **USUAL})
    made = Touchpoint.objects.get(segment=segment)
    assert answer.headers["Location"] == f"{browser.at('journey', segment.pk)}#tp-{made.pk}"


def test_a_refused_form_stays_where_it_was_opened(owner: Actor, browse: Browse, segment: Segment) -> None:
    answer = browse(owner).post("touchpoint-new", segment.pk, data={**USUAL, "cost": "4 EUR"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#slot-request")
    assert 'value="4 EUR"' in answer.content.decode()


def test_an_error_in_a_closed_group_opens_it(owner: Actor, browse: Browse, segment: Segment) -> None:
    answer = browse(owner).post(
        "touchpoint-new", segment.pk, data={"name": "A", **USUAL, "date": "soon"}, htmx=True
    )
    opened = {title: wrong for title, _, wrong in answer.context["form"].groups}
    assert opened == {"Who moves": False, "Evidence": False, "Plan": True}


def test_every_attribute_can_be_typed() -> None:
    kept = {"id", "workspace", "segment", "position", "created_at", "updated_at"}
    assert set(TouchpointForm.base_fields) == {field.name for field in Touchpoint._meta.fields} - kept


def test_evidence_nobody_stated_stays_not_stated(owner: Actor, browse: Browse, segment: Segment) -> None:
    browse(owner).post("touchpoint-new", segment.pk, data={"name": "Order", **USUAL})
    made = Touchpoint.objects.get(segment=segment)
    assert {getattr(made, name) for name in TouchpointForm.SILENT} == {""}
    assert (made.identified, made.carries_context) == (None, None)


@pytest.mark.parametrize(("typed", "kept"), [("True", True), ("False", False), ("", None)])
def test_recognised_is_yes_no_or_not_stated(
    owner: Actor, browse: Browse, segment: Segment, typed: str, kept: bool | None
) -> None:
    row, browser = touchpoint(owner, segment, "A", identified=True), browse(owner)
    browser.post("touchpoint-edit", row.pk, data={"name": "A", **USUAL, "identified": typed})
    row.refresh_from_db()
    assert row.identified is kept
    assert browser.get("touchpoint-edit", row.pk).context["form"]["identified"].value() is kept


def test_a_link_can_open_the_field_it_speaks_of(owner: Actor, browse: Browse, segment: Segment) -> None:
    row = touchpoint(owner, segment, "A")
    form = browse(owner).get("touchpoint-edit", row.pk, query="?open=signature").context["form"]
    assert [title for title, _, opened in form.groups if opened] == ["Plan"]
    assert "autofocus" in str(form["signature"])
    assert "autofocus" not in str(form["name"])


def test_importance_left_open_is_unknown_and_not_zero(owner: Actor, browse: Browse, segment: Segment) -> None:
    values = {"name": "Order", **USUAL, "importance": "", "pain": "0"}
    browse(owner).post("touchpoint-new", segment.pk, data=values)
    made = Touchpoint.objects.get(segment=segment)
    assert (made.importance, made.pain) == (None, 0)


def test_of_two_who_edit_a_touchpoint_each_keeps_what_only_they_changed(
    owner: Actor, browse: Browse, segment: Segment
) -> None:
    made = add_touchpoint(by=owner, segment_id=segment.pk, name="Queue", step="request", identified=True)
    browser = browse(owner)
    form = browser.get("touchpoint-edit", made.pk).context["form"]
    before = {field.html_name: "" if (value := field.value()) is None else str(value) for field in form}
    before.pop("signature")
    for mine in ({"pain": "3"}, {"importance": "4", "cost": "10 a day"}):
        browser.post("touchpoint-edit", made.pk, data={**before, **mine}, htmx=True)
    made.refresh_from_db()
    assert (made.pain, made.importance, made.identified, made.step) == (3, 4, True, "request")
    late = browser.post(
        "touchpoint-edit", made.pk, data={**before, "pain": "1", "cost": "10 a day"}, htmx=True
    )
    assert list(late.context["form"].errors) == ["pain"]


def test_editing_to_another_step_puts_it_last_there(owner: Actor, browse: Browse, segment: Segment) -> None:
    first = touchpoint(owner, segment, "A")
    touchpoint(owner, segment, "B", step="respond")
    browse(owner).post("touchpoint-edit", first.pk, data={"name": "A", **USUAL, "step": "respond"})
    assert order(segment, "respond") == ["B", "A"]


@pytest.mark.parametrize(
    ("to", "request_step", "respond_step"),
    [
        ("earlier", ["B", "A", "C"], ["D"]),
        ("later", ["A", "C", "B"], ["D"]),
        ("next", ["A", "C"], ["D", "B"]),
    ],
)
def test_moving(
    owner: Actor, browse: Browse, segment: Segment, to: str, request_step: list[str], respond_step: list[str]
) -> None:
    middle = [touchpoint(owner, segment, name) for name in "ABC"][1]
    touchpoint(owner, segment, "D", step="respond")
    browse(owner).post("touchpoint-move", middle.pk, data={"to": to})
    assert (order(segment), order(segment, "respond")) == (request_step, respond_step)


def test_moving_later_than_last_goes_first_in_the_next_step(
    owner: Actor, browse: Browse, segment: Segment
) -> None:
    last = touchpoint(owner, segment, "A")
    touchpoint(owner, segment, "B", step="respond")
    browse(owner).post("touchpoint-move", last.pk, data={"to": "later"})
    assert order(segment, "respond") == ["A", "B"]


def test_moving_earlier_than_the_very_first_changes_nothing(
    owner: Actor, browse: Browse, segment: Segment
) -> None:
    first = touchpoint(owner, segment, "A", step="recognize")
    touchpoint(owner, segment, "B", step="recognize")
    browse(owner).post("touchpoint-move", first.pk, data={"to": "earlier"})
    assert order(segment, "recognize") == ["A", "B"]


def test_dropping_at_a_place(owner: Actor, browse: Browse, segment: Segment) -> None:
    moved = touchpoint(owner, segment, "A")
    for name in "BC":
        touchpoint(owner, segment, name, step="respond")
    browse(owner).post("touchpoint-move", moved.pk, data={"step": "respond", "place": "1"}, htmx=True)
    assert order(segment, "respond") == ["B", "A", "C"]


@pytest.mark.parametrize(
    "nonsense", [{}, {"to": "up"}, {"step": "x", "place": "0"}, {"step": "request", "place": "²"}]
)
def test_a_move_that_makes_no_sense_moves_nothing(
    owner: Actor, browse: Browse, segment: Segment, nonsense: dict[str, str]
) -> None:
    rows = [touchpoint(owner, segment, name) for name in "AB"]
    browse(owner).post("touchpoint-move", rows[1].pk, data=nonsense)
    assert order(segment) == ["A", "B"]


def test_deleting_can_be_undone_in_the_old_place(owner: Actor, browse: Browse, segment: Segment) -> None:
    rows = [touchpoint(owner, segment, name, date="2026-05-01", pain=3) for name in "ABC"]
    browser = browse(owner)
    undo = browser.post("touchpoint-delete", rows[1].pk, htmx=True).context["undo"]
    assert order(segment) == ["A", "C"]
    browser.post("touchpoint-restore", segment.pk, data={"undo": undo}, htmx=True)
    assert order(segment) == ["A", "B", "C"]
    again = Touchpoint.objects.get(name="B")
    assert (again.pain, again.date.isoformat() if again.date else "") == (3, "2026-05-01")


def test_undo_without_script_is_offered_on_the_page(owner: Actor, browse: Browse, segment: Segment) -> None:
    row, browser = touchpoint(owner, segment, "A"), browse(owner)
    answer = browser.post("touchpoint-delete", row.pk)
    assert "Touchpoint deleted." in browser.client.get(answer.headers["Location"]).content.decode()


def test_a_made_up_undo_restores_nothing(owner: Actor, browse: Browse, segment: Segment) -> None:
    browse(owner).post("touchpoint-restore", segment.pk, data={"undo": "x:y:z"})
    assert order(segment) == []


def test_an_undo_belongs_to_its_segment(owner: Actor, browse: Browse, segment: Segment) -> None:
    other = factories.segment(owner, segment.firm_id)
    row, browser = touchpoint(owner, other, "A"), browse(owner)
    undo = browser.post("touchpoint-delete", row.pk, htmx=True).context["undo"]
    browser.post("touchpoint-restore", segment.pk, data={"undo": undo})
    assert order(segment) == []


def test_deleting_needs_a_post(owner: Actor, browse: Browse, segment: Segment) -> None:
    row = touchpoint(owner, segment, "A")
    assert browse(owner).get("touchpoint-delete", row.pk).status_code == 405


def test_a_manager_looks_and_is_offered_nothing(owner: Actor, browse: Browse, segment: Segment) -> None:
    touchpoint(owner, segment, "A")
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    page = browse(manager).get("journey", segment.pk).content.decode()
    assert "Add a touchpoint" not in page
    assert "/edit/" not in page
    assert "journey.js" not in page


@pytest.mark.parametrize("route", ["touchpoint-edit", "touchpoint-delete", "touchpoint-move"])
def test_a_manager_changes_nothing(owner: Actor, browse: Browse, segment: Segment, route: str) -> None:
    row = touchpoint(owner, segment, "A")
    manager = factories.member(owner, Role.MANAGER, (segment.firm_id,))
    assert browse(manager).post(route, row.pk, data={"to": "next"}).status_code == 403
    assert order(segment) == ["A"]
