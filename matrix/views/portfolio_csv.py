"""The placements a portfolio shows, to take away as CSV."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.http import StreamingHttpResponse

from connected.bulk import allow_seconds
from connected.permissions import Actor, Asked, visible_firms
from connected.tenancy import in_workspace
from matrix.queries import pages
from matrix.queries.firmlist import firm_list
from matrix.scoring import RELATIONSHIPS

_HEADER: Final = (
    "firm", "segment", "offering", "situation", "customers", *RELATIONSHIPS, "present",
    "primary_relationship", "primary_architecture", "identify", "differentiate", "interact", "customize",
    "quadrant", "borderline", "confidence_cell", "confidence_quadrant", "agreement", "coverage", "raters",
    "model", "computed_at", *(f"wanted_{code}" for code in RELATIONSHIPS), "under_served", "intrusive",
)  # fmt: skip
# Sorting a million lines by firm takes a while before the first one leaves.
SECONDS: Final = 60
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """What csv writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def portfolio_csv(request: Asked, workspace: str) -> StreamingHttpResponse:
    """The placements the sentence selects, one segment a line. Empty means not known."""
    actor = request.actor
    found = firm_list(visible_firms(actor), request.GET.get("firms", ""), request.GET.get("named", ""))
    chosen = found.ids()
    rows = _rows(actor, chosen if chosen is not None else actor.firms)
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="portfolio.csv"'
    return response


def _rows(actor: Actor, firms: frozenset[int] | None) -> Iterator[tuple[object, ...]]:
    """Read while they are written, in a transaction of their own: the page's has ended by then."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        allow_seconds(SECONDS)
        yield from pages.placement_rows(firms)


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(_HEADER)
    for row in rows:
        yield writer.writerow([_plain(value) for value in row])


def _plain(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
