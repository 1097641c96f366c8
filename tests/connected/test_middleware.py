"""Which workspace a request is in, and who asks."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from connected.middleware import Compress, WorkspaceMiddleware
from connected.models import ApiToken, Firm, User
from connected.permissions import Actor
from connected.services import make_token
from connected.tenancy import in_workspace
from tests import factories
from tests.connected.conftest import Browser

Browse = Callable[[Actor], Browser]


def through(path: str, view: Callable[[HttpRequest], HttpResponse], **headers: str) -> HttpResponse:
    """A request with these headers through the middleware alone."""
    request = RequestFactory().get(path, headers=headers)
    return WorkspaceMiddleware(view)(request)


def who(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    return HttpResponse(f"{actor.workspace_slug}/{actor.role}" if actor else "nobody")


def test_a_member_is_in_the_workspace_of_the_address(owner: Actor, browse: Browse) -> None:
    assert browse(owner).get("settings").context["actor"].workspace_slug == owner.workspace_slug


def test_a_visitor_is_sent_to_sign_in(owner: Actor, client: Client) -> None:
    address = reverse("settings", args=[owner.workspace_slug])
    assert client.get(address).headers["Location"] == f"{reverse('sign-in')}?next={address}"


def test_a_workspace_of_others_is_like_one_that_never_was(owner: Actor, browse: Browse) -> None:
    stranger = factories.workspace()
    client = browse(stranger).client
    pages = [client.get(reverse("settings", args=[slug])) for slug in (owner.workspace_slug, "never-was")]
    assert [page.status_code for page in pages] == [404, 404]
    bodies = [re.sub(rb"\w{64}", b"csrf", page.content) for page in pages]
    assert bodies[0] == bodies[1]


def test_a_closed_account_is_sent_to_sign_in(owner: Actor, browse: Browse) -> None:
    browser = browse(owner)
    User.objects.filter(pk=owner.user_id or 0).update(is_active=False)
    assert browser.get("settings").status_code == 302


def test_outside_workspaces_there_is_no_actor() -> None:
    assert through("/", who).content == b"nobody"


def test_a_token_brings_its_member(owner: Actor) -> None:
    _, text = make_token(by=owner, name="t")
    answer = through("/api/v1/firms/", who, Authorization=f"Token {text}")
    assert answer.content.decode() == f"{owner.workspace_slug}/owner"


def test_a_session_is_nobody_to_the_api(owner: Actor, browse: Browse) -> None:
    assert browse(owner).client.get("/api/v1/firms/").status_code == 401


def _revoke(token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())


def _expire(token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def _close(token: ApiToken) -> None:
    User.objects.filter(pk=token.membership.user_id).update(is_active=False)


@pytest.mark.parametrize("spoil", [_revoke, _expire, _close])
def test_a_spoiled_token_is_nobody(owner: Actor, spoil: Callable[[ApiToken], None]) -> None:
    token, text = make_token(by=owner, name="t")
    spoil(token)
    assert through("/api/v1/firms/", who, Authorization=f"Token {text}").content == b"nobody"


@pytest.mark.parametrize(
    "mar",
    [
        lambda text: text[:-1],
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.upper(),
        lambda text: f"{text} ",
        lambda text: text.replace("cs_", "cs_0", 1),
    ],
)
def test_a_marred_token_is_nobody(owner: Actor, mar: Callable[[str], str]) -> None:
    _, text = make_token(by=owner, name="t")
    answer = through("/api/v1/firms/", who, Authorization=f"Token {mar(text)}")
    assert answer.content == b"nobody"


def test_last_use_is_kept_to_the_minute(owner: Actor) -> None:
    token, text = make_token(by=owner, name="t")
    used = []
    for _ in range(2):
        through("/api/v1/firms/", who, Authorization=f"Token {text}")
        token.refresh_from_db()
        used.append(token.last_used_at)
    assert used[0] is not None
    assert used[0] == used[1]


def test_an_answer_of_500_writes_nothing(owner: Actor) -> None:
    _, text = make_token(by=owner, name="t")

    def broken(request: HttpRequest) -> HttpResponse:
        factories.firm(owner, "Half")
        return HttpResponse(status=500)

    through("/api/v1/firms/", broken, Authorization=f"Token {text}")
    assert not Firm.objects.filter(name="Half").exists()


@pytest.mark.django_db
def test_a_request_leaves_no_workspace_behind(browse: Browse) -> None:
    actor = factories.workspace()
    browse(actor).get("settings")
    with in_workspace(actor.workspace_id):
        factories.firm(actor)
    with pytest.raises(Exception, match="scope"):
        Firm.objects.count()


def test_pages_are_compressed_for_those_who_can(owner: Actor, browse: Browse) -> None:
    answer = browse(owner).get("settings", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(("asked", "packed"), [("gzip, deflate", True), ("br", False), ("", False)])
def test_rest_streams_are_compressed_for_those_who_ask(asked: str, packed: bool) -> None:
    request = RequestFactory().get("/api/v1/placements/", headers={"Accept-Encoding": asked})
    answer = Compress(who).process_response(request, StreamingHttpResponse([b"x" * 1000, b"y"]))
    assert isinstance(answer, StreamingHttpResponse)
    body = b"".join(part for part in answer if isinstance(part, bytes))
    assert (answer.headers.get("Content-Encoding") == "gzip") == packed
    assert (gzip.decompress(body) if packed else body) == b"x" * 1000 + b"y"


def test_a_compressed_stream_cut_short_does_not_look_whole() -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 1000
        raise ConnectionError

    request = RequestFactory().get("/api/v1/placements/", headers={"Accept-Encoding": "gzip"})
    answer = Compress(who).process_response(request, StreamingHttpResponse(broken()))
    parts: list[object] = []
    with pytest.raises(ConnectionError):
        parts += iter(answer)
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(part for part in parts if isinstance(part, bytes)))


def test_what_was_seen_and_has_not_changed_is_a_304(owner: Actor) -> None:
    _, text = make_token(by=owner, name="t")
    client = Client(headers={"Authorization": f"Token {text}"})
    first = client.get("/api/v1/firms/")
    mark = first.headers["ETag"]
    again = client.get("/api/v1/firms/", headers={"If-None-Match": f'"other", W/{mark}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", mark)
    factories.firm(owner, "New")
    changed = client.get("/api/v1/firms/", headers={"If-None-Match": mark})
    assert (changed.status_code, len(changed.json()["results"])) == (200, 1)
    assert changed.headers["ETag"] != mark


def test_answers_of_rest_are_kept_apart_by_whom_they_were_for(owner: Actor) -> None:
    _, text = make_token(by=owner, name="t")
    answer = Client(headers={"Authorization": f"Token {text}"}).get("/api/v1/firms/")
    assert {"Authorization", "Accept", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_page_or_a_failure_has_no_mark(owner: Actor, browse: Browse) -> None:
    assert "ETag" not in browse(owner).get("settings").headers
    assert "ETag" not in Client().get("/api/v1/firms/").headers
