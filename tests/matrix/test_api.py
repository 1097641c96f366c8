"""REST of placements, receipts, the matrix, runs and models."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assessments.services.imports import import_answers
from assessments.tables import read_table
from connected.models import Firm, Role, Segment
from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix.models import Placement, Run
from matrix.services import claim_chunk, rescore_stale, score_claimed
from tests import factories
from tests.api import caller, read, send

PROBLEM = "application/problem+json"
# Curated offering and respond-to-desire in a market maker; targeted.
ANSWERS = {
    **dict.fromkeys(["R1", "R2", "R3", "R4", "R5", "R6"], 4),
    **dict.fromkeys(["R7", "R8", "R9", "R10", "R11"], 0),
    **dict.fromkeys(["A1", "A2", "A3", "A4"], "MM"), "A5": 0, "A6": 0,
    **dict.fromkeys(["I1", "I2", "I3", "D1", "D2", "D3", "N1", "N2", "N3"], 3),
    **dict.fromkeys(["C1", "C2", "C3"], 0),
}  # fmt: skip
CONTRACT = {
    "id", "firm", "segment", "offering", "relationships", "present", "primary_relationship", "architectures",
    "primary_architecture", "cells", "identify", "differentiate", "interact", "customize", "quadrant",
    "borderline", "confidence", "agreement", "coverage", "raters", "model", "fingerprint", "run",
    "computed_at",
}  # fmt: skip


def place(owner: Actor, firm: str = "Artsy", segment: str = "Collectors", people: str = "ABC") -> Segment:
    """A segment that three people answered alike, scored."""
    lines = ["firm,segment,offering,participant,item,value"]
    lines += [f'"{firm}",{segment},Art,{who},{item},{ANSWERS[item]}' for who in people for item in ANSWERS]
    import_answers(by=owner, table=read_table("\n".join(lines).encode()))
    rescore_stale(workspace_id=owner.workspace_id)
    return Segment.objects.get(firm__name=firm, name=segment)


@pytest.fixture
def client(owner: Actor) -> Client:
    return caller(owner)


def streamed(response: Any) -> bytes:
    return b"".join(response.streaming_content)


# --- Placements ---------------------------------------------------------------------------------


def test_a_placement_speaks_in_codes(client: Client, owner: Actor) -> None:
    segment = place(owner)
    (found,) = read(client, "placements/").json()["results"]
    assert set(found) >= CONTRACT
    assert (found["firm"], found["segment"], found["offering"]) == (segment.firm_id, segment.pk, "Art")
    assert found["relationships"] == {"RD": 1.0, "CO": 1.0, "CB": 0.0, "AE": 0.0}
    assert (found["present"], found["primary_relationship"]) == (["RD", "CO"], "CO")
    assert (found["primary_architecture"], found["architectures"]["MM"]) == ("MM", 1.0)
    assert found["cells"] == [
        {"relationship": "RD", "architecture": "MM", "level": 1.0},
        {"relationship": "CO", "architecture": "MM", "level": 1.0},
    ]
    assert (found["quadrant"], found["borderline"], found["identify"] > 2.5) == ("Q3", False, True)
    assert found["confidence"] == pytest.approx({"cell": 0.97283, "quadrant": 0.97640}, abs=1e-4)
    assert (found["agreement"], found["raters"], found["model"], found["run"]) == (1.0, 3, "cs-1.v2", None)
    assert found["computed_at"].endswith("Z")


def test_what_is_not_known_is_null(client: Client, owner: Actor) -> None:
    lines = "firm,segment,offering,participant,item,value\nUber,Riders,,A,R1,4\n"
    import_answers(by=owner, table=read_table(lines.encode()))
    rescore_stale(workspace_id=owner.workspace_id)
    (found,) = read(client, "placements/").json()["results"]
    unknown = ("identify", "interact", "quadrant", "borderline", "agreement", "primary_architecture")
    assert [found[name] for name in unknown] == [None] * 6
    assert found["relationships"]["CB"] is None
    assert found["confidence"] == {"cell": None, "quadrant": None}


def test_a_placement_is_read_by_its_id_also_when_it_is_old(client: Client, owner: Actor) -> None:
    segment = place(owner)
    old = Placement.objects.get()
    place(owner, people="ABCD")
    new = read(client, f"placements/?segment={segment.pk}").json()["results"][0]
    assert new["id"] != old.pk
    before = read(client, f"placements/{old.pk}/").json()
    assert (before["raters"], before["in_force"]) == (3, False)
    assert read(client, f"placements/{new['id']}/").json() == {**new, "in_force": True}


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("cell=CO-MM", 2), ("cell=co-mm", 2), ("cell=AE-MM", 0), ("cell=CO-PR", 0), ("quadrant=Q3", 2),
        ("quadrant=q3", 2), ("quadrant=Q4", 0), ("model=cs-1", 2), ("model=cs-1.v2", 2),
        ("changed_since=2000-01-01", 2), ("changed_since=2999-01-01T00:00:00Z", 0), ("firm=9999999", 0),
        ("segment=9223372036854775807", 0), ("cell=CO-MM&quadrant=Q3&model=cs-1", 2),
    ],
)  # fmt: skip
def test_filters_narrow_pages_streams_and_matrix_alike(
    client: Client, owner: Actor, query: str, number: int
) -> None:
    place(owner)
    place(owner, "Etsy")
    assert len(read(client, f"placements/?{query}").json()["results"]) == number
    assert len(streamed(read(client, f"placements/?format=ndjson&{query}")).splitlines()) == number
    assert len(pd.read_csv(BytesIO(streamed(read(client, f"placements/?format=csv&{query}"))))) == number
    assert read(client, f"matrix/?{query}").json()["segments"] == number


@pytest.mark.parametrize("path", ["placements/", "matrix/"])
@pytest.mark.parametrize(
    "query",
    ["cell=CO", "cell=XX-MM", "cell=%00", "quadrant=3", "quadrant=Q5", "model=none", "model=%00", "firm=x",
     "segment=1e3", "changed_since=then", "changed_since=9999-99-99",
     "changed_since=9999-12-31T23:59:59-23:59", "changed_since=0001-01-01", "cells=CO-MM", "cell="],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(client: Client, path: str, query: str) -> None:
    answer = read(client, f"{path}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["errors"][0]["field"] in query


def test_firm_and_segment_narrow_to_their_placements(client: Client, owner: Actor) -> None:
    here, there = place(owner), place(owner, "Etsy")
    for query in (f"firm={here.firm_id}", f"segment={here.pk}"):
        results = read(client, f"placements/?{query}").json()["results"]
        assert [each["segment"] for each in results] == [here.pk]
    assert there.pk != here.pk


def test_pages_are_by_segment_so_a_new_score_moves_nothing(client: Client, owner: Actor) -> None:
    segments = [place(owner, segment=f"S{at}").pk for at in range(3)]
    first = read(client, "placements/?page_size=2").json()
    place(owner, segment="S0", people="ABCD")
    second = client.get(first["next"]).json()
    assert [each["segment"] for each in first["results"] + second["results"]] == segments
    assert second["next"] is None


def test_pages_are_filled_across_ranges_and_lead_back(
    client: Client, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matrix.queries.inorder.FIRST", 2)
    for at in range(7):
        if at % 3:
            place(owner, segment=f"S{at}")
        else:
            factories.segment(owner, factories.firm(owner).pk)
    pages, address = [], "/api/v1/placements/?page_size=2&cell=CO-MM"
    while address:
        pages.append(client.get(address).json())
        address = pages[-1]["next"]
    seen = [[each["segment_name"] for each in page["results"]] for page in pages]
    assert seen == [["S1", "S2"], ["S4", "S5"]]
    back = client.get(pages[1]["previous"]).json()
    assert back["results"] == pages[0]["results"]
    assert (back["previous"], client.get(back["next"]).json()["results"]) == (None, pages[1]["results"])


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"), [("placements/", 13), ("placements/?cell=CO-MM&quadrant=Q3", 13), ("matrix/", 13)]
)
def test_reading_costs_the_same_queries_however_much(
    client: Client,
    owner: Actor,
    path: str,
    queries: int,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for at in range(number):
        place(owner, segment=f"S{at}")
    with django_assert_num_queries(queries):
        assert read(client, path).status_code == 200


# --- Streams ------------------------------------------------------------------------------------


def test_ndjson_has_the_same_placements_and_nothing_else(client: Client, owner: Actor) -> None:
    place(owner)
    place(owner, "Etsy")
    response = read(client, "placements/?format=ndjson")
    assert response["Content-Type"] == "application/x-ndjson"
    text = streamed(response)
    assert len(pd.read_json(BytesIO(text), lines=True)) == 2
    by_segment = sorted(map(json.loads, text.splitlines()), key=lambda line: line["segment"])
    assert by_segment == read(client, "placements/?format=json").json()["results"]


@pytest.mark.parametrize("kind", ["text/csv", "application/x-ndjson"])
def test_a_stream_is_also_asked_for_by_accept(client: Client, owner: Actor, kind: str) -> None:
    place(owner)
    response = client.get("/api/v1/placements/", headers={"Accept": kind})
    assert response["Content-Type"].partition(";")[0] == kind
    assert len(streamed(response).splitlines()) == (2 if kind == "text/csv" else 1)
    one = f"/api/v1/placements/{Placement.objects.get().pk}/"
    assert client.get(one, headers={"Accept": kind}).status_code == 406


def test_csv_is_read_by_pandas_as_it_is(client: Client, owner: Actor) -> None:
    place(owner, "=Artsy")
    response = client.get("/api/v1/placements/?format=csv", headers={"Accept": "text/csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    frame = pd.read_csv(BytesIO(streamed(response)))
    row = frame.iloc[0]
    assert len(frame) == 1
    assert (row["CO"], row["present"], row["cells"], row["quadrant"]) == (1.0, "RD CO", "RD-MM CO-MM", "Q3")
    assert row["confidence_cell"] == pytest.approx(0.97283, abs=1e-4)
    assert row["firm_name"] == "'=Artsy"


@pytest.mark.parametrize(
    "name", ['He said "so"', "a\\b", "two\nlines", "Ørsted, Å/S 日本", "{brace} %s 100%", "<b>'"]
)
def test_awkward_names_arrive_as_they_are(client: Client, owner: Actor, name: str) -> None:
    segment = place(owner)
    Firm.objects.update(name=name)
    Segment.objects.filter(pk=segment.pk).update(situation=name)
    (page,) = read(client, "placements/").json()["results"]
    line = json.loads(streamed(read(client, "placements/?format=ndjson")).splitlines()[0])
    row = pd.read_csv(BytesIO(streamed(read(client, "placements/?format=csv")))).iloc[0]
    for found in (page, line, row):
        assert (found["firm_name"], found["situation"]) == (name, name)


@pytest.mark.parametrize("query", ["format=xml", "format=csv&page_size=5", "format=ndjson&cursor=eA=="])
def test_a_stream_that_cannot_be_is_refused(client: Client, query: str) -> None:
    answer = read(client, f"placements/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


def test_a_stream_passes_rows_on_block_by_block(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr("connected.copyout.BLOCK", 1)
    for at in range(3):
        place(owner, segment=f"S{at}")
    blocks: Iterator[bytes] = read(client, "placements/?format=ndjson").streaming_content
    assert [block.count(b"\n") for block in blocks] == [1, 1, 1]


def test_a_stream_says_at_its_end_that_it_is_whole_where_that_is_asked(client: Client, owner: Actor) -> None:
    place(owner)
    place(owner, "Etsy")
    end = json.loads(streamed(read(client, "placements/?format=ndjson&end=true")).splitlines()[-1])
    assert (end["complete"], end["rows"]) == (True, 2)
    assert abs(datetime.fromisoformat(end["as_of"]) - timezone.now()) < timedelta(minutes=1)
    *_, last = streamed(read(client, "placements/?format=csv&end=true")).decode().splitlines()
    assert last.split(",")[:2] == ["#complete", "2"]


def test_a_stream_of_nothing_is_whole_too(client: Client, owner: Actor) -> None:
    place(owner)
    manager = caller(factories.member(owner, Role.MANAGER))
    (line,) = streamed(read(manager, "placements/?format=ndjson&end=true")).splitlines()
    assert json.loads(line)["rows"] == 0
    assert len(streamed(read(manager, "placements/?format=csv")).splitlines()) == 1


@pytest.mark.parametrize("query", ["end=true", "format=json&end=true", "format=csv&end=yes"])
def test_an_end_that_cannot_be_is_refused(client: Client, query: str) -> None:
    answer = read(client, f"placements/?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "end")


def test_a_stream_is_compressed_for_those_who_ask(client: Client, owner: Actor) -> None:
    place(owner)
    address = "/api/v1/placements/?format=ndjson"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(streamed(packed)) == streamed(client.get(address))


def test_a_stream_shows_a_manager_only_granted_firms(client: Client, owner: Actor) -> None:
    mine, other = place(owner), place(owner, "Etsy")
    manager = caller(factories.member(owner, Role.MANAGER, (mine.firm_id,)))
    text = streamed(read(manager, "placements/?format=csv")).decode()
    assert "Artsy" in text
    assert "Etsy" not in text
    assert read(manager, "matrix/").json()["segments"] == 1
    hidden = read(client, f"placements/?segment={other.pk}").json()["results"][0]["id"]
    assert read(manager, f"placements/{hidden}/").status_code == 404
    assert read(manager, f"placements/{hidden}/receipt/").status_code == 404


# --- Receipts and matrix ------------------------------------------------------------------------


def test_the_points_of_a_receipt_add_up_to_each_score(client: Client, owner: Actor) -> None:
    place(owner)
    (placement,) = read(client, "placements/").json()["results"]
    proof = read(client, f"placements/{placement['id']}/receipt/").json()
    assert proof["fingerprint"] == placement["fingerprint"]
    assert (proof["placement"], proof["segment"]) == (placement["id"], placement["segment"])
    scores = {(each["kind"], each["code"]): each for each in proof["accounts"]}
    assert scores["relationship", "CO"]["score"] == placement["relationships"]["CO"]
    assert scores["capability", "I"]["score"] == placement["identify"]
    for account in proof["accounts"]:
        if account["score"] is not None:
            assert sum(line["points"] or 0 for line in account["lines"]) == account["score"]
    assert proof["tally"]["R1"] == [0, 0, 0, 0, 3]


def test_the_matrix_has_twenty_cells_and_its_points(client: Client, owner: Actor) -> None:
    segment = place(owner)
    picture = read(client, "matrix/").json()
    cells = {(each["relationship"], each["architecture"]): each for each in picture["cells"]}
    assert len(picture["cells"]) == 20
    there, empty = cells["CO", "MM"], cells["AE", "PP"]
    assert (there["segments"], there["present"], there["level"], there["raters"]) == (1, 1, 1.0, 3)
    assert (empty["segments"], empty["level"], empty["agreement"]) == (0, None, None)
    assert picture["quadrants"] == {"Q1": 0, "Q2": 0, "Q3": 1, "Q4": 0, "unknown": 0}
    assert picture["points"][0]["segment"] == segment.pk
    assert (picture["points"][0]["quadrant"], picture["points_left_out"]) == ("Q3", 0)


def test_every_segment_stands_somewhere_once(client: Client, owner: Actor) -> None:
    place(owner)
    low = {item: 0 for item in ANSWERS if item[0] == "R"}
    torn = {"A1": "PR", "A2": "RT", "A3": "MM", "A4": "CW"}
    said = {"Baseline": {**ANSWERS, **low}, "Mixed": {**ANSWERS, **torn}, "Neither": {**low, **torn}}
    lines = ["firm,segment,offering,participant,item,value", "Artsy,Unknown,Art,Ana,I1,3"]
    for name, answers in said.items():
        lines += [f"Artsy,{name},Art,Ana,{item},{value}" for item, value in answers.items()]
    import_answers(by=owner, table=read_table("\n".join(lines).encode()))
    rescore_stale(workspace_id=owner.workspace_id)
    picture = read(client, "matrix/").json()
    placed = read(client, "placements/").json()["results"]
    assert picture["standing"] == {"cells": 1, "baseline": 2, "mixed": 1, "unknown": 1}
    assert sum(picture["standing"].values()) == sum(picture["quadrants"].values()) == picture["segments"]
    assert sum(cell["segments"] for cell in picture["cells"]) == 1
    assert picture["baseline"] == sum(each["baseline"] for each in placed)


def test_the_matrix_is_weighted_as_asked(client: Client, owner: Actor) -> None:
    segment = place(owner)
    assert read(client, "matrix/?weight=customers").json()["unweighted"] == 1
    Segment.objects.filter(pk=segment.pk).update(customers=500)
    cells = read(client, "matrix/?weight=customers").json()["cells"]
    assert next(each for each in cells if each["segments"])["weight"] == 500
    assert read(client, "matrix/?weight=mood").status_code == 400


def test_a_workspace_without_answers_has_an_empty_matrix(client: Client, owner: Actor) -> None:
    picture = read(client, "matrix/").json()
    assert (picture["segments"], len(picture["cells"]), picture["points"]) == (0, 20, [])
    assert streamed(read(client, "placements/?format=ndjson")) == b""


# --- Runs and models ----------------------------------------------------------------------------


def test_a_run_is_started_watched_and_cancelled(client: Client, owner: Actor) -> None:
    place(owner)
    started = send(client, "post", "runs/", {})
    assert started.status_code == 202
    run = started.json()
    assert (run["state"], run["total"], run["done"], run["model"], run["firm"]) == (
        "queued", 1, 0, "cs-1.v2", None,
    )  # fmt: skip
    assert started["Location"].endswith(f"/runs/{run['id']}/")
    assert read(client, f"runs/{run['id']}/").json() == {**run, "failures": [], "changes": None}
    assert read(client, "runs/").json()["results"] == [run]
    cancelled = send(client, "post", f"runs/{run['id']}/cancel/", {})
    assert cancelled.json()["state"] == "cancelled"
    again = send(client, "post", f"runs/{run['id']}/cancel/", {})
    assert (again.status_code, again["Content-Type"]) == (409, PROBLEM)
    resumed = send(client, "post", f"runs/{run['id']}/resume/", {})
    assert (resumed.status_code, resumed.json()["state"]) == (202, "queued")
    assert send(client, "post", f"runs/{run['id']}/resume/", {}).status_code == 409


def test_a_finished_run_is_named_by_its_placements(client: Client, owner: Actor) -> None:
    segment = place(owner)
    run = send(client, "post", "runs/", {"firm": segment.firm_id, "model": "cs-1.v1"}).json()
    for chunk_id in Run.objects.get(pk=run["id"]).chunks.values_list("pk", flat=True):
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk_id)
        assert claim is not None
        score_claimed(claim=claim)
    run = read(client, f"runs/{run['id']}/").json()
    assert (run["state"], run["done"], run["placed"], run["percent"]) == ("finished", 1, 1, 100)
    assert Placement.objects.filter(run_id=run["id"]).exists()


@pytest.mark.parametrize(
    "body", [{"model": "none"}, {"model": "a\0"}, {"firm": 10**15}, {"firm": "x"}, {"firms": 1}, []]
)
def test_a_run_that_cannot_be_is_refused(client: Client, body: Any) -> None:
    assert send(client, "post", "runs/", body).status_code == 400
    assert not Run.objects.exists()


def test_a_read_token_and_a_manager_start_no_run(owner: Actor) -> None:
    firm = factories.firm(owner)
    manager = caller(factories.member(owner, Role.MANAGER, (firm.pk,)))
    for client in (manager, caller(owner, "read")):
        assert send(client, "post", "runs/", {"firm": firm.pk}).status_code == 403
    assert not Run.objects.exists()


def test_a_manager_sees_no_run_over_everything(client: Client, owner: Actor) -> None:
    place(owner)
    run = send(client, "post", "runs/", {}).json()
    manager = caller(factories.member(owner, Role.MANAGER, (Firm.objects.get().pk,)))
    assert read(manager, "runs/").json()["results"] == []
    assert read(manager, f"runs/{run['id']}/").status_code == 404


def test_a_scoring_model_is_read_with_its_weights(client: Client) -> None:
    lines = {each["name"]: each for each in read(client, "models/").json()["results"]}
    assert list(lines) == sorted(["cs-1.v1", "cs-1.v2", "cs-1-q2.v1"])
    line = lines["cs-1.v1"]
    assert (line["code"], line["version"], line["shared"]) == ("cs-1", 1, True)
    assert read(client, f"models/{line['id']}/").json()["definition"]["minimum_coverage"] == 0.6


def test_another_workspace_sees_none_of_it(client: Client, owner: Actor) -> None:
    place(owner)
    placement, run = Placement.objects.get().pk, send(client, "post", "runs/", {}).json()["id"]
    stranger = factories.workspace()
    with in_workspace(stranger.workspace_id, user_id=stranger.user_id):
        other = caller(stranger)
        for path in (f"placements/{placement}/", f"placements/{placement}/receipt/", f"runs/{run}/"):
            there, nowhere = read(other, path), read(other, path.replace(str(path.split("/")[1]), "9999999"))
            assert (there.status_code, there.content) == (404, nowhere.content)
        assert send(other, "post", f"runs/{run}/cancel/", {}).status_code == 404
        assert read(other, "placements/").json()["results"] == []
        assert b"Artsy" not in streamed(read(other, "placements/?format=csv"))
        assert read(other, "matrix/").json()["segments"] == 0
