"""Many firms, segments or touchpoints at once: the checks of one, in statements for all; all or nothing."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max

from connected.bulk import draw_ids, insert_rows, stage
from connected.models import Firm, Segment, Tenant, Touchpoint
from connected.permissions import Actor, must_edit, visible_firms, visible_segments
from connected.services.firms import HAS_NAME_ALREADY, NEEDS_CURRENCY, twin_words

Row = TypeVar("Row", bound=Tenant)
Items = Sequence[Mapping[str, Any]]
MOST: Final = 10_000

_TWINS: Final = """
SELECT DISTINCT ON (item) item, kept.name FROM incoming_segments AS given
JOIN connected_segment AS kept ON kept.workspace_id = %s AND kept.firm_id = given.firm_id
    AND upper(kept.name) = upper(given.name) AND upper(kept.offering) = upper(given.offering)
    AND upper(kept.situation) = upper(given.situation)
ORDER BY item
"""


@dataclass(frozen=True)
class BadItem:
    """What is wrong with one item: its place in the list from 0, the field, and what to do."""

    index: int
    field: str
    detail: str


class BadItems(Exception):
    """Some items were not accepted, and so none was saved."""

    def __init__(self, items: Sequence[BadItem]) -> None:
        super().__init__(f"{len(items)} problems")
        self.items = sorted(items, key=lambda each: each.index)


@transaction.atomic
def add_firms(*, by: Actor, items: Items) -> list[int]:
    """New firms, each as :func:`add_firm` takes it; their ids in the order given. Raises BadItems."""
    must_edit(by)
    rows = _built(Firm, by, items)
    bad = [*_faulty(rows), *_twice(rows, lambda row: row.name)]
    there = set(Firm.objects.filter(name__in=[row.name for row in rows]).values_list("name", flat=True))
    bad += [BadItem(place, "name", HAS_NAME_ALREADY) for place, row in enumerate(rows) if row.name in there]
    return _inserted(Firm, rows, bad)


@transaction.atomic
def add_segments(*, by: Actor, items: Items) -> list[int]:
    """New segments, each as :func:`add_segment` takes it; their ids in the order given. Raises BadItems."""
    must_edit(by)
    rows = _built(Segment, by, items)
    firms = {row.firm_id for row in rows}
    seen = set(visible_firms(by).filter(pk__in=firms).values_list("pk", flat=True))
    bad = [*_faulty(rows), *_strange(rows, "firm", seen), *_twice(rows, _situated)]
    bad += [
        BadItem(place, "currency", NEEDS_CURRENCY)
        for place, row in enumerate(rows)
        if row.revenue is not None and not row.currency
    ]
    return _inserted(Segment, rows, bad or _twins(by, rows))


@transaction.atomic
def add_touchpoints(*, by: Actor, items: Items) -> list[int]:
    """New touchpoints, each as :func:`add_touchpoint` takes it; those without a position go to the end of
    their journey, in the order given. Returns their ids. Raises BadItems."""
    must_edit(by)
    rows = _built(Touchpoint, by, items)
    segments = {row.segment_id for row in rows}
    seen = set(visible_segments(by).filter(pk__in=segments).values_list("pk", flat=True))
    ends = dict(
        Touchpoint.objects.filter(segment_id__in=segments)
        .values_list("segment_id")
        .annotate(last=Max("position"))
        .order_by()
    )
    for row, item in zip(rows, items, strict=True):
        if "position" not in item:
            row.position = ends.get(row.segment_id, -1) + 1
        ends[row.segment_id] = max(row.position, ends.get(row.segment_id, -1))
    return _inserted(Touchpoint, rows, [*_faulty(rows), *_strange(rows, "segment", seen)])


def _built(model: type[Row], by: Actor, items: Items) -> list[Row]:
    return [
        model(
            workspace_id=by.workspace_id,
            **{name: value.strip() if isinstance(value, str) else value for name, value in item.items()},
        )
        for item in items
    ]


def _faulty(rows: Sequence[Tenant]) -> Iterator[BadItem]:
    """What the fields themselves refuse. That the things they belong to exist is asked once for all."""
    parents = [field.name for field in (rows[0]._meta.local_fields if rows else ()) if field.many_to_one]
    for place, row in enumerate(rows):
        try:
            row.full_clean(exclude=parents, validate_unique=False, validate_constraints=False)
            if isinstance(row, Touchpoint) and row.position < 0:
                raise ValidationError({"position": "Give 0 or more: 0 is the first place."})
        except ValidationError as refusal:
            for field, words in refusal.message_dict.items():
                yield from (BadItem(place, field, word) for word in words)


def _strange(rows: Sequence[Tenant], parent: str, seen: set[int]) -> Iterator[BadItem]:
    for place, row in enumerate(rows):
        if getattr(row, f"{parent}_id") not in seen:
            yield BadItem(place, parent, f"There is no such {parent}.")


def _twice(rows: Sequence[Row], key: Callable[[Row], Hashable]) -> Iterator[BadItem]:
    """Items that say the same as one before them."""
    first: dict[Hashable, int] = {}
    for place, row in enumerate(rows):
        if (before := first.setdefault(key(row), place)) != place:
            yield BadItem(place, "name", f"The same as item {before} of this list: leave one out.")


def _situated(row: Segment) -> Hashable:
    return row.firm_id, row.name.upper(), row.offering.upper(), row.situation.upper()


def _twins(by: Actor, rows: Sequence[Segment]) -> list[BadItem]:
    """Segments there are already, capital letters aside."""
    columns = {"item": "int", "firm_id": "bigint", "name": "text", "offering": "text", "situation": "text"}
    stage(
        "incoming_segments",
        columns,
        [(n, row.firm_id, row.name, row.offering, row.situation) for n, row in enumerate(rows)],
    )
    with connection.cursor() as cursor:
        cursor.execute(_TWINS, [by.workspace_id])
        return [BadItem(place, "name", twin_words(name)) for place, name in cursor.fetchall()]


def _inserted(model: type[Row], rows: Sequence[Row], bad: Sequence[BadItem]) -> list[int]:
    if bad:
        raise BadItems(bad)
    times = ("created_at", "updated_at")
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in times]
    ids = draw_ids(model, len(rows))
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
    insert_rows(model, names, ([getattr(row, name) for name in names] for row in rows))
    return ids
