"""Finding what a file names: its firms and segments, by the words people know them by."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

from django.db import connection

from assessments.tables import Problem
from connected.bulk import allow_seconds, insert_rows
from connected.models import Firm, Segment
from connected.permissions import Actor

# A statement of an import may take longer than one of a page; the whole stays within a request's patience.
SECONDS = 60


class SegmentKey(NamedTuple):
    """A segment as a file names it. ``situation`` None: the file has no such column."""

    firm: str
    segment: str
    offering: str
    situation: str | None


def leave_out(
    numbers: Sequence[int], columns: Mapping[str, Sequence[str]], bad: Collection[int]
) -> tuple[Sequence[int], Mapping[str, Sequence[str]]]:
    """The rows without those whose number is ``bad``, so that the others are still looked at."""
    if not bad:
        return numbers, columns
    stays = [number not in bad for number in numbers]
    kept = {name: list(compress(texts, stays)) for name, texts in columns.items()}
    return list(compress(numbers, stays)), kept


def take_turns(by: Actor, seconds: int = SECONDS) -> None:
    """One import at a time in a workspace, until the transaction ends: two of one file make no doubles."""
    allow_seconds(seconds)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import'), %s)", [by.workspace_id])


def segment_keys(columns: Mapping[str, Sequence[str]]) -> list[SegmentKey]:
    """The segment each row names."""
    rows = len(columns["firm"])
    offering = columns.get("offering") or [""] * rows
    situation: Sequence[str | None] = columns.get("situation") or [None] * rows
    return list(map(SegmentKey, columns["firm"], columns["segment"], offering, situation))


def misnamed(
    numbers: Sequence[int], column: str, names: Sequence[str], *, longest: int, required: bool = True
) -> Iterator[Problem]:
    """Names that are missing or too long, row by row."""
    shortest = 1 if required else 0
    wrong = {name: _fault(name, longest) for name in set(names) if not shortest <= len(name) <= longest}
    for number, name in zip(numbers, names, strict=True) if wrong else ():
        if name in wrong:
            yield Problem(number, column, wrong[name], name[:40])


def _fault(name: str, longest: int) -> str:
    return f"this is longer than {longest} characters" if name else "this is empty"


def find_firms(names: Iterable[str]) -> dict[str, int]:
    """Name to id of the firms that exist."""
    return dict(Firm.objects.filter(name__in=set(names)).values_list("name", "pk"))


def make_firms(by: Actor, names: Iterable[str]) -> tuple[dict[str, int], int]:
    """Name to id of all these firms, and how many had to be made."""
    wanted = set(names)
    missing = sorted(wanted - find_firms(wanted).keys())
    made = (
        insert_rows(
            Firm, ["workspace_id", "name"], [(by.workspace_id, name) for name in missing], skip_existing=True
        )
        if missing
        else 0
    )
    return find_firms(wanted), made


class Segments:
    """The segments of some firms, looked up by what a file calls them."""

    def __init__(self, firms: Mapping[str, int]) -> None:
        self.firms = firms
        names = {pk: name for name, pk in firms.items()}
        self._exact: dict[SegmentKey, int] = {}
        self._loose: dict[SegmentKey, list[str]] = defaultdict(list)
        rows = Segment.objects.filter(firm_id__in=names)
        columns = ("pk", "firm_id", "name", "offering", "situation")
        for pk, firm_id, name, offering, situation in rows.values_list(*columns):
            self._exact[SegmentKey(names[firm_id], name, offering, situation)] = pk
            self._loose[SegmentKey(names[firm_id], name, offering, None)].append(situation)

    def exact(self, key: SegmentKey) -> SegmentKey:
        """The key with its situation: as given, else the only one there is, else the one without.

        Raises LookupError, in words, when several would do.
        """
        if key.situation is not None:
            return key
        there = self._loose.get(key, [])
        if len(there) > 1 and "" not in there:
            raise LookupError(
                f"this firm has {len(there)} segments of that name and offering, for the situations "
                f"{', '.join(sorted(there))}; add a column “situation”"
            )
        return key._replace(situation=there[0] if len(there) == 1 else "")

    def all(self) -> Iterator[SegmentKey]:
        """Every segment of these firms."""
        return iter(self._exact)

    def find(self, key: SegmentKey) -> int | None:
        """The id of the segment of an exact key, None when there is none."""
        return self._exact.get(key)

    def at(self, key: SegmentKey) -> int:
        """The id of a segment that is there."""
        return self._exact[key]
