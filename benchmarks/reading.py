"""REST as a client sees it, through every middleware: a page of placements, and the streams."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.urls import path
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import CharField, ModelSerializer

from benchmarks.figures import Figure, seconds
from connected.api.lists import CursorPages
from connected.permissions import Actor
from connected.services import make_token
from connected.tenancy import in_workspace
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


def figures(actor: Actor, segments: int) -> Iterator[Figure]:
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        _, token = make_token(by=actor, name="Benchmarks", scope="read")
    client = Client(headers={"Authorization": f"Token {token}", "Host": "127.0.0.1"})
    page = seconds(lambda: _get(client, f"placements/?page_size={PAGE}"), times=7)
    with override_settings(ROOT_URLCONF=__name__):
        plain = seconds(lambda: _get(client, f"plain/?page_size={PAGE}"), times=5)
    yield Figure("page of placements as JSON", page * 1000, "ms", page / plain, "DRF ModelSerializer", PAGE)
    bare = seconds(lambda: _copy(actor))
    for kind in ("ndjson", "csv"):
        taken = seconds(lambda kind=kind: _get(client, f"placements/?format={kind}"))  # type: ignore[misc]
        against = "bare COPY TO STDOUT of the rows in force"
        yield Figure(
            f"stream of placements as {kind}", segments / taken, "rows/s", taken / bare, against, segments
        )


def _get(client: Client, where: str) -> None:
    answer = client.get(f"/api/v1/{where}")
    assert answer.status_code == 200, answer.status_code
    size = len(b"".join(answer)) if answer.streaming else len(answer.content)
    assert size > PAGE


def _copy(actor: Actor) -> None:
    with in_workspace(actor.workspace_id, user_id=actor.user_id), connection.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT * FROM matrix_standing) TO STDOUT (FORMAT csv)", BytesIO())
