"""The firms somebody sees, a page at a time: counted and narrowed by the database, never read as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from connected.models import Firm, Segment
from matrix.models import StandingPlacement
from matrix.queries.pages import FirmHead, FirmLine, firm_heads, firm_lines
from matrix.queries.placements import located

# Seconds for which the list of industries may be behind, where it takes a reading of very many firms.
_REMEMBERED = 60
_MANY = 2_000


@dataclass(frozen=True)
class FirmList:
    """Firms by name: `every` the actor sees, `shown` those chosen; `chosen` and `named` what the page asked.

    `narrowed`: whether anything was asked, so that `shown` are not all.
    """

    every: "QuerySet[Firm]"
    shown: "QuerySet[Firm]"
    count: int
    all_count: int
    chosen: str
    named: str

    @property
    def narrowed(self) -> bool:
        return bool(self.chosen or self.named)

    def page(self, number: str | None, size: int) -> "Page[FirmLine]":
        """A page of lines. Only its own firms are counted up."""
        page: Page[FirmLine] = self._page(number, size, firm_lines)
        return page

    def heads(self, number: str | None, size: int) -> "Page[FirmHead]":
        """The same with less told of each firm."""
        page: Page[FirmHead] = self._page(number, size, firm_heads)
        return page

    def _page(self, number: str | None, size: int, told: Callable[["QuerySet[Firm]"], list[Any]]) -> Any:
        known = _Known(self.shown.values_list("pk", flat=True), size, self.count)
        page: Any = known.get_page(number)
        ids = list(page.object_list)
        lines = {line.pk: line for line in told(Firm.objects.filter(pk__in=ids))}
        page.object_list = [lines[pk] for pk in ids if pk in lines]
        return page

    def ids(self) -> frozenset[int] | None:
        """Those shown; None: all the actor sees."""
        return frozenset(self.shown.order_by().values_list("pk", flat=True)) if self.narrowed else None

    def industries(self, workspace_id: int) -> dict[str, int]:
        """How many firms each industry has, by name; of very many firms as of a minute ago."""
        if self.all_count <= _MANY:
            return _industries(self.every)
        key = f"industries:{workspace_id}:{self.all_count}"
        found: dict[str, int] | None = cache.get(key)
        if found is None:
            cache.set(key, found := _industries(self.every), _REMEMBERED)
        return found

    def segments(self) -> int:
        """Segments of the firms shown. Reads them all: where there is a cube, ask that."""
        return Segment.objects.filter(firm__in=self.shown.order_by()).count()

    def placed(self) -> int:
        """Those of them that stand in the matrix, as above."""
        return StandingPlacement.objects.filter(located(), segment__firm__in=self.shown.order_by()).count()


def firm_list(every: "QuerySet[Firm]", value: str, named: str) -> FirmList:
    """`value`: ``industry:NAME`` or ``firm:ID``; one there is not means all. `named`: part of a name."""
    kind, _, name = value.partition(":")
    named, shown = named.strip(), every
    if kind == "industry" and name:
        shown = every.filter(industry=name)
    elif kind == "firm" and name.isascii() and name.isdigit() and len(name) < 19:
        shown = every.filter(pk=int(name))
    else:
        value = ""
    if value and not shown.exists():
        value, shown = "", every
    if named:
        shown = shown.filter(name__icontains=named)
    count = every.count()
    return FirmList(every, shown, shown.count() if value or named else count, count, value, named)


def _industries(every: "QuerySet[Firm]") -> dict[str, int]:
    rows = every.exclude(industry="").order_by("industry").values_list("industry").annotate(n=Count("pk"))
    return dict(rows)


class _Known(Paginator):  # type: ignore[type-arg]
    """Pages of a list whose length is known."""

    def __init__(self, rows: "QuerySet[Firm, int]", size: int, count: int) -> None:
        super().__init__(rows, size)
        self.count = count
