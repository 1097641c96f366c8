"""Files of firms, segments and touchpoints: rows made or changed by what they are called."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from assessments.services.imports.cells import UNSET, read_cell
from assessments.services.imports.kinds import FIRMS, KINDS, SEGMENTS, TOUCHPOINTS, Kind
from assessments.services.imports.places import (
    SegmentKey,
    Segments,
    find_firms,
    leave_out,
    make_firms,
    misnamed,
    segment_keys,
    take_turns,
)
from assessments.tables import Problem, Table, TableError
from connected.bulk import insert_rows, update_rows
from connected.models import Touchpoint
from connected.permissions import Actor, must_edit
from connected.signals import journeys_changed

Row = dict[str, Any]
# The place a row belongs to, what it is called there, and the how-manieth of that name it is.
RowKey = tuple[int, tuple[Any, ...], int]
NOWHERE: Final = 0


@dataclass(frozen=True)
class TableImported:
    """What a file did to the rows it names; ``firms_created`` are firms a file of segments brought along."""

    created: int
    changed: int
    unchanged: int
    firms_created: int = 0


@transaction.atomic
def import_table(*, by: Actor, kind: str, table: Table, dry_run: bool = False) -> TableImported:
    """Take over a file of ``kind`` firms, segments or touchpoints, all or nothing.

    A row that is there already is changed where the file differs, in the columns the file has.
    ``dry_run`` counts and writes nothing. Raises TableError naming every bad row, PermissionDenied.
    """
    must_edit(by)
    spec = KINDS[kind]
    columns: Mapping[str, Sequence[str]] = table.take(spec.required, spec.optional)
    take_turns(by)
    problems = list(table.problems)
    rows = _read(spec, table.numbers, columns, problems)
    problems += _misnamed(spec, table.numbers, columns)
    numbers, columns, rows = _without(table.numbers, columns, rows, problems)
    places, firms_created = _places(by, spec, numbers, columns, problems)
    keys = _keys(spec, numbers, rows, places, problems)
    there = _there(spec, set(places), [spec.fields[column] for column in columns if column in spec.fields])
    new = [(key, row) for key, row in zip(keys, rows, strict=True) if key not in there]
    known = [(there[key], row) for key, row in zip(keys, rows, strict=True) if key in there]
    changed = [{**old, **_set(row)} for old, row in known if _differs(old, row)]
    if spec is SEGMENTS:
        merged = [{**there.get(key, {}), **_set(row)} for key, row in zip(keys, rows, strict=True)]
        problems += _without_currency(numbers, merged)
    if problems:
        raise TableError(problems)
    _insert(by, spec, new)
    _update(spec, list(rows[0]), changed)
    if spec is TOUCHPOINTS:
        journeys_changed.send(spec.model, workspace_id=by.workspace_id, segment_ids=sorted(set(places)))
    if dry_run:
        transaction.set_rollback(True)
    return TableImported(len(new), len(changed), len(known) - len(changed), firms_created)


def _without(
    numbers: Sequence[int], columns: Mapping[str, Sequence[str]], rows: list[Row], problems: Sequence[Problem]
) -> tuple[Sequence[int], Mapping[str, Sequence[str]], list[Row]]:
    """All three without the rows that cannot be read, so that the others are still looked at."""
    bad = {problem.row for problem in problems}
    kept = [row for number, row in zip(numbers, rows, strict=True) if number not in bad]
    return *leave_out(numbers, columns, bad), kept


def _read(
    spec: Kind, numbers: Sequence[int], columns: Mapping[str, Sequence[str]], problems: list[Problem]
) -> list[Row]:
    """The rows as values by attribute. Cells repeat, so each text is read once a column."""
    rows: list[Row] = [{} for _ in numbers]
    for column, texts in columns.items():
        if column not in spec.fields:
            continue
        field, name = spec.field(column), spec.fields[column]
        read: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for text in set(texts):
            try:
                read[text] = read_cell(field, text)
            except ValueError as error:
                wrong[text] = str(error)
        for number, row, text in zip(numbers, rows, texts, strict=True):
            if text in wrong:
                problems.append(Problem(number, column, wrong[text], text[:40]))
            else:
                row[name] = read[text]
    return rows


def _misnamed(spec: Kind, numbers: Sequence[int], columns: Mapping[str, Sequence[str]]) -> list[Problem]:
    return list(misnamed(numbers, "firm", columns["firm"], longest=120)) if spec is SEGMENTS else []


def _places(
    by: Actor,
    spec: Kind,
    numbers: Sequence[int],
    columns: Mapping[str, Sequence[str]],
    problems: list[Problem],
) -> tuple[list[int], int]:
    """The id of the firm or segment each row belongs to, and how many firms had to be made."""
    if spec is FIRMS:
        return [NOWHERE] * len(numbers), 0
    if spec is TOUCHPOINTS:
        return _segments(numbers, columns, problems), 0
    firms, made = make_firms(by, columns["firm"])
    return [firms[name] for name in columns["firm"]], made


def _segments(
    numbers: Sequence[int], columns: Mapping[str, Sequence[str]], problems: list[Problem]
) -> list[int]:
    """The segment of each row; one that is not found is told, and stands nowhere."""
    firms = find_firms(columns["firm"])
    there = Segments(firms)
    found = []
    for number, key in zip(numbers, segment_keys(columns), strict=True):
        try:
            found.append(there.at(there.exact(key)))
        except KeyError:
            problems.append(_nowhere(number, key, firms))
            found.append(NOWHERE)
        except LookupError as error:
            problems.append(Problem(number, "segment", str(error), key.segment))
            found.append(NOWHERE)
    return found


def _nowhere(number: int, key: SegmentKey, firms: Mapping[str, int]) -> Problem:
    if key.firm not in firms:
        return Problem(number, "firm", "there is no firm of that name", key.firm)
    reason = "this firm has no such segment for this offering and situation"
    return Problem(number, "segment", reason, key.segment)


def _keys(
    spec: Kind,
    numbers: Sequence[int],
    rows: Sequence[Row],
    places: Sequence[int],
    problems: list[Problem],
) -> list[RowKey]:
    names = [spec.fields[column] for column in spec.key]
    seen: Counter[tuple[int, tuple[Any, ...]]] = Counter()
    first: dict[tuple[int, tuple[Any, ...]], int] = {}
    keys = []
    for number, row, place in zip(numbers, rows, places, strict=True):
        called = (place, tuple(row.get(name, "") for name in names))
        if called in first and not spec.repeats:
            problems.append(
                Problem(number, spec.key[0], f"row {first[called]} and row {number} name the same")
            )
        first.setdefault(called, number)
        keys.append((*called, seen[called]))
        seen[called] += 1
    return keys


def _there(spec: Kind, places: set[int], fields: Sequence[str]) -> dict[RowKey, Row]:
    """What is there now, by key, with the attributes the file has."""
    names = [spec.fields[column] for column in spec.key]
    extra = ("revenue", "currency") if spec is SEGMENTS else ()
    wanted = {"id", *names, *fields, *extra, *filter(None, [spec.parent])}
    found = spec.model._default_manager.all()
    if spec.parent:
        found = found.filter(**{f"{spec.parent}__in": places})
    seen: Counter[tuple[int, tuple[Any, ...]]] = Counter()
    there = {}
    for row in found.values(*wanted):
        called = (row.get(spec.parent, NOWHERE), tuple(row[name] for name in names))
        there[(*called, seen[called])] = row
        seen[called] += 1
    return there


def _set(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not UNSET}


def _differs(old: Row, row: Row) -> bool:
    return any(old[name] != value for name, value in _set(row).items())


def _without_currency(numbers: Sequence[int], rows: Sequence[Row]) -> list[Problem]:
    return [
        Problem(number, "currency", "revenue needs a currency, such as EUR")
        for number, row in zip(numbers, rows, strict=True)
        if row.get("revenue") is not None and not row.get("currency")
    ]


def _insert(by: Actor, spec: Kind, new: Sequence[tuple[RowKey, Row]]) -> None:
    if not new:
        return
    if spec is TOUCHPOINTS:
        _put_in_order(new)
    names = list(new[0][1])
    columns = ["workspace_id", *filter(None, [spec.parent]), *names]
    defaults = {name: spec.model._meta.get_field(name).get_default() for name in names}  # type: ignore[union-attr]

    def values() -> Iterator[tuple[Any, ...]]:
        for (place, _, _), row in new:
            owners = (by.workspace_id, place) if spec.parent else (by.workspace_id,)
            yield *owners, *(defaults[name] if row[name] is UNSET else row[name] for name in names)

    insert_rows(spec.model, columns, values())


def _put_in_order(new: Sequence[tuple[RowKey, Row]]) -> None:
    """Give new touchpoints without a position the places after the last of their segment, as in the file."""
    last: dict[int, int] = defaultdict(lambda: -1)
    there = Touchpoint.objects.filter(segment_id__in={place for (place, _, _), _ in new})
    for segment_id, position in there.values_list("segment_id", "position"):
        last[segment_id] = max(last[segment_id], position)
    for (place, _, _), row in new:
        if row.get("position", UNSET) is UNSET:
            row["position"] = last[place] + 1
        last[place] = max(last[place], row["position"])


def _update(spec: Kind, names: Sequence[str], changed: Sequence[Row]) -> None:
    if changed:
        update_rows(
            spec.model, ["id", *names], ([row["id"], *(row[name] for name in names)] for row in changed)
        )
