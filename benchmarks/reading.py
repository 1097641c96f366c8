"""REST as a client sees it, through every middleware: a page of placements, and the streams."""

from collections.abc import Iterator
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.urls import path
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import CharField, ModelSerializer

from benchmarks.figures import Figure, seconds
from connected.api.lists import CursorPages
from connected.models import Segment
from connected.permissions import Actor
from connected.services import make_token
from connected.tenancy import in_workspace
from matrix.api.rows import COLUMNS
from matrix.models import StandingPlacement
from matrix.permissions import visible_placements

PAGE = 1000
#: Columns no row of the answer shows.
HEAVY = ("tally", "model__definition")


class PlainSerializer(ModelSerializer[StandingPlacement]):
    firm_name = CharField(source="segment.firm.name")
    segment_name = CharField(source="segment.name")
    offering = CharField(source="segment.offering")
    situation = CharField(source="segment.situation")
    model_code = CharField(source="model.code")

    class Meta:
        model = StandingPlacement
        exclude = ("tally", "workspace")


class BySegment(CursorPages):
    ordering = "segment_id"


class PlainList(ListAPIView[StandingPlacement]):
    """What one writes first: a ModelSerializer over objects, with the same sign-in, pages and rows."""

    serializer_class = PlainSerializer
    renderer_classes = (JSONRenderer,)
    filter_backends = ()
    pagination_class = BySegment

    def get_queryset(self) -> "QuerySet[StandingPlacement]":
        seen: QuerySet[Any] = visible_placements(self.request.actor)  # type: ignore[attr-defined]
        # Only the page's rows: what is compared is objects and serializers, not the plan of the query.
        ids = list(seen.order_by("segment_id").values_list("segment_id", flat=True)[:PAGE])
        return seen.filter(segment_id__in=ids).select_related("segment__firm", "model").defer(*HEAVY)


urlpatterns = [path("api/v1/plain/", PlainList.as_view())]


def _unchanged(client: Client, page: float) -> Figure:
    """What a 304 costs, against the page it stands for."""
    address = f"/api/v1/placements/?page_size={PAGE}"
    mark = {"If-None-Match": client.get(address)["ETag"]}

    def again() -> None:
        assert client.get(address, headers=mark).status_code == 304

    taken = seconds(again, times=7)
    return Figure(
        "the same page, nothing changed: 304", taken * 1000, "ms", taken / page, "the page itself", PAGE
    )


def figures(actor: Actor, segments: int) -> Iterator[Figure]:
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        _, token = make_token(by=actor, name="Benchmarks", scope="read")
    client = Client(headers={"Authorization": f"Token {token}", "Host": "127.0.0.1"})
    page = seconds(lambda: _get(client, f"placements/?page_size={PAGE}"), times=7)
    with override_settings(ROOT_URLCONF=__name__):
        plain = seconds(lambda: _get(client, f"plain/?page_size={PAGE}"), times=5)
    yield Figure("page of placements as JSON", page * 1000, "ms", page / plain, "DRF ModelSerializer", PAGE)
    yield _unchanged(client, page)
    values = seconds(lambda: _values(actor), times=7)
    against = "values() and orjson of the same rows, without HTTP"
    yield Figure("page of placements as JSON", page * 1000, "ms", page / values, against, PAGE)
    for kind, options in (("ndjson", _RAW), ("csv", "FORMAT csv")):
        taken = seconds(lambda kind=kind: _get(client, f"placements/?format={kind}"))  # type: ignore[misc]
        bare = seconds(lambda kind=kind, options=options: _copy(actor, kind, options))  # type: ignore[misc]
        against = f"bare COPY TO STDOUT of the same rows as {kind}"
        yield Figure(
            f"stream of placements as {kind}", segments / taken, "rows/s", taken / bare, against, segments
        )


def _get(client: Client, where: str) -> None:
    answer = client.get(f"/api/v1/{where}")
    assert answer.status_code == 200, answer.status_code
    size = sum(map(len, answer)) if answer.streaming else len(answer.content)
    assert size > PAGE


# JSON has no character that these would have to quote.
_RAW = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"


def _values(actor: Actor) -> bytes:
    """The same rows and columns, flat, as plain as it gets."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        ids = list(Segment.objects.order_by("pk").values_list("pk", flat=True)[: PAGE + 1])
        rows: QuerySet[Any] = visible_placements(actor).filter(
            segment_id__gte=ids[0], segment_id__lte=ids[-1]
        )
        return orjson.dumps(list(rows.order_by("segment_id").values(*COLUMNS.values())[:PAGE]))


class _Nowhere:
    def write(self, row: bytes) -> None:
        pass


def _copy(actor: Actor, kind: str, options: str) -> None:
    """The columns of the answer and no others, joined, as PostgreSQL writes them of itself."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id), connection.cursor() as cursor:
        columns: QuerySet[Any] = visible_placements(actor).order_by().values_list(*COLUMNS.values())
        sql, values = columns.query.sql_with_params()
        rows = cursor.mogrify(sql, values).decode()
        if kind == "ndjson":
            rows = f"SELECT row_to_json(each) FROM ({rows}) AS each"
        cursor.execute("SELECT set_config('statement_timeout', '60s', true)")
        cursor.copy_expert(f"COPY ({rows}) TO STDOUT ({options})", _Nowhere())
