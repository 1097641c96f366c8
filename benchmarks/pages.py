"""Pages of a large workspace, against one that asks the database next to nothing."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from benchmarks.figures import Figure, seconds
from benchmarks.multiplied import count
from connected.models import Segment, User
from connected.permissions import Actor
from connected.services import make_token
from connected.tenancy import in_workspace
from matrix.charts.quadrant import shades
from matrix.frames import cube
from matrix.services import fold_changes, mark_stale, rescore_stale
from matrix.services.placements import PATIENCE
from matrix.views import drawn

CHANGES = 500


# Static files are not collected for benchmarks: their plain addresses do.
_PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def figures(actor: Actor, slug: str, owner: str) -> Iterator[Figure]:
    with override_settings(STORAGES={**settings.STORAGES, **_PLAIN}):
        yield from _figures(actor, slug, owner)


def _figures(actor: Actor, slug: str, owner: str) -> Iterator[Figure]:
    n = count(actor)
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(email=owner))
    with in_workspace(actor.workspace_id):
        segment = Segment.objects.order_by("-pk")[n // 2]
    home = f"/w/{slug}/"
    trivial = seconds(lambda: _get(client, home + "settings/"), times=9)
    against = "the settings page, which asks next to nothing"
    yield Figure("page: settings", trivial * 1000, "ms", 1.0, against, n)
    for name, where in {
        "portfolio": home,
        "portfolio, a cell opened": f"{home}?cell=CO-MM",
        "firms": f"{home}firms/",
        "firm": f"{home}firms/{segment.firm_id}/",
        "segment": f"{home}segments/{segment.pk}/",
    }.items():
        taken = seconds(lambda where=where: _get(client, where), times=7)  # type: ignore[misc]
        yield Figure(f"page: {name}", taken * 1000, "ms", taken / trivial, against, n)
    for name, where in {"portfolio": home, "portfolio, a cell opened": f"{home}?cell=CO-MM"}.items():
        yield _cold(f"page: {name}", client, where, trivial, n)
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        _, token = make_token(by=actor, name="Benchmarks of pages", scope="read")
    program = Client(headers={"Authorization": f"Token {token}", "Host": "127.0.0.1"})
    taken = seconds(lambda: _get(program, "/api/v1/matrix/"), times=7)
    yield Figure("REST: matrix", taken * 1000, "ms", taken / trivial, against, n)
    yield from _changes(actor, client, home, trivial, n)


def _changes(actor: Actor, client: Client, home: str, trivial: float, n: int) -> Iterator[Figure]:
    """The portfolio while much has changed since it was summed up; the folding in; a count of everything."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        ids = list(Segment.objects.order_by("pk").values_list("pk", flat=True)[:CHANGES])
        mark_stale(workspace_id=actor.workspace_id, segment_ids=ids)
    rescore_stale(workspace_id=actor.workspace_id)
    taken = seconds(lambda: _get(client, home), times=7)
    name = f"page: portfolio with {CHANGES} segments changed since it was summed up"
    yield Figure(name, taken * 1000, "ms", taken / trivial, "the settings page", n)
    yield _cold(name, client, home, trivial, n)
    folded = seconds(lambda: fold_changes(workspace_id=actor.workspace_id), times=1)
    yield Figure("folding them in", folded * 1000, "ms", folded / trivial, "the settings page", n)
    taken = seconds(lambda: _recounted(actor), times=1)
    against = "how long a live re-score waits before it tries again"
    ratio = taken * 1000 / PATIENCE
    yield Figure("the sums counted anew, live writers held off", taken, "s", ratio, against, n)


def _cold(name: str, client: Client, where: str, trivial: float, n: int) -> Figure:
    """A page as the first one a process shows, its templates read: no sums unpacked and nothing drawn yet."""

    def first() -> None:
        for forget in (cube.forget, drawn.forget, shades.cache_clear):
            forget()
        _get(client, where)

    taken = seconds(first, times=7)
    return Figure(f"{name}, nothing held", taken * 1000, "ms", taken / trivial, "the settings page", n)


def _recounted(actor: Actor) -> None:
    with in_workspace(actor.workspace_id), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', '300s', true)")
        cube.hold_off()
        cube.recount()


def _get(client: Client, where: str) -> None:
    answer = client.get(where)
    assert answer.status_code == 200, (where, answer.status_code)
    assert answer.content
