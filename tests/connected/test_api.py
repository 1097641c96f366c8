"""REST of firms, segments and touchpoints, and the manners all resources share."""

from base64 import b64encode
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from connected.api.access import MAY_LOOK, MAY_READ
from connected.models import ApiToken, Firm, Role, Segment, Touchpoint
from connected.permissions import Actor
from connected.services import revoke_token
from connected.tenancy import in_workspace
from tests import factories
from tests.api import caller, read, send

PROBLEM = "application/problem+json"


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


def test_a_firm_is_made_read_changed_and_deleted(client: Client) -> None:
    made = send(client, "post", "firms/", {"name": "Uber", "industry": "Travel"})
    assert made.status_code == 201
    firm = made.json()
    assert made["Location"].endswith(f"/api/v1/firms/{firm['id']}/")
    assert read(client, f"firms/{firm['id']}/").json() == firm
    changed = send(client, "patch", f"firms/{firm['id']}/", {"need": "Get there"}).json()
    assert (changed["name"], changed["industry"], changed["need"]) == ("Uber", "Travel", "Get there")
    assert client.delete(f"/api/v1/firms/{firm['id']}/").status_code == 204
    assert read(client, f"firms/{firm['id']}/").status_code == 404


def test_put_replaces_what_it_does_not_name(client: Client, owner: Actor) -> None:
    firm = send(client, "post", "firms/", {"name": "Uber", "industry": "Travel"}).json()
    replaced = send(client, "put", f"firms/{firm['id']}/", {"name": "Lyft"}).json()
    assert (replaced["name"], replaced["industry"]) == ("Lyft", "")


def test_a_segment_belongs_to_a_firm_and_stays_there(client: Client, owner: Actor) -> None:
    here, other = factories.firm(owner), factories.firm(owner)
    body = {"firm": here.pk, "name": "Riders", "revenue": "12.50", "currency": "USD"}
    segment = send(client, "post", "segments/", body).json()
    assert (segment["firm"], segment["revenue"], segment["customers"]) == (here.pk, "12.50", None)
    moved = send(client, "patch", f"segments/{segment['id']}/", {"firm": other.pk})
    assert moved.status_code == 400
    assert moved.json()["errors"] == [{"field": "firm", "detail": "It stays with its firm."}]
    assert (
        send(client, "put", f"segments/{segment['id']}/", {"firm": here.pk, "name": "All"}).status_code == 200
    )


def test_a_touchpoint_goes_to_the_end_of_the_journey(client: Client, owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    body = {"segment": segment.pk, "step": "request", "name": "Opens the app"}
    first = send(client, "post", "touchpoints/", body).json()
    second = send(client, "post", "touchpoints/", {**body, "name": "Orders", "importance": 4}).json()
    assert (first["position"], second["position"], second["importance"]) == (0, 1, 4)
    put = send(client, "put", f"touchpoints/{second['id']}/", {**body, "name": "Pays"}).json()
    assert (put["position"], put["importance"]) == (1, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Opens", "Rides"]),
        ("step=request", ["Opens"]),
        ("signature=true", ["Rides"]),
        ("signature=false", ["Opens"]),
        ("segment=9223372036854775807", []),
        ("changed_since=2999-01-01", []),
        ("changed_since=2000-01-01T00:00:00Z", ["Opens", "Rides"]),
    ],
)
def test_filters_narrow_a_list(client: Client, owner: Actor, query: str, found: list[str]) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    for name, step, signature in (("Opens", "request", False), ("Rides", "respond", True)):
        body = {"segment": segment.pk, "step": step, "name": name, "signature": signature}
        send(client, "post", "touchpoints/", body)
    results = read(client, f"touchpoints/?{query}").json()["results"]
    assert [each["name"] for each in results] == found


