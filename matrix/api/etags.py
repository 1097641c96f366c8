"""``ETag`` of placements in force: it holds until what they show changes, which is told before a row is read.

Weak: of streams the order may differ, and in their last line the time.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.http import HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from connected import sealed
from connected.api.access import actor_of
from matrix.api.filters import Found
from matrix.api.times import Reached, reached
from matrix.queries.changes import still

_PURPOSE: Final = "matrix.etags"


def unchanged(request: Request) -> HttpResponseNotModified | None:
    """The answer to a caller who has what would be answered now; None where rows must be read to know."""
    if not (marks := parse_etags(request.headers.get("If-None-Match", ""))):
        return None
    now, asked = reached(actor_of(request)), _asked(request)
    for mark in marks:
        if (then := _read(mark, asked, now)) is not None and still(then.snapshot):
            return HttpResponseNotModified(headers={"ETag": mark})
    return None


def mark(request: Request, found: Found) -> dict[str, str]:
    """The header to answer with; none for what is of old, and for changes, which end where they should."""
    if (position := found.reached) is None or found.is_delta:
        return {}
    value = [position.workspace_id, position.database, position.snapshot, _asked(request)]
    return {"ETag": f'W/"{sealed.seal(value, _PURPOSE)}"'}


def _read(mark: str, asked: str, now: Reached) -> Reached | None:
    """Where a mark was given out; None for one of another call, another database, or of the body alone."""
    try:
        *position, for_what = sealed.unseal(mark.removeprefix("W/").strip('"').partition(".")[0], _PURPOSE)
        then = Reached(*position)
    except (ValueError, TypeError):
        return None
    return then if for_what == asked and then.is_before(now) else None


def _asked(request: Request) -> str:
    """All an answer depends on beside the database: who may see what, where, in what form, by which code."""
    firms = actor_of(request).firms
    said: list[Any] = [
        _code(),
        request.build_absolute_uri(),
        request.accepted_renderer.format,
        None if firms is None else sorted(firms),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


@cache
def _code() -> str:
    """Of what answers are made with: another release may say the same otherwise."""
    whole = hashlib.sha256()
    for app in ("connected", "assessments", "matrix"):
        for path in sorted(Path(apps.get_app_config(app).path).rglob("*.py")):
            whole.update(path.read_bytes())
    return whole.hexdigest()
