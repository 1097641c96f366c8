"""Parts of a page that are drawn once for equal figures: a template takes longer than all that led to it."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from threading import Lock
from typing import Final

from django.http import HttpRequest, QueryDict
from django.template import Context, Engine
from django.utils.safestring import SafeString

MOST: Final = 64

_held: OrderedDict[Hashable, SafeString] = OrderedDict()
_lock = Lock()


def drawn(part: str, request: HttpRequest, **what: Hashable) -> SafeString:
    """A part of a page that shows ``what``, and where its links keep what the page was asked.

    Held by exactly these, so never behind: other figures are another picture. A part gets nothing else of
    the request, least of all who asks.
    """
    key = part, request.GET.urlencode(), tuple(sorted(what.items()))
    with _lock:
        if (found := _held.get(key)) is not None:
            _held.move_to_end(key)
            return found
    found = _fresh(part, request.GET, what)
    with _lock:
        _held[key] = found
        while len(_held) > MOST:
            _held.popitem(last=False)
    return found


def _fresh(part: str, query: QueryDict, what: Mapping[str, Hashable]) -> SafeString:
    asked = HttpRequest()
    asked.GET = query  # type: ignore[assignment]
    context = Context(what)
    # For the links alone: nobody is signed in here.
    context.request = asked  # type: ignore[attr-defined]
    return Engine.get_default().get_template(part).render(context)


def forget() -> None:
    """As in a process that has drawn nothing yet: for whoever measures or tests that."""
    with _lock:
        _held.clear()