@pytest.mark.parametrize(
    "query",
    [
        "segments/?firm=x", "segments/?firm=", "segments/?firm=99999999999999999999", "segments/?firm=-1",
        "segments/?consent=maybe", "segments/?firms=1", "segments/?firm=1&firm=2", "segments/?name=%00",
        "touchpoints/?signature=perhaps", "touchpoints/?changed_since=yesterday",
        "firms/?changed_since=0001-01-01", "firms/?page_size=0",
        "firms/?page_size=ten", "firms/?page_size=1e3", "firms/?format=csv", "firms/?cursor=cD1h",
        "firms/?cursor=%C3%A9", "firms/?cursor=!!", "firms/?cursor=bz14",
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_refused(client: Client, query: str) -> None:
    answer = read(client, query)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["errors"][0]["field"] in query


def test_an_unknown_parameter_names_the_known_ones(client: Client) -> None:
    detail = read(client, "segments/?frim=1").json()["errors"][0]["detail"]
    assert "firm, name, offering, situation, consent, changed_since, cursor, page_size" in detail


@pytest.mark.parametrize("position", ["a", "1e5", "-1", "9" * 30, "\x00", "1' OR 1=1"])
def test_a_crafted_cursor_is_refused(client: Client, position: str) -> None:
    cursor = b64encode(f"p={position}".encode()).decode()
    assert client.get("/api/v1/firms/", {"cursor": cursor}).status_code == 400


def test_pages_follow_each_other_without_gap_or_repeat(client: Client, owner: Actor) -> None:
    made = [factories.firm(owner).pk for _ in range(5)]
    seen, address = [], "/api/v1/firms/?page_size=2"
    while address:
        page = client.get(address).json()
        assert set(page) == {"next", "previous", "results"}
        seen += [each["id"] for each in page["results"]]
        address = page["next"]
    assert seen == made


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("path", ["firms/", "segments/", "touchpoints/"])
def test_a_list_costs_the_same_queries_however_long(
    client: Client, owner: Actor, path: str, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        segment = factories.segment(owner, factories.firm(owner).pk)
        send(client, "post", "touchpoints/", {"segment": segment.pk, "step": "request", "name": "Opens"})
    with django_assert_num_queries(10):
        assert len(read(client, path).json()["results"]) == number


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000, '{"a":' * 100_000, "{", "",
        "[]", "null", '"name"', '{"name": NaN}', '{"name": Infinity}',
        '{"name": ["x"]}', '{"name": {"a": 1}}', '{"name": null}', '{"name": "a\\u0000b"}',
        '{"name": "\\ud800"}',
        '{"name": ""}', '{"name": "x", "nome": "y"}', '{"name": "' + "x" * 121 + '"}', "1" * 5000, "\xff",
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_a_firm_is_refused(client: Client, body: str) -> None:
    answer = client.post("/api/v1/firms/", body.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert not Firm.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("firm", 2**63), ("firm", 10**400), ("firm", 0), ("firm", True), ("firm", None), ("firm", "x"),
        ("customers", 2**63), ("customers", -1), ("customers", 1e400), ("customers", 1.5), ("revenue", "NaN"),
        ("revenue", "1e30"), ("revenue", -1), ("revenue", 5), ("consent", "maybe"), ("currency", "EURO"),
    ],
)  # fmt: skip
def test_a_value_out_of_range_names_its_field(client: Client, owner: Actor, field: str, value: Any) -> None:
    body = {"firm": factories.firm(owner).pk, "name": "Riders", field: value}
    written = f'{{"firm": {body["firm"]}, "name": "x", "{field}": 1e400}}' if value == 1e400 else body
    answer = send(client, "post", "segments/", written)
    assert answer.status_code == 400
    assert not Segment.objects.exists()
    assert answer.json()["detail"]


def test_a_second_firm_of_one_name_is_refused(client: Client, owner: Actor) -> None:
    firm = factories.firm(owner)
    answer = send(client, "post", "firms/", {"name": firm.name})
    assert answer.json()["errors"] == [
        {"field": "name", "detail": "This workspace already has a firm of that name."}
    ]


def test_what_contradicts_names_its_field(client: Client, owner: Actor) -> None:
    segment = factories.segment(owner, factories.firm(owner).pk)
    again = {"firm": segment.firm_id, "name": segment.name, "offering": segment.offering}
    priced = {"firm": segment.firm_id, "name": "Priced", "revenue": "1.00"}
    fields = [
        send(client, "post", "segments/", body).json()["errors"][0]["field"] for body in (again, priced)
    ]
    assert fields == ["name", "currency"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("9" * 5000, "A whole number outside what can be stored."),
        ("1e400", "A number outside what can be stored."),
    ],
)
def test_a_number_beyond_measure_is_refused_in_words(
    client: Client, owner: Actor, number: str, said: str
) -> None:
    body = f'{{"firm": {factories.firm(owner).pk}, "name": "x", "customers": {number}}}'
    answer = client.post("/api/v1/segments/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["detail"]) == (400, said)


def test_a_touchpoint_stands_at_no_place_below_the_first(client: Client, owner: Actor) -> None:
    body = {
        "segment": factories.segment(owner, factories.firm(owner).pk).pk,
        "name": "Visit",
        "step": "request",
        "position": -1,
    }
    answer = send(client, "post", "touchpoints/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "position")


def test_the_root_lists_what_there_is(client: Client) -> None:
    found = read(Client(), "").json()
    assert {"firms", "placements", "imports/answers", "schema"} <= found.keys()
    assert client.get(found["firms"]).status_code == 200


def test_the_schema_is_given_as_json(client: Client) -> None:
    answer = read(Client(), "schema/?format=json")
    assert (answer["Content-Type"], answer.json()["info"]["title"]) == ("application/json", "Connected")
    assert read(Client(), "schema/?format=xml").status_code == 400


@pytest.mark.parametrize("path", ["", "firms/", "docs/", "placements/"])
def test_options_is_neither_answered_nor_offered(client: Client, path: str) -> None:
    answer = client.options(f"/api/v1/{path}")
    assert answer.status_code == 405
    assert "OPTIONS" not in answer["Allow"]


@pytest.mark.parametrize("path", ["firms/9999999/", f"firms/{2**63}/", f"firms/{10**50}/", "segments/1/"])
def test_what_is_not_there_is_a_404(client: Client, path: str) -> None:
    for method in ("get", "delete"):
        answer = getattr(client, method)(f"/api/v1/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert send(client, "patch", path, {"name": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["nothing/", "firms", "firms/1", "firms/x/"])
def test_a_wrong_address_is_a_problem_not_a_redirect(client: Client, path: str) -> None:
    for answer in (read(client, path), send(client, "post", path, {}), read(Client(), path)):
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    answer = send(client, "put", "firms/", {})
    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert answer["Allow"] == "GET, POST, HEAD"


def test_a_form_is_not_taken(client: Client) -> None:
    answer = client.post("/api/v1/firms/", {"name": "x"})
    assert (answer.status_code, answer["Content-Type"]) == (415, PROBLEM)


def test_only_json_is_given(client: Client) -> None:
    answer = client.get("/api/v1/firms/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (406, PROBLEM)


def test_a_body_without_length_is_refused(client: Client) -> None:
    answer = client.post(
        "/api/v1/firms/", b"", content_type="application/json", headers={"Transfer-Encoding": "chunked"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (411, PROBLEM)


def test_a_body_too_large_is_refused_unread(client: Client) -> None:
    answer = client.post("/api/v1/firms/", b" " * (2**23 + 1), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)


@pytest.mark.parametrize(
    "header", ["", "Token", "Token cs_x_y", "Token cs_0123456789abcdef_" + "x" * 43, "Bearer x"]
)
def test_a_stranger_is_asked_for_a_token(db: None, header: str) -> None:
    answer = Client().get("/api/v1/firms/", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"] == "Token"


def test_a_revoked_token_is_a_stranger(client: Client, owner: Actor) -> None:
    revoke_token(by=owner, token_id=ApiToken.objects.get().pk)
    assert read(client, "firms/").status_code == 401


def test_a_read_token_changes_nothing(owner: Actor) -> None:
    client, firm = caller(owner, "read"), factories.firm(owner)
    assert read(client, f"firms/{firm.pk}/").status_code == 200
    for method, path in (("post", "firms/"), ("patch", f"firms/{firm.pk}/"), ("delete", f"firms/{firm.pk}/")):
        answer = send(client, method, path, {"name": "x"})
        assert (answer.status_code, answer.json()["detail"]) == (403, MAY_READ)
    assert Firm.objects.get().name == firm.name


def test_a_manager_sees_granted_firms_and_changes_none(owner: Actor) -> None:
    mine, other = factories.firm(owner), factories.firm(owner)
    segment = factories.segment(owner, other.pk)
    client = caller(factories.member(owner, Role.MANAGER, (mine.pk,)))
    assert [each["id"] for each in read(client, "firms/").json()["results"]] == [mine.pk]
    assert read(client, f"firms/{other.pk}/").status_code == 404
    assert read(client, f"segments/{segment.pk}/").status_code == 404
    assert read(client, f"segments/?firm={other.pk}").json()["results"] == []
    answer = send(client, "patch", f"firms/{mine.pk}/", {"name": "x"})
    assert (answer.status_code, answer.json()["detail"]) == (403, MAY_LOOK)


def test_another_workspace_looks_like_nothing(owner: Actor) -> None:
    firm = factories.firm(owner)
    stranger = factories.workspace()
    with in_workspace(stranger.workspace_id, user_id=stranger.user_id):
        client = caller(stranger)
        there, nowhere = (read(client, f"firms/{pk}/") for pk in (firm.pk, 10**15))
        assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
        bodies = [{"firm": pk, "name": "x"} for pk in (firm.pk, 10**15)]
        foreign, missing = (send(client, "post", "segments/", body) for body in bodies)
        assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
        assert foreign.status_code == 400


def test_too_many_calls_are_told_when_to_come_back(client: Client, settings: Settings) -> None:
    rates = {"token": "2/min", "write": "1/min"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    assert [read(client, "firms/").status_code for _ in range(2)] == [200, 200]
    answer = read(client, "firms/")
    assert (answer.status_code, answer["Content-Type"]) == (429, PROBLEM)
    assert 0 < int(answer["Retry-After"]) <= 60


def test_calls_are_answered_while_the_cache_is_away(client: Client, settings: Settings) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    assert read(client, "firms/").status_code == 200


def test_touchpoints_of_another_segment_stay_hidden(client: Client, owner: Actor) -> None:
    assert not Touchpoint.objects.exists()
    answer = send(client, "post", "touchpoints/", {"segment": 10**15, "step": "request", "name": "x"})
    assert answer.json()["errors"] == [{"field": "segment", "detail": "There is no such segment."}]
    cache.clear()
