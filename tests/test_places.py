"""No page without a picture and a reading by machine: each route has a place."""

from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from tests.isolation.policy import ROWS
from tests.places import PLACES

#: Answers that are no page: files, fragments of a page that is there, and what machines read.
NO_PAGE = {"healthz", "segment-live", "import-template", "export", "portfolio-csv", "segment-receipt"}
PAGES = {row.route for row in ROWS if row.method == "GET" and not row.route.startswith("api-")} - NO_PAGE


def _route(path: str) -> str:
    """The name of the route of a path whose ids are names in braces."""
    steps = ("1" if step.startswith("{") else step for step in urlsplit(path).path.split("/"))
    return str(resolve("/".join(steps)).url_name)


@pytest.mark.parametrize("route", sorted(PAGES))
def test_every_page_has_a_place(route: str) -> None:
    assert route in {_route(place.path) for place in PLACES}


def test_places_have_names_of_their_own() -> None:
    names = [place.name for place in PLACES]
    assert len(names) == len(set(names))


def test_what_is_no_page_is_a_route_nevertheless() -> None:
    assert {row.route for row in ROWS} >= NO_PAGE
