"""Everything that matches as one stream, of one snapshot, that tells whether it is whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import Any, Final
from weakref import finalize

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.exceptions import Throttled
from rest_framework.renderers import BaseRenderer

from connected.copyout import Query, copied
from connected.permissions import Actor
from matrix.api import rows
from matrix.api.filters import Found

# The row after the last one: when, and what the statement saw. Rows begin with a brace or a number.
_MARK: Final = b"@"
_SEEN: Final = """'@' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
|| '@' || translate(pg_current_snapshot()::text, ',', '@')"""
# Control characters that JSON has escaped: nothing is left for COPY to quote.
_RAW: Final = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"


@dataclass(frozen=True)
class End:
    """What the last line says of a stream that came to its end."""

    rows: int
    as_of: str
    token: str | None
    gone: list[int] | None = None

    def as_json(self) -> bytes:
        said = {"complete": True, "rows": self.rows, "as_of": self.as_of, "changed_since_token": self.token}
        said |= {} if self.gone is None else {"gone": self.gone}
        return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)

    def as_csv(self) -> bytes:
        gone = f"#gone,{','.join(map(str, self.gone))}\n" if self.gone else ""
        return f"{gone}#complete,{self.rows},{self.as_of},{self.token or ''}\n".encode()


@dataclass(frozen=True)
class Stream:
    """How one format is written: ``columns`` of text a row, by COPY with its ``options``."""

    media_type: str
    with_line: Callable[["QuerySet[Any]"], "QuerySet[Any]"]
    columns: int
    options: str
    header: bytes
    end: Callable[[End], bytes]


STREAMS: Final = {
    "csv": Stream(
        "text/csv; charset=utf-8",
        rows.with_csv,
        len(rows.HEADER),
        "FORMAT csv",
        (",".join(rows.HEADER) + "\n").encode(),
        End.as_csv,
    ),
    "ndjson": Stream("application/x-ndjson", rows.with_json, 1, _RAW, b"", End.as_json),
}


class CsvStream(BaseRenderer):
    """Names what a stream is called in ``Accept``; :func:`streamed` writes it."""

    format, media_type = "csv", "text/csv"


class NdjsonStream(BaseRenderer):
    """As above."""

    format, media_type = "ndjson", "application/x-ndjson"


#: Streams one process writes at a time: half its threads. Whoever reads slowly, or not at all, holds one.
AT_ONCE: Final = 4
_free = BoundedSemaphore(AT_ONCE)


class _Held(StreamingHttpResponse):
    """One of the few; gives its place back when it is closed, or forgotten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._give_back = finalize(self, _free.release)

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._give_back()


def streamed(actor: Actor, found: Found, kind: str, *, end: bool) -> StreamingHttpResponse:
    """``end`` asks for a last line that says how many rows there were, and of when.

    Raises Throttled where too many streams are being read already.
    """
    stream = STREAMS[kind]
    if not _free.acquire(blocking=False):
        raise Throttled(wait=5, detail="Too many streams are being read at once.")
    response = _Held(_blocks(actor, found, stream, end), content_type=stream.media_type)
    response["X-Accel-Buffering"] = "no"
    if kind == "csv":
        response["Content-Disposition"] = 'attachment; filename="placements.csv"'
    return response


def _blocks(actor: Actor, found: Found, stream: Stream, end: bool) -> Iterator[bytes]:
    sql, values = _sql(found.rows, stream)
    # Before the rows are read: what comes back meanwhile is among them.
    gone = found.gone_ids() if end else None

    def last(number: int, marked: bytes) -> bytes:
        return stream.end(_end(found, number, marked, gone)) if end else b""

    query = Query(sql, values, stream.options, _MARK, stream.header, last)
    return copied(query, workspace_id=actor.workspace_id, user_id=actor.user_id)


def _end(found: Found, number: int, marked: bytes, gone: list[int] | None) -> End:
    """A delta ends where it was asked to; whatever else was read at once reaches as far as it saw."""
    _, as_of, *snapshot = marked.decode().strip().rstrip(",").split("@")
    if (told := found.reached) is not None and not found.is_delta:
        told = replace(told, snapshot=",".join(snapshot))
    return End(number, as_of, told.token() if told else None, gone)


def _sql(found: "QuerySet[Any]", stream: Stream) -> tuple[str, tuple[Any, ...]]:
    """In no order: sorting would write every line to disk before the first one leaves."""
    mark = ", ".join([_SEEN, *["NULL"] * (stream.columns - 1)])
    try:
        lines = stream.with_line(found).order_by().values_list("line", flat=True)
        sql, values = lines.query.sql_with_params()
    except EmptyResultSet:
        return f"SELECT {mark}", ()
    return f"{sql} UNION ALL SELECT {mark}", values
