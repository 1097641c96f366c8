"""Files of firms, segments and touchpoints, taken over."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from assessments.services.imports import TableImported, import_table
from assessments.tables import TableError, read_table
from connected.models import Firm, Role, Segment, Touchpoint
from connected.permissions import Actor
from tests import factories


def take(by: Actor, kind: str, *lines: str, dry_run: bool = False) -> TableImported:
    return import_table(by=by, kind=kind, table=read_table("\n".join(lines).encode()), dry_run=dry_run)


def reasons(by: Actor, kind: str, *lines: str) -> list[str]:
    with pytest.raises(TableError) as refused:
        take(by, kind, *lines)
    return [str(problem) for problem in refused.value.problems]


@pytest.fixture
def riders(owner: Actor) -> Segment:
    firm = factories.firm(owner, "Acme")
    return factories.segment(owner, firm.pk, "Riders")


def test_makes_firms(owner: Actor) -> None:
    assert take(owner, "firms", "firm,industry,need", "Acme,Rail,To arrive") == TableImported(1, 0, 0)
    firm = Firm.objects.get()
    assert (firm.name, firm.industry, firm.need, firm.refuses) == ("Acme", "Rail", "To arrive", "")


def test_changes_only_what_differs_in_the_columns_there_are(owner: Actor) -> None:
    take(owner, "firms", "firm,industry,need", "Acme,Rail,To arrive", "Other,Air,")
    assert take(owner, "firms", "firm,industry", "Acme,Trains", "Other,Air") == TableImported(0, 1, 1)
    assert Firm.objects.values_list("industry", "need").get(name="Acme") == ("Trains", "To arrive")


def test_a_changed_row_says_when(owner: Actor) -> None:
    firm = factories.firm(owner, "Acme")
    take(owner, "firms", "firm,industry", "Acme,Rail")
    assert Firm.objects.get().updated_at > firm.updated_at


def test_a_dry_run_counts_and_writes_nothing(owner: Actor) -> None:
    assert take(owner, "firms", "firm", "Acme", dry_run=True).created == 1
    assert not Firm.objects.exists()


def test_the_same_firm_twice_names_both_rows(owner: Actor) -> None:
    assert reasons(owner, "firms", "firm", "Acme", "Other", "Acme") == [
        "row 4, column firm: row 2 and row 4 name the same"
    ]


def test_makes_segments_and_their_firms(owner: Actor) -> None:
    done = take(
        owner,
        "segments",
        "firm,segment,offering,customers,revenue,currency,consent",
        "Acme,Riders,Rides,1200000,1.5,EUR,yes",
    )
    assert (done.created, done.firms_created) == (1, 1)
    segment = Segment.objects.get()
    assert (segment.customers, segment.revenue, segment.currency, segment.consent) == (
        1_200_000,
        Decimal("1.5"),
        "EUR",
        "yes",
    )


def test_an_empty_cell_takes_a_figure_away_but_not_a_choice(owner: Actor) -> None:
    header = "firm,segment,customers,consent"
    take(owner, "segments", header, "Acme,Riders,5,yes")
    take(owner, "segments", header, "Acme,Riders,,")
    segment = Segment.objects.get()
    assert (segment.customers, segment.consent) == (None, "yes")


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("customers", "1.2e6", "this is no whole number; write 1200000 without separators"),
        ("customers", "-1", "Ensure this value is greater than or equal to 0."),
        ("customers", "99999999999999999999", "this is no whole number; write 1200000 without separators"),
        (
            "customers",
            "9999999999999999999",
            "Ensure this value is less than or equal to 9223372036854775807.",
        ),
        ("revenue", "NaN", "this is no number; write 1200000.50 without separators or currency"),
        ("revenue", "Infinity", "this is no number; write 1200000.50 without separators or currency"),
        ("revenue", "1.234", "Ensure that there are no more than 2 decimal places."),
        ("consent", "maybe", "this is none of yes, no, unsure"),
        ("source", "x" * 1001, "this is longer than 1000 characters"),
    ],
)
def test_bad_cells_are_named(owner: Actor, column: str, cell: str, said: str) -> None:
    found = reasons(owner, "segments", f"firm,segment,{column},currency", f"Acme,Riders,{cell},EUR")
    assert found == [f"row 2, column {column}: {said}"]


def test_a_currency_is_three_letters_and_kept_in_capitals(owner: Actor) -> None:
    said = reasons(owner, "segments", "firm,segment,revenue,currency", "Acme,Riders,5,€€")
    assert said == ["row 2, column currency: Write the currency as three letters, such as EUR."]
    take(owner, "segments", "firm,segment,revenue,currency", "Acme,Riders,5,eur")
    assert Segment.objects.get().currency == "EUR"


def test_revenue_needs_a_currency(owner: Actor) -> None:
    assert reasons(owner, "segments", "firm,segment,revenue", "Acme,Riders,5") == [
        "row 2, column currency: revenue needs a currency, such as EUR"
    ]


def test_revenue_may_rely_on_the_currency_that_is_there(owner: Actor) -> None:
    take(owner, "segments", "firm,segment,revenue,currency", "Acme,Riders,5,EUR")
    take(owner, "segments", "firm,segment,revenue", "Acme,Riders,6")
    assert Segment.objects.get().revenue == 6


def test_makes_touchpoints_in_the_order_of_the_file(owner: Actor, riders: Segment) -> None:
    take(
        owner,
        "touchpoints",
        "firm,segment,touchpoint,step,initiator,trigger,identified,importance,date",
        "Acme,Riders,Reminder,recognize,Firm,Sensed state,yes,4,2026-12-31",
        "Acme,Riders,Order,Request,,,no,,",
    )
    first, second = Touchpoint.objects.all()
    assert (first.name, first.initiator, first.trigger, first.identified) == (
        "Reminder",
        "firm",
        "sensed",
        True,
    )
    assert (first.importance, first.date) == (4, date(2026, 12, 31))
    assert (second.step, second.initiator, second.importance) == ("request", "", None)
    assert (second.identified, second.carries_context) == (False, None)
    assert [first.position, second.position] == [0, 1]


def test_touchpoints_of_one_name_are_told_apart_by_their_order(owner: Actor, riders: Segment) -> None:
    lines = [
        "firm,segment,touchpoint,step,description",
        "Acme,Riders,Mail,repeat,a",
        "Acme,Riders,Mail,repeat,b",
    ]
    take(owner, "touchpoints", *lines)
    assert take(owner, "touchpoints", *lines) == TableImported(0, 0, 2)


def test_touchpoints_need_their_segment(owner: Actor, riders: Segment) -> None:
    header = "firm,segment,touchpoint,step"
    assert reasons(owner, "touchpoints", header, "Acme,Guests,Mail,repeat", "None,Riders,Mail,repeat") == [
        "row 2, column segment: this firm has no such segment for this offering and situation",
        "row 3, column firm: there is no firm of that name",
    ]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("importance", "5", "Ensure this value is less than or equal to 4."),
        ("identified", "perhaps", "this is neither yes nor no"),
        ("date", "31.12.2026", "this is no date; write it as 2026-12-31"),
        ("date", "2026-02-30", "there is no such day"),
    ],
)
def test_bad_cells_of_touchpoints_are_named(
    owner: Actor, riders: Segment, column: str, cell: str, said: str
) -> None:
    found = reasons(
        owner, "touchpoints", f"firm,segment,touchpoint,step,{column}", f"Acme,Riders,Mail,repeat,{cell}"
    )
    assert found == [f"row 2, column {column}: {said}"]


def test_managers_cannot_import(owner: Actor) -> None:
    with pytest.raises(PermissionDenied):
        take(factories.member(owner, Role.MANAGER), "firms", "firm", "Acme")


def test_another_workspace_of_the_same_names_stays_untouched(owner: Actor) -> None:
    other = factories.workspace()
    with factories.in_workspace(other.workspace_id, user_id=other.user_id):
        take(other, "firms", "firm,industry", "Acme,Rail")
    take(owner, "firms", "firm,industry", "Acme,Air")
    with factories.in_workspace(other.workspace_id, user_id=other.user_id):
        assert Firm.objects.get().industry == "Rail"


def test_every_kind_of_bad_row_is_named_at_once(owner: Actor) -> None:
    with pytest.raises(TableError) as refused:
        take(
            owner,
            "segments",
            "firm,segment,customers,revenue,currency",
            "Acme,A",
            "Acme,B,many,,",
            ",C,1,,",
            "Acme,D,1,5,",
            "Acme,E,1,,",
            "Acme,E,2,,",
        )
    assert [problem.row for problem in refused.value.problems] == [2, 3, 4, 5, 7]
