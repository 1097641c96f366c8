"""The answers file of contract.md, as many rows as the portfolio has segments; and a list of answers."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.test import Client

from assessments.queries import current_instrument
from assessments.services import start_workshop
from assessments.services.imports import start_import
from assessments.tasks import publish_import
from benchmarks.figures import Figure, seconds
from benchmarks.working import Memory, workers
from connected.api.batches import MOST
from connected.permissions import Actor
from connected.services import add_firm, add_segments, make_token
from connected.tenancy import in_workspace

SUBSET, RATERS, SEGMENTS_A_FIRM = 10_000, 3, 20
Row = tuple[str, str, str, str, str, str]


def _rows(since: int = 0) -> Iterator[Row]:
    items = current_instrument().items
    number = since
    while True:
        firm, segment = f"Imported {number // SEGMENTS_A_FIRM}", f"Segment {number}"
        for rater in range(RATERS):
            for at, item in enumerate(items):
                value = (number * 7 + rater * 3 + at) % 6
                known = value in item.values
                yield firm, segment, "The offering", f"Rater {rater}", item.code, str(value) if known else ""
        number += 1


def figures(folder: Path, actor: Actor, count: int) -> Iterator[Figure]:
    """A file taken over by a worker: all new, then again; its memory, and how often it said how far it is."""
    rows = list(islice(_rows(), min(SUBSET, count)))
    with in_workspace(actor.workspace_id):
        loop = _row_by_row(rows) * count / len(rows)
    against = f"executemany, one INSERT a row ({len(rows):,} of them, scaled)"
    few = _taken_over(actor, _file(folder, count // 10, since=count), "answers", count // 10)
    file = _file(folder, count)
    new, again = (_taken_over(actor, file, what, count) for what in ("answers", "unchanged"))
    yield Figure(
        "import of an answers file by a worker, all new", new.taken, "s", new.taken / loop, against, count
    )
    name = "the same file again, nothing changed"
    yield Figure(name, again.taken, "s", again.taken / loop, against, count)
    held = "the same for a tenth of the rows"
    yield Figure(
        "largest memory of the importing process",
        new.memory / 1e6,
        "MB",
        new.memory / few.memory,
        held,
        count,
    )
    yield Figure(
        "times an import said how far it is", new.told, "", new.told / 10, "every tenth of it", count
    )
    yield from _list_of_answers(actor)


def _file(folder: Path, count: int, *, since: int = 0) -> Path:
    """So many rows of answers, of segments that no other file names."""
    file = folder / f"answers-{count}.csv"
    with file.open("w") as out:
        out.write("firm,segment,offering,participant,item,value\n")
        out.writelines(f"{','.join(row)}\n" for row in islice(_rows(since), count))
    return file


@dataclass(frozen=True)
class TakenOver:
    """Seconds from the file's first byte until its end was known, bytes of memory, shares that were told."""

    taken: float
    memory: int
    told: int


def _taken_over(actor: Actor, file: Path, what: str, rows: int) -> TakenOver:
    """A large file on its whole way, by a worker that has done nothing before; ``what`` all its rows are."""
    with workers(file.parent, "batch", 1) as one, Memory(one) as memory:
        started, shares = time.perf_counter(), set()
        with in_workspace(actor.workspace_id, user_id=actor.user_id), file.open("rb") as source:
            size = file.stat().st_size
            job = start_import(by=actor, name=file.name, source=source, size=size, writes=True)
            publish_import(job)
        while job.state in ("waiting", "running"):
            time.sleep(0.05)
            with in_workspace(actor.workspace_id):
                job.refresh_from_db()
            shares.add(job.share)
        taken = time.perf_counter() - started
    assert job.state == "done", (job.state, job.reason)
    assert (job.counts or {}).get(what) == rows, job.counts
    return TakenOver(taken, memory.most, len(shares - {0.0, 1.0}))


def _list_of_answers(actor: Actor) -> Iterator[Figure]:
    """As many answers as one POST takes, through every middleware, all new; then again, all known."""
    client, address, answers = _asked(actor)
    body, copied = orjson.dumps(answers), _copied(answers)
    for name in ("a list of answers over REST, all new", "the same list again, nothing changed"):
        taken = seconds(lambda: _posted(client, address, body), times=1)
        yield Figure(name, taken, "s", taken / copied, "COPY FROM STDIN of the same rows", len(answers))


def _asked(actor: Actor) -> tuple[Client, str, list[dict[str, Any]]]:
    """A client, the address of a new workshop's answers, and what it is sent."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        _, token = make_token(by=actor, name="Benchmarks of lists", scope="write")
        firm = add_firm(by=actor, name="Listed")
        workshop = start_workshop(by=actor, firm_id=firm.pk, name="Listed")
        items = current_instrument().items
        number = MOST // len(items) + 1
        segments = add_segments(
            by=actor, items=[{"firm_id": firm.pk, "name": f"Segment {at}"} for at in range(number)]
        )
    client = Client(headers={"Authorization": f"Token {token}", "Host": "127.0.0.1"})
    every = (
        {
            "participant": "Ana",
            "segment": segment,
            "item": item.code,
            "value": item.values[at % len(item.values)],
        }
        for at, segment in enumerate(segments)
        for item in items
    )
    return client, f"/api/v1/workshops/{workshop.pk}/answers/", list(islice(every, MOST))


def _posted(client: Client, address: str, body: bytes) -> None:
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 200, answer.content


def _copied(answers: list[dict[str, Any]]) -> float:
    """Seconds that bare COPY takes, into a table without index or key."""
    lines = "".join("\t".join(map(str, each.values())) + "\n" for each in answers)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (who text, segment bigint, item text, value text)")
        taken = seconds(lambda: cursor.copy_expert("COPY bare FROM STDIN", StringIO(lines)))
        cursor.execute("DROP TABLE bare")
    return taken


def _row_by_row(rows: list[Row]) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE plain "
            "(firm text, segment text, offering text, who text, item text, value text)"
        )
        taken = seconds(
            lambda: cursor.executemany("INSERT INTO plain VALUES (%s, %s, %s, %s, %s, %s)", rows), times=1
        )
        cursor.execute("DROP TABLE plain")
    return taken
